package main

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/workflows/serve"
	"github.com/gx-genomics/gx/workflows/stage"
)

func serveCommand() *cli.Command {
	o := serve.Defaults()
	var model, name, scale, addr string
	var body, bodies int64
	return &cli.Command{
		Name:      "serve",
		Usage:     "answer over HTTP what a network says of pileup images",
		UsageText: "gx serve --model network.onnx --addr 127.0.0.1:8080",
		Description: "Open Inference Protocol, version 2, REST: GET /v2/health/live, /v2/health/ready, /v2/models/M, /v2/models/M/ready, POST /v2/models/M/infer,\n" +
			"with JSON or binary tensors; GET /metrics for Prometheus. Probabilities are those of gx classify on the same pictures, bit for bit.\n" +
			"What the model takes and gives, and a black picture of 100x221x7 that is asked about:\n\n" +
			"  curl -s localhost:8080/v2/models/network\n" +
			"  H='{\"inputs\":[{\"name\":\"image\",\"shape\":[1,100,221,7],\"datatype\":\"UINT8\",\"parameters\":{\"binary_data_size\":154700}}]}'\n" +
			"  (printf %s \"$H\"; head -c 154700 /dev/zero) | curl -s --data-binary @- -H \"Inference-Header-Content-Length: ${#H}\" localhost:8080/v2/models/network/infer\n\n" +
			"There is no password and no encryption: whoever reaches the address may ask. It is 127.0.0.1 unless you say otherwise; put a proxy before others.\n" +
			"SIGTERM or Ctrl-C: not ready at once, requests under way end, then the program.\n\n" +
			"Exit status: 0 stopped as asked, 1 failed, 2 wrong usage.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "model", Usage: "`MODEL`: a network of pictures, ONNX or safetensors; or wgs, or what gx train wrote, which want features of sites too", Destination: &model},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the model in URLs; default: that of its file", Destination: &name},
			&cli.StringFlag{Name: "scale", Usage: "how bytes of pictures become numbers, as of gx classify; for networks of pictures", Value: stage.DefaultScale, Destination: &scale},
			&cli.StringFlag{Name: "addr", Usage: "`HOST:PORT` to listen on; port 0 is any that is free", Value: "127.0.0.1:8080", Destination: &addr},
			&cli.IntFlag{Name: "batch", Usage: "most rows that go through the network together", Value: o.Batch, Destination: &o.Batch},
			&cli.DurationFlag{Name: "max-wait", Usage: "longest time that a row waits for others to fill a batch", Value: o.Wait, Destination: &o.Wait},
			&cli.IntFlag{Name: "queue", Usage: "most rows that wait, and most of one request; who finds no room gets status 429", Value: o.Queue, Destination: &o.Queue},
			&cli.Int64Flag{Name: "max-body", Usage: "most `MB` of one request", Value: o.Body >> 20, Destination: &body},
			&cli.Int64Flag{Name: "max-bodies", Usage: "most `MB` of all requests under way together", Value: o.Bodies >> 20, Destination: &bodies},
			&cli.DurationFlag{Name: "timeout", Usage: "of a request, from its first byte to its answer", Value: o.Timeout, Destination: &o.Timeout},
			&cli.DurationFlag{Name: "drain", Usage: "how long requests are still taken after SIGTERM, while it says that it is not ready", Value: o.Drain, Destination: &o.Drain},
			&cli.DurationFlag{Name: "grace", Usage: "how long requests under way may take after that", Value: o.Grace, Destination: &o.Grace},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			env, end := newEnv(c)
			defer end()
			o := o
			o.Threads, o.Body, o.Bodies, o.Note = env.Threads, body<<20, bodies<<20, env.Note
			errs := append(missingFlags("model", model), o.Validate(), stage.CheckScale(scale))
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				errs = append(errs, fmt.Errorf("--addr %s: want HOST:PORT", addr))
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			m, err := serve.Open(c.Context, &uri.Store{}, model, name, scale)
			if err != nil {
				return err
			}
			l, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("--addr %s: %w", addr, err)
			}
			s, err := serve.New(m, o)
			if err != nil {
				return err
			}
			env.Note("model %s (%s) on http://%s/v2/models/%s, %d threads; takes %s", m.Name, m.Platform, l.Addr(), m.Name, o.Threads, inputsText(m))
			if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
				env.Note("%s can be reached from elsewhere, and asks for no password", addr)
			}
			if err := s.Serve(c.Context, l); err != nil {
				return err
			}
			env.Note("stopped")
			return nil
		},
	}
}

// inputsText tells what a model takes, as "image UINT8 [-1 100 221 7]".
func inputsText(m *serve.Model) string {
	var parts []string
	for _, t := range m.Inputs {
		parts = append(parts, fmt.Sprintf("%s %s %v", t.Name, t.Datatype, t.Shape))
	}
	return strings.Join(parts, ", ")
}

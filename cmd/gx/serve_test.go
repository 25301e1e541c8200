package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestServe: the command tells where it listens, answers there, and ends well
// when it is told to.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := newApp(io.Discard, w).RunContext(ctx, []string{"gx", "serve", "--model", "wgs", "--addr", "127.0.0.1:0", "--drain", "0s"})
		w.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(r)
	lines.Scan()
	url := regexp.MustCompile(`^gx: model wgs \(gx_model\) on (http://127\.0\.0\.1:\d+/v2/models/wgs), \d+ threads; takes features FP32 \[-1 133\], image UINT8 `).FindStringSubmatch(lines.Text())
	if url == nil {
		t.Fatalf("first line %q", lines.Text())
	}
	resp, err := http.Get(url[1])
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(b), `{"name":"wgs","versions":["`) {
		t.Errorf("%d %s, %v", resp.StatusCode, b, err)
	}
	stop()
	var rest []string
	for lines.Scan() {
		rest = append(rest, lines.Text())
	}
	if err := <-ended; err != nil || len(rest) != 2 || rest[1] != "gx: stopped" {
		t.Errorf("%v, %q", err, rest)
	}
}

func TestServeRefuses(t *testing.T) {
	for _, k := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "--model is missing"},
		{[]string{"--model", "wgs", "--batch", "0", "--scale", "x", "--addr", "8080"}, 2, "batch 0: want 1 to 4096\nscale \"x\": want centred"},
		{[]string{"--model", "wgs", "--addr", "8080"}, 2, "--addr 8080: want HOST:PORT"},
		{[]string{"--model", "wgs", "--addr", "127.0.0.1:99999"}, 1, "--addr 127.0.0.1:99999: listen tcp: address 99999: invalid port"},
		{[]string{"--model", "none.onnx"}, 1, "none.onnx: no such file or directory"},
		{[]string{"--model", "counts"}, 1, "model counts looks at reads one by one"},
	} {
		if status, _, stderr := run(t, append([]string{"serve"}, k.args...)...); status != k.status || !strings.Contains(stderr, k.want) {
			t.Errorf("%v: status %d, %q, want %d, %q", k.args, status, stderr, k.status, k.want)
		}
	}
}

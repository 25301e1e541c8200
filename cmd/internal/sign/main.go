// Command sign signs what make images says of how images were made, and checks
// it. It keeps to files: no log, no registry, no network.
//
//	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
//	openssl pkey -in key.pem -pubout -out key.pub
//	go run ./cmd/internal/sign -key key.pem out/images/*.provenance.json
//	go run ./cmd/internal/sign -verify key.pub out/images/*.dsse.json
package main

import (
	"archive/tar"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/dsse"
)

const (
	plain  = ".provenance.json"
	signed = ".provenance.dsse.json"
)

func main() {
	os.Exit(app.Main("sign", os.Stderr, func(context.Context) error { return run(os.Args[1:], os.Stdout, os.Stderr) }, app.Status))
}

func run(args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("sign", flag.ContinueOnError)
	fs.SetOutput(stderr)
	private := fs.String("key", "", "private key in PEM: sign NAME"+plain+" as NAME"+signed)
	public := fs.String("verify", "", "public key in PEM: check NAME"+signed+", and that it speaks of NAME.tar beside it")
	if err := fs.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	if (*private == "") == (*public == "") || fs.NArg() == 0 {
		return fmt.Errorf("%w: want files, and either -key or -verify", app.ErrUsage)
	}
	if *private != "" {
		return signAll(*private, fs.Args())
	}
	text, err := os.ReadFile(*public)
	if err != nil {
		return err
	}
	key, err := dsse.PublicKey(text)
	if err != nil {
		return fmt.Errorf("%s: %w", *public, err)
	}
	var errs []error
	for _, path := range fs.Args() {
		digest, err := check(key, path)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
			continue
		}
		fmt.Fprintf(stdout, "%s\t%s\tsigned by this key\n", strings.TrimSuffix(filepath.Base(path), signed), digest)
	}
	return errors.Join(errs...)
}

func signAll(private string, paths []string) error {
	text, err := os.ReadFile(private)
	if err != nil {
		return err
	}
	key, err := dsse.PrivateKey(text)
	if err != nil {
		return fmt.Errorf("%s: %w", private, err)
	}
	for _, path := range paths {
		name, ok := strings.CutSuffix(path, plain)
		if !ok {
			return fmt.Errorf("%w: %s: want NAME%s", app.ErrUsage, path, plain)
		}
		statement, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := dsse.Sign(key, dsse.InToto, statement)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(name+signed, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// check gives the digest of the image that a signed statement is about, which is
// that of the archive beside it.
func check(key crypto.PublicKey, path string) (string, error) {
	name, ok := strings.CutSuffix(path, signed)
	if !ok {
		return "", fmt.Errorf("%w: want NAME%s", app.ErrUsage, signed)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	payload, err := dsse.Verify(key, dsse.InToto, b)
	if err != nil {
		return "", err
	}
	var s struct {
		Subject []struct{ Digest map[string]string }
	}
	if err := json.Unmarshal(payload, &s); err != nil {
		return "", err
	}
	if len(s.Subject) != 1 || s.Subject[0].Digest["sha256"] == "" {
		return "", errors.New("the statement is not about one image")
	}
	digest := "sha256:" + s.Subject[0].Digest["sha256"]
	there, err := archived(name + ".tar")
	if err != nil {
		return "", err
	}
	if there != digest {
		return "", fmt.Errorf("it is about %s, but %s.tar holds %s", digest, name, there)
	}
	return digest, nil
}

// archived is the digest of the image in an archive, as its index names it; that
// the blobs are of their digests is seen to by whoever loads them.
func archived(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	for t := tar.NewReader(f); ; {
		h, err := t.Next()
		if err == io.EOF {
			return "", fmt.Errorf("%s: no index.json", path)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		if h.Name != "index.json" {
			continue
		}
		var index struct{ Manifests []struct{ Digest string } }
		if err := json.NewDecoder(io.LimitReader(t, 1<<20)).Decode(&index); err != nil || len(index.Manifests) != 1 {
			return "", errors.Join(fmt.Errorf("%s: index.json does not name one image", path), err)
		}
		return index.Manifests[0].Digest, nil
	}
}

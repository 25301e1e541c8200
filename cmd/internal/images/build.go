package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"github.com/gx-genomics/gx/internal/oci"
	"github.com/gx-genomics/gx/internal/sbom"
)

// buildFlags are the same wherever a worker is built: nothing of the folder, the
// commit or the moment is in it.
var buildFlags = []string{"-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}

// shellSuffix stands behind the tag of images with a shell.
const shellSuffix = "-shell"

// made is what an image is of.
type made struct {
	worker string
	suffix string // of the tag: none or shellSuffix
}

// result is an image that was built.
type result struct {
	made
	index *oci.Index
	parts [][]sbom.Package // by platform
}

func (m made) name(o options) string {
	return path.Join(o.Host, m.worker) + ":" + o.Tag + m.suffix
}

func parsePlatforms(text string) ([]oci.Platform, error) {
	var out []oci.Platform
	for _, s := range strings.Split(text, ",") {
		system, arch, ok := strings.Cut(s, "/")
		if !ok || system != "linux" || arch == "" || strings.Contains(arch, "/") {
			return nil, fmt.Errorf("platform %q: want linux/amd64 or linux/arm64", s)
		}
		out = append(out, oci.Platform{Architecture: arch, OS: system})
	}
	return out, nil
}

// workers are the names asked for, of those that the module at source has.
func workers(ctx context.Context, source, names string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "./cmd/gx-...")
	cmd.Dir, cmd.Stderr = source, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", source, err)
	}
	var all []string
	for p := range strings.FieldsSeq(string(out)) {
		all = append(all, path.Base(p))
	}
	if names == "all" {
		return all, nil
	}
	list := strings.Split(names, ",")
	for _, name := range list {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("no worker %q; there are %s", name, strings.Join(all, ", "))
		}
	}
	return list, nil
}

// build builds every worker for every platform, and joins the images.
func build(ctx context.Context, o options, workers []string, platforms []oci.Platform, stderr io.Writer) ([]*result, error) {
	base, err := baseLayer()
	if err != nil {
		return nil, err
	}
	shells := make([]*shellTools, len(platforms))
	for i, p := range platforms {
		if o.Shell != "" {
			if shells[i], err = readShell(filepath.Join(o.Shell, p.Architecture)); err != nil {
				return nil, err
			}
		}
	}
	b := builder{version: o.Tag, images: map[made][]*oci.Image{}, parts: map[made][][]sbom.Package{}}
	for i, p := range platforms {
		if o.Base {
			if err := b.add(made{worker: "base"}, p, []sbom.Package{certificatePackage()}, base); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(stderr, "images: %d workers for %s/%s\n", len(workers), p.OS, p.Architecture)
		binaries, err := compile(ctx, o, workers, p)
		if err != nil {
			return nil, err
		}
		for _, w := range workers {
			if err := b.worker(w, p, base, shells[i], binaries[w]); err != nil {
				return nil, fmt.Errorf("%s: %w", w, err)
			}
		}
	}
	return b.join()
}

// builder gathers the images of all platforms under their names.
type builder struct {
	version string
	order   []made
	images  map[made][]*oci.Image
	parts   map[made][][]sbom.Package
}

// worker adds the images of a worker for a platform.
func (b *builder) worker(name string, p oci.Platform, base oci.Layer, shell *shellTools, binary []byte) error {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return err
	}
	layer, err := oci.NewLayer([]oci.File{{Name: "usr/local/bin/" + name, Mode: 0o755, Body: binary}})
	if err != nil {
		return err
	}
	parts := append(sbom.Modules(info), certificatePackage())
	if err := b.add(made{worker: name}, p, parts, base, layer); err != nil || shell == nil {
		return err
	}
	return b.add(made{worker: name, suffix: shellSuffix}, p, append(slices.Clone(parts), shell.packages...), base, shell.layer, layer)
}

func (b *builder) add(m made, p oci.Platform, parts []sbom.Package, layers ...oci.Layer) error {
	im, err := oci.NewImage(p, runOf(m, b.version), layers)
	if err != nil {
		return err
	}
	if b.images[m] == nil {
		b.order = append(b.order, m)
	}
	b.images[m], b.parts[m] = append(b.images[m], im), append(b.parts[m], parts)
	return nil
}

// join makes one image of those of the platforms.
func (b *builder) join() ([]*result, error) {
	var out []*result
	for _, m := range b.order {
		x, err := oci.NewIndex(b.images[m]...)
		if err != nil {
			return nil, err
		}
		out = append(out, &result{m, x, b.parts[m]})
	}
	return out, nil
}

// compile builds workers for a platform.
func compile(ctx context.Context, o options, workers []string, p oci.Platform) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "gx-images-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := append([]string{"build", "-tags", o.Tags, "-o", dir + string(filepath.Separator)}, buildFlags...)
	for _, w := range workers {
		args = append(args, "./cmd/"+w)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stderr = o.Source, os.Stderr
	// GOFLAGS and the microarchitecture of a user's own would be seen in the bytes.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0", "GOOS="+p.OS, "GOARCH="+p.Architecture)
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build for %s/%s: %w", p.OS, p.Architecture, err)
	}
	out := map[string][]byte{}
	for _, w := range workers {
		if out[w], err = os.ReadFile(filepath.Join(dir, w)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// user is whom a container runs as: nobody that the machine knows.
const user = "65532:65532"

// runOf is how a container starts: as the worker, or, where engines bring a
// script of their own, with a shell.
func runOf(m made, version string) oci.Run {
	r := oci.Run{User: user, Env: []string{"PATH=/usr/local/bin:/bin"}, WorkingDir: "/",
		Labels: map[string]string{"org.opencontainers.image.title": m.worker, "org.opencontainers.image.version": version, "org.opencontainers.image.licenses": "Apache-2.0"}}
	switch {
	case m.suffix == shellSuffix:
		r.Cmd = []string{"/bin/bash"}
		r.Labels["org.opencontainers.image.licenses"] = "Apache-2.0 AND GPL-3.0-or-later AND GPL-2.0-only"
	case m.worker != "base":
		r.Entrypoint = []string{"/usr/local/bin/" + m.worker}
	}
	return r
}

// baseLayer is what all workers have: the certificates of Mozilla's list, as a
// module of Go has them, so that no machine's own decide a digest; and a folder
// for temporary files.
func baseLayer() (oci.Layer, error) {
	var certificates bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil { // a file of certificates cannot say until when one is trusted
			continue
		}
		if err := pem.Encode(&certificates, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return oci.Layer{}, err
		}
	}
	return oci.NewLayer([]oci.File{
		{Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644, Body: certificates.Bytes()},
		{Name: "tmp/", Mode: 0o1777},
	})
}

const certificateModule = "golang.org/x/crypto/x509roots/fallback"

func certificatePackage() sbom.Package {
	p := sbom.Package{Name: "ca-certificates of " + certificateModule, License: "MPL-2.0"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == certificateModule {
				p.Version, p.Sum = m.Version, m.Sum
			}
		}
	}
	return p
}

// store writes a file whole or not at all.
func store(dir, name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Chmod(fs.FileMode(0o644)), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}

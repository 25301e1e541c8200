package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gx-genomics/gx/internal/sbom"
	"github.com/gx-genomics/gx/workflows/stage"
)

const home = "https://github.com/gx-genomics/gx"

// write stores an image: NAME.tar, NAME.ARCH.spdx.json, NAME.provenance.json.
func (m *result) write(o options, from source) error {
	name := m.worker + m.suffix
	if err := store(o.Out, name+".tar", func(w io.Writer) error { return m.index.WriteArchive(w, m.name(o)) }); err != nil {
		return err
	}
	for i, im := range m.index.Images {
		p := im.Platform
		b, err := sbom.SPDX(sbom.Image{Name: name, Version: o.Tag, Platform: p.OS + "/" + p.Architecture, Digest: im.Manifest.Digest},
			home+"/spdx", "gx-images-"+stage.Version, m.parts[i])
		if err != nil {
			return err
		}
		if err := store(o.Out, name+"."+p.Architecture+".spdx.json", bytesTo(b)); err != nil {
			return err
		}
	}
	b, err := m.provenance(o, from)
	if err != nil {
		return err
	}
	return store(o.Out, name+".provenance.json", bytesTo(b))
}

func bytesTo(b []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(b); return err }
}

// line is the image in the list of digests.
func (m *result) line(o options) string {
	var platforms, sizes []string
	for _, im := range m.index.Images {
		platforms = append(platforms, im.Platform.OS+"/"+im.Platform.Architecture)
		sizes = append(sizes, fmt.Sprint(im.Size()))
	}
	return strings.Join([]string{m.name(o), m.index.Blob.Digest, strings.Join(platforms, ","), strings.Join(sizes, ",")}, "\t")
}

// source is what images were built from.
type source struct {
	Commit   string // empty where git does not tell
	Modified bool
	GoSum    string // SHA-256 of go.sum
	Go       string
}

func describeSource(ctx context.Context, o options) source {
	s := source{Go: runtime.Version()}
	git := func(args ...string) (string, bool) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = o.Source
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	s.Commit, _ = git("rev-parse", "HEAD")
	if changed, ok := git("status", "--porcelain", "--untracked-files=no"); ok {
		s.Modified = changed != ""
	}
	if b, err := os.ReadFile(filepath.Join(o.Source, "go.sum")); err == nil {
		h := sha256.Sum256(b)
		s.GoSum = hex.EncodeToString(h[:])
	}
	return s
}

// The parts of an in-toto statement of provenance (SLSA 1.0).
type (
	resource struct {
		Name   string            `json:"name,omitempty"`
		URI    string            `json:"uri,omitempty"`
		Digest map[string]string `json:"digest"`
	}
	statement struct {
		Type          string     `json:"_type"`
		Subject       []resource `json:"subject"`
		PredicateType string     `json:"predicateType"`
		Predicate     predicate  `json:"predicate"`
	}
	predicate struct {
		Definition struct {
			Type         string            `json:"buildType"`
			External     map[string]string `json:"externalParameters"`
			Internal     map[string]string `json:"internalParameters"`
			Dependencies []resource        `json:"resolvedDependencies"`
		} `json:"buildDefinition"`
		Run struct {
			Builder struct {
				ID string `json:"id"`
			} `json:"builder"`
		} `json:"runDetails"`
	}
)

// provenance says how an image was made, by its digest. A tree with changes that
// no commit has names no commit as where it comes from.
func (m *result) provenance(o options, from source) ([]byte, error) {
	s := statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1",
		Subject: []resource{{Name: m.worker + m.suffix, Digest: map[string]string{"sha256": strings.TrimPrefix(m.index.Blob.Digest, "sha256:")}}}}
	d := &s.Predicate.Definition
	d.Type = home + "/images/v1"
	d.External = map[string]string{"repository": home, "stage": m.worker, "tags": o.Tags, "platforms": o.Platforms}
	if m.suffix != "" {
		d.External["variant"] = strings.TrimPrefix(m.suffix, "-")
	}
	d.Internal = map[string]string{"go": from.Go, "flags": strings.Join(buildFlags, " ")}
	switch {
	case from.Commit != "" && !from.Modified:
		d.Dependencies = append(d.Dependencies, resource{URI: "git+" + home, Digest: map[string]string{"gitCommit": from.Commit}})
	case from.Commit != "":
		d.Internal["modifiedSince"] = from.Commit
	}
	if from.GoSum != "" {
		d.Dependencies = append(d.Dependencies, resource{Name: "go.sum", Digest: map[string]string{"sha256": from.GoSum}})
	}
	s.Predicate.Run.Builder.ID = home + "/cmd/internal/images@" + stage.Version
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

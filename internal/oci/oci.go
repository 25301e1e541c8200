// Package oci writes container images as the Open Container Initiative lays them
// out (image specification 1.1), from files in memory: no daemon, no base image,
// no clock. The same files give the same bytes, and so the same digests, wherever
// and whenever they are made.
package oci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// Types of what an image is made of.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// epoch is when everything in an image was made: a time of day would make two
// builds differ.
var epoch = time.Unix(0, 0).UTC()

// File is a file of a layer, a folder where the name ends in a slash, or a
// symbolic link. Names are relative to the root.
type File struct {
	Name string
	Mode int64 // of permissions
	Body []byte
	Link string // target
}

// Blob is bytes with their type and digest.
type Blob struct {
	Type   string
	Bytes  []byte
	Digest string // sha256:...
}

func newBlob(kind string, b []byte) Blob { return Blob{kind, b, digest(b)} }

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

// Layer is a compressed layer.
type Layer struct {
	Blob
	DiffID string // digest of the layer before it was compressed
}

// NewLayer packs files, owned by root, in the order given; folders that they need
// and that are not among them come before each, open to all for reading.
func NewLayer(files []File) (Layer, error) {
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	made := map[string]bool{"./": true, "/": true}
	for _, f := range files {
		for _, folder := range parents(f.Name) {
			if !made[folder] {
				if err := entry(w, File{Name: folder, Mode: 0o755}); err != nil {
					return Layer{}, err
				}
				made[folder] = true
			}
		}
		if err := entry(w, f); err != nil {
			return Layer{}, err
		}
		if made[f.Name] {
			return Layer{}, fmt.Errorf("%s is twice in the layer", f.Name)
		}
		made[f.Name] = true
	}
	if err := w.Close(); err != nil {
		return Layer{}, err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return Layer{}, err
	}
	z.Write(plain.Bytes()) // into memory: it cannot fail
	if err := z.Close(); err != nil {
		return Layer{}, err
	}
	return Layer{newBlob(typeLayer, packed.Bytes()), digest(plain.Bytes())}, nil
}

// parents is the folders above a name, outermost first.
func parents(name string) []string {
	var out []string
	for dir := path.Dir(strings.TrimSuffix(name, "/")); dir != "." && dir != "/"; dir = path.Dir(dir) {
		out = append([]string{dir + "/"}, out...)
	}
	return out
}

func entry(w *tar.Writer, f File) error {
	h := &tar.Header{Name: f.Name, Mode: f.Mode, ModTime: epoch, Format: tar.FormatUSTAR}
	switch {
	case f.Name == "" || path.IsAbs(f.Name) || path.Clean(f.Name) != strings.TrimSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "../"):
		return fmt.Errorf("%q is no name of a file below the root", f.Name)
	case strings.HasSuffix(f.Name, "/"):
		h.Typeflag = tar.TypeDir
	case f.Link != "":
		h.Typeflag, h.Linkname = tar.TypeSymlink, f.Link
	default:
		h.Typeflag, h.Size = tar.TypeReg, int64(len(f.Body))
	}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.Write(f.Body)
	return err
}

// Run is how a container of an image starts.
type Run struct {
	User       string            `json:"User,omitempty"`
	Env        []string          `json:"Env,omitempty"`
	Entrypoint []string          `json:"Entrypoint,omitempty"`
	Cmd        []string          `json:"Cmd,omitempty"`
	WorkingDir string            `json:"WorkingDir,omitempty"`
	Labels     map[string]string `json:"Labels,omitempty"`
}

// Platform is what an image runs on.
type Platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant,omitempty"`
}

// Image is an image of one platform.
type Image struct {
	Platform Platform
	Config   Blob
	Layers   []Layer
	Manifest Blob
}

// descriptor is how one blob names another.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *Platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func describe(b Blob) descriptor {
	return descriptor{MediaType: b.Type, Digest: b.Digest, Size: len(b.Bytes)}
}

// NewImage joins layers, lowest first.
func NewImage(p Platform, run Run, layers []Layer) (*Image, error) {
	type history struct {
		Created time.Time `json:"created"`
		By      string    `json:"created_by"`
	}
	config := struct {
		Created time.Time `json:"created"`
		Platform
		Config Run `json:"config"`
		RootFS struct {
			Type    string   `json:"type"`
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
		History []history `json:"history"`
	}{Created: epoch, Platform: p, Config: run}
	config.RootFS.Type = "layers"
	manifest := struct {
		Schema    int          `json:"schemaVersion"`
		MediaType string       `json:"mediaType"`
		Config    descriptor   `json:"config"`
		Layers    []descriptor `json:"layers"`
	}{Schema: 2, MediaType: typeManifest}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.DiffID)
		config.History = append(config.History, history{epoch, "files"})
		manifest.Layers = append(manifest.Layers, describe(l.Blob))
	}
	b, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	im := &Image{Platform: p, Config: newBlob(typeConfig, b), Layers: layers}
	manifest.Config = describe(im.Config)
	if b, err = json.Marshal(manifest); err != nil {
		return nil, err
	}
	im.Manifest = newBlob(typeManifest, b)
	return im, nil
}

// Size is the bytes that a machine without any of the image's layers pulls.
func (im *Image) Size() int {
	n := len(im.Manifest.Bytes) + len(im.Config.Bytes)
	for _, l := range im.Layers {
		n += len(l.Bytes)
	}
	return n
}

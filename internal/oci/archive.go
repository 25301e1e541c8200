package oci

import (
	"archive/tar"
	"encoding/json"
	"io"
	"strings"
)

// Index is one image of several platforms: what a name stands for.
type Index struct {
	Images []*Image
	Blob   Blob
}

// index is the form of an index in JSON.
type index struct {
	Schema    int          `json:"schemaVersion"`
	MediaType string       `json:"mediaType"`
	Manifests []descriptor `json:"manifests"`
}

// NewIndex joins the images of several platforms.
func NewIndex(images ...*Image) (*Index, error) {
	x := index{Schema: 2, MediaType: typeIndex}
	for _, im := range images {
		d := describe(im.Manifest)
		d.Platform = &im.Platform
		x.Manifests = append(x.Manifests, d)
	}
	b, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	return &Index{images, newBlob(typeIndex, b)}, nil
}

// WriteArchive writes an index under a name (host/repository:tag) as an OCI image
// layout in a tar, which podman, containerd and skopeo read; and with the list of
// images that older Dockers look for, where a tag has the architecture at its end.
func (x *Index) WriteArchive(w io.Writer, name string) error {
	d := describe(x.Blob)
	d.Annotations = map[string]string{
		"org.opencontainers.image.ref.name": name,
		"io.containerd.image.name":          name,
	}
	top, err := json.Marshal(index{2, typeIndex, []descriptor{d}})
	if err != nil {
		return err
	}
	type tagged struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	var list []tagged
	for _, im := range x.Images {
		t := tagged{Config: place(im.Config), RepoTags: []string{name + "-" + im.Platform.Architecture}}
		for _, l := range im.Layers {
			t.Layers = append(t.Layers, place(l.Blob))
		}
		list = append(list, t)
	}
	docker, err := json.Marshal(list)
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	files := []File{
		{Name: "oci-layout", Body: []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{Name: "index.json", Body: top}, {Name: "manifest.json", Body: docker},
		{Name: "blobs/", Mode: 0o755}, {Name: "blobs/sha256/", Mode: 0o755},
	}
	there := map[string]bool{}
	add := func(b Blob) {
		if !there[b.Digest] {
			there[b.Digest] = true
			files = append(files, File{Name: place(b), Body: b.Bytes})
		}
	}
	add(x.Blob)
	for _, im := range x.Images {
		add(im.Manifest)
		add(im.Config)
		for _, l := range im.Layers {
			add(l.Blob)
		}
	}
	for _, f := range files {
		if f.Mode == 0 {
			f.Mode = 0o644
		}
		if err := entry(t, f); err != nil {
			return err
		}
	}
	return t.Close()
}

// place is where a blob lies in a layout.
func place(b Blob) string { return "blobs/" + strings.Replace(b.Digest, ":", "/", 1) }

package oci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func sample(t *testing.T, body string) *Index {
	t.Helper()
	var images []*Image
	base, err := NewLayer([]File{{Name: "etc/ssl/certs.pem", Mode: 0o644, Body: []byte("certificates")}, {Name: "tmp/", Mode: 0o1777}})
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		layer, err := NewLayer([]File{{Name: "usr/local/bin/w", Mode: 0o755, Body: []byte(body + arch)}, {Name: "bin/sh", Mode: 0o777, Link: "busybox"}})
		if err != nil {
			t.Fatal(err)
		}
		im, err := NewImage(Platform{Architecture: arch, OS: "linux"}, Run{User: "65532:65532", Entrypoint: []string{"/usr/local/bin/w"}}, []Layer{base, layer})
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, im)
	}
	x, err := NewIndex(images...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func untar(t *testing.T, r io.Reader) (map[string][]byte, []*tar.Header) {
	t.Helper()
	files := map[string][]byte{}
	var headers []*tar.Header
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return files, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := files[h.Name]; twice {
			t.Errorf("%s is twice in the archive", h.Name)
		}
		files[h.Name] = b
		headers = append(headers, h)
	}
}

// TestArchive: an archive holds under its digest and of its size all that its
// index names, the layers unpack to what the configuration says, and nothing in
// it has a time or an owner.
func TestArchive(t *testing.T) {
	x := sample(t, "program for ")
	var archive bytes.Buffer
	if err := x.WriteArchive(&archive, "localhost/w:1"); err != nil {
		t.Fatal(err)
	}
	files, headers := untar(t, &archive)
	for _, h := range headers {
		if !h.ModTime.Equal(epoch) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s: %v, owner %d:%d %q", h.Name, h.ModTime, h.Uid, h.Gid, h.Uname)
		}
	}
	get := func(d descriptor) []byte {
		t.Helper()
		b, ok := files["blobs/"+strings.Replace(d.Digest, ":", "/", 1)]
		if !ok || len(b) != d.Size || digest(b) != d.Digest {
			t.Fatalf("%s: there %v, %d bytes of digest %s", d.Digest, ok, len(b), digest(b))
		}
		return b
	}
	var top, inner index
	if err := json.Unmarshal(files["index.json"], &top); err != nil || len(top.Manifests) != 1 {
		t.Fatalf("%v, %v", err, top)
	}
	if name := top.Manifests[0].Annotations["org.opencontainers.image.ref.name"]; name != "localhost/w:1" {
		t.Errorf("name %q", name)
	}
	if top.Manifests[0].Digest != x.Blob.Digest {
		t.Errorf("the archive's digest is %s, the index's %s", top.Manifests[0].Digest, x.Blob.Digest)
	}
	if err := json.Unmarshal(get(top.Manifests[0]), &inner); err != nil || len(inner.Manifests) != 2 {
		t.Fatalf("%v, %v", err, inner)
	}
	for i, arch := range []string{"amd64", "arm64"} {
		d := inner.Manifests[i]
		if d.Platform == nil || *d.Platform != (Platform{Architecture: arch, OS: "linux"}) {
			t.Errorf("platform %v, want %s", d.Platform, arch)
		}
		var m struct {
			Config descriptor
			Layers []descriptor
		}
		if err := json.Unmarshal(get(d), &m); err != nil {
			t.Fatal(err)
		}
		var c struct {
			Architecture string
			Config       Run
			RootFS       struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
		if err := json.Unmarshal(get(m.Config), &c); err != nil {
			t.Fatal(err)
		}
		if c.Architecture != arch || c.Config.User != "65532:65532" || len(m.Layers) != 2 || len(c.RootFS.DiffIDs) != 2 {
			t.Fatalf("configuration %+v of layers %v", c, m.Layers)
		}
		size := d.Size + m.Config.Size
		for k, l := range m.Layers {
			z, err := gzip.NewReader(bytes.NewReader(get(l)))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil || digest(plain) != c.RootFS.DiffIDs[k] {
				t.Errorf("layer %d unpacks to %s, want %s; %v", k, digest(plain), c.RootFS.DiffIDs[k], err)
			}
			size += l.Size
			inside, hs := untar(t, bytes.NewReader(plain))
			for _, h := range hs {
				if !h.ModTime.Equal(epoch) || h.Uid != 0 || h.Gid != 0 {
					t.Errorf("%s: %v, owner %d:%d", h.Name, h.ModTime, h.Uid, h.Gid)
				}
			}
			if k == 1 && string(inside["usr/local/bin/w"]) != "program for "+arch {
				t.Errorf("layer 1 has %q", inside)
			}
			if k == 0 && (hs[len(hs)-1].Name != "tmp/" || hs[len(hs)-1].Mode != 0o1777 || hs[0].Name != "etc/" || hs[1].Name != "etc/ssl/") {
				t.Errorf("layer 0 has %v", hs)
			}
		}
		if got := x.Images[i].Size(); got != size {
			t.Errorf("size %d, want %d", got, size)
		}
	}
}

// TestDigests: the same files give the same digest, other files another one.
func TestDigests(t *testing.T) {
	a, b, c := sample(t, "x"), sample(t, "x"), sample(t, "y")
	if a.Blob.Digest != b.Blob.Digest || a.Blob.Digest == c.Blob.Digest {
		t.Errorf("%s, the same files %s, others %s", a.Blob.Digest, b.Blob.Digest, c.Blob.Digest)
	}
	var p, q bytes.Buffer
	if a.WriteArchive(&p, "w:1") != nil || b.WriteArchive(&q, "w:1") != nil || !bytes.Equal(p.Bytes(), q.Bytes()) {
		t.Error("two archives of one image differ")
	}
}

func TestBadFiles(t *testing.T) {
	for _, files := range [][]File{
		{{Name: ""}}, {{Name: "/etc/passwd"}}, {{Name: "../x"}}, {{Name: "a/../../x"}}, {{Name: "a//b"}},
		{{Name: "a"}, {Name: "a"}}, {{Name: "a/b"}, {Name: "a/"}},
	} {
		if _, err := NewLayer(files); err == nil {
			t.Errorf("%v makes a layer", files)
		}
	}
}

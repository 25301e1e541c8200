package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/dsse"
	"github.com/gx-genomics/gx/internal/oci"
)

// keyPair writes NAME.pem and NAME.pub.
func keyPair(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err1 := x509.MarshalECPrivateKey(key)
	public, err2 := x509.MarshalPKIXPublicKey(key.Public())
	err = errors.Join(err1, err2,
		os.WriteFile(filepath.Join(dir, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600),
		os.WriteFile(filepath.Join(dir, name+".pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}

// image writes an archive, and a statement about it.
func image(t *testing.T, dir, name, content string) string {
	t.Helper()
	layer, err := oci.NewLayer([]oci.File{{Name: "file", Mode: 0o644, Body: []byte(content)}})
	if err != nil {
		t.Fatal(err)
	}
	im, err := oci.NewImage(oci.Platform{Architecture: "amd64", OS: "linux"}, oci.Run{}, []oci.Layer{layer})
	if err != nil {
		t.Fatal(err)
	}
	x, err := oci.NewIndex(im)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	statement := fmt.Sprintf(`{"subject":[{"digest":{"sha256":%q}}]}`, strings.TrimPrefix(x.Blob.Digest, "sha256:"))
	err = errors.Join(x.WriteArchive(&b, "w:1"), os.WriteFile(filepath.Join(dir, name+".tar"), b.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, name+plain), []byte(statement), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	return x.Blob.Digest
}

func TestSign(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	keyPair(t, dir, "mine")
	keyPair(t, dir, "other")
	digest := image(t, dir, "gx-a", "a")
	image(t, dir, "gx-b", "b")
	var out bytes.Buffer
	if err := run([]string{"-key", at("mine.pem"), at("gx-a" + plain), at("gx-b" + plain)}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-verify", at("mine.pub"), at("gx-a" + signed), at("gx-b" + signed)}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if want := "gx-a\t" + digest + "\tsigned by this key\ngx-b\t"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if err := run([]string{"-verify", at("other.pub"), at("gx-a" + signed)}, &out, &out); !errors.Is(err, dsse.ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	image(t, dir, "gx-b", "another") // an archive that the statement is not about
	if err := run([]string{"-verify", at("mine.pub"), at("gx-b" + signed)}, &out, &out); err == nil || !strings.Contains(err.Error(), "but "+at("gx-b")+".tar holds") {
		t.Errorf("another archive: %v", err)
	}
	for _, c := range []struct {
		args  []string
		usage bool
	}{
		{[]string{at("gx-a" + plain)}, true},
		{[]string{"-key", at("mine.pem"), "-verify", at("mine.pub"), at("gx-a" + plain)}, true},
		{[]string{"-key", at("mine.pem"), at("gx-a.tar")}, true},
		{[]string{"-key", at("mine.pub"), at("gx-a" + plain)}, false},
		{[]string{"-verify", at("mine.pem"), at("gx-a" + signed)}, false},
		{[]string{"-verify", at("mine.pub"), at("gx-c" + signed)}, false},
	} {
		if err := run(c.args, &out, &out); err == nil || errors.Is(err, app.ErrUsage) != c.usage {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

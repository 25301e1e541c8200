package uri

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	stdhttp "net/http"

	"github.com/gx-genomics/gx/io/object"
)

// TestSchemes: every name goes to the store of its scheme, and one without a
// store is an error that tells what there is.
func TestSchemes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(stdhttp.FileServer(stdhttp.Dir(dir)))
	defer server.Close()
	s := &Store{}
	names := []string{filepath.Join(dir, "x")}
	if http != nil {
		names = append(names, server.URL+"/x")
	}
	for _, name := range names {
		if b, err := object.ReadAll(t.Context(), s, name, 100); err != nil || string(b) != "hello" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if http != nil {
		if _, err := s.Stat(t.Context(), server.URL+"/y"); !errors.Is(err, object.ErrNotExist) {
			t.Errorf("missing: %v", err)
		}
		for _, err := range []error{s.Put(t.Context(), server.URL+"/z", func(io.Writer) error { return nil }), s.Probe(server.URL + "/z"), s.Remove(t.Context(), server.URL+"/z")} {
			if err == nil || err.Error() != server.URL+"/z: a web server can only be read from: want a path or gs://bucket/name" {
				t.Errorf("writing: %v", err)
			}
		}
	}
	for name, want := range map[string]string{
		"ftp://host/x": "ftp://host/x: want a path, http(s)://host/path or gs://bucket/name",
		"s3://b/x":     "s3://b/x: this program was built without s3://: want a path",
	} {
		if strings.HasPrefix(name, "s3") && s3 != nil {
			continue
		}
		if _, err := s.Stat(context.Background(), name); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

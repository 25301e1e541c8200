package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFilesAreFresh: what is kept is what the generator writes.
func TestFilesAreFresh(t *testing.T) {
	for _, f := range files() {
		kept, err := os.ReadFile(filepath.Join("..", f.name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(kept, f.text) {
			t.Errorf("%s is not what the generator writes: run go generate ./internal/kern", f.name)
		}
	}
}

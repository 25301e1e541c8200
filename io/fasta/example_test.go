package fasta_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/variant/locus"
)

func Example() {
	dir, err := os.MkdirTemp("", "fasta")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ref.fa")
	if err := os.WriteFile(path, []byte(">chr1 soft-masked\nACGTacgt\nNNRY\n"), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	f, err := fasta.Open(path, fasta.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for _, c := range f.Contigs().List() {
		bases, err := f.Bases(nil, locus.Region{Contig: c.Name, Start: 2, End: 11})
		fmt.Println(c.Name, c.Length, string(bases), err)
	}
	// Output: chr1 12 GTACGTNNR <nil>
}

// Command gen writes the assembly kernels of package kern and the Go files that
// declare and choose among them. Its output is kept beside the package; a test
// here fails when the two differ.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "folder of package kern")
	flag.Parse()
	for _, f := range files() {
		if err := os.WriteFile(filepath.Join(*dir, f.name), f.text, 0o644); err != nil {
			panic(fmt.Sprintf("kernels not written: %v", err)) // the tool of a developer: a trace is welcome
		}
	}
}

type file struct {
	name string
	text []byte
}

// files gives every generated file of the package.
func files() []file {
	tiles := []tileFamily{
		{isa: avx512, elem: f32}, {isa: avx512, elem: f64},
		{isa: avx2, elem: f32}, {isa: avx2, elem: f64},
	}
	bytes := []isa{avx512, avx2}
	return []file{
		{"tile_amd64.s", tileAssembly(tiles)},
		{"tile_amd64.go", tileChoice(tiles)},
		{"bytes_amd64.s", bytesAssembly(bytes)},
		{"bytes_amd64.go", bytesChoice(bytes)},
		{"rows_amd64.s", rowsAssembly(bytes)},
		{"rows_amd64.go", rowsChoice(bytes)},
		{"dosage_amd64.s", dosageAssembly(bytes)},
		{"dosage_amd64.go", dosageChoice(bytes)},
		{"tile_arm64.s", neonTileAssembly()},
		{"tile_arm64.go", neonTileChoice()},
		{"bytes_arm64.s", neonBytesAssembly()},
		{"bytes_arm64.go", neonBytesChoice()},
	}
}

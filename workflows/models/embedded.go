package models

import _ "embed" // the weights are part of the program

// The models that are part of the program: of whole genomes and of exomes in
// short reads, see docs/model.
const (
	WGS = "wgs"
	WES = "wes"
)

//go:embed wgs.safetensors
var wgs []byte

//go:embed wes.safetensors
var wes []byte

// Embedded is the file of a model that is part of the program. It must not be
// changed.
func Embedded(name string) ([]byte, bool) {
	switch name {
	case WGS:
		return wgs, true
	case WES:
		return wes, true
	}
	return nil, false
}

// Names lists the models that are part of the program.
func Names() []string { return []string{WGS, WES} }

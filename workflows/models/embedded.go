package models

import _ "embed" // the weights are part of the program

// WGS is the model of whole genomes in short reads, see docs/model/wgs.md.
const WGS = "wgs"

//go:embed wgs.safetensors
var wgs []byte

// Embedded is the file of a model that is part of the program. It must not be
// changed.
func Embedded(name string) ([]byte, bool) {
	if name == WGS {
		return wgs, true
	}
	return nil, false
}

// Names lists the models that are part of the program.
func Names() []string { return []string{WGS} }

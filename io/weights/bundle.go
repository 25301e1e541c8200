package weights

import (
	"fmt"
	"maps"
	"strings"
)

// kindBundle is the kind of a file of several networks.
const kindBundle = "bundle"

// A Part is a file in a bundle.
type Part struct {
	Name string // without dots
	File *File
}

// Bundle makes one file of several: tensors and metadata of each under its name
// and a dot.
func Bundle(metadata map[string]string, parts ...Part) *File {
	f := &File{Metadata: maps.Clone(metadata)}
	if f.Metadata == nil {
		f.Metadata = map[string]string{}
	}
	f.Metadata[keyFormat], f.Metadata[keyKind] = format, kindBundle
	for _, p := range parts {
		for k, v := range p.File.Metadata {
			f.Metadata[p.Name+"."+k] = v
		}
		for _, t := range p.File.Tensors {
			t.Name = p.Name + "." + t.Name
			f.Tensors = append(f.Tensors, t)
		}
	}
	return f
}

// Part is the part of a bundle with a name.
func (f *File) Part(name string) (*File, error) {
	if err := f.checkKind(kindBundle); err != nil {
		return nil, err
	}
	out := &File{Metadata: map[string]string{}}
	for k, v := range f.Metadata {
		if rest, ok := strings.CutPrefix(k, name+"."); ok {
			out.Metadata[rest] = v
		}
	}
	for _, t := range f.Tensors {
		if rest, ok := strings.CutPrefix(t.Name, name+"."); ok {
			t.Name = rest
			out.Tensors = append(out.Tensors, t)
		}
	}
	if len(out.Metadata) == 0 {
		return nil, fmt.Errorf("no part %q in the file", name)
	}
	return out, nil
}

// Has says whether a bundle has a part.
func (f *File) Has(name string) bool {
	_, ok := f.Metadata[name+"."+keyKind]
	return ok
}

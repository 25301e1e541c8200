// Package sbom writes what is in an image as SPDX 2.3: the modules of a Go binary
// as the linker recorded them, and whatever else was put beside it.
package sbom

import (
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
)

// Package is a part of an image.
type Package struct {
	Name    string
	Version string
	PURL    string // package URL, empty where there is none
	License string // SPDX expression, NOASSERTION where empty
	Sum     string // checksum in the manner of go.sum
}

// Image is the subject of a document.
type Image struct {
	Name     string
	Version  string
	Platform string // linux/amd64
	Digest   string // sha256:..., of the manifest
}

// Modules is the program and the modules of a binary, the standard library among
// them: the lines of go version -m. A replaced module is the one that took its
// place.
func Modules(info *debug.BuildInfo) []Package {
	out := []Package{{Name: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go"), License: "BSD-3-Clause"}}
	out[0].PURL = purl(out[0].Name, out[0].Version)
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		out = append(out, Package{Name: m.Path, Version: m.Version, PURL: purl(m.Path, m.Version), Sum: m.Sum})
	}
	return out
}

func purl(module, version string) string {
	return "pkg:golang/" + module + "@" + url.QueryEscape(version)
}

// The parts of a document that gx writes.
type (
	document struct {
		SPDXVersion   string         `json:"spdxVersion"`
		DataLicense   string         `json:"dataLicense"`
		ID            string         `json:"SPDXID"`
		Name          string         `json:"name"`
		Namespace     string         `json:"documentNamespace"`
		Creation      creation       `json:"creationInfo"`
		Packages      []spdxPackage  `json:"packages"`
		Relationships []relationship `json:"relationships"`
	}
	creation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		ID        string     `json:"SPDXID"`
		Name      string     `json:"name"`
		Version   string     `json:"versionInfo,omitempty"`
		Location  string     `json:"downloadLocation"`
		Analyzed  bool       `json:"filesAnalyzed"`
		Concluded string     `json:"licenseConcluded"`
		Declared  string     `json:"licenseDeclared"`
		Copyright string     `json:"copyrightText"`
		Supplier  string     `json:"supplier"`
		Purpose   string     `json:"primaryPackagePurpose,omitempty"`
		Comment   string     `json:"comment,omitempty"`
		Checksums []checksum `json:"checksums,omitempty"`
		Refs      []ref      `json:"externalRefs,omitempty"`
	}
	checksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}
	ref struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	relationship struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
)

const (
	unknown    = "NOASSERTION"
	documentID = "SPDXRef-DOCUMENT"
	imageID    = "SPDXRef-Image"
)

// SPDX is the document of an image: the same bytes for the same image. namespace
// is a URI below which the document's own name is made.
func SPDX(im Image, namespace, tool string, parts []Package) ([]byte, error) {
	hash, ok := strings.CutPrefix(im.Digest, "sha256:")
	if !ok {
		return nil, fmt.Errorf("digest %q: want sha256 and its digits", im.Digest)
	}
	image := newPackage(imageID, Package{Name: im.Name, Version: im.Version, License: "Apache-2.0"})
	image.Purpose = "CONTAINER"
	image.Checksums = []checksum{{"SHA256", hash}}
	d := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", ID: documentID,
		Name:      fmt.Sprintf("%s %s %s", im.Name, im.Version, im.Platform),
		Namespace: strings.TrimSuffix(namespace, "/") + "/" + im.Name + "-" + hash,
		Creation:  creation{"1970-01-01T00:00:00Z", []string{"Tool: " + tool}},
		Packages:  []spdxPackage{image}, Relationships: []relationship{{documentID, "DESCRIBES", imageID}},
	}
	for i, p := range parts {
		id := fmt.Sprintf("SPDXRef-Package-%d", i+1)
		d.Packages = append(d.Packages, newPackage(id, p))
		d.Relationships = append(d.Relationships, relationship{imageID, "CONTAINS", id})
	}
	b, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

func newPackage(id string, p Package) spdxPackage {
	s := spdxPackage{ID: id, Name: p.Name, Version: p.Version, Location: unknown, Concluded: unknown, Declared: unknown, Copyright: unknown, Supplier: unknown}
	if p.License != "" {
		s.Declared = p.License
	}
	if p.Sum != "" {
		s.Comment = "go.sum: " + p.Sum
	}
	if p.PURL != "" {
		s.Refs = []ref{{"PACKAGE-MANAGER", "purl", p.PURL}}
	}
	return s
}

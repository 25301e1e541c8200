package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gx-genomics/gx/internal/oci"
	"github.com/gx-genomics/gx/internal/sbom"
)

// shellTools is what an image has besides for engines that bring a script: bash,
// and a busybox under the names of what such scripts call.
type shellTools struct {
	layer    oci.Layer
	packages []sbom.Package
}

// readShell reads the folder of one platform as testdata/shells.sh makes it: the
// tree root, and packages, a line "name version license" for each package that the
// tree is from.
func readShell(dir string) (*shellTools, error) {
	list, err := os.ReadFile(filepath.Join(dir, "packages"))
	if err != nil {
		return nil, fmt.Errorf("%w; testdata/shells.sh makes it", err)
	}
	s := &shellTools{}
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return nil, fmt.Errorf("%s: %q: want name, version, license", filepath.Join(dir, "packages"), strings.TrimSpace(line))
		}
		s.packages = append(s.packages, sbom.Package{Name: f[0], Version: f[1], License: f[2], PURL: "pkg:deb/debian/" + f[0] + "@" + f[1]})
	}
	files, err := tree(filepath.Join(dir, "root"))
	if err != nil {
		return nil, err
	}
	s.layer, err = oci.NewLayer(files)
	return s, err
}

// tree is the files and symbolic links below a folder, in the order of their
// names; all can be run by everybody.
func tree(root string) ([]oci.File, error) {
	var files []oci.File
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := oci.File{Name: filepath.ToSlash(name), Mode: 0o755}
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			f.Mode = 0o777
			f.Link, err = os.Readlink(path)
		case d.Type().IsRegular():
			f.Body, err = os.ReadFile(path)
		default:
			err = fmt.Errorf("%s is neither a file nor a link", path)
		}
		files = append(files, f)
		return err
	})
	return files, err
}

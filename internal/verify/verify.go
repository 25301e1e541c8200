// Package verify keeps the results of checks that take too long for every
// change: `make verify` runs them and writes docs/verify/NAME.tsv with the
// figures, their bars, and the digest of the packages they were measured on.
// A test fails where such a file is missing, below a bar, or made from other
// code than stands here.
package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Check is a long check: what it measures, and the packages (folders of the
// module) whose code decides the figures.
type Check struct {
	Name     string
	Packages []string
}

// Figure is a measured number with its bar.
type Figure struct {
	Name  string
	Value float64
	Unit  string
	Bar   float64
	Most  bool // the value may be the bar at most; else at least
}

// holds says whether the figure is on the right side of its bar.
func (f *Figure) holds() bool {
	if f.Most {
		return f.Value <= f.Bar
	}
	return f.Value >= f.Bar
}

// Digest is that of the Go, assembly and Python files, tests left out, of packages in
// the module at root.
func Digest(root string, packages []string) (string, error) {
	h := sha256.New()
	for _, p := range packages {
		list, err := os.ReadDir(filepath.Join(root, p))
		if err != nil {
			return "", err
		}
		for _, f := range list {
			name := f.Name()
			if strings.HasSuffix(name, "_test.go") || !slices.Contains([]string{".go", ".s", ".py"}, filepath.Ext(name)) {
				continue
			}
			b, err := os.ReadFile(filepath.Join(root, p, name))
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s/%s %d\n", p, name, len(b))
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// Write writes the result of a check below root.
func Write(root string, c Check, figures []Figure) error {
	digest, err := Digest(root, c.Packages)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# made by: make verify\n# commit: %s\n# machine: %s, %d cores\n# packages: %s\n# digest: %s\n", commit(root), machine(), runtime.NumCPU(), strings.Join(c.Packages, " "), digest)
	fmt.Fprintln(&b, "figure\tvalue\tunit\tmust be\tbar")
	for _, f := range figures {
		must := "at least"
		if f.Most {
			must = "at most"
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit, must, number(f.Bar))
	}
	return os.WriteFile(path(root, c.Name), b.Bytes(), 0o644)
}

func path(root, name string) string { return filepath.Join(root, "docs", "verify", name+".tsv") }

func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

func commit(root string) string {
	cmd := exec.Command("git", "rev-parse", "--short", "HEAD")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// machine is the name of the processor, where the system tells it.
func machine() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(b)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}

// Read checks the stored result of a check and gives its figures.
func Read(root string, c Check) ([]Figure, error) {
	b, err := stored(root, c)
	if err != nil {
		return nil, err
	}
	want, err := Digest(root, c.Packages)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(b, []byte("# digest: "+want+"\n")) {
		return nil, fmt.Errorf("check %s was made from other code of %s than stands here; run make verify", c.Name, strings.Join(c.Packages, ", "))
	}
	figures, err := figuresOf(b, c)
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		if !f.holds() {
			return nil, fmt.Errorf("check %s: %s is %s %s, on the wrong side of %s", c.Name, f.Name, number(f.Value), f.Unit, number(f.Bar))
		}
	}
	return figures, nil
}

// Stored gives the figures of a stored result, whatever code they were measured
// on: for what is generated from them.
func Stored(root string, c Check) ([]Figure, error) {
	b, err := stored(root, c)
	if err != nil {
		return nil, err
	}
	return figuresOf(b, c)
}

func stored(root string, c Check) ([]byte, error) {
	b, err := os.ReadFile(path(root, c.Name))
	if err != nil {
		return nil, fmt.Errorf("the result of check %s is missing; run make verify: %w", c.Name, err)
	}
	return b, nil
}

func figuresOf(b []byte, c Check) ([]Figure, error) {
	var figures []Figure
	sc := bufio.NewScanner(bytes.NewReader(b))
	for sc.Scan() {
		if strings.HasPrefix(sc.Text(), "#") || strings.HasPrefix(sc.Text(), "figure\t") {
			continue
		}
		f, err := parse(strings.Split(sc.Text(), "\t"))
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c.Name, err)
		}
		figures = append(figures, f)
	}
	if len(figures) == 0 {
		return nil, fmt.Errorf("check %s has no figures", c.Name)
	}
	return figures, sc.Err()
}

func parse(fields []string) (Figure, error) {
	if len(fields) != 5 || !slices.Contains([]string{"at most", "at least"}, fields[3]) {
		return Figure{}, fmt.Errorf("a line of %d columns, want figure, value, unit, must be, bar", len(fields))
	}
	value, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {
		return Figure{}, err
	}
	bar, err := strconv.ParseFloat(fields[4], 64)
	return Figure{fields[0], value, fields[2], bar, fields[3] == "at most"}, err
}

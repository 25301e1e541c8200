package stage

import (
	"cmp"
	"context"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/io/object"
)

func compareText(a, b string) int { return cmp.Compare(a, b) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// joinName puts a name below a folder, which may be a URI.
func joinName(dir, name string) string {
	if scheme, rest, ok := strings.Cut(dir, "://"); ok {
		return scheme + "://" + path.Join(rest, name)
	}
	return path.Join(dir, name)
}

// dirName is the folder of a name, which may be a URI.
func dirName(name string) string {
	if scheme, rest, ok := strings.Cut(name, "://"); ok {
		return scheme + "://" + path.Dir(rest)
	}
	return path.Dir(name)
}

// relative is a name as seen from a folder, where it lies below it.
func relative(dir, name string) string {
	clean := name
	if !strings.Contains(name, "://") {
		clean = path.Clean(name)
	}
	if dir == "." {
		return clean
	}
	if rest, ok := strings.CutPrefix(clean, strings.TrimSuffix(dir, "/")+"/"); ok {
		return rest
	}
	return clean
}

func putBytes(ctx context.Context, s object.Store, name string, b []byte) error {
	return s.Put(ctx, name, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// outputLog is what a task wrote; a name that was written again counts once.
type outputLog struct {
	mu     sync.Mutex
	byName map[string]Output
}

func (l *outputLog) add(o Output) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byName[o.Name] = o
}

func (l *outputLog) drop(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byName, name)
}

func (l *outputLog) all() []Output {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Output
	for _, name := range sortedKeys(l.byName) {
		out = append(out, l.byName[name])
	}
	return out
}

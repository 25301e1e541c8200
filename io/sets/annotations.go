package sets

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// Annotations say the category of variants in sets. A variant is kept as a digest
// of its name and its set's, about 50 bytes in all however long the names are.
type Annotations struct {
	Path       string
	Categories []string // in the order in which they are first met
	Domains    []string // likewise; nil for a file without domains
	of         map[Key]mark
}

type mark struct{ category, domain uint16 }

// most is how many categories, and domains, there may be.
const most = 1 << 15

func digest(variant, set string) Key {
	var b [160]byte
	text := append(append(append(b[:0], variant...), '\t'), set...)
	sum := sha256.Sum256(text)
	return Key(sum[:16])
}

// Key is a name where only a digest of it is kept.
type Key [16]byte

// KeyOf gives the key of a variant's name.
func KeyOf(variant string) Key { return digest(variant, "") }

// Len is how many variants in sets are annotated.
func (a *Annotations) Len() int { return len(a.of) }

// Find gives the category of a variant in a set, and its domain, -1 where the file
// has none.
func (a *Annotations) Find(variant, set string) (category, domain int, ok bool) {
	m, ok := a.of[digest(variant, set)]
	if a.Domains == nil {
		return int(m.category), -1, ok
	}
	return int(m.category), int(m.domain), ok
}

// interned numbers words.
type interned struct {
	words []string
	of    map[string]uint16
}

func (t *interned) number(word string) (uint16, error) {
	if n, ok := t.of[word]; ok {
		return n, nil
	}
	if len(t.words) == most {
		return 0, fmt.Errorf("more than %d categories or domains", most)
	}
	if t.of == nil {
		t.of = map[string]uint16{}
	}
	word = strings.Clone(word)
	n := uint16(len(t.words))
	t.words, t.of[word] = append(t.words, word), n
	return n, nil
}

// ReadAnnotations reads a file of annotations. A variant that is annotated twice
// in a set must have the same category, and domain, both times.
func ReadAnnotations(r *text.Reader) (*Annotations, error) {
	a := &Annotations{Path: r.Path(), of: map[Key]mark{}}
	var categories, domains interned
	columns := 0
	err := lines(r, func(f []string) error {
		if columns == 0 {
			columns = len(f)
		}
		if len(f) != columns || columns < 3 || columns > 4 {
			return fmt.Errorf("%d fields, want the variant, its set and its annotation, or its set's domain before that, in all lines alike", len(f))
		}
		c, err := categories.number(f[columns-1])
		if err != nil {
			return err
		}
		m := mark{category: c}
		if columns == 4 {
			if m.domain, err = domains.number(f[2]); err != nil {
				return err
			}
		}
		k := digest(f[0], f[1])
		if old, twice := a.of[k]; twice && old != m {
			return fmt.Errorf("variant %s of set %s is annotated twice, and not alike", f[0], f[1])
		}
		a.of[k] = m
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(a.of) == 0 {
		return nil, source.At(a.Path, errors.New("empty, want lines of a variant, its set and its annotation"))
	}
	a.Categories, a.Domains = categories.words, domains.words
	return a, nil
}

// lines calls f with the fields of every line that has any; its error is told with
// the place.
func lines(r *text.Reader, f func(fields []string) error) error {
	for {
		line, err := r.Line()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		if err := f(fields); err != nil {
			return &source.Error{Path: r.Path(), Line: r.Number(), Err: err}
		}
	}
}

// split cuts fields at commas as well.
func split(fields []string) []string {
	var out []string
	for _, f := range fields {
		for s := range strings.SplitSeq(f, ",") {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

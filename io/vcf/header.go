package vcf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/variant/locus"
)

// Pair is one key=value of a structured meta-information line.
type Pair struct {
	Key, Value string
	Quoted     bool // the value stands in quotes in the file; Value is without them and their escapes
}

// Meta is a meta-information line: ##Key=Value, or ##Key=<pairs>.
type Meta struct {
	Key   string
	Value string // of an unstructured line
	Pairs []Pair // of a structured one, in order; nil for an unstructured
}

// Get is the value of a key of a structured line.
func (m Meta) Get(key string) (string, bool) {
	for _, p := range m.Pairs {
		if p.Key == key {
			return p.Value, true
		}
	}
	return "", false
}

// String is the line as it stands in a file, without its newline.
func (m Meta) String() string {
	var b strings.Builder
	b.WriteString("##" + m.Key + "=")
	if m.Pairs == nil {
		b.WriteString(m.Value)
		return b.String()
	}
	for i, p := range m.Pairs {
		b.WriteByte("<,"[min(i, 1)])
		b.WriteString(p.Key + "=")
		if p.Quoted {
			b.WriteString(quote(p.Value))
		} else {
			b.WriteString(p.Value)
		}
	}
	b.WriteByte('>')
	return b.String()
}

// quote puts a text in quotes. A backslash is escaped only where it would be
// taken for an escape: older files have it unescaped.
func quote(s string) string {
	b := []byte{'"'}
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' && (i+1 == len(s) || s[i+1] == '"' || s[i+1] == '\\') {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return string(append(b, '"'))
}

// Definition is what a header says of an INFO or FORMAT key.
type Definition struct {
	ID          string
	Number      string // a count, or A, R, G, or . for any
	Type        string // Integer, Float, Flag, Character, String
	Description string
}

// Count is how many values a record with so many alternate alleles has for the
// key, for a sample of so many alleles (2 in diploids), or -1 where any number
// may stand.
func (d Definition) Count(alts, ploidy int) int {
	switch d.Number {
	case "A":
		return alts
	case "R":
		return alts + 1
	case "G":
		return genotypes(alts+1, ploidy)
	}
	if n, err := strconv.Atoi(d.Number); err == nil && n >= 0 {
		return n
	}
	return -1
}

// genotypes is the number of unordered genotypes of a ploidy over so many
// alleles, or -1 where it is beyond all use.
func genotypes(alleles, ploidy int) int {
	n := 1
	for i := 1; i <= ploidy; i++ { // (alleles+ploidy-1) over ploidy
		if n = n * (alleles + i - 1) / i; n > 1<<30 {
			return -1
		}
	}
	return n
}

// Header is the header of a VCF file. It is made with NewHeader and Add, or by
// a Reader; it is safe for concurrent use while nobody adds to it.
type Header struct {
	Version string   // "VCFv4.2"
	Samples []string // in the order of the columns
	metas   []Meta   // all but fileformat, in order
	info    map[string]Definition
	format  map[string]Definition
	filter  map[string]string
	contigs []locus.Contig // length 0 where the header tells none
	contig  map[string]int
}

// NewHeader makes a header of a version, such as "VCFv4.2", for samples.
func NewHeader(version string, samples ...string) *Header {
	return &Header{Version: version, Samples: samples,
		info: map[string]Definition{}, format: map[string]Definition{}, filter: map[string]string{"PASS": "All filters passed"}, contig: map[string]int{}}
}

// What a file may make of a header: its lines, and the pairs of one.
const (
	maxLines = 1 << 20
	maxPairs = 1000
)

// Add adds a meta-information line at the end.
func (h *Header) Add(m Meta) error {
	if len(h.metas) >= maxLines {
		return fmt.Errorf("header of more than %d lines", maxLines)
	}
	id, _ := m.Get("ID")
	if m.Pairs != nil && id == "" {
		switch m.Key {
		case "INFO", "FORMAT", "FILTER", "contig", "ALT":
			return fmt.Errorf("%s line without an ID", m.Key)
		}
	}
	switch m.Key {
	case "INFO", "FORMAT":
		number, _ := m.Get("Number")
		kind, _ := m.Get("Type")
		text, _ := m.Get("Description")
		to := h.info
		if m.Key == "FORMAT" {
			to = h.format
		}
		if _, twice := to[id]; !twice { // the first stands, as htslib has it
			to[id] = Definition{id, number, kind, text}
		}
	case "FILTER":
		h.filter[id], _ = m.Get("Description")
	case "contig":
		if m.Pairs == nil {
			break
		}
		length := 0
		if s, ok := m.Get("length"); ok {
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n > locus.MaxLength {
				return fmt.Errorf("contig %s: length %q, want a number up to %d", id, s, locus.MaxLength)
			}
			length = n
		}
		if i, twice := h.contig[id]; twice {
			if before := h.contigs[i].Length; before > 0 && length > 0 && before != length {
				return fmt.Errorf("contig %s is declared with %d bases and with %d", id, before, length)
			}
			h.contigs[i].Length = max(h.contigs[i].Length, length)
			break
		}
		h.contig[id] = len(h.contigs)
		h.contigs = append(h.contigs, locus.Contig{Name: id, Length: length})
	}
	h.metas = append(h.metas, m)
	return nil
}

// AddLine adds a line in its text form, ##Key=..., without a newline.
func (h *Header) AddLine(line string) error {
	m, err := ParseMeta(line)
	if err != nil {
		return err
	}
	return h.Add(m)
}

// AddInfo declares an INFO key.
func (h *Header) AddInfo(id, number, kind, description string) {
	h.define("INFO", id, number, kind, description)
}

// AddFormat declares a FORMAT key.
func (h *Header) AddFormat(id, number, kind, description string) {
	h.define("FORMAT", id, number, kind, description)
}

func (h *Header) define(key, id, number, kind, description string) {
	err := h.Add(Meta{Key: key, Pairs: []Pair{{"ID", id, false}, {"Number", number, false}, {"Type", kind, false}, {"Description", description, true}}})
	if err != nil {
		panic("vcf: " + err.Error()) // an empty id, in the program's own text
	}
}

// AddFilter declares a FILTER value.
func (h *Header) AddFilter(id, description string) {
	if err := h.Add(Meta{Key: "FILTER", Pairs: []Pair{{"ID", id, false}, {"Description", description, true}}}); err != nil {
		panic("vcf: " + err.Error()) // as in define
	}
}

// AddText adds an unstructured line, ##key=value.
func (h *Header) AddText(key, value string) {
	h.metas = append(h.metas, Meta{Key: key, Value: value})
}

// AddContigs declares contigs in order, with their lengths.
func (h *Header) AddContigs(contigs *locus.Contigs) error {
	for _, c := range contigs.List() {
		if err := h.Add(Meta{Key: "contig", Pairs: []Pair{{"ID", c.Name, false}, {"length", strconv.Itoa(c.Length), false}}}); err != nil {
			return err
		}
	}
	return nil
}

// Metas is all meta-information lines but fileformat; the caller does not
// change them.
func (h *Header) Metas() []Meta { return h.metas }

// Info is the definition of an INFO key.
func (h *Header) Info(id string) (Definition, bool) { d, ok := h.info[id]; return d, ok }

// Format is the definition of a FORMAT key.
func (h *Header) Format(id string) (Definition, bool) { d, ok := h.format[id]; return d, ok }

// Filter is the description of a FILTER value. PASS is always there.
func (h *Header) Filter(id string) (string, bool) { d, ok := h.filter[id]; return d, ok }

// ContigList is the contigs that are declared, in order; the length is 0 where
// the header tells none.
func (h *Header) ContigList() []locus.Contig { return h.contigs }

// Contig is the place of a contig among those declared, or -1.
func (h *Header) Contig(name string) int {
	if i, ok := h.contig[name]; ok {
		return i
	}
	return -1
}

// Sample is the place of a sample among the columns, or -1.
func (h *Header) Sample(name string) int { return slices.Index(h.Samples, name) }

// Clone is a copy to which the caller may add.
func (h *Header) Clone() *Header {
	c := NewHeader(h.Version, slices.Clone(h.Samples)...)
	for _, m := range h.metas {
		if err := c.Add(m); err != nil {
			panic("vcf: " + err.Error()) // it was added before
		}
	}
	return c
}

// Text is the header as it stands in a file.
func (h *Header) Text() []byte {
	b := append([]byte("##fileformat="), h.Version...)
	b = append(b, '\n')
	for _, m := range h.metas {
		b = append(b, m.String()...)
		b = append(b, '\n')
	}
	b = append(b, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"...)
	if len(h.Samples) > 0 {
		b = append(b, "\tFORMAT"...)
		for _, s := range h.Samples {
			b = append(b, '\t')
			b = append(b, s...)
		}
	}
	return append(b, '\n')
}

// ParseMeta reads a meta-information line, without its newline. A value that
// begins with < and is no list of pairs is kept as it is.
func ParseMeta(line string) (Meta, error) {
	rest, ok := strings.CutPrefix(line, "##")
	if !ok {
		return Meta{}, errors.New("want ##, which begins a line of the header")
	}
	key, value, ok := strings.Cut(rest, "=")
	if !ok || key == "" {
		return Meta{}, fmt.Errorf("header line %q, want ##key=value", short(line))
	}
	m := Meta{Key: key, Value: value}
	if strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">") {
		if pairs, err := parsePairs(value[1 : len(value)-1]); err == nil {
			m.Value, m.Pairs = "", pairs
		} else {
			switch key {
			case "INFO", "FORMAT", "FILTER", "contig":
				return Meta{}, fmt.Errorf("##%s line: %w", key, err)
			}
		}
	}
	return m, nil
}

// parsePairs reads key=value,key="value",... Quotes and backslashes within
// quotes are escaped by a backslash.
func parsePairs(s string) ([]Pair, error) {
	pairs := []Pair{}
	for {
		key, rest, ok := strings.Cut(s, "=")
		if key = strings.TrimLeft(key, " "); !ok || key == "" || strings.ContainsAny(key, `,<>"`) {
			return nil, fmt.Errorf("%q, want key=value", short(s))
		}
		p := Pair{Key: key}
		switch {
		case strings.HasPrefix(rest, `"`):
			value, n, err := unquote(rest)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			p.Value, p.Quoted, rest = value, true, rest[n:]
			if rest != "" && rest[0] != ',' {
				return nil, fmt.Errorf("%s: %q behind the closing quote", key, short(rest))
			}
		case strings.HasPrefix(rest, "["): // a list, as in ##META: Values=[a, b]
			n := strings.IndexByte(rest, ']')
			if n < 0 {
				return nil, fmt.Errorf("%s: list without its ]", key)
			}
			p.Value, rest = rest[:n+1], rest[n+1:]
		default:
			n := strings.IndexByte(rest, ',')
			if n < 0 {
				n = len(rest)
			}
			p.Value, rest = rest[:n], rest[n:]
		}
		if pairs = append(pairs, p); len(pairs) > maxPairs {
			return nil, fmt.Errorf("more than %d keys", maxPairs)
		}
		if rest == "" {
			return pairs, nil
		}
		if rest[0] != ',' {
			return nil, fmt.Errorf("%s: %q, want a comma", key, short(rest))
		}
		s = rest[1:]
	}
}

// unquote reads a quoted text at the beginning of s, and gives how many bytes
// it takes there.
func unquote(s string) (string, int, error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i + 1, nil
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, errors.New("text without its closing quote")
}

// short is the beginning of a text, for a message.
func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

package vcf

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// meta checks a line that begins with ##.
func (c *checker) meta(line string) {
	key, value, ok := strings.Cut(line[2:], "=")
	switch {
	case !ok || key == "":
		c.errorf("header line %q, want ##key=value", short(line))
		return
	case strings.ContainsAny(key, " \t<>\""):
		c.errorf("header key %q, want no blanks, quotes or brackets in it", short(key))
		return
	case value == "":
		c.errorf("##%s has no value", key)
		return
	}
	check := c.structured(key)
	if key == "assembly" || key == "pedigreeDB" {
		if err := location(value); err != nil {
			c.errorf("##%s: %w", key, err)
		}
	}
	if check == nil {
		if err := c.header.AddLine(line); err != nil {
			c.errorf("%w", err)
		}
		return
	}
	if !strings.HasPrefix(value, "<") || !strings.HasSuffix(value, ">") {
		c.errorf("##%s: %q, want <key=value,...> on one line", key, short(value))
		return
	}
	pairs, err := parsePairs(value[1 : len(value)-1])
	m := Meta{Key: key, Pairs: pairs}
	if err == nil {
		err = check(m)
	}
	if err == nil || errors.Is(err, errReserved) {
		err = errors.Join(err, c.header.Add(m))
	}
	if err != nil {
		c.errorf("##%s: %w", key, err)
	}
}

// structured is the check of a kind of line whose keys are fixed, nil for any
// other.
func (c *checker) structured(key string) func(Meta) error {
	switch key {
	case "INFO", "FORMAT":
		return c.definition
	case "FILTER":
		return filterLine
	case "ALT":
		return c.altLine
	case "contig":
		return c.contigLine
	case "SAMPLE":
		return c.sampleLine
	case "PEDIGREE":
		return c.pedigreeLine
	case "META":
		if c.minor >= 3 {
			return c.metaLine
		}
	}
	return nil
}

// begins checks that the first keys of a structured line are these.
func begins(m Meta, keys ...string) error {
	for i, k := range keys {
		if i >= len(m.Pairs) || m.Pairs[i].Key != k {
			return fmt.Errorf("key %d is not %s, want %s first", i+1, k, strings.Join(keys, ", "))
		}
		if m.Pairs[i].Value == "" && k != "Description" {
			return fmt.Errorf("%s has no value", k)
		}
	}
	return nil
}

func described(m Meta) error {
	for _, p := range m.Pairs {
		if p.Key == "Description" && !p.Quoted {
			return fmt.Errorf("the description does not stand in double quotes")
		}
	}
	return nil
}

// errReserved is the cause of an error about a definition that is sound in
// itself: the records are checked against it, not against the reserved one.
var errReserved = errors.New("the key is reserved")

// isNumber says whether a text may stand for Number in a version of VCF.
func isNumber(s string, minor int) bool {
	switch s {
	case ".", "A", "G", "R":
		return true
	case "P":
		return minor >= 4
	case "LA", "LR", "LG", "M":
		return minor >= 5
	}
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && s[0] != '+' && s[0] != '-'
}

var types = []string{"Integer", "Float", "Character", "String", "Flag"}

// definition checks an INFO or FORMAT line (VCF 4.3 section 1.4.2).
func (c *checker) definition(m Meta) error {
	if err := begins(m, "ID", "Number", "Type", "Description"); err != nil {
		return err
	}
	if err := described(m); err != nil {
		return err
	}
	id, number, kind := m.Pairs[0].Value, m.Pairs[1].Value, m.Pairs[2].Value
	if strings.ContainsAny(id, " \t;=:") {
		return fmt.Errorf("ID %q, want a key without blanks, colons, semicolons and =", short(id))
	}
	if !isNumber(number, c.minor) {
		return fmt.Errorf("in %s: Number %q, want a number, A, R, G or a dot", short(id), short(number))
	}
	if !slices.Contains(types, kind) || m.Key == "FORMAT" && kind == "Flag" {
		return fmt.Errorf("in %s: Type %q, want Integer, Float, Character, String%s", short(id), short(kind), map[string]string{"INFO": " or Flag"}[m.Key])
	}
	if r, ok := reserved(m.Key, id, c.minor); ok {
		if r.number != "" && r.number != number {
			return fmt.Errorf("in %s: Number=%s, want %s: %w", id, number, r.number, errReserved)
		}
		if r.kind != "" && r.kind != kind {
			return fmt.Errorf("in %s: Type=%s, want %s: %w", id, kind, r.kind, errReserved)
		}
	}
	return nil
}

func filterLine(m Meta) error {
	if err := begins(m, "ID", "Description"); err != nil {
		return err
	}
	if id := m.Pairs[0].Value; strings.ContainsAny(id, " \t;") || id == "0" {
		return fmt.Errorf("ID %q, want a name without blanks and ;, and not 0", short(id))
	}
	return described(m)
}

// structural is the types of structural variants that stand before a colon in
// the names of symbolic alleles.
var structural = []string{"DEL", "INS", "DUP", "INV", "CNV"}

func (c *checker) altLine(m Meta) error {
	if err := begins(m, "ID"); err != nil {
		return err
	}
	var keys []string
	for _, p := range m.Pairs {
		keys = append(keys, p.Key)
		switch {
		case p.Key == "Number" && !isNumber(p.Value, c.minor):
			return fmt.Errorf("key Number is %q, want a number, A, R, G or a dot", short(p.Value))
		case p.Key == "Type" && !slices.Contains(types, p.Value):
			return fmt.Errorf("key Type is %q, want one of %s", short(p.Value), strings.Join(types, ", "))
		}
	}
	if n, t := slices.Index(keys, "Number"), slices.Index(keys, "Type"); n >= 0 && t >= 0 && t < n {
		return fmt.Errorf("key Type stands before Number")
	}
	if !slices.Contains(keys, "Description") {
		return fmt.Errorf("no Description")
	}
	id := m.Pairs[0].Value
	if strings.ContainsAny(id, " \t<>,") {
		return fmt.Errorf("ID %q, want a name without blanks, commas and brackets", short(id))
	}
	prefix, _, sub := strings.Cut(id, ":")
	if sub && !slices.Contains(structural, prefix) {
		return fmt.Errorf("ID %q, want one of %s before the colon", short(id), strings.Join(structural, ", "))
	}
	if c.minor < 3 && !slices.Contains(structural, prefix) {
		for _, s := range structural {
			if strings.HasPrefix(id, s) {
				return fmt.Errorf("ID %q, want a colon behind %s", short(id), s)
			}
		}
	}
	return described(m)
}

func (c *checker) contigLine(m Meta) error {
	if len(m.Pairs) == 0 || m.Pairs[0].Key != "ID" || m.Pairs[0].Value == "" {
		return fmt.Errorf("no ID first")
	}
	id := m.Pairs[0].Value
	if strings.ContainsAny(id, " \t<>\"") || c.minor >= 3 && strings.Contains(id, "*") && !isHLA(id) {
		return fmt.Errorf("ID %q, want a name without blanks, brackets, quotes and *", short(id))
	}
	return nil
}

// isHLA says whether a contig is named as an allele of HLA, such as
// HLA-A*01:01:01:01. Such contigs are part of GRCh38 and named like no other.
func isHLA(name string) bool {
	rest, ok := strings.CutPrefix(name, "HLA-")
	gene, allele, star := strings.Cut(rest, "*")
	return ok && star && gene != "" && allele != "" && strings.Trim(allele, "0123456789:NLSCAQ") == ""
}

// isName says whether a text is fit for the name of a sample or genome.
func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune("_.-+@#/", r) || r > 127)
	}) < 0
}

func (c *checker) sampleLine(m Meta) error {
	if err := begins(m, "ID"); err != nil {
		return err
	}
	if id := m.Pairs[0].Value; !isName(id) {
		return fmt.Errorf("ID %q, want a name of letters, digits and _ . -", short(id))
	}
	if c.minor >= 3 {
		return described(m)
	}
	for _, k := range []string{"Genomes", "Mixture", "Description"} {
		if _, ok := m.Get(k); !ok {
			return fmt.Errorf("no %s, want ID, Genomes, Mixture and Description in VCF 4.%d", k, c.minor)
		}
	}
	for _, p := range m.Pairs {
		if p.Quoted && p.Key != "Description" {
			return fmt.Errorf("%s stands in quotes, which is for the description", p.Key)
		}
	}
	return described(m)
}

func (c *checker) pedigreeLine(m Meta) error {
	if c.minor >= 3 {
		if err := begins(m, "ID"); err != nil {
			return err
		}
	}
	for _, p := range m.Pairs {
		if !p.Quoted && !isName(p.Value) {
			return fmt.Errorf("%s=%q, want a name of letters, digits and _ . -", p.Key, short(p.Value))
		}
	}
	return nil
}

// metaLine checks a META line, which says what values SAMPLE lines have.
func (c *checker) metaLine(m Meta) error {
	if err := begins(m, "ID", "Number", "Type", "Values"); err != nil {
		return err
	}
	number, kind, values := m.Pairs[1].Value, m.Pairs[2].Value, m.Pairs[3]
	switch {
	case !isNumber(number, c.minor):
		return fmt.Errorf("key Number is %q, want a number or a dot", short(number))
	case !slices.Contains(types, kind):
		return fmt.Errorf("key Type is %q, want one of %s", short(kind), strings.Join(types, ", "))
	case values.Quoted || !strings.HasPrefix(values.Value, "["):
		return fmt.Errorf("key Values is %q, want a list in square brackets", short(values.Value))
	}
	return nil
}

// location checks the address of a file: a URL has a host that is a name or an
// address, a path without a scheme is taken as it is.
func location(value string) error {
	if strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">") {
		value = value[1 : len(value)-1]
	}
	if value == "" || strings.ContainsAny(value, " \t") {
		return fmt.Errorf("%q, want a URL", short(value))
	}
	if !strings.Contains(value, "://") {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil {
		return fmt.Errorf("%q is no URL", short(value))
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || u.Scheme == "file" {
		return nil
	}
	if strings.Trim(host, "0123456789.") == "" {
		return fmt.Errorf("%q has no host", short(value))
	}
	return nil
}

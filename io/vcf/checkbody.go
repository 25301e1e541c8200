package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/variant/locus"
)

// body checks the records.
func (c *checker) body() {
	for {
		line, ok := c.line()
		if !ok {
			return
		}
		c.rec, c.before = Record{}, c.report.Errors
		if bytes.HasSuffix(line, []byte{'\r'}) {
			c.warnOnce("lines end in \\r\\n")
			line = line[:len(line)-1]
		}
		if len(line) == 0 {
			c.errorf("empty line")
			continue
		}
		if line[0] == '#' {
			c.errorf("%q, want a record: the header is over", short(string(line)))
			continue
		}
		c.report.Records++
		if n := 1 + bytes.Count(line, []byte{'\t'}); n != c.columns {
			c.errorf("%d columns, want %d as in the #CHROM line", n, c.columns)
			continue
		}
		if err := c.parse.record(&c.rec, line, c.lines.Number()); err != nil {
			c.rec = Record{} // the error says where it is
			c.problem(false, bare(err))
			continue
		}
		c.site()
		c.info()
		c.samples()
	}
}

// site checks the columns up to FILTER and the order of records.
func (c *checker) site() {
	r := &c.rec
	if err := c.contigName(r.Contig); err != nil {
		c.errorf("CHROM %w", err)
	}
	if strings.ContainsAny(r.ID, " \t") || unlike(r.ID, ";") {
		c.errorf("ID %q, want names without blanks, each once, parted by ;", short(r.ID))
	}
	if i := strings.IndexFunc(r.Ref, func(b rune) bool { return !strings.ContainsRune("ACGTNacgtn", b) }); i >= 0 {
		c.errorf("REF has %q, want A, C, G, T or N", r.Ref[i])
	}
	for _, a := range r.Alts {
		if err := allele(a, len(r.Alts)); err != nil {
			c.errorf("ALT %q: %w", short(a), err)
			if c.enough() {
				break
			}
		}
	}
	if r.Qual < 0 {
		c.errorf("QUAL %s, want at least 0", r.qual)
	}
	c.filter(r.Filter)
	if err := c.order.add(r.Contig, r.Pos); err != nil {
		c.lenient("%w", err)
	}
	if err := c.seen.add(r); err != nil {
		c.errorf("%w", err)
	}
	if c.o.Contigs != nil {
		c.onReference()
	}
}

// contigName checks CHROM: a name, or <name> of a contig of the assembly file.
// Names that the header declares are not looked into.
func (c *checker) contigName(name string) error {
	if c.header.Contig(name) >= 0 {
		return nil
	}
	if len(c.header.ContigList()) > 0 {
		c.warnOnce("contig %s is not declared in the header", short(name))
	}
	id := name
	if strings.HasPrefix(id, "<") && strings.HasSuffix(id, ">") && len(id) > 2 {
		if id = id[1 : len(id)-1]; c.minor < 3 {
			id = strings.ReplaceAll(id, "*", "_")
		}
	}
	if strings.ContainsAny(id, " :,<>*\"") && !isHLA(id) {
		return fmt.Errorf("%q, want a name without blanks, colons, commas, brackets, quotes and *", short(name))
	}
	return nil
}

// unlike says whether a list has an empty item or one that stands twice.
func unlike(list, sep string) bool {
	if !strings.Contains(list, sep) {
		return list == ""
	}
	items := strings.SplitN(list, sep, 1<<16) // of more only the first are compared
	slices.Sort(items)
	return items[0] == "" || len(slices.Compact(items)) < min(strings.Count(list, sep)+1, 1<<16)
}

// allele checks an alternate allele, one of so many (VCF 4.3 section 1.6.1,
// item 5): bases, *, <ID>, a breakend, or bases with a dot for what is not
// known of a single breakend.
func allele(a string, of int) error {
	switch {
	case a == "*":
		return nil
	case a == ".":
		return errors.New("a dot among alleles")
	case a[0] == '<':
		id := strings.TrimSuffix(a[1:], ">")
		if len(id) != len(a)-2 || id == "" || strings.ContainsAny(id, " \t<>,") {
			return errors.New("want <ID> without blanks and brackets")
		}
		return nil
	case strings.ContainsAny(a, "[]"):
		return breakend(a)
	case a[0] == '.':
		a = a[1:]
	case a[len(a)-1] == '.':
		a = a[:len(a)-1]
	}
	if !isBases(a) {
		return errors.New("want A, C, G, T or N, *, <ID> or a breakend")
	}
	return nil
}

func isBases(s string) bool { return s != "" && strings.Trim(s, "ACGTNacgtn") == "" }

// breakend checks t[p[, t]p], ]p]t or [p[t: bases t at one side, a place p
// between two brackets of a kind.
func breakend(a string) error {
	err := errors.New("want bases beside a place in brackets, such as A[chr1:100[")
	i := strings.IndexAny(a, "[]")
	bracket := a[i : i+1]
	j := strings.LastIndex(a, bracket)
	if i == j || i > 0 && j < len(a)-1 {
		return err
	}
	place := a[i+1 : j]
	bases := a[:i] + a[j+1:]
	if bases == "" || !isBases(strings.Trim(bases, ".")) && strings.Trim(bases, ".") != "" || strings.ContainsAny(place, "[]") {
		return err
	}
	if strings.HasPrefix(place, "<") && strings.HasSuffix(place, ">") { // of an assembled contig
		return nil
	}
	k := strings.LastIndexByte(place, ':')
	if k < 1 {
		return err
	}
	if _, e := strconv.ParseUint(place[k+1:], 10, 31); e != nil {
		return err
	}
	return nil
}

func (c *checker) filter(s string) {
	if s == "." || s == "PASS" {
		return
	}
	if strings.ContainsAny(s, " \t") || unlike(s, ";") {
		c.errorf("FILTER %q, want names without blanks, each once, parted by ;", short(s))
		return
	}
	for name := range strings.SplitSeq(s, ";") {
		if name == "0" || name == "." {
			c.errorf("FILTER %q, want no %s in a list", short(s), name)
		} else if _, ok := c.header.Filter(name); !ok {
			c.warnOnce("FILTER %s is not declared in the header", short(name))
		}
	}
}

// onReference checks a record against the reference.
func (c *checker) onReference() {
	r := &c.rec
	x, ok := c.o.Contigs.Find(r.Contig)
	if !ok {
		c.warnOnce("%s", c.o.Contigs.Unknown(r.Contig))
		return
	}
	c.placed++
	if r.Pos+len(r.Ref) > x.Length {
		c.errorf("REF reaches beyond the end of %s (%d bases)", x.Name, x.Length)
		return
	}
	if c.o.Bases == nil || r.Pos < 0 {
		return
	}
	var err error
	if c.bases, err = c.o.Bases(c.bases[:0], locus.Region{Contig: r.Contig, Start: r.Pos, End: r.Pos + len(r.Ref)}); err != nil {
		c.errorf("%w", err)
		return
	}
	for i, b := range c.bases {
		if v := r.Ref[i] &^ 0x20; v != b && b != 'N' && v != 'N' && strings.IndexByte("ACGT", b) >= 0 {
			c.errorf("REF is not what the reference has there, %s", short(string(c.bases)))
			return
		}
	}
}

// isKey says whether a text may be an INFO or FORMAT key. Before VCF 4.3 the
// rule was stricter for FORMAT; what a header declares is taken.
func (c *checker) isKey(column, key string, declared bool) bool {
	if key == "" || strings.ContainsAny(key, " \t") {
		return false
	}
	if declared || key == "1000G" {
		return true
	}
	for i := range len(key) {
		switch b := key[i]; {
		case 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z':
		case '0' <= b && b <= '9':
			if i == 0 && column == "FORMAT" {
				return false
			}
		case b == '_' || b == '.':
			if column == "FORMAT" && c.minor < 3 || b == '.' && i == 0 {
				return false
			}
		default:
			if column == "FORMAT" || c.minor >= 3 {
				return false
			}
		}
	}
	return true
}

func (c *checker) info() {
	if c.rec.Info == "." {
		return
	}
	if c.rec.Info == "" {
		c.errorf("INFO is empty, want . or key=value")
		return
	}
	c.words = c.words[:0]
	for item := range strings.SplitSeq(c.rec.Info, ";") {
		if c.enough() {
			return
		}
		key, value, has := strings.Cut(item, "=")
		r, declared, ok := c.rule("INFO", key)
		if !c.isKey("INFO", key, declared) {
			c.errorf("INFO key %q, want letters, digits and _ .", short(key))
			continue
		}
		if slices.Contains(c.words, key) {
			c.errorf("INFO/%s stands twice", short(key))
		}
		if len(c.words) < 1000 {
			c.words = append(c.words, key)
		}
		if !declared {
			c.warnOnce("INFO/%s is not declared in the header", short(key))
		}
		if strings.ContainsAny(value, " \t") {
			c.errorf("INFO/%s has a blank in its value", short(key))
		}
		if !ok {
			continue
		}
		if err := c.infoValue(key, value, has, r); err != nil {
			c.errorf("INFO/%s: %w", short(key), err)
		}
	}
	if s, ok := c.rec.InfoValue("END"); ok {
		if n, err := strconv.Atoi(s); err == nil && n <= c.rec.Pos {
			c.warnOnce("INFO/END lies before POS: such an END is passed over")
		}
	}
}

func (c *checker) infoValue(key, value string, has bool, r rule) error {
	if r.kind == "Flag" || r.number == "0" {
		if has && value != "0" && value != "1" {
			return fmt.Errorf("%q, want a flag without a value", short(value))
		}
		return nil
	}
	if !has {
		if r.number == "." {
			return nil
		}
		return errors.New("no value")
	}
	if r.number == "G" || len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		r.number = "." // G has no meaning outside samples; in quotes a comma is part of the text
	}
	if err := c.values([]byte(value), r, 2, false); err != nil {
		return err
	}
	if key == "CIGAR" {
		for v := range strings.SplitSeq(value, ",") {
			if !isCigar(v) {
				return fmt.Errorf("%q is no CIGAR", short(v))
			}
		}
	}
	return nil
}

func isCigar(s string) bool {
	if s == "." {
		return true
	}
	digits := 0
	for _, b := range []byte(s) {
		if '0' <= b && b <= '9' {
			digits++
			continue
		}
		if digits == 0 || strings.IndexByte("MIDNSHP=X", b) < 0 {
			return false
		}
		digits = 0
	}
	return s != "" && digits == 0
}

// values checks the number, type and range of a list.
func (c *checker) values(list []byte, r rule, ploidy int, sample bool) error {
	if len(list) == 1 && list[0] == '.' {
		return nil
	}
	if len(list) == 0 {
		if sample && c.minor >= 4 || r.kind == "String" && !sample {
			return nil // an empty list
		}
		return errors.New("empty value")
	}
	n := 0
	for v := range bytes.SplitSeq(list, []byte{','}) {
		n++
		if len(v) == 1 && v[0] == '.' {
			continue
		}
		if err := value(v, r); err != nil {
			return err
		}
	}
	want := c.count(r.number, ploidy)
	if want < 0 || n == want {
		return nil
	}
	// Without an alternate allele some count the dot as one, some do not.
	if len(c.rec.Alts) == 0 && n == (Definition{Number: r.number}).Count(1, ploidy) {
		return nil
	}
	return fmt.Errorf("%d values, want %d", n, want)
}

func (c *checker) count(number string, ploidy int) int {
	return Definition{Number: number}.Count(len(c.rec.Alts), ploidy)
}

// value checks one value.
func value(v []byte, r rule) error {
	switch r.kind {
	case "Integer":
		n, err := strconv.ParseInt(string(v), 10, 32)
		if err != nil {
			return fmt.Errorf("%q, want an integer of 32 bits", short(string(v)))
		}
		if n < math.MinInt32+8 {
			return fmt.Errorf("%d, want at least %d: those below are reserved", n, math.MinInt32+8)
		}
		if r.least0 && n < 0 {
			return fmt.Errorf("%d, want at least 0", n)
		}
	case "Float":
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || bytes.ContainsAny(v, "xX_pP") {
			return fmt.Errorf("%q, want a number", short(string(v)))
		}
		if r.least0 && f < 0 {
			return fmt.Errorf("%s, want at least 0", short(string(v)))
		}
	case "Character":
		if len([]rune(string(v))) != 1 && !(len(v) == 3 && v[0] == '%') {
			return fmt.Errorf("%q, want one character", short(string(v)))
		}
	}
	return nil
}

// samples checks FORMAT and what the samples say.
func (c *checker) samples() {
	r := &c.rec
	if len(c.header.Samples) == 0 || r.Format == "." {
		return
	}
	rules := make([]rule, len(r.keys))
	for i, key := range r.keys {
		x, declared, _ := c.rule("FORMAT", key)
		if !c.isKey("FORMAT", key, declared) {
			c.errorf("FORMAT key %q, want letters, digits and _ . behind a letter", short(key))
			return
		}
		if !declared {
			c.warnOnce("FORMAT/%s is not declared in the header", short(key))
		}
		if slices.Contains(r.keys[:i], key) {
			c.errorf("FORMAT/%s stands twice", short(key))
			return
		}
		if key == "GT" && i > 0 {
			c.errorf("FORMAT/GT is not the first key")
		}
		rules[i] = x
	}
	for i, name := range c.header.Samples {
		if err := c.sample(i, rules); err != nil {
			c.errorf("sample %s: %w", short(name), err)
			if c.enough() {
				return
			}
		}
	}
}

func (c *checker) sample(i int, rules []rule) error {
	s := c.rec.Sample(i)
	if len(s) == 0 && c.minor < 4 {
		return errors.New("nothing, want at least a dot")
	}
	if bytes.ContainsAny(s, " ") {
		return errors.New("a blank in its values")
	}
	ploidy := 2
	k := 0
	for v := range bytes.SplitSeq(s, []byte{':'}) {
		if k == len(rules) {
			return fmt.Errorf("more values than the %d keys of FORMAT", k)
		}
		key := c.rec.keys[k]
		if key == "GT" {
			n, err := c.genotype(v)
			if err != nil {
				return err
			}
			if ploidy = n; n == 1 && string(v) == "." {
				ploidy = 2
			}
		} else if err := c.values(v, rules[k], ploidy, true); err != nil {
			return fmt.Errorf("FORMAT/%s: %w", short(key), err)
		}
		k++
	}
	return nil
}

// genotype checks GT and gives its ploidy.
func (c *checker) genotype(gt []byte) (int, error) {
	rest := gt
	if c.minor >= 4 && len(rest) > 1 && (rest[0] == '/' || rest[0] == '|') {
		rest = rest[1:]
	}
	n := 0
	for more := true; more; n++ {
		a := rest
		i := bytes.IndexAny(rest, "/|")
		if more = i >= 0; more {
			a, rest = rest[:i], rest[i+1:]
		}
		if len(a) == 1 && a[0] == '.' {
			continue
		}
		v, err := strconv.ParseUint(string(a), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("GT %q, want allele numbers parted by / or |", short(string(gt)))
		}
		if len(c.rec.Alts) == 0 && v == 1 {
			c.warnOnce("GT names allele 1 where ALT is a dot")
			continue
		}
		if int(v) > len(c.rec.Alts) {
			return 0, fmt.Errorf("GT %q names allele %d, want at most %d", short(string(gt)), v, len(c.rec.Alts))
		}
	}
	return n, nil
}

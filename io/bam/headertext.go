package bam

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/variant/locus"
)

// headerText is a header's text while it is read. The rules are those of the
// SAM specification, section 1.3.
type headerText struct {
	h      Header
	f      *findings
	list   []locus.Contig
	line   int64
	tags   map[string]string           // fields of the current line
	seen   map[string]map[string]int64 // @SQ, @RG, @PG: the line where a name stands
	alias  []alias
	sample map[string]bool
	// unusable is the first fault that leaves the contigs unknown.
	unusable error
}

// parseHeader reads the lines of a header and notes all its faults. Where
// there are some the header is what could be read; the error is one that makes
// it useless.
func parseHeader(text string, f *findings) (*Header, error) {
	p := &headerText{f: f, tags: map[string]string{}, sample: map[string]bool{}}
	p.seen = map[string]map[string]int64{"@SQ": {}, "@RG": {}, "@PG": {}}
	p.h.Text, p.h.groups = text, map[string]bool{}
	for line := range strings.Lines(text) {
		p.line++
		f.place.Line = p.line
		p.add(strings.TrimRight(line, "\r\n"))
	}
	p.aliases()
	p.programLinks()
	f.place.Line = 0
	if p.h.SortOrder == "" {
		p.h.SortOrder = "unknown"
	}
	c, err := locus.NewContigs(p.list)
	if err != nil {
		return nil, err // names that stand twice are not in the list
	}
	p.h.Contigs = c
	return &p.h, p.unusable
}

// rule is what the value of a field must look like.
type rule struct {
	match func() *regexp.Regexp
	want  string
}

// must makes a rule of an expression for the whole value, compiled once.
func must(expr, want string) rule {
	return rule{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + expr + `)$`) }), want}
}

const (
	contigName = `[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*`
	aliasName  = `[0-9A-Za-z][0-9A-Za-z*+.@_|-]*`
	isoDate    = `\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`
	isoTime    = `([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)([.,]\d+)?)?)?`
	isoZone    = `Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?`
	platforms  = `CAPILLARY|DNBSEQ|ELEMENT|HELICOS|ILLUMINA|IONTORRENT|LS454|ONT|PACBIO|SINGULAR|SOLID|ULTIMA`
)

// values is what a field of a line may hold, where the specification says more
// than that it is text.
var values = map[string]rule{
	"@HD VN": must(`\d+\.\d+`, "a version as 1.6"),
	"@HD SO": must(`unknown|unsorted|queryname|coordinate`, "unknown, unsorted, queryname or coordinate"),
	"@HD GO": must(`none|query|reference`, "none, query or reference"),
	"@HD SS": must(`(coordinate|queryname|unsorted)(:[A-Za-z0-9_-]+)+`, "a sort order, a colon and a sub-order"),
	"@SQ SN": must(contigName, "letters that the name of a contig may have"),
	"@SQ AH": must(`\*|`+contigName+`(:\d+-\d+)?`, "*, a contig or a contig:start-end"),
	"@SQ AN": must(aliasName+`(,`+aliasName+`)*`, "names with commas between them"),
	"@SQ M5": must(`[0-9a-f]{32}`, "an MD5 of 32 lower-case hexadecimal digits"),
	"@SQ TP": must(`linear|circular`, "linear or circular"),
	"@RG DT": must(isoDate+`(T`+isoTime+`(`+isoZone+`)?)? *`, "a date or date and time of ISO 8601"),
	"@RG FO": must(`\*|[ACMGRSVTWYHKDBN]+`, "* or bases"),
	"@RG PI": must(`0|[1-9]\d*`, "a whole number"),
	"@RG PL": must(`(?i:`+platforms+`)`, "one of "+strings.ReplaceAll(platforms, "|", " ")),
}

var required = map[string][]string{"@HD": {"VN"}, "@SQ": {"SN", "LN"}, "@RG": {"ID"}, "@PG": {"ID"}}

func (p *headerText) add(line string) {
	name, rest, _ := strings.Cut(line, "\t")
	switch {
	case len(name) != 3 || name[0] != '@' || !isLetter(name[1]) || !isLetter(name[2]):
		p.f.add(kHeaderLine, "header line %.40q, want @, two letters and a tab", line)
		return
	case name == "@CO":
		return
	}
	t := p.fields(name, rest)
	for _, tag := range required[name] {
		if _, ok := t[tag]; !ok {
			p.fault(name, kHeaderMissing, "%s without %s", name, tag)
		}
	}
	switch name {
	case "@HD":
		if p.line > 1 {
			p.f.add(kHeaderOrder, "@HD is not the first line")
		}
		p.h.SortOrder = t["SO"]
	case "@SQ":
		p.sq(t)
	case "@RG":
		p.rg(t)
	case "@PG":
		if p.once(name, "ID", t) {
			p.h.Programs = append(p.h.Programs, Program{ID: t["ID"], Name: t["PN"], Version: t["VN"], CommandLine: t["CL"], Previous: t["PP"], line: p.line})
		}
	default:
		if name[1]&^0x20 == name[1] && name[2]&^0x20 == name[2] {
			p.f.add(kHeaderAdvice, "%s is no line of the SAM specification", name)
		}
	}
}

func isLetter(c byte) bool { return 'A' <= c&^0x20 && c&^0x20 <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// fault notes a fault of a line that cannot be used with it. Without an @SQ
// line the whole header is useless.
func (p *headerText) fault(line string, k kind, format string, args ...any) {
	before := p.f.failed
	p.f.failed = nil
	p.f.add(k, format, args...)
	if line == "@SQ" && p.unusable == nil {
		p.unusable = p.f.failed
	}
	if before != nil {
		p.f.failed = before
	}
}

// fields splits the fields XX:value of a line; they are valid until the next
// one.
func (p *headerText) fields(name, rest string) map[string]string {
	t := p.tags
	clear(t)
	for f := range strings.SplitSeq(rest, "\t") {
		if len(f) < 4 || f[2] != ':' || !isLetter(f[0]) || !isLetter(f[1]) && !isDigit(f[1]) {
			p.f.add(kHeaderTag, "%s: field %.40q, want two letters, a colon and a value", name, f)
			continue
		}
		tag, v := f[:2], f[3:]
		if _, twice := t[tag]; twice {
			p.f.add(kHeaderDuplicate, "%s: the field %s stands twice", name, tag)
			continue
		}
		if want, ok := values[name+" "+tag]; ok && !want.match().MatchString(v) {
			p.f.add(kHeaderValue, "%s: %s is %.60q, want %s", name, tag, v, want.want)
		} else if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
			p.f.add(kHeaderValue, "%s: %s is %.60q, want printable UTF-8", name, tag, v)
		}
		t[tag] = v
	}
	return t
}

// once records the name of a line that must be unique and says whether it is
// there and new.
func (p *headerText) once(line, tag string, t map[string]string) bool {
	name, ok := t[tag]
	if !ok {
		return false
	}
	if before, twice := p.seen[line][name]; twice {
		p.fault(line, kHeaderDuplicate, "%s %s:%s stands already on line %d", line, tag, name, before)
		return false
	}
	p.seen[line][name] = p.line
	return true
}

func (p *headerText) sq(t map[string]string) {
	if !p.once("@SQ", "SN", t) {
		return
	}
	length, ok := t["LN"]
	n, err := strconv.Atoi(length)
	if ok && (err != nil || n < 1 || n > locus.MaxLength) {
		p.fault("@SQ", kHeaderValue, "@SQ %s: LN is %q, want 1 to %d", t["SN"], length, locus.MaxLength)
		return
	}
	if !ok {
		return
	}
	p.list = append(p.list, locus.Contig{Name: t["SN"], Length: n})
	if an, ok := t["AN"]; ok {
		for name := range strings.SplitSeq(an, ",") {
			p.alias = append(p.alias, alias{t["SN"], name, p.line})
		}
	}
}

// alias is an alternative name of a contig.
type alias struct {
	contig, name string
	line         int64
}

// aliases checks that no alternative name is one of another contig too.
func (p *headerText) aliases() {
	of := map[string]string{}
	for _, a := range p.alias {
		other, twice := of[a.name]
		if line, ok := p.seen["@SQ"][a.name]; ok && line != a.line || twice && other != a.contig {
			p.f.place.Line = a.line
			p.f.add(kHeaderDuplicate, "@SQ %s: the name %s is one of another contig too", a.contig, a.name)
		}
		of[a.name] = a.contig
	}
}

func (p *headerText) rg(t map[string]string) {
	if !p.once("@RG", "ID", t) {
		return
	}
	g := ReadGroup{ID: t["ID"], Sample: t["SM"], Library: t["LB"], Platform: t["PL"], PlatformUnit: t["PU"], Center: t["CN"]}
	p.h.ReadGroups = append(p.h.ReadGroups, g)
	p.h.groups[g.ID] = true
	if g.Sample != "" && !p.sample[g.Sample] {
		p.sample[g.Sample] = true
		p.h.Samples = append(p.h.Samples, g.Sample)
	}
	if g.Sample == "" {
		p.f.add(kHeaderAdvice, "@RG %s has no sample (SM)", g.ID)
	}
	if g.Platform == "" {
		p.f.add(kHeaderAdvice, "@RG %s has no platform (PL)", g.ID)
	} else if g.Platform != strings.ToUpper(g.Platform) {
		p.f.add(kHeaderAdvice, "@RG %s: PL is %s, want upper case", g.ID, g.Platform)
	}
}

// programLinks checks that each program's predecessor is there.
func (p *headerText) programLinks() {
	for _, g := range p.h.Programs {
		if _, ok := p.seen["@PG"][g.Previous]; !ok && g.Previous != "" {
			p.f.place.Line = g.line
			p.f.add(kHeaderLink, "@PG %s: its predecessor (PP) %s is not in the header", g.ID, g.Previous)
		}
	}
}

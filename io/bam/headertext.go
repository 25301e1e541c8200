package bam

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/locus"
)

// headerText is a header's text while it is read.
type headerText struct {
	h      Header
	list   []locus.Contig
	faults []error
	line   int64
	seen   map[string]int64 // "SQ name", "RG id", "PG id": the line where it stands
	sample map[string]bool
}

// parseHeader reads the lines of a header and gives all faults of it. Where
// there are some the header is what could be read.
func parseHeader(text string) (*Header, []error) {
	p := &headerText{seen: map[string]int64{}, sample: map[string]bool{}}
	p.h.Text = text
	for line := range strings.Lines(text) {
		p.line++
		p.add(strings.TrimSuffix(line, "\n"))
	}
	if p.h.SortOrder == "" {
		p.h.SortOrder = "unknown"
	}
	c, err := locus.NewContigs(p.list)
	if err != nil {
		p.fault("%w", err)
		c = &locus.Contigs{}
	}
	p.h.Contigs = c
	return &p.h, p.faults
}

func (p *headerText) fault(format string, args ...any) {
	p.faults = append(p.faults, &source.Error{Line: p.line, Err: fmt.Errorf(format, args...)})
}

func (p *headerText) add(line string) {
	fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
	switch fields[0] {
	case "@CO":
		return
	case "@HD":
		p.hd(p.tags(fields))
	case "@SQ":
		p.sq(p.tags(fields))
	case "@RG":
		p.rg(p.tags(fields))
	case "@PG":
		p.pg(p.tags(fields))
	}
}

// tags splits the fields XX:value of a line.
func (p *headerText) tags(fields []string) map[string]string {
	t := make(map[string]string, len(fields))
	for _, f := range fields[1:] {
		if len(f) < 4 || f[2] != ':' {
			p.fault("%s: field %.40q, want two letters, a colon and a value", fields[0], f)
			continue
		}
		if _, twice := t[f[:2]]; twice {
			p.fault("%s: the field %s stands twice", fields[0], f[:2])
			continue
		}
		t[f[:2]] = f[3:]
	}
	return t
}

// once records the name of a line that must be unique and says whether it is
// there and new.
func (p *headerText) once(line, tag string, t map[string]string) bool {
	name, ok := t[tag]
	if !ok {
		p.fault("%s without %s", line, tag)
		return false
	}
	if before, twice := p.seen[line+name]; twice {
		p.fault("%s %s:%s stands already on line %d", line, tag, name, before)
		return false
	}
	p.seen[line+name] = p.line
	return true
}

func (p *headerText) hd(t map[string]string) { p.h.SortOrder = t["SO"] }

func (p *headerText) sq(t map[string]string) {
	if !p.once("@SQ", "SN", t) {
		return
	}
	n, err := strconv.Atoi(t["LN"])
	if err != nil || n < 1 || n > locus.MaxLength {
		p.fault("@SQ %s: LN %q, want 1 to %d", t["SN"], t["LN"], locus.MaxLength)
		return
	}
	p.list = append(p.list, locus.Contig{Name: t["SN"], Length: n})
}

func (p *headerText) rg(t map[string]string) {
	if !p.once("@RG", "ID", t) {
		return
	}
	g := ReadGroup{ID: t["ID"], Sample: t["SM"], Library: t["LB"], Platform: t["PL"], PlatformUnit: t["PU"], Center: t["CN"]}
	p.h.ReadGroups = append(p.h.ReadGroups, g)
	if g.Sample != "" && !p.sample[g.Sample] {
		p.sample[g.Sample] = true
		p.h.Samples = append(p.h.Samples, g.Sample)
	}
}

func (p *headerText) pg(t map[string]string) {
	if p.once("@PG", "ID", t) {
		p.h.Programs = append(p.h.Programs, Program{ID: t["ID"], Name: t["PN"], Version: t["VN"], CommandLine: t["CL"], Previous: t["PP"]})
	}
}

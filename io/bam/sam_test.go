package bam

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
)

const samHead = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n@RG\tID:g1\tSM:S1\tPL:ONT\n"

// samText writes reads as SAM text; only what the tests' reads have.
func samText(h *Header, reads []align.Read) string {
	var b strings.Builder
	b.WriteString(h.Text)
	name := func(i int) string {
		if i < 0 {
			return "*"
		}
		return h.Contigs.At(i).Name
	}
	for i := range reads {
		r := &reads[i]
		next := name(r.MateContig)
		if r.MateContig >= 0 && r.MateContig == r.Contig {
			next = "="
		}
		quals := []byte("*")
		if r.HasQuals() {
			quals = nil
			for _, q := range r.Quals {
				quals = append(quals, q+'!')
			}
		}
		fmt.Fprintf(&b, "%s\t%d\t%s\t%d\t%d\t%s\t%s\t%d\t%d\t%s\t%s\tNM:i:3\tRG:Z:g1\n", r.Name, r.Flag, name(r.Contig), r.Start+1, r.MapQ, r.Cigar, next, r.MateStart+1, r.TemplateLen, r.Bases, quals)
	}
	return b.String()
}

// TestTextEqualsBAM reads the same reads from SAM text, plain and compressed.
func TestTextEqualsBAM(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 1000)
	text := samText(h, reads)
	for _, k := range []struct {
		name string
		data []byte
	}{{"plain", []byte(text)}, {"CRLF", []byte(strings.ReplaceAll(text, "\n", "\r\n"))}, {"no last end of line", []byte(strings.TrimSuffix(text, "\n"))}, {"compressed", packed(t, []byte(text))}} {
		s, err := NewText("x.sam", bytes.NewReader(k.data), Options{Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for r, err := range s.All() {
			if err != nil {
				t.Fatal(k.name, err)
			}
			if got, want := fmt.Sprint(*r), fmt.Sprint(reads[i]); got != want {
				t.Fatalf("%s: read %d:\n got %s\nwant %s", k.name, i, got, want)
			}
			i++
		}
		if i != len(reads) || s.Header().Text != h.Text {
			t.Errorf("%s: %d reads, want %d", k.name, i, len(reads))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTextFaults(t *testing.T) {
	good := "r1\t0\tchr1\t11\t60\t4M\t*\t0\t0\tACGT\tIIII"
	line := func(field int, v string) string {
		f := strings.Split(good, "\t")
		f[field] = v
		return strings.Join(f, "\t")
	}
	for _, k := range []struct{ name, line, want string }{
		{"few fields", "r1\t0\tchr1", "3 fields, want at least 11"},
		{"name", line(0, "a@b"), "its name has '@'"},
		{"no name", line(0, ""), "a name of 0 letters"},
		{"flag", line(1, "0x10"), `FLAG is "0x10", want a number of 0 to 65535`},
		{"flag too large", line(1, "65536"), "FLAG"},
		{"contig", line(2, "chr3"), `RNAME is "chr3", which no @SQ line names`},
		{"position", line(3, "-1"), "POS"},
		{"position beyond", line(3, "1001"), "lies beyond the end of chr1"},
		{"end beyond", line(3, "998"), "ends 1 bases beyond the end of chr1"},
		{"mapq", line(4, "256"), "MAPQ"},
		{"huge number", line(4, strings.Repeat("9", 40)), "MAPQ"},
		{"cigar", line(5, "4Q"), "CIGAR"},
		{"cigar ends", line(5, "4M2"), "CIGAR"},
		{"cigar too long", line(5, "268435456M"), "CIGAR"},
		{"cigar of other length", line(5, "5M"), "its CIGAR covers 5 bases, but it has 4"},
		{"clip within", line(5, "1M1S2M"), "a soft clip within it"},
		{"hard clip within", line(5, "2M1H2M"), "a hard clip within it"},
		{"mate contig", line(6, "chr9"), "RNEXT"},
		{"mate position", line(7, "x"), "PNEXT"},
		{"template", line(8, "1.5"), "TLEN"},
		{"bases", line(9, "AC T"), "SEQ has ' '"},
		{"no bases", line(9, ""), "SEQ is empty"},
		{"quals", line(10, "III"), "QUAL has 3 letters for 4 bases"},
		{"quals of no bases", strings.ReplaceAll(line(9, "*"), "4M", "*"), "QUAL has 4 letters for 0 bases"},
		{"qual letter", line(10, "II\x7fI"), "QUAL has"},
		{"tag", good + "\tNM:i", "want TAG:TYPE:VALUE"},
		{"tag type", good + "\tNM:q:1", "not a value of type q"},
		{"tag integer", good + "\tNM:i:4294967296", "not a value of type i"},
		{"tag float", good + "\tXF:f:1e", "not a value of type f"},
		{"tag hex", good + "\tXH:H:ABC", "not a value of type H"},
		{"tag array", good + "\tXB:B:c,128", "not a value of type B"},
		{"tag array type", good + "\tXB:B:q,1", "not a value of type B"},
		{"tag letter", good + "\tXA:A:ab", "not a value of type A"},
		{"tag text", good + "\tXZ:Z:a\x01", "not a value of type Z"},
		{"tag twice", good + "\tNM:i:1\tNM:i:2", "NM stands twice"},
		{"read group", good + "\tRG:Z:other", `its read group "other" is not in the header`},
		{"unsorted", line(3, "5"), "not sorted by coordinate"},
	} {
		t.Run(k.name, func(t *testing.T) {
			read := func(o Options) (int, error) {
				s, err := NewText("x.sam", strings.NewReader(samHead+good+"\n"+k.line+"\n"), o)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, err := range s.All() {
					if err != nil {
						return n, err
					}
					n++
				}
				return n, nil
			}
			n, err := read(Options{})
			var e *source.Error
			if n != 1 || err == nil || !strings.Contains(err.Error(), k.want) || !errors.As(err, &e) || e.Line != 6 || e.Path != "x.sam" {
				t.Errorf("%d reads, %v; want one with %q on line 6", n, err, k.want)
			}
			if k.name == "unsorted" {
				return
			}
			var told []error
			if n, err := read(Options{Warn: func(err error) { told = append(told, err) }}); n != 1 || err != nil || len(told) != 1 {
				t.Errorf("leniently %d reads, %v, told %v", n, err, told)
			}
		})
	}
}

func TestHeaderFaults(t *testing.T) {
	for _, k := range []struct {
		text, want string
		useless    bool
	}{
		{"@SQ\tSN:a\tLN:5\n@SQ\tSN:a\tLN:5\n", "@SQ SN:a stands already on line 1", true},
		{"@SQ\tSN:a\n", "@SQ without LN", true},
		{"@SQ\tLN:5\n", "@SQ without SN", true},
		{"@SQ\tSN:a\tLN:2147483648\n", `LN is "2147483648"`, true},
		{"@SQ\tSN:a\tLN:5\n@HD\tVN:1.6\n", "@HD is not the first line", false},
		{"@HD\tVN:1\n", `@HD: VN is "1"`, false},
		{"@HD\tSO:coordinate\n", "@HD without VN", false},
		{"@RG\tID:a\n@RG\tID:a\n", "@RG ID:a stands already on line 1", false},
		{"@RG\tSM:a\n", "@RG without ID", false},
		{"@RG\tID:a\tPL:454\n", "PL", false},
		{"@PG\tID:a\tPP:b\n", "its predecessor (PP) b is not in the header", false},
		{"@SQ\tSN:a\tLN:5\tLN:6\n", "the field LN stands twice", false},
		{"@SQ\tSN:a\tLN:5\tAN:b\n@SQ\tSN:b\tLN:5\n", "the name b is one of another contig too", false},
		{"@x\n", "header line", false},
	} {
		var f findings
		h, err := parseHeader(k.text, &f)
		if f.failed == nil || !strings.Contains(f.failed.Error(), k.want) || (err != nil) != k.useless || h == nil {
			t.Errorf("%q: %v, useless %v; want %q", k.text, f.failed, err, k.want)
		}
		if _, err := NewText("x.sam", strings.NewReader(k.text), Options{}); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%q as a file: %v", k.text, err)
		}
	}
	h, err := parseHeader("@HD\tVN:1.6\tSO:queryname\n@SQ\tSN:a\tLN:5\n@RG\tID:1\tSM:x\tPL:illumina\n@RG\tID:2\tSM:x\tPL:ONT\n@RG\tID:3\tSM:y\tPL:ONT\n@PG\tID:p\tCL:do it\n@CO\tany\n", &findings{})
	if err != nil || fmt.Sprint(h.Samples) != "[x y]" || fmt.Sprint(h.Platforms()) != "[ILLUMINA ONT]" || h.SortOrder != "queryname" || h.Programs[0].CommandLine != "do it" || len(h.ReadGroups) != 3 {
		t.Errorf("%+v, %v", h, err)
	}
}

// TestCheckListsAllKinds puts many faults into one file: each is told once with
// its number and its first place.
func TestCheckListsAllKinds(t *testing.T) {
	text := samHead + strings.Join([]string{
		"ok\t99\tchr1\t10\t60\t4M\t=\t50\t44\tACGT\tIIII\tMC:Z:4M",
		"ok\t147\tchr1\t50\t60\t4M\t=\t10\t-44\tACGT\tIIII\tMC:Z:4M",
		"mc\t99\tchr1\t60\t60\t4M\t=\t70\t14\tACGT\tIIII\tMC:Z:5M",
		"mc\t147\tchr1\t70\t60\t4M\t=\t60\t-14\tACGT\tIIII\tMC:Z:4M",
		"ok\t99\tchr1\t80\t60\t4M\t=\t50\t44\tACGT\tIIII\tMC:Z:4M",
		"pos\t0\tchr1\tx\t60\t4M\t*\t0\t0\tACGT\tIIII",
		"pos\t0\tchr1\ty\t60\t4M\t*\t0\t0\tACGT\tIIII",
		"sort\t0\tchr1\t20\t60\t4M\t*\t0\t0\tACGT\t*",
	}, "\n") + "\n"
	path := filepath.Join(t.TempDir(), "x.sam")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Check(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range r.Problems {
		var e *source.Error
		if !errors.As(p.First, &e) {
			t.Fatalf("%v has no place", p.First)
		}
		got = append(got, fmt.Sprintf("%s %s %d line %d %s", p.Severity, p.Kind, p.Count, e.Line, e.Record))
	}
	want := []string{
		"error position 2 line 10 pos", "error unsorted 1 line 12 sort", "error mate-cigar 1 line 8 mc",
		"warning no-quality 1 line 12 sort", "warning read-twice 1 line 9 ok",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || r.Records != 8 || r.Format != "SAM" || r.Verdict() != "error" {
		t.Errorf("%d records, %s:\n got %q\nwant %q", r.Records, r.Verdict(), got, want)
	}
}

func TestTextIsNotBAM(t *testing.T) {
	h := testHeader(t)
	path := written(t, h, nil, WriterOptions{})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewText(path, bytes.NewReader(b), Options{}); err == nil || !strings.Contains(err.Error(), "a BAM file, want SAM text") {
		t.Errorf("SAM reader on BAM: %v", err)
	}
	for name, c := range map[string]struct{ data, want string }{
		"SAM":            {samHead, "SAM text; remedy: samtools sort"},
		"compressed SAM": {string(packed(t, []byte(samHead))), "SAM text; remedy: samtools sort"},
		"CRAM":           {"CRAM\x03\x00", "CRAM, which this version does not read; remedy: samtools view"},
		"other text":     {"hello", "not BGZF"},
	} {
		path := saved(t, []byte(c.data))
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("BAM reader on %s: %v", name, err)
		}
		if _, err := NewStream("stream", strings.NewReader(c.data), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("BAM reader on a stream of %s: %v", name, err)
		}
	}
}

package vcf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// seeds are small files that show each construct of the format.
var seeds = []string{
	small,
	"##fileformat=VCFv4.5\n" + fixed + "\tFORMAT\ts\nc\t1\t.\tA\t.\t.\t.\t.\tLAA:LEC\t:\n",
	"##fileformat=VCFv4.4\n##META=<ID=A,Number=.,Type=String,Values=[a, b]>\n" + fixed + "\tFORMAT\ts\nc\t1\ta;b\tA\tC[c:2[,<DEL>\t1e3\tq;r\tA=1;B\tGT\t/0|1\n",
	"##fileformat=VCFv4.1\n##SAMPLE=<ID=S,Genomes=a,Mixture=.,Description=\"\\\"\">\n" + fixed + "\nc\t0\t.\tN\t*,.A\t.\t.\tCIGAR=1M,2D\r\n",
}

// use calls all that a record offers.
func use(t *testing.T, rec *Record) {
	t.Helper()
	rec.Passed()
	rec.Variant()
	rec.InfoInts(nil, "END")
	rec.InfoFloats(nil, "AF")
	for i := range rec.Header().Samples {
		if g, err := rec.Genotype(i); err == nil && (g.A > len(rec.Alts) || g.B > len(rec.Alts)) {
			t.Fatalf("genotype %v of %d alleles", g, len(rec.Alts)+1)
		}
		for _, k := range rec.Keys() {
			rec.Ints(nil, i, k)
			rec.Floats(nil, i, k)
		}
	}
}

// FuzzRead: what is read is written so that it is read again as the same.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Add(bcfFile())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader("x", bytes.NewReader(b))
		if err != nil {
			return
		}
		var out, lines bytes.Buffer
		out.Write(r.Header().Text())
		var row Row
		e, encErr := newBCFEncoder("x", r.Header())
		for {
			rec, err := r.Read()
			if err != nil {
				break
			}
			use(t, rec)
			row.Copy(rec)
			if encErr == nil {
				roundBCF(t, e, row.b)
			}
			lines.Write(row.b)
			lines.WriteByte('\n')
		}
		out.Write(lines.Bytes())
		again, err := NewReader("y", &out)
		if err != nil {
			t.Fatalf("header %q: %v", r.Header().Text(), err)
		}
		var twice bytes.Buffer
		for rec, err := range again.All() {
			if err != nil {
				t.Fatalf("records %q: %v", lines.Bytes(), err)
			}
			row.Copy(rec)
			twice.Write(row.b)
			twice.WriteByte('\n')
		}
		if !bytes.Equal(twice.Bytes(), lines.Bytes()) {
			t.Fatalf("records %q become %q", lines.Bytes(), twice.Bytes())
		}
	})
}

// roundBCF: what can be written as BCF can be read.
func roundBCF(t *testing.T, e *bcfEncoder, line []byte) {
	t.Helper()
	b, err := e.append(nil, line)
	if err != nil {
		return
	}
	d := &bcfReader{src: bytes.NewReader(b), header: e.parse.header}
	if err := d.dictionaries(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Line(); err != nil {
		t.Fatalf("%q as BCF: %v", line, err)
	}
}

// FuzzCheck: a file without a problem can be read.
func FuzzCheck(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 1000}, {Name: "c", Length: 5}})
	if err != nil {
		f.Fatal(err)
	}
	bases := func(dst []byte, r locus.Region) ([]byte, error) {
		return append(dst, strings.Repeat("A", r.Len())...), nil
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []CheckOptions{{Keep: 3}, {Contigs: contigs, Bases: bases}} {
			lines, err := text.New("x", bytes.NewReader(b))
			if err != nil {
				return
			}
			report := check(lines, o)
			if len(report.Problems) > max(o.Keep, 100) || (report.Errors+report.Warnings > 0) != (len(report.Problems) > 0) {
				t.Fatalf("%d problems kept of %d and %d", len(report.Problems), report.Errors, report.Warnings)
			}
			if !report.Valid() {
				continue
			}
			r, err := NewReader("x", bytes.NewReader(b))
			if err != nil {
				t.Fatalf("%q is valid, but: %v", b, err)
			}
			n := int64(0)
			for rec, err := range r.All() {
				if err != nil {
					t.Fatalf("%q is valid, but: %v", b, err)
				}
				use(t, rec)
				n++
			}
			if n != report.Records {
				t.Fatalf("%q: %d records, checked %d", b, n, report.Records)
			}
		}
	})
}

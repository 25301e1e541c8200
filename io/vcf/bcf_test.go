package vcf

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
)

// bcfFile is a BCF file, not packed, of one record with every type of value.
func bcfFile() []byte {
	le := binary.LittleEndian
	header := strings.NewReplacer("##contig=<ID=chr1,", "##contig=<ID=chr1,IDX=0,", "ID=chr2,", "ID=chr2,IDX=1,").Replace(small[:strings.Index(small, "chr1\t10")]) + "\x00"
	b := append([]byte(bcfMagic), 2)
	b = le.AppendUint32(b, uint32(len(header)))
	b = append(b, header...)
	var shared []byte
	for _, v := range []uint32{0, 9, 1, 0x42166666, 3<<16 | 2, 3<<24 | 2} { // chr1, position 10, QUAL 37.6, 3 alleles, 2 INFO, 3 FORMAT, 2 samples
		shared = le.AppendUint32(shared, v)
	}
	shared = append(shared, "\x37rs1\x17G\x17T\x27GT"...)
	shared = append(shared, 0x11, 1)       // FILTER q10
	shared = append(shared, 0x11, 3, 0x25) // AF, two floats
	shared = le.AppendUint32(le.AppendUint32(shared, 0x3f000000), floatMissing)
	shared = append(shared, 0x11, 4, 0x00)                                               // DB
	indiv := []byte{0x11, 5, 0x21, 2, 4, 5, 0x81}                                        // GT 0/1, then haploid 1
	indiv = append(indiv, 0x11, 6, 0x12, 0x2c, 0x01, 0x00, 0x80)                         // DP 300, .
	indiv = append(indiv, 0x11, 7, 0x61, 1, 2, 3, 4, 5, 6, 9, 0x80, 8, 0x81, 0x81, 0x81) // PL
	b = le.AppendUint32(b, uint32(len(shared)))
	b = le.AppendUint32(b, uint32(len(indiv)))
	return append(append(b, shared...), indiv...)
}

func TestReadBCF(t *testing.T) {
	r, err := NewReader("x.bcf", bytes.NewReader(bcfFile()))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	var row Row
	row.Copy(rec)
	if want := "chr1\t10\trs1\tG\tT,GT\t37.6\tq10\tAF=0.5,.;DB\tGT:DP:PL\t0/1:300:1,2,3,4,5,6\t1:.:9,.,8"; string(row.b) != want {
		t.Errorf("got\n%s\nwant\n%s", row.b, want)
	}
	if got := string(r.Header().Text()); got != small[:strings.Index(small, "chr1\t10")] {
		t.Errorf("header\n%s", got)
	}
}

// TestWriteBCF: what is written as BCF is read again as it was.
func TestWriteBCF(t *testing.T) {
	long := strings.Repeat("ACGT", 20)
	for name, lines := range map[string]string{
		"values left out":  "chr1\t20\t.\tGA\tG,GAA\t.\tq10\tAF=0.1,.\tGT:PL\t1/2:1,2,3,4,5,6\t.:.\nchr2\t7\t.\tA\t<*>\t0\t.\tDB;END=500000000\tGT:DP:PL\t0:3:1,2\t./.:.:.\n",
		"integers":         "chr1\t1\t.\tA\tC\t.\t.\t.\tDP\t-120\t127\nchr1\t2\t.\tA\tC\t.\t.\t.\tDP\t-121\t128\nchr1\t3\t.\tA\tC\t.\t.\t.\tDP\t32767\t.\nchr1\t4\t.\tA\tC\t.\t.\t.\tDP\t-2147483640\t2147483647\n",
		"genotypes":        "chr1\t1\t.\tA\tC,G\t.\t.\t.\tGT\t0|1|2\t.\nchr1\t2\t.\tA\tC\t.\t.\t.\tGT\t./1\t1\n",
		"long":             "chr1\t0\trs1;rs2\t" + long + "\t" + long + long + ",<DEL>\t1e-05\tPASS\tAF=0.5,1e+30\tGT\t0/0\t2|2\n",
		"samples left out": "chr2\t1\t.\tA\t.\t1\tq10;PASS\tEND=9\t.\t.\t.\n",
	} {
		t.Run(name, func(t *testing.T) {
			header := small[:strings.Index(small, "chr1\t10")]
			h, recs, err := read(t, header+lines)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			w, err := NewBCFWriter("out.bcf", &out, h, 1)
			if err != nil {
				t.Fatal(err)
			}
			var row Row
			for _, rec := range recs {
				row.Copy(rec)
				if err := w.Write(&row); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := NewReader("out.bcf", &out)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Header().Text()
			for rec, err := range r.All() {
				if err != nil {
					t.Fatal(err)
				}
				row.Copy(rec)
				got = append(append(got, row.b...), '\n')
			}
			if string(got) != header+lines {
				t.Errorf("got\n%s\nwant\n%s", got, header+lines)
			}
		})
	}
}

func TestWriteBCFRefuses(t *testing.T) {
	h, _, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		row  func(*Row)
		want string
	}{
		"filter": {func(r *Row) { r.Filter("q11"); r.Format("GT") }, "the header does not declare FILTER q11, which BCF asks for"},
		"info":   {func(r *Row) { r.InfoFlag("XX"); r.Format("GT") }, "the header does not declare INFO XX, which BCF asks for"},
		"format": {func(r *Row) { r.Format("XX") }, "the header does not declare FORMAT XX, which BCF asks for"},
		"float":  {func(r *Row) { r.InfoText("AF", "half"); r.Format("GT") }, `INFO/AF "half": want numbers`},
	} {
		var out bytes.Buffer
		w, err := NewBCFWriter("out.bcf", &out, h, 1)
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		row.Site("chr1", 0, "A", "C")
		k.row(&row)
		row.Sample()
		row.Sample()
		if err := w.Write(&row); err == nil || err.Error() != "out.bcf: chr1:1: "+k.want {
			t.Errorf("%s: %v, want %s", name, err, k.want)
		}
	}
}

func TestReadBCFDamaged(t *testing.T) {
	whole := bcfFile()
	for n := range whole {
		r, err := NewReader("x.bcf", bytes.NewReader(whole[:n]))
		if err != nil {
			continue
		}
		if _, err := r.Read(); err == nil {
			t.Errorf("cut at byte %d of %d: no error", n, len(whole))
		}
	}
}

// TestSharedBCF compares whole files with what bcftools view --no-version
// gives (version 1.16), by their digests.
func TestSharedBCF(t *testing.T) {
	for name, want := range map[string]string{
		"population/1000G.chr20_1-4M.panel300.bcf":  "8e05679fd86758031b15819841c2e8b974b3c31b1bf23e996362f0e66e69b722",
		"population/1000G.chr20_1-4M.target203.bcf": "42dee688e88d84a1ccbfcdc4ba60e09f7ccb2a1c2c6c681451f433b0e3f3c322",
	} {
		if testing.Short() && strings.Contains(name, "panel") {
			continue
		}
		r, err := Open(shared.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		w, err := NewWriter("-", h, r.Header())
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		for rec, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			row.Copy(rec)
			if err := w.Write(&row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%s: sha256 of its text is %s, want %s", name, got, want)
		}
	}
}

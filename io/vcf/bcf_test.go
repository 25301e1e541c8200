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

package candidate

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
)

func TestTypes(t *testing.T) {
	for _, k := range []struct{ text, ref, alts, want string }{
		{"SNP", "A", "C", "snps all"},
		{"insertion", "A", "AC", "indels insertions all"},
		{"deletion", "AC", "A", "indels deletions all"},
		{"several bases for as many", "AC", "GT", "all"},
		{"two SNPs", "A", "C,G", "multi-allelics all"},
		{"SNP and deletion", "AC", "A,GC", "multi-allelics all"},
	} {
		v := variant.Variant{Ref: k.ref, Alts: strings.Split(k.alts, ",")}
		for name := range kinds {
			types, err := ParseTypes(" " + name)
			if err != nil {
				t.Fatal(err)
			}
			want := false
			for _, w := range strings.Fields(k.want) {
				want = want || w == name
			}
			if types.Has(&v) != want {
				t.Errorf("%s is %s: %v, want %v", k.text, name, !want, want)
			}
		}
		if both, _ := ParseTypes("snps indels"); both.Has(&v) != (strings.HasPrefix(k.want, "snps") || strings.HasPrefix(k.want, "indels")) {
			t.Errorf("%s: snps indels", k.text)
		}
		if !(Types{}).Has(&v) {
			t.Errorf("%s is not in the choice of everything", k.text)
		}
	}
	if _, err := ParseTypes("snps mnps"); err == nil || !strings.Contains(err.Error(), `"mnps"`) {
		t.Errorf("got %v", err)
	}
}

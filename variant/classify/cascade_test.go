package classify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
)

// painter decides by pictures alone: the share of its bytes that are set.
type painter struct{ drawn *atomic.Int64 }

func (painter) Name() string { return "painter" }

func (p painter) Classify(ctx context.Context, sites []*classify.Evidence, emit func(int, []variant.Likelihoods) error) error {
	for i, e := range sites {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(e.Site.Alts) == 0 {
			return fmt.Errorf("%s:%d: no alternate allele", e.Site.Contig, e.Site.Start+1)
		}
		var out []variant.Likelihoods
		for _, set := range variant.AltSets(len(e.Site.Alts)) {
			img, err := e.Draw(nil, set)
			if err != nil {
				return err
			}
			p.drawn.Add(1)
			x := float64(img[0]) / 256
			out = append(out, variant.Likelihoods{AltSet: set, P: [3]float64{1 - x, x / 2, x / 2}, Model: p.Name()})
		}
		if err := emit(i, out); err != nil {
			return err
		}
	}
	return nil
}

func draw(dst []byte, set []int) ([]byte, error) { return append(dst, byte(40*len(set)+set[0])), nil }

func TestCascadeContract(t *testing.T) {
	p := painter{new(atomic.Int64)}
	t.Run("of pictures", func(t *testing.T) { classifytest.Run(t, p, draw) })
	t.Run("cascade", func(t *testing.T) {
		classifytest.Run(t, &classify.Cascade{First: counts(t), Then: p, SNP: 25, Indel: 30}, draw)
	})
}

// Nothing is drawn of a settled site, and either says who decided.
func TestCascadeSettles(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	var sites []*classify.Evidence
	for range 300 {
		e := classifytest.Random(rng, 1)
		e.Draw = draw
		sites = append(sites, e)
	}
	share := func(snp, indel float64) (settled int) {
		p := painter{new(atomic.Int64)}
		c := &classify.Cascade{First: counts(t), Then: p, SNP: snp, Indel: indel}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		err := c.Classify(t.Context(), sites, func(i int, sets []variant.Likelihoods) error {
			if sets[0].Model == "counts" {
				settled++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if int(p.drawn.Load()) != len(sites)-settled {
			t.Errorf("%d pictures of %d sites of which %d were settled", p.drawn.Load(), len(sites), settled)
		}
		return settled
	}
	few, some, all := share(70, 70), share(20, 20), share(0, 0)
	if few >= some || some > 280 || all != len(sites) {
		t.Errorf("settled at 70, 20 and 0: %d, %d, %d", few, some, all)
	}
	if snps, indels := share(20, 70), share(70, 20); snps == few || indels == few || snps+indels != some+few {
		t.Errorf("settled at 20 SNPs %d, indels %d, both %d; at 70 %d", snps, indels, some, few)
	}
}

func TestCascadeValidate(t *testing.T) {
	err := (&classify.Cascade{SNP: -1, Indel: 90}).Validate()
	for _, want := range []string{"two classifiers", "settled -1", "settled 90"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no word of %q", err, want)
		}
	}
}

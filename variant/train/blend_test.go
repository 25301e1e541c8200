package train

import (
	"testing"

	"github.com/gx-genomics/gx/variant/classify"
)

// The blend leans on those who are right: on one alone where the others know
// nothing, and not on sites of several alleles.
func TestBlended(t *testing.T) {
	even := [classify.Copies]float64{1.0 / 3, 1.0 / 3, 1.0 / 3}
	sure := func(k uint8) [classify.Copies]float64 {
		p := [classify.Copies]float64{0.01, 0.01, 0.01}
		p[k] = 0.98
		return p
	}
	var list []said
	for i := range uint8(30) {
		k := i % classify.Copies
		list = append(list,
			said{Meta: Meta{Label: k, Weight: 1}, counts: even, first: even, then: sure(k)},
			said{Meta: Meta{Label: k, Weight: 1, Multi: true}, counts: even, first: sure(k), then: sure((k + 1) % classify.Copies)})
	}
	if w := blended(list); w != [3]float64{0, 0, 1} {
		t.Errorf("weights %v, want all on the second network", w)
	}
	for i := range list { // two that are right two times in three, of different examples
		s := &list[i]
		s.Multi, s.first, s.then = false, sure(s.Label), sure(s.Label)
		switch i % 3 {
		case 0:
			s.first = even
		case 1:
			s.then = even
		}
	}
	if w := blended(list); w[0] != 0 || w[1] < 0.3 || w[2] < 0.3 {
		t.Errorf("weights %v, want the networks alike", w)
	}
}

// Slips gets weight as far as it is right where it says anything, of sites with one
// alternate allele; sites of which it says nothing stay with the others.
func TestSlipsShare(t *testing.T) {
	sure := func(k uint8) [classify.Copies]float64 {
		p := [classify.Copies]float64{0.1, 0.1, 0.1}
		p[k] = 0.8
		return p
	}
	var list []said
	for i := range uint8(60) {
		k := i % classify.Copies
		wrong := sure((k + 1) % classify.Copies)
		list = append(list,
			said{Meta: Meta{Label: k, Weight: 1}, counts: sure(k), first: sure(k), then: sure(k)},
			said{Meta: Meta{Label: k, Weight: 1}, counts: wrong, first: wrong, then: wrong, slips: sure(k)},
			said{Meta: Meta{Label: k, Weight: 1, Multi: true}, counts: sure(k), first: sure(k), then: sure(k), slips: wrong})
	}
	w := [3]float64{0.2, 0.4, 0.4}
	if s := slipsShare(list, w); s != 0.9 {
		t.Errorf("share %v, want the most", s)
	}
	for i := range list {
		if s := &list[i]; s.slips != [classify.Copies]float64{} {
			s.Multi = !s.Multi
		}
	}
	if s := slipsShare(list, w); s != 0 {
		t.Errorf("share %v of one that is wrong, want none", s)
	}
	alone := list[0]
	if p := alone.blend(w, 0.5); p != classify.Blended(w[:], alone.counts, alone.first, alone.then) {
		t.Errorf("of a site without a word of slips %v", p)
	}
}

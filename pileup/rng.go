package pileup

import (
	"github.com/gx-genomics/gx/internal/mt"
	"github.com/gx-genomics/gx/variant/align"
)

// nameHash is a 64-bit hash of a name that never changes: FNV-1a, its bits
// mixed once more so that the high ones are as good as the low ones.
func nameHash(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the finalizer of SplitMix64 (G. Steele et al., OOPSLA 2014).
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// keyHash is the hash of a read's key.
func keyHash(r *align.Read) uint64 { return mix(nameHash(r.Name) + uint64(r.Number())) }

// below says whether a hash, as a number of [0, 1), lies below a fraction.
func below(h uint64, fraction float64) bool { return float64(h>>11)/(1<<53) < fraction }

// Downsample keeps that share of the fragments (downsample_fraction), by the
// hash of their names: both reads of a pair stay or go, in every cell.
func Downsample(fraction float64) func(*align.Read) bool {
	return func(r *align.Read) bool { return below(nameHash(r.Name), fraction) }
}

// DownsampleInOrder keeps a read where the next draw of an std::mt19937_64 is
// at most fraction, as DeepVariant does: one generator per file of reads, asked
// once for each read that passed the filter, in the order of the queries.
func DownsampleInOrder(fraction float64) func(*align.Read) bool {
	rng := mt.New64(seed)
	return func(*align.Read) bool { return rng.Float64() <= fraction }
}

// RefSites keeps that share of the positions of the genome, by a hash, for
// candidate.Selector.KeepRef (training_random_emit_ref_sites).
func RefSites(fraction float64) func(contig string, pos int) bool {
	return func(contig string, pos int) bool { return below(mix(nameHash(contig)+uint64(pos)), fraction) }
}

// RefSitesInOrder does so by draws in the order in which positions are asked
// for, as DeepVariant does.
func RefSitesInOrder(fraction float64) func(contig string, pos int) bool {
	rng := mt.New64(1400605801)
	return func(string, int) bool { return rng.Float64() <= fraction }
}

package locus

import "slices"

// Human is the contigs of a human reference of which not everybody has two
// copies. Those that a reference lacks have no name.
type Human struct {
	X, Y, Mito Contig
	// PAR is the pseudoautosomal regions: what X and Y have in common, of which
	// men have two copies as well. Nil where the reference is neither GRCh37
	// nor GRCh38, told by the length of X.
	PARX, PARY []Region
}

// mitochondrial are the names of the contig of which a cell has hundreds of
// copies.
var mitochondrial = []string{"chrM", "MT", "chrMT", "M"}

// Mitochondrial says whether a contig is the mitochondrion by its name.
func Mitochondrial(contig string) bool { return slices.Contains(mitochondrial, contig) }

// FindHuman looks for the contigs by their names, X or chrX and so on.
func FindHuman(contigs []Contig) Human {
	var h Human
	for _, c := range contigs {
		switch c.Name {
		case "X", "chrX":
			h.X = c
		case "Y", "chrY":
			h.Y = c
		}
		if Mitochondrial(c.Name) {
			h.Mito = c
		}
	}
	for _, p := range pseudoautosomal[h.X.Length] {
		h.PARX = append(h.PARX, Region{h.X.Name, p[0], p[1]})
		if h.Y.Name != "" {
			h.PARY = append(h.PARY, Region{h.Y.Name, p[2], p[3]})
		}
	}
	return h
}

// pseudoautosomal has, by the length of X, the regions on X and on Y as the
// Genome Reference Consortium gives them, 0-based and half-open.
var pseudoautosomal = map[int][][4]int{
	155_270_560: {{60_000, 2_699_520, 10_000, 2_649_520}, {154_931_043, 155_260_560, 59_034_049, 59_363_566}}, // GRCh37
	156_040_895: {{10_000, 2_781_479, 10_000, 2_781_479}, {155_701_382, 156_030_895, 56_887_902, 57_217_415}}, // GRCh38
}

package pheno

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/source"
)

// Sample is one person. FID is "0" or empty where it is unknown.
type Sample struct {
	FID, IID string
	Sex      uint8 // 1 male, 2 female, 0 unknown
}

// Options say what to take from the tables.
type Options struct {
	Traits       []string // columns of the phenotypes; none for all
	Covariates   []string // columns of the covariates; none for all that are no traits
	Categorical  []string // covariates that are categories although they look like numbers
	Binary       []string // traits that are binary
	Quantitative []string // traits that are quantitative though they have two values
	Missing      []string // codes of a missing value; none for DefaultMissing
	RankNormal   bool     // quantitative traits become normal quantiles of their ranks
	MaxLevels    int      // most levels of a categorical covariate
	MinCases     int      // fewest cases, and controls, of a binary trait
	Strict       bool     // only samples that have all traits
	Keep, Remove []Sample // if Keep is not nil only those; Remove never
	Null         *Table   // predictions of a null model: column Y_deepnull is a covariate of trait Y alone
}

// Defaults are the options of a plain run.
func Defaults() Options { return Options{MaxLevels: 10, MinCases: 10} }

// Study is what is analysed. Samples are in the order of their IDs.
type Study struct {
	Samples    []Sample
	Column     []int       // of each sample: its column in the genotypes restricted to Genotyped
	Genotyped  []int       // the genotypes' samples that are analysed, ascending
	Traits     []Trait     // those that can be analysed
	Covariates []Covariate // columns of numbers, complete; the intercept is not among them
	Account    Account
	Skipped    []Skipped // traits that cannot be analysed
	Notes      []string  // what the user should know
}

// Covariate is a column of the model.
type Covariate struct {
	Name   string // of an indicator: column=level
	Values []float64
}

// Skipped is a trait that is not analysed, and why.
type Skipped struct{ Trait, Reason string }

// Account says where the samples went.
type Account struct {
	Genotyped    int // samples of the genotypes
	NotKept      int // left out by the lists of samples
	NoPhenotype  int // not in the table of phenotypes
	AllMissing   int // in it, but without any trait
	SomeMissing  int // without one of the traits, where all are wanted
	NoCovariates int // not in the table of covariates
	Incomplete   int // in it, but with a covariate missing
	Analysed     int
	Ungenotyped  int // rows of the phenotypes without genotypes
}

func (a *Account) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d genotyped samples analysed", a.Analysed, a.Genotyped)
	for _, part := range []struct {
		n    int
		what string
	}{
		{a.NotKept, "left out by lists"}, {a.NoPhenotype, "without a row of phenotypes"},
		{a.AllMissing, "with all traits missing"}, {a.SomeMissing, "with a trait missing"}, {a.NoCovariates, "without a row of covariates"},
		{a.Incomplete, "with a covariate missing"},
	} {
		if part.n > 0 {
			fmt.Fprintf(&b, "; %d %s", part.n, part.what)
		}
	}
	if a.Ungenotyped > 0 {
		fmt.Fprintf(&b, "; %d rows of phenotypes have no genotypes", a.Ungenotyped)
	}
	return b.String()
}

// index finds rows of a table or list by the IDs of the genotypes' samples.
type index struct {
	rows   map[string]int
	family bool // keys hold the FID
}

func hasFamilies(samples []Sample) bool {
	return slices.ContainsFunc(samples, func(s Sample) bool { return s.FID != "" && s.FID != "0" })
}

func (s Sample) key(family bool) string {
	if family {
		return s.FID + "\t" + s.IID
	}
	return s.IID
}

// newIndex indexes samples; family says that the other side knows families too.
// A sample that stands twice is an error.
func newIndex(samples []Sample, family bool) (index, error) {
	x := index{rows: make(map[string]int, len(samples)), family: family && hasFamilies(samples)}
	for i, s := range samples {
		k := s.key(x.family)
		if j, twice := x.rows[k]; twice {
			return x, fmt.Errorf("individual %s stands in rows %d and %d", strings.ReplaceAll(k, "\t", " "), j+1, i+1)
		}
		x.rows[k] = i
	}
	return x, nil
}

func (x *index) find(s Sample) (int, bool) {
	i, ok := x.rows[s.key(x.family)]
	return i, ok
}

// parted gives samples whose one ID joins FID and IID by an underscore, as
// programs write them into BGEN, the IDs of the table; others stay as they are.
func parted(genotyped []Sample, t *Table) []Sample {
	if hasFamilies(genotyped) || t.FID == nil {
		return genotyped
	}
	joined := make(map[string]Sample, len(t.IID))
	alone := make(map[string]bool, len(t.IID))
	for _, s := range t.samples() {
		joined[s.FID+"_"+s.IID] = s
		alone[s.IID] = true
	}
	out := make([]Sample, len(genotyped))
	found := false
	for i, g := range genotyped {
		if alone[g.IID] {
			return genotyped
		}
		out[i] = g
		if s, ok := joined[g.IID]; ok {
			out[i].FID, out[i].IID = s.FID, s.IID
			found = true
		}
	}
	if !found {
		return genotyped
	}
	return out
}

func (t *Table) samples() []Sample {
	list := make([]Sample, len(t.IID))
	for i, id := range t.IID {
		list[i].IID = id
		if t.FID != nil {
			list[i].FID = t.FID[i]
		}
	}
	return list
}

func (t *Table) index(family bool) (index, error) {
	x, err := newIndex(t.samples(), family && t.FID != nil)
	return x, source.At(t.Path, err)
}

// NewStudy matches the samples of the genotypes with the tables. covar is nil
// for a study without covariates, and may be the table of the phenotypes.
// Traits that cannot be analysed are listed in Skipped; without any left it is
// an error.
func NewStudy(genotyped []Sample, pheno, covar *Table, o Options) (*Study, error) {
	if o.Missing == nil {
		o.Missing = DefaultMissing()
	}
	genotyped = parted(genotyped, pheno)
	family := hasFamilies(genotyped)
	if _, err := newIndex(genotyped, family); err != nil {
		return nil, fmt.Errorf("genotypes: %w", err)
	}
	traits, notes, err := readTraits(pheno, o)
	if err != nil {
		return nil, err
	}
	s := &Study{Notes: notes}
	var covs []column
	if covar != nil {
		if covs, err = readCovariates(covar, o, traits); err != nil {
			return nil, err
		}
	}
	if err := s.addPredictions(pheno, covar, traits, family, o); err != nil {
		return nil, err
	}
	rows, err := s.match(genotyped, family, pheno, covar, traits, covs, o)
	if err != nil {
		return nil, err
	}
	if err := s.fill(rows, traits, covs, o); err != nil {
		return nil, err
	}
	if len(s.Traits) == 0 {
		var why []string
		for _, t := range s.Skipped {
			why = append(why, fmt.Sprintf("trait %s %s", t.Trait, t.Reason))
		}
		return nil, source.At(pheno.Path, errors.New("no trait can be analysed: "+strings.Join(why, "; ")))
	}
	return s, nil
}

// row says where an analysed sample stands.
type row struct {
	sample             Sample
	geno, pheno, covar int
}

func (s *Study) match(genotyped []Sample, family bool, pheno, covar *Table, traits []Trait, covs []column, o Options) ([]row, error) {
	px, err := pheno.index(family)
	if err != nil {
		return nil, err
	}
	cx := index{}
	if covar != nil {
		if cx, err = covar.index(family); err != nil {
			return nil, err
		}
	}
	lists, err := newLists(o.Keep, o.Remove, family)
	if err != nil {
		return nil, err
	}
	var rows []row
	a := Account{Genotyped: len(genotyped)}
	seen := 0
	for g, sample := range genotyped {
		p, ok := px.find(sample)
		if ok {
			seen++
		}
		r := row{sample: sample, geno: g, pheno: p}
		switch {
		case !lists.keeps(sample):
			a.NotKept++
			continue
		case !ok:
			a.NoPhenotype++
			continue
		case !slices.ContainsFunc(traits, func(t Trait) bool { return !math.IsNaN(t.Values[p]) }):
			a.AllMissing++
			continue
		case o.Strict && slices.ContainsFunc(traits, func(t Trait) bool { return math.IsNaN(t.Values[p]) }):
			a.SomeMissing++
			continue
		}
		if covar != nil {
			if r.covar, ok = cx.find(sample); !ok {
				a.NoCovariates++
				continue
			}
			if slices.ContainsFunc(covs, func(c column) bool { return c.missing(r.covar) }) {
				a.Incomplete++
				continue
			}
		}
		rows = append(rows, r)
	}
	a.Ungenotyped = len(pheno.IID) - seen
	a.Analysed = len(rows)
	s.Account = a
	if len(rows) == 0 {
		return nil, source.At(pheno.Path, fmt.Errorf("no sample is left: %s; the genotypes begin with sample %s, the phenotypes with %s",
			a.String(), first(genotyped), first(pheno.samples())))
	}
	return rows, nil
}

func first(samples []Sample) string {
	if len(samples) == 0 {
		return "none"
	}
	return strings.ReplaceAll(samples[0].key(samples[0].FID != ""), "\t", " ")
}

// fill puts the samples into the order of their IDs and takes their values.
func (s *Study) fill(rows []row, traits []Trait, covs []column, o Options) error {
	for _, r := range rows { // ascending, as rows follow the genotypes
		s.Genotyped = append(s.Genotyped, r.geno)
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := rows[a].sample, rows[b].sample
		if c := strings.Compare(x.FID, y.FID); c != 0 {
			return c
		}
		return strings.Compare(x.IID, y.IID)
	})
	s.Column = order
	pr, cr := make([]int, len(rows)), make([]int, len(rows))
	for i, at := range order {
		s.Samples = append(s.Samples, rows[at].sample)
		pr[i], cr[i] = rows[at].pheno, rows[at].covar
	}
	for _, t := range traits {
		t.Values = gather(t.Values, pr)
		for k := range t.Own {
			t.Own[k].Values = gather(t.Own[k].Values, pr)
		}
		if err := t.count(o.MinCases); err != nil {
			s.Skipped = append(s.Skipped, Skipped{t.Name, err.Error()})
			continue
		}
		if o.RankNormal && !t.Binary {
			RankNormal(t.Values)
		}
		s.Traits = append(s.Traits, t)
	}
	for _, c := range covs {
		list, note, err := c.expand(cr, o.MaxLevels)
		if err != nil {
			return err
		}
		if note != "" {
			s.Notes = append(s.Notes, note)
		}
		s.Covariates = append(s.Covariates, list...)
	}
	return nil
}

func gather(v []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = v[r]
	}
	return out
}

// readTraits reads the traits of all rows of the table.
func readTraits(t *Table, o Options) ([]Trait, []string, error) {
	names := o.Traits
	if len(names) == 0 {
		names = t.Names
	}
	if len(names) == 0 {
		return nil, nil, source.At(t.Path, errors.New("no columns after FID and IID, want one per trait"))
	}
	var traits []Trait
	var notes []string
	for k, name := range names {
		if slices.Contains(names[:k], name) {
			return nil, nil, fmt.Errorf("trait %s is asked for twice", name)
		}
		col, err := t.want(name)
		if err != nil {
			return nil, nil, err
		}
		v, text, nines := numbers(col, o.Missing)
		if text >= 0 {
			return nil, nil, &source.Error{Path: t.Path, Line: int64(text + 2), Record: t.IID[text],
				Err: fmt.Errorf("trait %s is %q, want a number or NA", name, col[text])}
		}
		kind := Detect
		if slices.Contains(o.Quantitative, name) {
			kind = Quantitative
		}
		if slices.Contains(o.Binary, name) {
			if kind == Quantitative {
				return nil, nil, fmt.Errorf("trait %s is declared both binary and quantitative", name)
			}
			kind = Binary
		}
		c, err := code(v, kind)
		if err != nil {
			return nil, nil, source.At(t.Path, fmt.Errorf("trait %s: %w", name, err))
		}
		switch {
		case c == oneTwo:
			notes = append(notes, fmt.Sprintf("trait %s is read as 1 control, 2 case", name))
		case c == asNumber && nines > 0:
			notes = append(notes, fmt.Sprintf("trait %s is quantitative and -9 in %d rows: taken as a value; name -9 a missing code if it is none", name, nines))
		}
		for i := range v {
			v[i] = c.value(v[i])
		}
		traits = append(traits, Trait{Name: name, Binary: c != asNumber, Values: v})
	}
	return traits, notes, nil
}

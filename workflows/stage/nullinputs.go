package stage

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
)

// nullMissing are the spellings of a missing value that the tables of the field
// use; the empty field is another.
var nullMissing = []string{"", ".", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "-nan", "-NaN", "null", "NULL", "None"}

// nullAccount says where the rows of the tables went.
type nullAccount struct {
	Phenotypes   int                `json:"phenotypes"`                       // rows of the phenotypes
	NoCovariates int                `json:"without_covariates,omitempty"`     // of them, not in the covariates
	Unused       int                `json:"covariates_unused,omitempty"`      // rows of the covariates that no phenotype has
	Incomplete   int                `json:"with_missing_covariate,omitempty"` // of the matched, a covariate missing
	Imputed      bool               `json:"imputed,omitempty"`                // these are predicted all the same
	Traits       []nullTraitAccount `json:"traits"`
}

type nullTraitAccount struct {
	Trait   string `json:"trait"`
	Missing int    `json:"missing"` // rows of the phenotypes without the trait
	Used    int    `json:"used"`
}

func (a *nullAccount) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d individuals in the phenotypes", a.Phenotypes)
	if a.NoCovariates > 0 {
		fmt.Fprintf(&b, "; %d not in the covariates", a.NoCovariates)
	}
	if a.Incomplete > 0 {
		fmt.Fprintf(&b, "; %d with a covariate missing", a.Incomplete)
		if a.Imputed {
			b.WriteString(", imputed")
		}
	}
	if a.Unused > 0 {
		fmt.Fprintf(&b, "; %d in the covariates without phenotypes", a.Unused)
	}
	for _, t := range a.Traits {
		fmt.Fprintf(&b, "; %s: %d missing, %d used", t.Trait, t.Missing, t.Used)
	}
	return b.String()
}

// nullInputs is the tables of a plan as the null model takes them.
type nullInputs struct {
	fid, iid []string
	table    *nullmodel.Table
	traits   []nullmodel.Trait
	account  nullAccount
	notes    []string
	codes    missingCodes
	text     [][]string // of the covariates, where they are to be written
}

func (p *NullModelPlan) covar() string {
	if p.Covar == "" {
		return p.Pheno
	}
	return p.Covar
}

func baseName(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}

func readNullInputs(p *NullModelPlan) (*nullInputs, error) {
	ph, err := table.OpenSamples(p.Pheno)
	if err != nil {
		return nil, err
	}
	cov := ph
	if p.covar() != p.Pheno {
		if cov, err = table.OpenSamples(p.Covar); err != nil {
			return nil, err
		}
	}
	in := &nullInputs{fid: ph.FID, iid: ph.IID, table: &nullmodel.Table{}, codes: newMissingCodes(p.Missing)}
	if in.fid == nil {
		in.fid = make([]string, len(in.iid))
		for i := range in.fid {
			in.fid[i] = "0"
		}
	}
	if in.table.IDs, err = nullIDs(ph); err != nil {
		return nil, err
	}
	rows, err := matchRows(ph, cov)
	if err != nil {
		return nil, err
	}
	if err := in.readTraits(ph, p); err != nil {
		return nil, err
	}
	if err := in.readCovariates(ph, cov, rows, p); err != nil {
		return nil, err
	}
	if err := in.readGroups(ph, cov, rows, p); err != nil {
		return nil, err
	}
	return in, in.count(ph, cov, rows, p)
}

// count makes the account, and refuses tables that share nobody.
func (in *nullInputs) count(ph, cov *table.Samples, rows []int, p *NullModelPlan) error {
	a := &in.account
	a.Phenotypes, a.Imputed = len(rows), p.Options.Impute
	complete := make([]bool, len(rows))
	for i, r := range rows {
		gap := slices.ContainsFunc(in.table.Covariates, func(c nullmodel.Covariate) bool { return math.IsNaN(c.Values[i]) })
		switch {
		case r < 0:
			a.NoCovariates++
		case gap:
			a.Incomplete++
		}
		complete[i] = r >= 0 && (!gap || p.Options.Impute)
	}
	a.Unused = len(cov.IID) - (len(rows) - a.NoCovariates)
	if a.NoCovariates == len(rows) {
		return source.At(cov.Path, fmt.Errorf("none of its individuals is in %s: the first are %s and %s", ph.Path, sampleName(cov, 0), sampleName(ph, 0)))
	}
	for k := range in.traits {
		t := nullTraitAccount{Trait: in.traits[k].Name}
		for i, v := range in.traits[k].Values {
			switch {
			case math.IsNaN(v):
				t.Missing++
			case complete[i]:
				t.Used++
			}
			if !complete[i] {
				in.traits[k].Values[i] = math.NaN() // nothing is imputed for who is not in the covariates at all
			}
		}
		a.Traits = append(a.Traits, t)
	}
	return nil
}

// column finds a column by name, or says which there are.
func column(t *table.Samples, name string) ([]string, error) {
	if k := slices.Index(t.Names, name); k >= 0 {
		return t.Columns[k], nil
	}
	list, more := t.Names, ""
	if len(list) > 12 {
		list, more = list[:12], fmt.Sprintf(" and %d more", len(t.Names)-12)
	}
	return nil, source.At(t.Path, fmt.Errorf("no column %s, only %s%s", name, strings.Join(list, ", "), more))
}

func (in *nullInputs) readTraits(ph *table.Samples, p *NullModelPlan) error {
	for _, name := range p.Traits {
		if slices.Contains(ph.Names, name+predictionSuffix) {
			return source.At(ph.Path, fmt.Errorf("there is a column %s%s already: take it out, or it would be confused with the new one", name, predictionSuffix))
		}
		col, err := column(ph, name)
		if err != nil {
			return err
		}
		t := nullmodel.Trait{Name: name, Values: make([]float64, len(col))}
		for i, s := range col {
			x, ok := in.codes.number(s)
			if !ok || math.IsInf(x, 0) {
				return &source.Error{Path: ph.Path, Line: int64(i + 2), Record: sampleName(ph, i), Err: fmt.Errorf("trait %s is %q, want a number or a missing value (--missing names further codes)", name, s)}
			}
			t.Values[i] = x
		}
		note, err := codeTrait(&t, slices.Contains(p.Binary, name), slices.Contains(p.Quantitative, name))
		if err != nil {
			return source.At(ph.Path, err)
		}
		if note != "" {
			in.notes = append(in.notes, note)
		}
		in.traits = append(in.traits, t)
	}
	return nil
}

// codeTrait decides whether a trait is binary, by the rules of gwas/pheno: two
// of 0 and 1, or two of 1 and 2, -9 missing; with 0, 1 and 2 only where it is
// declared, 0 missing. Values become 0 and 1.
func codeTrait(t *nullmodel.Trait, binary, quantitative bool) (note string, err error) {
	var zeros, twos, nines, others int
	for _, v := range t.Values {
		switch {
		case v == 0:
			zeros++
		case v == 2:
			twos++
		case v == -9:
			nines++
		case !math.IsNaN(v) && v != 1:
			others++
		}
	}
	if binary && others > 0 {
		return "", fmt.Errorf("trait %s is declared binary, but has values other than 0, 1, 2, -9 and missing", t.Name)
	}
	if quantitative || others > 0 || twos > 0 && zeros > 0 && !binary {
		if nines > 0 {
			note = fmt.Sprintf("warning: trait %s is -9 in %d rows: taken as a value; --missing -9 makes it missing", t.Name, nines)
		}
		return note, nil
	}
	t.Binary = true
	for i, v := range t.Values {
		switch {
		case v == -9 || twos > 0 && v == 0:
			t.Values[i] = math.NaN()
		case twos > 0:
			t.Values[i] = v - 1
		}
	}
	if twos > 0 {
		note = fmt.Sprintf("trait %s is read as 1 control, 2 case", t.Name)
	}
	return note, nil
}

// readCovariates takes the covariates for the rows of the phenotypes.
func (in *nullInputs) readCovariates(ph, cov *table.Samples, rows []int, p *NullModelPlan) error {
	names := p.Covariates
	if len(names) == 0 {
		for _, name := range cov.Names {
			if !slices.Contains(p.Traits, name) && !strings.HasSuffix(name, predictionSuffix) && name != p.Groups {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return source.At(cov.Path, errors.New("no column that could be a covariate, want at least one"))
	}
	for _, name := range p.Categorical {
		if !slices.Contains(names, name) {
			return source.At(cov.Path, fmt.Errorf("categorical covariate %s is not among the covariates %s", name, strings.Join(names, ", ")))
		}
	}
	for _, name := range names {
		col, err := column(cov, name)
		if err != nil {
			return err
		}
		c, err := in.covariate(cov, name, col, slices.Contains(p.Categorical, name))
		if err != nil {
			return err
		}
		own := make([]float64, len(rows))
		for i, r := range rows {
			own[i] = math.NaN()
			if r >= 0 {
				own[i] = c.Values[r]
			}
		}
		c.Values = own
		in.table.Covariates = append(in.table.Covariates, c)
		if p.WithCovariates {
			text := pickText(col, rows)
			for i := range text {
				if math.IsNaN(own[i]) {
					text[i] = "NA"
				}
			}
			in.text = append(in.text, text)
		}
	}
	return nil
}

// covariate reads one column: numbers, or categories where it is text.
func (in *nullInputs) covariate(t *table.Samples, name string, col []string, categorical bool) (nullmodel.Covariate, error) {
	c := nullmodel.Covariate{Name: name, Values: make([]float64, len(col))}
	numbers, texts, first, nines, least := 0, 0, -1, 0, math.Inf(1)
	for i, s := range col {
		x, ok := in.codes.number(s)
		c.Values[i] = x
		switch {
		case !ok:
			texts++
			if first < 0 {
				first = i
			}
		case math.IsInf(x, 0):
			return c, &source.Error{Path: t.Path, Line: int64(i + 2), Record: sampleName(t, i), Err: fmt.Errorf("covariate %s is infinite", name)}
		case x == -9:
			nines++
		case !math.IsNaN(x):
			numbers++
			least = min(least, x)
		}
	}
	if texts > 0 && numbers > texts && !categorical {
		return c, &source.Error{Path: t.Path, Line: int64(first + 2), Record: sampleName(t, first), Err: fmt.Errorf("covariate %s is %q, want a number as in most rows: --missing %s makes it missing, --categorical %s makes all values categories", name, col[first], col[first], name)}
	}
	if texts == 0 && !categorical {
		if nines > 0 && least >= 0 {
			in.notes = append(in.notes, fmt.Sprintf("warning: covariate %s is -9 in %d rows and nowhere else below 0: taken as a value; --missing -9 makes it missing", name, nines))
		}
		return c, nil
	}
	for i, s := range col {
		if x, ok := in.codes.number(s); ok && math.IsNaN(x) {
			continue
		}
		if k, seen := slices.BinarySearch(c.Levels, s); !seen {
			if len(c.Levels) >= nullMostLevels {
				return c, &source.Error{Path: t.Path, Line: int64(i + 2), Record: sampleName(t, i), Err: fmt.Errorf("covariate %s has more than %d categories: is it an identifier? Leave it out", name, nullMostLevels)}
			}
			c.Levels = slices.Insert(c.Levels, k, s)
		}
	}
	for i, s := range col {
		c.Values[i] = math.NaN()
		if k, seen := slices.BinarySearch(c.Levels, s); seen {
			c.Values[i] = float64(k)
		}
	}
	if len(c.Levels) == 0 {
		c.Levels = []string{""} // nobody has a value
	}
	in.notes = append(in.notes, fmt.Sprintf("covariate %s is categorical with %d levels", name, len(c.Levels)))
	return c, nil
}

// nullMostLevels is the most categories of a covariate.
const nullMostLevels = 200

// readGroups takes who must stay together, and warns of families that do not.
func (in *nullInputs) readGroups(ph, cov *table.Samples, rows []int, p *NullModelPlan) error {
	var values []string // by row of the phenotypes
	n := len(ph.IID)
	switch {
	case p.Groups == "":
		if knowsFamilies(ph) {
			seen := map[string]bool{}
			for _, f := range ph.FID {
				seen[f] = true
			}
			if len(seen) < n && len(seen) > 1 {
				in.notes = append(in.notes, fmt.Sprintf("warning: %d individuals are of %d families: relatives may fall into different folds; --groups FID keeps families together", n, len(seen)))
			}
		}
		return nil
	case p.Groups == "FID":
		if !knowsFamilies(ph) {
			return source.At(ph.Path, errors.New("--groups FID, but no row has a FID"))
		}
		values = ph.FID
	case slices.Contains(ph.Names, p.Groups):
		values, _ = column(ph, p.Groups)
	case slices.Contains(cov.Names, p.Groups):
		col, _ := column(cov, p.Groups)
		values = pickText(col, rows)
	default:
		if _, err := os.Stat(p.Groups); err != nil {
			return fmt.Errorf("--groups %s: neither a column of %s or %s nor a file", p.Groups, ph.Path, cov.Path)
		}
		t, err := table.OpenSamples(p.Groups)
		if err != nil {
			return err
		}
		if len(t.Names) != 1 {
			return source.At(t.Path, fmt.Errorf("%d columns after the IDs, want one: the group", len(t.Names)))
		}
		at, err := matchRows(ph, t)
		if err != nil {
			return err
		}
		values = pickText(t.Columns[0], at)
	}
	in.table.Groups = make([]string, n)
	for i, g := range values {
		if slices.Contains(in.codes.text, g) || g == "0" && p.Groups == "FID" {
			g = "\t" + in.table.IDs[i] // alone
		}
		in.table.Groups[i] = g
	}
	return nil
}

// pickText takes the rows of a column, empty where there is none.
func pickText(col []string, rows []int) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		if r >= 0 {
			out[i] = col[r]
		}
	}
	return out
}

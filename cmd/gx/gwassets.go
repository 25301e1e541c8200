package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/gwas/sets"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/workflows/stage"
)

// ssfFlags are what the metadata of GWAS-SSF say that the inputs do not tell.
func ssfFlags(m *table.Meta) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "assembly", Category: categorySSF, Usage: "genome of the positions: GRCh38, GRCh37, ...", Value: m.Assembly, Destination: &m.Assembly},
		&cli.StringFlag{Name: "ancestry", Category: categorySSF, Usage: "ancestry category of the samples", Value: m.Ancestry, Destination: &m.Ancestry},
		&cli.StringFlag{Name: "genotyping", Category: categorySSF, Usage: "genotyping technology", Value: m.Technology, Destination: &m.Technology},
		&cli.StringFlag{Name: "metadata-date", Category: categorySSF, Usage: "`YYYY-MM-DD` of the metadata; it is never taken from the clock", Destination: &m.Date},
	}
}

// checkDate says what is wrong with a date; none is right.
func checkDate(s string) error {
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		return fmt.Errorf("metadata-date %q: want YYYY-MM-DD", s)
	}
	return nil
}

// Headings of flags in the help.
const (
	categorySSF  = "Metadata of --format gwas-ssf"
	categorySets = "Sets of variants (files in regenie's formats)"
)

// setFlags are the flags of sets.
type setFlags struct {
	to                              stage.SetPlan
	bins, rho, tests, only, without cli.StringSlice
	rule, weights, joint            string
}

func newSetFlags() *setFlags {
	return &setFlags{to: stage.SetPlan{Options: sets.Defaults()}, rule: "max", weights: "1,25"}
}

func (f *setFlags) flags() []cli.Flag {
	p, o := &f.to, &f.to.Options
	list := []cli.Flag{
		&cli.StringFlag{Name: "set-list", Usage: "`FILE` of sets: name, chromosome, position, variants apart by commas; tests sets instead of variants", Destination: &p.List},
		&cli.StringFlag{Name: "anno-file", Usage: "`FILE` of annotations: variant, set, [domain,] category", Destination: &p.Annotations},
		&cli.StringFlag{Name: "mask-def", Usage: "`FILE` of masks: name, categories apart by commas", Destination: &p.Masks},
		&cli.StringFlag{Name: "aaf-file", Usage: "`FILE` of allele frequencies: variant, frequency, [1 for singletons]; default: those of the samples", Destination: &p.Frequencies},
		&cli.BoolFlag{Name: "set-singletons", Usage: "the third column of --aaf-file says who is a singleton", Destination: &p.Singletons},
		&cli.StringSliceFlag{Name: "aaf-bins", Usage: "largest allele frequencies of masks; there is one of singletons besides (default: 0.01)", Destination: &f.bins},
		&cli.StringFlag{Name: "build-mask", Usage: "max, sum or comphet: how sites make one genotype", Value: f.rule, Destination: &f.rule},
		&cli.BoolFlag{Name: "singleton-carrier", Usage: "a singleton has one carrier rather than one copy", Destination: &o.SingletonCarrier},
		&cli.StringSliceFlag{Name: "vc-tests", Usage: "skat, skato, skato-acat, acatv, acato, acato-full", Destination: &f.tests},
		&cli.Float64Flag{Name: "vc-maxAAF", Usage: "largest allele frequency of variants in those tests", Value: o.MaxAAF, Destination: &o.MaxAAF},
		&cli.Float64Flag{Name: "vc-MACthr", Usage: "variants of so few copies are collapsed in those tests", Value: o.CollapseMAC, Destination: &o.CollapseMAC},
		&cli.StringFlag{Name: "skat-params", Usage: "`A1,A2` of the beta density that weighs variants by their frequency", Value: f.weights, Destination: &f.weights},
		&cli.StringSliceFlag{Name: "skato-rho", Usage: "grid of SKAT-O (default: 0,0.01,0.04,0.09,0.16,0.25,0.5,1)", Destination: &f.rho},
		&cli.StringFlag{Name: "joint", Usage: "acat: combine the masks of a set", Destination: &f.joint},
		&cli.StringSliceFlag{Name: "extract-setlist", Usage: "sets to test; default: all", Destination: &f.only},
		&cli.StringFlag{Name: "extract-sets", Usage: "`FILE` of names of sets to test", Destination: &p.OnlyFile},
		&cli.StringSliceFlag{Name: "exclude-setlist", Usage: "sets to leave out", Destination: &f.without},
		&cli.StringFlag{Name: "exclude-sets", Usage: "`FILE` of names of sets to leave out", Destination: &p.WithoutFile},
		&cli.BoolFlag{Name: "write-mask-snplist", Usage: "write the variants of each mask, OUT_masks.snplist", Destination: &p.WriteLists},
		&cli.BoolFlag{Name: "strict-check-burden", Usage: "fail where set list, annotations and masks do not agree", Destination: &p.Strict},
	}
	for _, l := range list {
		switch l := l.(type) {
		case *cli.StringFlag:
			l.Category = categorySets
		case *cli.BoolFlag:
			l.Category = categorySets
		case *cli.StringSliceFlag:
			l.Category = categorySets
		case *cli.Float64Flag:
			l.Category = categorySets
		}
	}
	return list
}

// kinds are the tests of variance by name. acato-full has the grid of SKAT-O.
var kinds = map[string]sets.Kinds{"skat": sets.SKAT, "skato": sets.SKATO, "skato-acat": sets.SKATOACAT, "acatv": sets.ACATV, "acato": sets.ACATO, "acato-full": sets.ACATO}

// plan makes the plan of sets; nil without any.
func (f *setFlags) plan(c *cli.Context, run *stage.AssocPlan) (*stage.SetPlan, error) {
	if f.to.List == "" {
		for _, flag := range f.flags() {
			if name := flag.Names()[0]; c.IsSet(name) {
				return nil, fmt.Errorf("--%s is of sets, which --set-list names", name)
			}
		}
		return nil, nil
	}
	p := f.to
	o := &p.Options
	errs := missingFlags("anno-file", p.Annotations, "mask-def", p.Masks)
	if p.Singletons && p.Frequencies == "" {
		errs = append(errs, errors.New("--set-singletons wants --aaf-file"))
	}
	if bins := split(f.bins.Value()); len(bins) > 0 {
		list, err := floats("aaf-bins", bins)
		o.Bins, errs = list, append(errs, err)
	}
	var err error
	o.Rho, err = floats("skato-rho", split(f.rho.Value()))
	errs = append(errs, err, choose("build-mask", f.rule, &o.Rule, "max", "sum", "comphet"))
	for _, name := range split(f.tests.Value()) {
		k, ok := kinds[name]
		if !ok {
			errs = append(errs, fmt.Errorf("vc-tests %q: want skat, skato, skato-acat, acatv, acato or acato-full", name))
		}
		o.Kinds |= k
		o.FullGrid = o.FullGrid || name == "acato-full"
	}
	weights, err := floats("skat-params", strings.Split(f.weights, ","))
	if err == nil && len(weights) != 2 {
		err = fmt.Errorf("skat-params %q: want two numbers", f.weights)
	}
	if errs = append(errs, err); err == nil {
		o.A1, o.A2 = weights[0], weights[1]
	}
	switch f.joint {
	case "":
	case "acat":
		o.Joint = true
	default:
		errs = append(errs, fmt.Errorf("joint %q: want acat", f.joint))
	}
	if k := run.Columns.Format; k != table.GX && k != table.Regenie {
		errs = append(errs, fmt.Errorf("--format %s has no rows of sets: want gx or regenie", k))
	}
	p.Only, p.Without = split(f.only.Value()), split(f.without.Value())
	o.Scan = run.Scan
	return &p, errors.Join(append(errs, o.Validate())...)
}

func floats(flag string, list []string) ([]float64, error) {
	var out []float64
	for _, s := range list {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, fmt.Errorf("%s %q: want a number", flag, s)
		}
		out = append(out, v)
	}
	return out, nil
}

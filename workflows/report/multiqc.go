package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// File is a file by name and content.
type File struct {
	Name string
	Text []byte
}

// MultiQC is the custom content that MultiQC finds by the names of the files: numbers
// of calls for its table of all samples, a table per association, and QQ plots.
func (r *Report) MultiQC() ([]File, error) {
	out := []File{{"gx_mqc_versions.yml", []byte("gx:\n  gx: \"" + r.Version + "\"\n")}}
	for _, x := range []struct {
		name string
		make func() *multiQC
	}{{"gx_calls_mqc.json", r.multiCalls}, {"gx_association_mqc.json", r.multiTraits}, {"gx_qq_mqc.json", r.multiQQ}, {"gx_run_mqc.json", r.multiRuns}} {
		m := x.make()
		if len(m.Data) == 0 {
			continue
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		if err := e.Encode(m); err != nil {
			return nil, err
		}
		out = append(out, File{x.name, b.Bytes()})
	}
	return out, nil
}

// multiQC is a section, by MultiQC's own names.
type multiQC struct {
	ID          string         `json:"id"`
	Name        string         `json:"section_name,omitempty"`
	Description string         `json:"description,omitempty"`
	Plot        string         `json:"plot_type"`
	Config      map[string]any `json:"pconfig"`
	Headers     any            `json:"headers,omitempty"`
	Data        map[string]any `json:"data"`
}

type header struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Format      string `json:"format,omitempty"`
	Hidden      bool   `json:"hidden,omitempty"`
}

const (
	counted = "{:,.0f}"
	twoMore = "{:,.3f}"
)

// unlike gives a name that no other entry has.
func (m *multiQC) unlike(name string) string {
	for k := 2; ; k++ {
		if _, taken := m.Data[name]; !taken {
			return name
		}
		name = fmt.Sprintf("%s (%d)", strings.TrimSuffix(name, fmt.Sprintf(" (%d)", k-1)), k)
	}
}

// put keeps the values that there are.
func (m *multiQC) put(name string, values map[string]number) {
	there := map[string]number{}
	for k, v := range values {
		if v == v {
			there[k] = v
		}
	}
	m.Data[m.unlike(name)] = there
}

func (r *Report) multiCalls() *multiQC {
	m := &multiQC{ID: "gx_calls", Plot: "generalstats", Config: map[string]any{"id": "gx_calls_table", "namespace": "gx"}, Data: map[string]any{},
		Headers: []map[string]header{
			{"variants": {"Variants", "records that pass and that the sample's file has carried", counted, false}},
			{"snps": {"SNPs", "of the variants", counted, true}},
			{"indels": {"Indels", "of the variants", counted, true}},
			{"ti_tv": {"Ti/Tv", "transitions over transversions, of the variants", twoMore, false}},
			{"het_hom": {"Het/hom", "heterozygous over homozygous SNPs", twoMore, false}},
			{"mean_gq": {"GQ", "mean genotype quality of the variants", "{:,.1f}", true}},
			{"mean_depth": {"Depth", "mean depth at the variants", "{:,.1f}", true}},
			{"completeness": {"Complete", "bases with a genotype, percent of the contigs (gVCF)", "{:,.2f}", false}},
			{"first_pass": {"First pass", "percent of records settled by the quick model", "{:,.1f}", true}},
		}}
	for _, c := range r.Calls {
		for i := range c.PerSample {
			s := &c.PerSample[i]
			values := map[string]number{"variants": number(c.Variants.Records), "snps": number(s.HetSNPs + s.HomSNPs), "indels": number(s.Indels), "ti_tv": s.TiTv, "het_hom": s.HetHom,
				"mean_gq": c.Variants.MeanGQ, "mean_depth": s.MeanDepth, "first_pass": 100 * c.FirstPass, "completeness": number(c.completeness())}
			if len(c.PerSample) > 1 { // of all samples together
				delete(values, "variants")
				delete(values, "mean_gq")
				delete(values, "completeness")
			}
			m.put(s.Sample, values)
		}
	}
	return m
}

// completeness is the percentage of the contigs' bases with a genotype, of those
// that have any; NaN where the file has no reference blocks.
func (c *Calls) completeness() float64 {
	covered, length := 0, 0
	for i := range c.PerContig {
		if k := &c.PerContig[i]; k.Covered > 0 && k.Length > 0 {
			covered, length = covered+k.Covered, length+k.Length
		}
	}
	return 100 * ratio(covered, length)
}

func (r *Report) multiTraits() *multiQC {
	m := &multiQC{ID: "gx_association", Name: "gx: association", Description: "Traits tested for association; λ GC is the genomic inflation.", Plot: "table",
		Config: map[string]any{"id": "gx_association_table", "title": "gx: association", "col1_header": "Trait"}, Data: map[string]any{},
		Headers: map[string]header{
			"n": {"Samples", "with the trait", counted, false}, "cases": {"Cases", "of a binary trait", counted, false}, "tests": {"Tests", "rows with a p", counted, false},
			"lambda_gc": {"λ GC", "genomic inflation", twoMore, false}, "hits": {"Hits", "tests below the p of a hit", counted, false}, "loci": {"Loci", "of hits", counted, false},
			"null": {"Null model", "R2 or AUC of the null model, out of fold", "{:,.4f}", false}}}
	for _, t := range r.Traits {
		x := &t.Main
		values := map[string]number{"n": number(x.MostN), "tests": number(x.Tests), "lambda_gc": x.Lambda, "hits": number(x.Hits), "loci": number(x.HitLoci)}
		if x.Cases != nil {
			values["cases"] = number(*x.Cases)
		}
		if t.Null != nil {
			values["null"] = t.Null.Value
		}
		m.put(t.Trait, values)
	}
	return m
}

func (r *Report) multiQQ() *multiQC {
	m := &multiQC{ID: "gx_qq", Name: "gx: QQ of association", Description: "Observed against expected −log10 p.", Plot: "linegraph",
		Config: map[string]any{"id": "gx_qq_plot", "title": "gx: QQ of association", "xlab": "expected −log10 p", "ylab": "observed −log10 p"}, Data: map[string]any{}}
	for _, t := range r.Traits {
		if len(t.quantiles) == 0 {
			continue
		}
		points := [][2]number{}
		for i := len(t.quantiles) - 1; i >= 0; i-- {
			points = append(points, [2]number{number(t.quantiles[i].Expected), number(t.quantiles[i].Observed)})
		}
		m.Data[m.unlike(t.Trait)] = points
	}
	return m
}

func (r *Report) multiRuns() *multiQC {
	m := &multiQC{ID: "gx_run", Name: "gx: runs", Description: "Plans that gx run did.", Plot: "table", Config: map[string]any{"id": "gx_run_table", "title": "gx: runs", "col1_header": "Run"}, Data: map[string]any{},
		Headers: map[string]header{"steps": {"Steps", "of the plan", counted, false}, "complete": {"Complete", "1 where no contig lacks bases", counted, false}}}
	for _, x := range r.Runs {
		values := map[string]number{"steps": number(len(x.Steps)), "complete": 0}
		if x.Complete {
			values["complete"] = 1
		}
		m.put(x.Name, values)
	}
	return m
}

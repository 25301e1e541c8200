package stage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/sets"
	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
)

// setCohort is 600 people, 240 variants on two chromosomes, and the files of eight
// sets, in a folder of their own.
type setCohort struct {
	t   *testing.T
	dir string
	ids []string // of the variants
}

func newSetCohort(t *testing.T) *setCohort {
	t.Helper()
	c := &setCohort{t: t, dir: t.TempDir()}
	o := simulate.Defaults()
	o.Samples, o.Variants, o.Chromosomes, o.MinMAF, o.MaxMAF, o.Missing = 600, 240, 2, 0.002, 0.06, 0.01
	plan := CohortPlan{Options: o, Out: c.path("c.bed"), Prefix: c.path("c")}
	if err := SimulateCohort(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	var annotations, list strings.Builder
	var members []string
	set := 0
	for _, f := range lines(t, c.path("c.bim")) {
		id := f[1]
		c.ids = append(c.ids, id)
		fmt.Fprintf(&annotations, "%s G%d %s\n", id, set, []string{"LoF", "missense", "silent"}[len(c.ids)%3])
		if members = append(members, id); len(members) == 30 {
			fmt.Fprintf(&list, "G%d %s %s %s\n", set, f[0], f[3], strings.Join(members, ","))
			members, set = nil, set+1
		}
	}
	c.write("annotations", annotations.String())
	c.write("list", list.String())
	c.write("masks", "M1 LoF\nM2 LoF,missense\n")
	return c
}

func (c *setCohort) path(name string) string { return filepath.Join(c.dir, name) }

func (c *setCohort) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *setCohort) read(name string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

func (c *setCohort) plan(prefix string) AssocPlan {
	p := AssocPlan{Genotypes: c.path("c.bed"), Pheno: c.path("c.tsv"), Covar: c.path("c.tsv"), Study: pheno.Defaults(), Scan: gwas.Defaults(), Prefix: prefix, SSF: table.DefaultMeta(),
		Sets: &SetPlan{List: c.path("list"), Annotations: c.path("annotations"), Masks: c.path("masks"), Options: sets.Defaults()}}
	p.Study.Traits = []string{"y", "b"}
	o := &p.Sets.Options
	o.Bins, o.MaxAAF, o.Kinds, o.Joint = []float64{0.01, 0.05}, 0.05, sets.SKAT|sets.SKATO|sets.SKATOACAT|sets.ACATV|sets.ACATO, true
	return p
}

func (c *setCohort) run(plan AssocPlan, threads int) ([]gwas.Summary, []string, error) {
	var notes []string
	env := &Env{Store: object.Files{}, Threads: threads, Note: func(f string, a ...any) { notes = append(notes, fmt.Sprintf(f, a...)) }}
	s, err := Assoc(c.t.Context(), env, plan)
	return s, notes, err
}

// TestSetsSameBytes: threads change no byte of any file, in both formats; nor do
// the formats of genotypes.
func TestSetsSameBytes(t *testing.T) {
	c := newSetCohort(t)
	if _, err := Convert(t.Context(), &Env{Store: object.Files{}, Threads: 1}, ConvertPlan{In: c.path("c.bed"), Out: c.path("p.pgen")}); err != nil {
		t.Fatal(err)
	}
	for _, format := range []table.Format{table.GX, table.Regenie} {
		var want map[string]string
		for _, run := range []struct {
			genotypes string
			threads   int
		}{{"c.bed", 1}, {"c.bed", 3}, {"p.pgen", 2}} {
			dir := t.TempDir()
			plan := c.plan(filepath.Join(dir, "r"))
			plan.Genotypes = c.path(run.genotypes)
			plan.Columns.Format, plan.Parquet, plan.Sets.WriteLists = format, true, true
			s, _, err := c.run(plan, run.threads)
			if err != nil || len(s) != 2 || s[0].Tests < 50 {
				t.Fatalf("%v, %v", s, err)
			}
			got := outputs(t, dir)
			if want == nil {
				want = got
				names := []string{"r.b.sets.parquet", "r.b.sets.tsv.gz", "r.b.sets.tsv.gz.tbi", "r.sets.summary.json", "r.y.sets.parquet", "r.y.sets.tsv.gz", "r.y.sets.tsv.gz.tbi", "r_masks.snplist"}
				if format == table.Regenie {
					names = []string{"r.b.sets.parquet", "r.sets.summary.json", "r.y.sets.parquet", "r_b.regenie", "r_masks.snplist", "r_y.regenie"}
				}
				var have []string
				for name := range got {
					have = append(have, name)
				}
				slices.Sort(have)
				if !slices.Equal(have, names) {
					t.Fatalf("files %v, want %v", have, names)
				}
			}
			sameOutputs(t, got, want)
		}
	}
}

// TestSetsSummary: the summary for machines says what the lines on the terminal do.
func TestSetsSummary(t *testing.T) {
	c := newSetCohort(t)
	dir := t.TempDir()
	s, notes, err := c.run(c.plan(filepath.Join(dir, "r")), 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "8 sets, 2 masks, 160 variants") }) {
		t.Errorf("notes %q", notes)
	}
	b, err := os.ReadFile(filepath.Join(dir, "r.sets.summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got assocSummary
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Rows != "sets" || len(got.Traits) != 2 || got.Traits[0].Tests != s[0].Tests || got.Traits[1].Cases == nil || *got.Traits[1].Cases+*got.Traits[1].Controls != got.Traits[1].N ||
		got.Samples.Analysed != 600 || got.Traits[0].File != "r.y.sets.tsv.gz" || got.Traits[0].FileRows != len(lines(t, filepath.Join(dir, "r.y.sets.tsv.gz")))-1 {
		t.Errorf("%s", b)
	}
}

// TestSetsFrequencies: frequencies of a file decide on the masks, and its third
// column on singletons.
func TestSetsFrequencies(t *testing.T) {
	c := newSetCohort(t)
	var f strings.Builder
	for i, id := range c.ids {
		fmt.Fprintf(&f, "%s %g %d\n", id, 0.02, map[bool]int{true: 1}[i%2 == 0])
	}
	c.write("aaf", f.String())
	plan := c.plan(c.path("r"))
	plan.Sets.Frequencies, plan.Sets.Singletons = c.path("aaf"), true
	plan.Sets.Options.Bins, plan.Sets.Options.Kinds, plan.Sets.WriteLists, plan.Scan.MinMAC = []float64{0.01, 0.03}, 0, true, 0.5
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	for _, f := range lines(t, c.path("r_masks.snplist")) {
		if strings.HasSuffix(f[0], ".0.01") || strings.HasSuffix(f[0], ".singleton") {
			t.Errorf("mask %s of variants at 0.02", f[0])
		}
	}
	c.write("aaf", strings.ReplaceAll(f.String(), " 0.02 ", " 0.004 "))
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	single := 0
	for _, f := range lines(t, c.path("r_masks.snplist")) {
		if strings.HasSuffix(f[0], ".singleton") {
			single++
			for _, v := range strings.Split(f[1], ",") {
				if slices.Index(c.ids, v)%2 != 0 {
					t.Errorf("%s holds %s, which the file does not call a singleton", f[0], v)
				}
			}
		}
	}
	if single == 0 {
		t.Error("no mask of singletons")
	}
}

// TestSetsNames: the place names a variant as its ID does; lists choose sets.
func TestSetsNames(t *testing.T) {
	c := newSetCohort(t)
	plan := c.plan(c.path("a"))
	plan.Sets.Options.Joint = false
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	list, annotations := c.read("list"), c.read("annotations")
	for _, f := range lines(t, c.path("c.bim")) {
		place := f[0] + ":" + f[3] + ":" + f[5] + ":" + f[4]
		list = strings.ReplaceAll(strings.ReplaceAll(list, f[1]+",", place+","), f[1]+"\n", place+"\n")
		annotations = strings.Replace(annotations, f[1]+" ", place+" ", 1)
	}
	c.write("list", list)
	c.write("annotations", annotations)
	plan.Prefix = c.path("b")
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	if c.read("a.y.sets.tsv.gz") != c.read("b.y.sets.tsv.gz") {
		t.Error("names by place give other rows")
	}
	c.write("names", "G3\nG5\n")
	plan.Prefix, plan.Sets.OnlyFile, plan.Sets.Without = c.path("d"), c.path("names"), []string{"G5"}
	if _, _, err := c.run(plan, 1); err == nil || !strings.Contains(err.Error(), "no set G5") {
		t.Errorf("a set wanted and left out: %v", err)
	}
	plan.Sets.Without = nil
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	for _, f := range lines(t, c.path("d.y.sets.tsv.gz"))[1:] {
		if !strings.HasPrefix(f[2], "G3.") && !strings.HasPrefix(f[2], "G5.") {
			t.Errorf("a row of %s", f[2])
		}
	}
}

// TestSetsDomains: annotations with domains make masks of each and of all.
func TestSetsDomains(t *testing.T) {
	c := newSetCohort(t)
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(c.read("annotations")), "\n") {
		f := strings.Fields(line)
		fmt.Fprintf(&b, "%s %s %s %s\n", f[0], f[1], []string{"tail", "head"}[i%2], f[2])
	}
	c.write("annotations", b.String())
	plan := c.plan(c.path("r"))
	plan.Sets.Options.Bins, plan.Sets.Options.Kinds, plan.Sets.Options.Joint, plan.Sets.WriteLists = []float64{0.5}, 0, false, true
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	var order []string
	for _, f := range lines(t, c.path("r_masks.snplist"))[:3] {
		sizes[f[0]] = strings.Count(f[1], ",") + 1
		order = append(order, f[0])
	}
	if want := []string{"G0.head.M1.0.5", "G0.tail.M1.0.5", "G0.M1.0.5"}; !slices.Equal(order, want) || sizes[want[0]]+sizes[want[1]] != sizes[want[2]] {
		t.Errorf("masks %v of %v variants, want %v", order, sizes, want)
	}
}

// TestSetsBad: what is wrong with the files of sets is one clear error, or a note
// that states what is done, and nothing is written after an error.
func TestSetsBad(t *testing.T) {
	c := newSetCohort(t)
	list, annotations, masks := c.read("list"), c.read("annotations"), c.read("masks")
	first := c.ids[0]
	for _, x := range []struct {
		name   string
		change func(p *AssocPlan)
		err    string
		note   string
	}{
		{"unknown variant", func(*AssocPlan) { c.write("list", strings.Replace(list, first+",", "nobody,"+first+",", 1)) }, "", "1 variants of sets have no annotation there, the first nobody of set G0"},
		{"unknown variant, annotated", func(*AssocPlan) {
			c.write("list", strings.Replace(list, first+",", "nobody,"+first+",", 1))
			c.write("annotations", annotations+"nobody G0 LoF\n")
		}, "", "1 variants of sets are not among the genotypes, the first nobody"},
		{"unknown variant, strict", func(p *AssocPlan) {
			c.write("list", strings.Replace(list, first+",", "nobody,"+first+",", 1))
			p.Sets.Strict = true
		}, "list:1: set G0: variant nobody has no annotation in", ""},
		{"two chromosomes", func(*AssocPlan) {
			c.write("list", strings.Replace(list, "G0 1 ", "G0 2 ", 1))
		}, "set G0: is on chromosome 2, but its variant", ""},
		{"variants of two chromosomes", func(*AssocPlan) {
			last := c.ids[len(c.ids)-3]
			c.write("list", strings.Replace(list, first+",", last+","+first+",", 1))
			c.write("annotations", annotations+last+" G0 LoF\n")
		}, "set G0: is on chromosome 1, but its variant " + c.ids[len(c.ids)-3] + " on 2", ""},
		{"unknown annotation", func(*AssocPlan) { c.write("masks", masks+"M3 LoF,splice\n") }, "", "mask M3: no variant is annotated splice"},
		{"unknown annotation, strict", func(p *AssocPlan) { c.write("masks", masks+"M3 LoF,splice\n"); p.Sets.Strict = true }, "masks: mask M3: no variant of", ""},
		{"mask of unknown annotations", func(*AssocPlan) { c.write("masks", masks+"M3 splice,UTR\n") }, "", "mask M3 is left out: no variant is annotated splice or UTR"},
		{"no mask known", func(*AssocPlan) { c.write("masks", "M3 splice\n") }, "masks: no mask has an annotation", ""},
		{"mask of nothing", func(*AssocPlan) { c.write("masks", masks+"M3\n") }, "masks:3: mask M3 names no annotation", ""},
		{"set twice", func(*AssocPlan) { c.write("list", list+"G0 1 1 x\n") }, "list:9: set G0 stands in line 1", ""},
		{"empty set", func(*AssocPlan) { c.write("list", list+"G9 1 1 ,\n") }, "list:9: set G9 has no variants", ""},
		{"empty mask", func(p *AssocPlan) { p.Sets.Options.Bins, p.Sets.Options.Kinds = []float64{1e-6}, 0 }, "", "0 sets have a mask that is tested, 8 have none"},
		{"names of another file", func(*AssocPlan) { c.write("list", "G0 1 1 x,y\n"); c.write("annotations", "x G0 LoF\ny G0 missense\n") }, "none of its variants with an annotation of a mask is in", ""},
		{"set asked for is not there", func(p *AssocPlan) { p.Sets.Only = []string{"G0", "H"} }, "list: has no set H, which is asked for", ""},
		{"no set left", func(p *AssocPlan) { p.Sets.Without = strings.Split("G0 G1 G2 G3 G4 G5 G6 G7", " ") }, "list: no set is left to test", ""},
		{"no list", func(p *AssocPlan) { p.Sets.List = c.path("nowhere") }, "nowhere: no such file", ""},
		{"singletons without a column", func(p *AssocPlan) {
			c.write("aaf", first+" 0.1\n")
			p.Sets.Frequencies, p.Sets.Singletons = c.path("aaf"), true
		}, "aaf:1: no third column", ""},
		{"frequencies of others", func(p *AssocPlan) { c.write("aaf", "nobody 0.1\n"); p.Sets.Frequencies = c.path("aaf") }, "", "160 variants are not in"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.write("list", list)
			c.write("annotations", annotations)
			c.write("masks", masks)
			dir := t.TempDir()
			plan := c.plan(filepath.Join(dir, "r"))
			x.change(&plan)
			_, notes, err := c.run(plan, 2)
			switch {
			case x.err != "":
				if err == nil || !strings.Contains(err.Error(), x.err) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%v, want %q", err, x.err)
				}
				if left := outputs(t, dir); len(left) > 0 {
					t.Errorf("%d files are left", len(left))
				}
			case err != nil:
				t.Error(err)
			case !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, x.note) }):
				t.Errorf("notes %q, want %q", notes, x.note)
			}
		})
	}
}

// TestSetsTwins: an ID that several rows have cannot name a member.
func TestSetsTwins(t *testing.T) {
	c := newSetCohort(t)
	bim := c.read("c.bim")
	c.write("c.bim", strings.Replace(bim, "\t"+c.ids[1]+"\t", "\t"+c.ids[0]+"\t", 1))
	_, _, err := c.run(c.plan(c.path("r")), 1)
	if err == nil || !strings.Contains(err.Error(), "stands more than once: name it CHROM:POS:REF:ALT") {
		t.Errorf("%v", err)
	}
}

// TestSetsEqualRegenie: the whole file of regenie's example but for its numbers,
// which package sets compares: header, rows and their order, and columns.
func TestSetsEqualRegenie(t *testing.T) {
	dir := t.TempDir()
	example := func(name string) string { return shared.Path(t, "gwas/regenie-example/"+name) }
	plan := AssocPlan{Genotypes: example("example_3chr.bed"), Pheno: example("phenotype_bin.txt"), Covar: example("covariates.txt"), Study: pheno.Defaults(), Scan: gwas.Defaults(),
		Prefix: filepath.Join(dir, "r"), Sets: &SetPlan{List: example("example_3chr.setlist"), Annotations: example("example_3chr.annotations"), Masks: example("example_3chr.masks"), Options: sets.Defaults()}}
	plan.Study.Traits, plan.Study.Quantitative = []string{"Y1"}, []string{"Y1"}
	plan.Scan.Form = gwas.ScoreForm
	plan.Columns.Format = table.Regenie
	plan.Sets.Options.Bins, plan.Sets.Options.Kinds = []float64{0.2}, sets.SKAT|sets.SKATO|sets.ACATV|sets.ACATO
	if _, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	fields := func(path string) [][]string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var out [][]string
		for line := range strings.Lines(string(b)) {
			out = append(out, strings.Split(strings.TrimSuffix(line, "\n"), " "))
		}
		return out
	}
	got, want := fields(filepath.Join(dir, "r_Y1.regenie")), fields(shared.Path(t, "gwas/expected/regenie-3chr/s2_sets_Y1.regenie"))
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for i := range want {
		for k, w := range want[i] {
			// Numbers of columns 9 to 12 are regenie's within their bars.
			if g := got[i][k]; g != w && !(i > 1 && k >= 8 && k <= 11 && w != "NA" && g != "NA") {
				t.Errorf("line %d, field %d: %s, want %s", i+1, k+1, g, w)
			}
		}
	}
}

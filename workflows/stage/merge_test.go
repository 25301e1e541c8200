package stage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/merge"
)

const grch37 = "reference/GRCh37.chr20.windows.fa.gz"

// calledCohort calls samples of a folder of reads and gives their gVCFs in dir.
func calledCohort(t testing.TB, dir, folder, region string, samples ...string) []string {
	t.Helper()
	var out []string
	for _, s := range samples {
		o := DefaultCallOptions()
		if region != "" {
			o.Regions = []string{region}
		}
		plan := CallPlan{Ref: shared.Path(t, grch37), Reads: []string{shared.Path(t, "reads/"+folder+"/"+s+".bam")}, Out: filepath.Join(dir, s+".vcf.gz"),
			GVCF: filepath.Join(dir, s+".g.vcf.gz"), Options: o, Shards: 1}
		call(t, plan, 2)
		out = append(out, plan.GVCF)
	}
	return out
}

func runMerge(t testing.TB, plan MergePlan, threads int) *MergeSummary {
	t.Helper()
	s, err := Merge(t.Context(), &Env{Store: object.Files{}, Threads: threads}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// genotypes is the genotypes of a VCF, their alleles as bases: by site and then
// by sample.
func genotypes(t testing.TB, path string) map[string]map[string]string {
	t.Helper()
	r, err := vcf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := map[string]map[string]string{}
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		alleles := append([]string{rec.Ref}, rec.Alts...)
		at := fmt.Sprintf("%s:%d", rec.Contig, rec.Pos+1)
		site := map[string]string{"REF": rec.Ref, "ALT": strings.Join(slices.Sorted(slices.Values(rec.Alts)), ",")}
		for i, name := range r.Header().Samples {
			g, err := rec.Genotype(i)
			if err != nil {
				t.Fatal(err)
			}
			if g.A < 0 || g.B < 0 {
				site[name] = "./."
				continue
			}
			pair := []string{alleles[g.A], alleles[g.B]}
			slices.Sort(pair)
			site[name] = strings.Join(pair, "/")
		}
		out[at] = site
	}
	return out
}

func calledTrio(t testing.TB, dir string) []string {
	t.Helper()
	return calledCohort(t, dir, "CEU-trio-20-10.00", "20:9,999,857-10,010,000", "HG001", "NA12891", "NA12892")
}

// TestMergeTrio goes from the reads of a trio to its table, and counts where
// the child's genotype does not follow from those of its parents.
func TestMergeTrio(t *testing.T) {
	dir := t.TempDir()
	inputs := calledTrio(t, dir)
	plan := MergePlan{Inputs: inputs, Out: filepath.Join(dir, "trio.vcf.gz"), Options: DefaultMergeOptions()}
	s := runMerge(t, plan, 2)
	if s.Samples != 3 || s.Sites < 60 {
		t.Errorf("%s, want 3 samples and 60 or more sites", s)
	}
	want := outputs(t, dir)
	trio := genotypes(t, plan.Out)
	full, broken := mendel(trio, "HG001", "NA12891", "NA12892")
	t.Logf("%d sites, %d with all three genotypes, %d of them against Mendel's rule", len(trio), full, broken)
	if full < 60 || 20*broken > full {
		t.Errorf("%d of %d sites break Mendel's rule, want at most 5%%", broken, full)
	}

	t.Run("same bytes", func(t *testing.T) {
		for _, threads := range []int{1, 5} {
			slices.Reverse(plan.Inputs)
			again := plan
			again.Out = filepath.Join(t.TempDir(), "trio.vcf.gz")
			runMerge(t, again, threads)
			for name, b := range outputs(t, filepath.Dir(again.Out)) {
				if b != want[name] {
					t.Errorf("%d threads, other order: %s differs", threads, name)
				}
			}
		}
	})
	t.Run("bcftools merge", func(t *testing.T) {
		sameAsPeer(t, inputs, trio, plan.Out)
	})
}

// mendel counts the sites where all three have a genotype, and of them those
// where the child has no allele of one parent, or not one of each.
func mendel(sites map[string]map[string]string, child, father, mother string) (full, broken int) {
	for _, s := range sites {
		if s[child] == "./." || s[father] == "./." || s[mother] == "./." {
			continue
		}
		full++
		a, b, _ := strings.Cut(s[child], "/")
		has := func(parent, allele string) bool { return slices.Contains(strings.Split(s[parent], "/"), allele) }
		if !(has(father, a) && has(mother, b) || has(father, b) && has(mother, a)) {
			broken++
		}
	}
	return full, broken
}

// sameAsPeer compares genotypes with those of bcftools merge, at the sites where
// all gVCFs that have a record have the same alleles; and has bcftools read the
// table.
func sameAsPeer(t *testing.T, inputs []string, got map[string]map[string]string, path string) {
	t.Helper()
	ref := shared.Path(t, grch37)
	other := filepath.Join(t.TempDir(), "peer.vcf")
	peer(t, append([]string{"bcftools", "merge", "-g", ref, "-o", other}, inputs...)...)
	alleles := map[string][]string{} // by site, of each gVCF
	for _, in := range inputs {
		for at, s := range genotypes(t, in) {
			if s["ALT"] != "<*>" {
				alleles[at] = append(alleles[at], s["REF"]+">"+s["ALT"])
			}
		}
	}
	want := genotypes(t, other)
	compared := 0
	for at, s := range got {
		list := alleles[at]
		if len(list) < len(inputs) || slices.ContainsFunc(list, func(a string) bool { return a != list[0] }) {
			continue
		}
		compared++
		for name, g := range s {
			if name != "ALT" && want[at][name] != g { // bcftools keeps <*>
				t.Errorf("%s, sample %s: %s, bcftools merge has %s", at, name, g, want[at][name])
			}
		}
	}
	t.Logf("%d sites of the same alleles everywhere compared", compared)
	if compared < 10 {
		t.Errorf("%d sites compared, want 10 or more", compared)
	}
	for _, args := range [][]string{{"bcftools", "view", path}, {"bcftools", "norm", "-c", "e", "-f", ref, "-o", os.DevNull, path}, {"tabix", "-l", path}} {
		if _, said := peer(t, args...); strings.Contains(strings.ToLower(said), "warn") || strings.Contains(said, "[E") || strings.Contains(said, "[W") {
			t.Errorf("%v says: %s", args, said)
		}
	}
}

// TestMergeCohort merges the low-coverage samples of one population, from their
// reads on.
func TestMergeCohort(t *testing.T) {
	dir := t.TempDir()
	reads, err := filepath.Glob(shared.Path(t, "reads/CEU-lowcov-20-20.16") + "/*.bam")
	if err != nil || len(reads) != 54 {
		t.Fatalf("%d BAM files, %v, want 54", len(reads), err)
	}
	if testing.Short() {
		reads = reads[:6]
	}
	var samples []string
	for _, path := range reads {
		samples = append(samples, strings.TrimSuffix(filepath.Base(path), ".bam"))
	}
	inputs := calledCohort(t, dir, "CEU-lowcov-20-20.16", "20:20,155,009-20,235,756", samples...)
	plan := MergePlan{Inputs: inputs, Out: filepath.Join(dir, "c.vcf.gz"), Options: DefaultMergeOptions()}
	plan.Options.IDs = true
	s := runMerge(t, plan, 2)
	sites, missing, genotyped := genotypes(t, plan.Out), 0, 0
	for _, x := range sites {
		for name, g := range x {
			if name == "REF" || name == "ALT" {
				continue
			}
			if g == "./." {
				missing++
			} else {
				genotyped++
			}
		}
	}
	t.Logf("%s; %d genotypes, %d missing", s, genotyped, missing)
	if s.Samples != len(reads) || s.Sites < 100 || genotyped < 3*missing {
		t.Errorf("%s, %d genotypes, %d missing", s, genotyped, missing)
	}
	text := textOf(t, plan.Out)
	last := strings.Split(text[strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1:], "\t")
	if id := strings.Join([]string{last[0], last[1], last[3], last[4]}, ":"); last[2] != id {
		t.Errorf("ID %s, want %s", last[2], id)
	}
	if !testing.Short() {
		findTrait(t, plan.Out, samples)
	}
}

// findTrait makes a trait of the genotypes of a common SNP and finds it again by
// testing the whole table: from reads to loci.
func findTrait(t *testing.T, path string, samples []string) {
	t.Helper()
	sites := genotypes(t, path)
	at, fewest := "", len(samples)
	for _, key := range slices.Sorted(maps.Keys(sites)) {
		s, copies, missing := sites[key], 0, 0
		for _, name := range samples {
			if s[name] == "./." {
				missing++
			}
			copies += strings.Count(s[name], s["ALT"])
		}
		called := len(samples) - missing
		if len(s["REF"]) == 1 && len(s["ALT"]) == 1 && missing < fewest && copies > called/2 && copies < 3*called/2 {
			at, fewest = key, missing
		}
	}
	if at == "" {
		t.Fatal("no common SNP")
	}
	var table strings.Builder
	table.WriteString("#IID\ty\n")
	r := rand.New(rand.NewPCG(5, 6))
	for _, name := range samples {
		fmt.Fprintf(&table, "%s\t%.6f\n", name, float64(strings.Count(sites[at][name], sites[at]["ALT"]))+0.1*r.NormFloat64())
	}
	dir := filepath.Dir(path)
	p := AssocPlan{Genotypes: path, Pheno: filepath.Join(dir, "y.tsv"), Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults(), Prefix: filepath.Join(dir, "r")}
	p.Study.Traits = []string{"y"}
	if err := os.WriteFile(p.Pheno, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: 2}, p); err != nil {
		t.Fatal(err)
	}
	best, top, beta := 0.0, "", ""
	rows := lines(t, p.Prefix+".y.tsv.gz")
	column := func(name string) int { return slices.Index(rows[0], name) }
	for _, row := range rows[1:] {
		if x, err := strconv.ParseFloat(row[column("neg_log10_p")], 64); err == nil && x > best {
			best, top, beta = x, row[column("chrom")]+":"+row[column("pos")], row[column("beta")]
		}
	}
	t.Logf("%d rows; the trait is of %s, the best is %s with -log10 p %.1f and beta %s", len(rows)-1, at, top, best, beta)
	if b, err := strconv.ParseFloat(beta, 64); err != nil || top != at || best < 10 || b < 0.8 || b > 1.2 {
		t.Errorf("the best is %s with -log10 p %.1f and beta %s, want %s, more than 10, and about 1", top, best, beta, at)
	}
	sameAsPLINK2(t, p)
}

// sameAsPLINK2 repeats a linear scan of a VCF with plink2 and compares all rows
// of sites with one alternate allele: plink2 fits the alleles of others jointly.
func sameAsPLINK2(t *testing.T, p AssocPlan) {
	t.Helper()
	other := filepath.Join(t.TempDir(), "p")
	peer(t, "plink2", "--vcf", p.Genotypes, "--pheno", p.Pheno, "--glm", "allow-no-covars", "omit-ref", "--mac", "5", "--max-alleles", "2", "--threads", "2", "--out", other)
	p.Columns.Format, p.Columns.Reference, p.Prefix = table.PLINK2, true, filepath.Join(t.TempDir(), "g")
	if _, err := Assoc(t.Context(), &Env{Store: object.Files{}, Threads: 2}, p); err != nil {
		t.Fatal(err)
	}
	ours, theirs := lines(t, p.Prefix+".y.glm.linear"), lines(t, other+".y.glm.linear")
	column := func(name string) (our, their int) {
		our, their = slices.Index(ours[0], name), slices.Index(theirs[0], name)
		if our < 0 || their < 0 {
			t.Fatalf("column %s: %v, plink2 %v", name, ours[0], theirs[0])
		}
		return our, their
	}
	// Far out in the tail the last digit of T is many of P: the logarithm counts.
	names := []string{"#CHROM", "POS", "ID", "REF", "ALT", "A1", "TEST", "OBS_CT", "BETA", "SE", "T_STAT", "P"}
	rows := map[string][]string{}
	id, theirID := column("ID")
	for _, row := range ours[1:] {
		rows[row[id]] = row
	}
	compared := 0
	for _, row := range theirs[1:] {
		compared++
		our, ok := rows[row[theirID]]
		if !ok {
			t.Errorf("%s: no row, plink2 has %v", row[theirID], row)
			continue
		}
		delete(rows, row[theirID])
		for _, name := range names {
			a, b := column(name)
			x, errX := strconv.ParseFloat(our[a], 64)
			y, errY := strconv.ParseFloat(row[b], 64)
			slack := 1e-5 * math.Abs(y)
			switch { // effects near 0 are as good as an effect of 1 would be
			case name == "P" && errX == nil && errY == nil:
				x, y = math.Log10(x), math.Log10(y)
				slack = 1e-5 * max(1, math.Abs(y))
			case name == "BETA", name == "T_STAT":
				slack = 1e-5 * max(1, math.Abs(y))
			}
			if (errX != nil || errY != nil) && our[a] != row[b] || errX == nil && math.Abs(x-y) > slack {
				t.Errorf("%s, column %s: %s, plink2 has %s", row[theirID], name, our[a], row[b])
			}
		}
	}
	for key := range rows {
		if !strings.Contains(key, ",") { // the ID has all alleles
			t.Errorf("%s: plink2 has no row of it", key)
		}
	}
	t.Logf("%d rows equal those of plink2", compared)
	if compared < 100 {
		t.Errorf("%d rows compared, want 100 or more", compared)
	}
}

const header = "##fileformat=VCFv4.2\n##INFO=<ID=END,Number=1,Type=Integer,Description=\"End\">\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n" +
	"##contig=<ID=c1,length=1000>\n##contig=<ID=c2,length=2000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"

// TestMergeBadInput: what a foreign gVCF may get wrong is one clear error.
func TestMergeBadInput(t *testing.T) {
	good := header + "a\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ:DP:AD:PL\t0/1:30:20:10,10,0:30,0,40,99,99,99\n"
	cases := []struct{ name, second, want string }{
		{"PL", header + "b\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ:DP:AD:PL\t0/1:30:20:10,10,0:30,0,40\n", "b.vcf:7: c1:10 A>G,<*>: FORMAT/PL has 3 values, want 6"},
		{"AD", header + "b\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ:DP:AD:PL\t0/1:30:20:10,10:30,0,40,1,2,3\n", "b.vcf:7: c1:10 A>G,<*>: FORMAT/AD has 2 values, want 3"},
		{"words", header + "b\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:PL\t0/1:x,y\n", `FORMAT/PL "x": want whole numbers`},
		{"GQ", header + "b\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ\t0/1:-3\n", `FORMAT/GQ "-3": want a number`},
		{"order", header + "b\nc1\t10\t.\tA\t<*>\t.\t.\tEND=20\tGT\t0/0\nc1\t9\t.\tA\t<*>\t.\t.\tEND=9\tGT\t0/0\n", "b.vcf:8: c1:9 A><*>: not sorted"},
		{"order of contigs", header + "b\nc2\t10\t.\tA\t<*>\t.\t.\tEND=20\tGT\t0/0\nc1\t9\t.\tA\t<*>\t.\t.\tEND=9\tGT\t0/0\n", "it comes behind c2"},
		{"a contig that is not declared", header + "b\nc3\t10\t.\tA\t<*>\t.\t.\tEND=20\tGT\t0/0\n", "does not declare this contig"},
		{"other contigs", strings.Replace(header, "length=2000", "length=2001", 1) + "b\n", "contig c2 of 2001 bases where"},
		{"the symbolic allele first", header + "b\nc1\t10\t.\tA\t<*>,G\t30\tPASS\t.\tGT\t0/1\n", "stands before others"},
		{"beyond the contig", header + "b\nc1\t10\t.\tA\t<*>\t.\t.\tEND=1001\tGT\t0/0\n", "it ends at 1001, but the header says that c1 has 1000 bases"},
		{"two samples", header + "b\tc\n", "2 samples, want a gVCF of one"},
		{"one name", good, `both of sample "a"`},
		{"three alleles", header + "b\nc1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT\t0/1/1\n", "genotype of 3 alleles"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a.vcf"), filepath.Join(dir, "b.vcf")
			for path, text := range map[string]string{a: good, b: k.second} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			plan := MergePlan{Inputs: []string{a, b}, Out: filepath.Join(dir, "o.vcf"), Options: DefaultMergeOptions()}
			_, err := Merge(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
			if err == nil || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, k.want)
			}
			if _, err := os.Stat(plan.Out); err == nil {
				t.Error("an output is left")
			}
		})
	}
}

// TestMergeCutShort: a gVCF that ends too early is named.
func TestMergeCutShort(t *testing.T) {
	dir := t.TempDir()
	inputs := manyGVCFs(t, dir, 2, 4000)
	packed := inputs[1] + ".gz"
	var b bytes.Buffer
	z, err := bgzf.NewWriter(&b, bgzf.DefaultLevel, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(textOf(t, inputs[1]))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{b.Len() * 2 / 3, b.Len() - 28} { // within a block, and without the end mark
		if err := os.WriteFile(packed, b.Bytes()[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		plan := MergePlan{Inputs: []string{inputs[0], packed}, Out: filepath.Join(dir, "o.vcf"), Options: DefaultMergeOptions()}
		_, err := Merge(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
		if err == nil || !strings.Contains(err.Error(), packed) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d of %d bytes: error %v, want one line that names %s", size, b.Len(), err, packed)
		}
		if _, err := os.Stat(plan.Out); err == nil {
			t.Error("an output is left")
		}
	}
}

// TestMergeOverInput: an input is never written over.
func TestMergeOverInput(t *testing.T) {
	dir := t.TempDir()
	inputs := manyGVCFs(t, dir, 2, 5)
	plan := MergePlan{Inputs: inputs, Out: inputs[1], Options: DefaultMergeOptions()}
	before := textOf(t, inputs[1])
	_, err := Merge(t.Context(), &Env{Store: object.Files{}, Threads: 1}, plan)
	if !errors.Is(err, ErrOutputs) || textOf(t, inputs[1]) != before {
		t.Errorf("error %v, want that the output is an input", err)
	}
}

// FuzzMerge: no two files make merging fail but by an error, and what it writes
// can be read.
func FuzzMerge(f *testing.F) {
	f.Add("c1\t10\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ:DP:AD:PL\t0/1:30:20:10,10,0:30,0,40,99,99,99\n", "c1\t5\t.\tA\t<*>\t0\t.\tEND=20\tGT:GQ:MIN_DP:PL\t0/0:40:20:0,60,600\n")
	f.Add("c1\t10\t.\tATT\tA,ATC,*,<NON_REF>\t30\tPASS\t.\tGT:GQ:DP\t1/3:30:20\n", "c1\t12\t.\tT\tTG\t9\tLowQual\t.\tGT:GQ:AD\t1:40:0,9\n")
	f.Add("c1\t10\t.\tA\tG,<*>\t30\t.\t.\tGT:PL\t./.:0,0\n", "c1\t10\t.\tAT\tA\t.\t.\t.\tGT:PL\t0|1:9,.,9\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		var sources []merge.Source
		for i, body := range []string{a, b} {
			r, err := vcf.NewReader("f", strings.NewReader(header+[]string{"a", "b"}[i]+"\n"+body))
			if err != nil {
				return
			}
			contigs, err := locus.NewContigs(r.Header().ContigList())
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, &gvcfFile{path: "f", r: r, contigs: contigs})
		}
		o := merge.Defaults()
		o.MinAlleleQual, o.Window = 0, 50
		h := vcf.NewHeader("VCFv4.2", "a", "b")
		contigs := sources[0].(*gvcfFile).contigs
		if err := h.AddContigs(contigs); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		w, err := vcf.NewWriter("out", &out, h)
		if err != nil {
			t.Fatal(err)
		}
		sites := 0
		err = merge.Merge(t.Context(), contigs, sources, 2, o, func(s *merge.Site) error {
			var row vcf.Row
			mergedRow(&row, s, true)
			sites++
			return w.Write(&row)
		})
		if err != nil {
			return
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := vcf.NewReader("out", strings.NewReader(out.String()))
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range r.All() {
			if err != nil {
				t.Fatalf("%v in\n%s", err, out.String())
			}
			for i := range 2 {
				if _, _, err := rec.Alleles(nil, i); err != nil {
					t.Fatal(err)
				}
			}
			sites--
		}
		if sites != 0 {
			t.Fatalf("%d sites more than records", sites)
		}
	})
}

// manyGVCFs writes small gVCFs of made-up samples: blocks with a SNP every so
// often, shared by some.
func manyGVCFs(t testing.TB, dir string, samples, sites int) []string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var paths []string
	for k := range samples {
		var b strings.Builder
		name := fmt.Sprintf("s%04d", k)
		b.WriteString(strings.Replace(header, "length=1000>", fmt.Sprintf("length=%d>", 100*sites+1000), 1) + name + "\n")
		for i := range sites {
			at := 100*i + 1
			if r.IntN(4) == 0 {
				fmt.Fprintf(&b, "c1\t%d\t.\tA\tG,<*>\t30\tPASS\t.\tGT:GQ:DP:AD:PL\t0/1:30:20:10,10,0:30,0,40,990,990,990\n", at)
				at++
			}
			fmt.Fprintf(&b, "c1\t%d\t.\tA\t<*>\t0\t.\tEND=%d\tGT:GQ:MIN_DP:PL\t0/0:40:20:0,60,600\n", at, 100*i+100)
		}
		path := filepath.Join(dir, name+".g.vcf")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// BenchmarkMerge merges 200 samples and tells genotypes per second.
func BenchmarkMerge(b *testing.B) {
	dir := b.TempDir()
	const samples, sites = 200, 500
	plan := MergePlan{Inputs: manyGVCFs(b, dir, samples, sites), Out: filepath.Join(dir, "o.vcf"), Options: DefaultMergeOptions()}
	from := cpu()
	for b.Loop() {
		if s, err := Merge(b.Context(), &Env{Store: object.Files{}, Threads: 1}, plan); err != nil || s.Sites != sites {
			b.Fatal(s, err)
		}
	}
	b.ReportMetric(float64(samples*sites)*float64(b.N)/(cpu()-from).Seconds(), "genotypes/core-s")
}

package stage

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/summary"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
)

// scanText is a small scan in gx's columns: hits on chromosomes 2, 6 (two that lie
// far apart in the MHC) and X, rows that were not tested, rows of another test, a
// variant without a name.
func scanText(seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString("chrom\tpos\tid\tref\talt\teffect_allele\teaf\tn\tn_cases\tn_controls\tinfo\ttest\tbeta\tse\tstat\tneg_log10_p\tmethod\tflags\n")
	row := func(chrom string, pos int, id, test string, l float64) {
		fmt.Fprintf(&b, "%s\t%d\t%s\tA\tG\tG\t%.4f\t500\tNA\tNA\tNA\t%s\t%.5g\t0.11\t1\t%.9g\tols\t.\n", chrom, pos, id, rng.Float64(), test, rng.NormFloat64(), l)
	}
	for i, chrom := range []string{"1", "2", "6", "X"} {
		for k := range 60 {
			pos := 26_000_000 + 100_000*k
			row(chrom, pos, fmt.Sprintf("rs%d", 100*i+k), "ADD", rng.ExpFloat64()/2.3)
			row(chrom, pos, fmt.Sprintf("rs%d", 100*i+k), "DOMDEV", rng.ExpFloat64()/2.3)
			switch {
			case chrom == "2" && k%30 == 7: // two loci
				row(chrom, pos+10, ".", "ADD", 9+float64(k))
			case chrom == "6" && k%50 == 3:
				row(chrom, pos+10, fmt.Sprintf("hla%d", k), "ADD", 12+float64(k)/10)
			case chrom == "X" && k == 20:
				row(chrom, pos+10, "x<&>", "ADD", 8)
			case k == 30:
				fmt.Fprintf(&b, "%s\t%d\tnone\tA\tG\tG\t0\t500\tNA\tNA\tNA\tADD\tNA\tNA\tNA\tNA\tnone\tCONST\n", chrom, pos+10)
			}
		}
	}
	return b.String()
}

// scanFolder has the results of two traits as gx gwas leaves them.
func scanFolder(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"a.y.tsv": scanText(1), "a.z.tsv": scanText(2),
		"a.summary.json": `{"rows": "variants", "traits": [{"trait": "y", "file": "a.y.tsv"}, {"trait": "z", "file": "a.z.tsv"}]}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// makeNotebook makes a notebook and gives its bytes.
func makeNotebook(t testing.TB, results string, threads int, change func(*NotebookPlan)) []byte {
	t.Helper()
	p := DefaultNotebookPlan()
	p.Results, p.Out = results, filepath.Join(t.TempDir(), "n.ipynb")
	if change != nil {
		change(&p)
	}
	if err := Notebook(t.Context(), &Env{Store: object.Files{}, Threads: threads}, p); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(p.Out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shown are the tables that a notebook shows, by the last word of their head and
// place, as rows of words.
func shown(t testing.TB, notebook []byte) (tables [][][]string, pictures int) {
	t.Helper()
	var n struct {
		Cells []struct {
			Outputs []struct {
				Data map[string]any
			}
		}
	}
	if err := json.Unmarshal(notebook, &n); err != nil {
		t.Fatal(err)
	}
	cell := regexp.MustCompile(`<t[hd]>(.*?)</t[hd]>`)
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			if o.Data["image/png"] != nil {
				pictures++
			}
			page := ""
			if list, ok := o.Data["text/html"].([]any); ok {
				for _, line := range list {
					page += line.(string)
				}
			}
			var rows [][]string
			for _, row := range strings.Split(page, "</tr>") {
				var words []string
				for _, m := range cell.FindAllStringSubmatch(row, -1) {
					words = append(words, m[1])
				}
				if words != nil {
					rows = append(rows, words)
				}
			}
			if rows != nil {
				tables = append(tables, rows)
			}
		}
	}
	return tables, pictures
}

// TestNotebookNumbers: what a notebook of a scan shows is what summary says of its
// tables.
func TestNotebookNumbers(t *testing.T) {
	dir := scanFolder(t)
	tables, pictures := shown(t, makeNotebook(t, dir+"/a", 1, nil))
	if pictures != 5 || len(tables) != 5 { // QQ, genome of both, a region; tests, loci, the best of both, the query
		t.Fatalf("%d pictures and %d tables", pictures, len(tables))
	}
	loci := tables[1][1:]
	for k, trait := range []string{"y", "z"} {
		s := summary.New("ADD", summary.Defaults())
		r, err := table.OpenRows(dir+"/a."+trait+".tsv", 1)
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			if row.Test == "ADD" {
				if err := s.Add(row); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.Close()
		best := &s.Best[0]
		want := []string{trait, "ADD", "500", "NA", fmt.Sprint(s.Tests), fmt.Sprintf("%.3f", s.Lambda()), fmt.Sprint(s.Hits), best.Name(), fmt.Sprintf("%.2f", best.NegLog10P)}
		if got := tables[0][k+1]; !slices.Equal(got, want) {
			t.Errorf("the first table says %v, want %v", got, want)
		}
		if got := tables[2+k]; len(got) != 21 || got[1][3] != best.Name() || got[20][3] != s.Best[19].Name() {
			t.Errorf("the best of %s: %v", trait, got)
		}
		var leads []string
		for len(loci) > 0 && loci[0][0] == trait {
			leads = append(leads, loci[0][5])
			loci = loci[1:]
		}
		if want := []string{"2:29700010:A:G", "hla53", "2:26700010:A:G", "x&lt;&amp;&gt;"}; !slices.Equal(leads, want) || len(s.Loci()) != len(want) {
			t.Errorf("leads of %s: %v, want %v of %d loci", trait, leads, want, len(s.Loci()))
		}
	}
	if len(tables[4]) != 1+5 {
		t.Errorf("the query gives %v, want the 5 hits", tables[4])
	}
}

// TestNotebookSameBytes: threads, and which of its names a prefix is called by,
// change nothing; options that say something do.
func TestNotebookSameBytes(t *testing.T) {
	dir := scanFolder(t)
	want := string(makeNotebook(t, dir+"/a", 1, nil))
	for _, name := range []string{dir + "/a", dir, dir + "/", dir + "/a.summary.json"} {
		if got := string(makeNotebook(t, name, 4, nil)); got != want {
			t.Errorf("%s makes another notebook", name)
		}
	}
	for what, change := range map[string]func(*NotebookPlan){
		"traits": func(p *NotebookPlan) { p.Traits = []string{"z"} }, "embed": func(p *NotebookPlan) { p.Embed = true },
		"data": func(p *NotebookPlan) { p.Options.Data = "gs://bucket/x" }, "repo": func(p *NotebookPlan) { p.Options.Repo = "lab/study" },
		"hit": func(p *NotebookPlan) { p.Summary.Hit = 1e-9 }, "window": func(p *NotebookPlan) { p.Summary.Window = 5_000_000 }, "title": func(p *NotebookPlan) { p.Options.Title = "T" },
	} {
		if string(makeNotebook(t, dir+"/a", 1, change)) == want {
			t.Errorf("%s changes nothing", what)
		}
	}
}

// TestNotebookEmbeds: files inside a notebook come out as they went in.
func TestNotebookEmbeds(t *testing.T) {
	dir := scanFolder(t)
	b := makeNotebook(t, dir+"/a", 1, func(p *NotebookPlan) { p.Embed, p.Traits = true, []string{"z"} })
	var n struct {
		Cells []struct{ Source []string }
	}
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, line := range n.Cells[2].Source {
		if m := regexp.MustCompile(`^ {8}"(.*)",?\n$`).FindStringSubmatch(line); m != nil {
			text.WriteString(m[1])
		}
	}
	want, err := os.ReadFile(dir + "/a.z.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := base64.StdEncoding.DecodeString(text.String()); err != nil || string(got) != string(want) {
		t.Errorf("%d bytes came out of %d, %v", len(got), len(want), err)
	}
}

// callsText is calls of two samples, with stretches of a gVCF between.
const callsText = `##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=RefCall,Description="r">
##INFO=<ID=END,Number=1,Type=Integer,Description="e">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">
##contig=<ID=c1,length=1000>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	s1	s2
c1	1	.	A	<*>	0	.	END=9	GT:GQ	0/0:50	0/0:50
c1	10	.	A	G,<*>	30.5	PASS	.	GT:GQ:DP:AD	0/1:30:20:10,10,0	0/0:40:10:10,0,0
c1	20	.	A	C,T,<*>	50	PASS	.	GT:GQ:DP:AD	1/2:99:20:0,5,15,0	./.:.:.:.
c1	30	.	ACT	A,<*>	.	.	.	GT:GQ:DP:AD	1|1:250:30:0,30,0	0/1:9:600:300,100,0
c1	40	.	AC	GT,<NON_REF>	1	RefCall	.	GT:GQ:DP	0/0:5:4	0:2:3
`

func TestNotebookCalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.g.vcf")
	if err := os.WriteFile(path, []byte(callsText), 0o600); err != nil {
		t.Fatal(err)
	}
	b := makeNotebook(t, path, 1, nil)
	tables, pictures := shown(t, b)
	if pictures != 6 || len(tables) != 4 {
		t.Fatalf("%d pictures and %d tables", pictures, len(tables))
	}
	var numbers []string
	for _, row := range tables[0][1:] {
		numbers = append(numbers, row[1])
	}
	// records, passing, SNPs, MNPs, indels, others, multiallelic, Ti, Tv, their ratio
	if want := []string{"4", "2", "2", "1", "1", "0", "1", "1", "2", "0.50"}; !slices.Equal(numbers, want) {
		t.Errorf("counts %v, want %v", numbers, want)
	}
	if want := [][]string{{"s1", "2", "0", "NA", "0", "1", "0.50", "18.5", "0"}, {"s2", "0", "0", "NA", "1", "0", "NA", "204.3", "1"}}; !slices.EqualFunc(tables[1][1:], want, slices.Equal) {
		t.Errorf("samples %v, want %v", tables[1][1:], want)
	}
	if want := [][]string{{"PASS", "2"}, {".", "1"}, {"RefCall", "1"}}; !slices.EqualFunc(tables[2][1:], want, slices.Equal) {
		t.Errorf("filters %v, want %v", tables[2][1:], want)
	}
	if string(makeNotebook(t, path, 4, nil)) != string(b) {
		t.Error("threads change the notebook")
	}
}

// TestNotebookFaults: what is wrong is told with its place and the remedy, and
// nothing is written.
func TestNotebookFaults(t *testing.T) {
	dir := scanFolder(t)
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scan := scanText(3)
	big := write("big/b.y.tsv", strings.Repeat(scan[:strings.Index(scan, "\n")+1], 1)+strings.Repeat(scan[strings.Index(scan, "\n")+1:], 60))
	write("two/a.summary.json", "{}")
	write("two/b.summary.csv", "")
	for _, k := range []struct {
		what, results, want string
		change              func(*NotebookPlan)
	}{
		{"nothing of that name", dir + "/b", "neither a table, a VCF nor a folder", nil},
		{"two runs in a folder", dir + "/two", "results of several runs", nil},
		{"a folder without results", filepath.Dir(write("none/x.log", "")), "no results: no summary", nil},
		{"a summary that is none", write("s.summary.json", "[1]"), "s.summary.json: not a summary of gx gwas", nil},
		{"a summary without traits", write("s0.summary.json", `{"traits": []}`), "no trait was analysed", nil},
		{"a summary that names a file elsewhere", write("s1.summary.json", `{"traits": [{"trait": "y", "file": "../a.y.tsv"}]}`), "want the name of a file beside", nil},
		{"a table that is gone", write("s2.summary.json", `{"traits": [{"trait": "y", "file": "gone.tsv"}]}`), "s2.summary.json names it", nil},
		{"Parquet alone", write("alone/p.parquet", "PAR1"), "no table of text is beside it", nil},
		{"another trait", dir + "/a", `no results of trait "w"; there are y, z`, func(p *NotebookPlan) { p.Traits = []string{"w"} }},
		{"a damaged row", write("d.tsv", scan+"1\tx\n"), fmt.Sprintf("d.tsv:%d: ", strings.Count(scan, "\n")+1), nil},
		{"no table of associations", write("e.tsv", "a\tb\n1\t2\n"), "e.tsv:1: no column of p", nil},
		{"too large", big, "leave out --embed", func(p *NotebookPlan) { p.Embed = true }},
		{"BCF", write("x.bcf", "BCF"), "bcftools view", nil},
		{"not a VCF", write("x.vcf", "hello\n"), "x.vcf", nil},
		{"a comparison without columns", write("c.summary.csv", "Type,Filter\n"), "c.summary.csv: line 1: no column TRUTH.TOTAL", nil},
		{"another ending", dir + "/a", "want NAME.ipynb", func(p *NotebookPlan) { p.Out += ".json" }},
		{"embedded and elsewhere", dir + "/a", "exclude each other", func(p *NotebookPlan) { p.Embed, p.Options.Data = true, "x" }},
		{"an input as output", write("in.ipynb", scan), "take the place of the input", func(p *NotebookPlan) { p.Out = p.Results }},
		{"a p of nothing", dir + "/a", "p of a hit", func(p *NotebookPlan) { p.Summary.Hit = 0 }},
		{"a null model that is none", write("n/a.summary.json", `{"traits": [{"trait": "y", "file": "a.y.tsv"}]}`), "a.nullmodel.json: not the metadata of gx nullmodel", func(*NotebookPlan) {
			write("n/a.y.tsv", scan)
			write("n/a.nullmodel.json", "x")
		}},
	} {
		t.Run(k.what, func(t *testing.T) {
			out := t.TempDir()
			p := DefaultNotebookPlan()
			p.Results, p.Out = k.results, filepath.Join(out, "n.ipynb")
			if k.change != nil {
				k.change(&p)
			}
			err := Notebook(t.Context(), &Env{Store: object.Files{}, Threads: 2}, p)
			if err == nil || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want a line with %q", err, k.want)
			}
			if left, _ := os.ReadDir(out); len(left) != 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		})
	}
}

package notebook

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	o := Options{Repo: "lab/study-1", Branch: "main", Path: "results/my notebook.ipynb"}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	if want := "https://colab.research.google.com/github/lab/study-1/blob/main/results/my%20notebook.ipynb"; o.Colab() != want {
		t.Errorf("%s, want %s", o.Colab(), want)
	}
	if want := "https://raw.githubusercontent.com/lab/study-1/main/results"; o.raw() != want {
		t.Errorf("%s, want %s", o.raw(), want)
	}
	if o.Path = "n.ipynb"; o.raw() != "https://raw.githubusercontent.com/lab/study-1/main" {
		t.Error(o.raw())
	}
	if want := "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](" + o.Colab() + ")"; o.badge() != want {
		t.Errorf("%s, want %s", o.badge(), want)
	}
	if none := (&Options{}); none.Colab() != "" || !strings.Contains(none.badge(), "--repo OWNER/REPO") {
		t.Errorf("without a repository: %s", none.badge())
	}
}

func TestOptionsFaults(t *testing.T) {
	for want, o := range map[string]Options{
		"want OWNER/REPO":                  {Repo: "study", Branch: "main", Path: "n.ipynb"},
		`repo "a/b/c"`:                     {Repo: "a/b/c", Branch: "main", Path: "n.ipynb"},
		`branch ""`:                        {Repo: "a/b", Path: "n.ipynb"},
		`branch "a b"`:                     {Repo: "a/b", Branch: "a b", Path: "n.ipynb"},
		`path "../n.ipynb"`:                {Repo: "a/b", Branch: "main", Path: "../n.ipynb"},
		`path "/n.ipynb"`:                  {Repo: "a/b", Branch: "main", Path: "/n.ipynb"},
		`path "n.html"`:                    {Repo: "a/b", Branch: "main", Path: "n.html"},
		"want a folder, https:// or gs://": {Data: "ftp://host/x"},
		"a line break":                     {Title: "a\nb"},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}

// TestHead: the parameters are lines of Python, the first cell of code finds out
// whether it is in Colab, files inside come back as they were.
func TestHead(t *testing.T) {
	file := []byte(strings.Repeat("some \x00\xff bytes\n", 30))
	o := Options{Data: "gs://bucket/it's \"here\"\\"}
	cells := o.head("Of *a* trait", []Source{{"a_b.tsv", "0123"}}, []Embedded{{"a b.tsv", file}}, []param{{"CALLS", quoted("größe\x00.vcf"), "a comment"}})
	if !strings.HasPrefix(cells[0].Source, "# Of \\*a\\* trait\n\n") || !strings.Contains(cells[0].Source, `| a\_b.tsv |`) {
		t.Errorf("%s", cells[0].Source)
	}
	p := cells[1]
	if !p.Code || p.Tag != "parameters" || !strings.Contains(p.Source, "\nIN_COLAB = \"google.colab\" in sys.modules\n") ||
		!strings.Contains(p.Source, `DATA = "gs://bucket/it's \"here\"\\"  # `) || !strings.Contains(p.Source, `CALLS = "gr\u00f6\u00dfe\x00.vcf"  # a comment`) {
		t.Errorf("%s", p.Source)
	}
	var text strings.Builder
	for _, m := range regexp.MustCompile(`(?m)^ +"(.*?)"`).FindAllStringSubmatch(cells[2].Source, -1) {
		if m[1] != "a b.tsv" {
			text.WriteString(m[1])
		}
	}
	if got, err := base64.StdEncoding.DecodeString(text.String()); err != nil || string(got) != string(file) {
		t.Errorf("the file came back as %q, %v", got, err)
	}
	if o.Title = "Mine"; !strings.HasPrefix(o.head("x", nil, nil, nil)[0].Source, "# Mine\n") {
		t.Error("a title is not taken")
	}
}

func FuzzQuoted(f *testing.F) {
	f.Add("a\"b\\\n\x00\xff\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		q := quoted(s)
		if got, err := strconv.Unquote(q); err != nil || got != strings.ToValidUTF8(s, "\ufffd") || strings.ContainsAny(q, "\n\r\x00") {
			t.Errorf("%q is written %s, read %q, %v", s, q, got, err)
		}
	})
}

func FuzzSheet(f *testing.F) {
	f.Add([]byte("Type,Filter,Subtype,Context,METRIC.Recall,Recall.Low,Recall.High,METRIC.Precision,Precision.Low,Precision.High\nSNP,PASS,*,unique,1,0.9,1,,,\n"))
	f.Add([]byte("Type,Filter\n\"a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSheet(Source{Name: "x.strata.csv"}, b, StrataColumns...)
		if err != nil {
			return
		}
		if _, err := s.pictures(); err != nil {
			return
		}
	})
}

func FuzzNullModel(f *testing.F) {
	f.Add([]byte(`{"traits":[{"trait":"y","report":{"scores":[{"model":"linear","r2":{"value":0.1,"low":0,"high":0.2}}],"sentence":"it helps"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseNullModel(Source{}, b)
		if err != nil {
			return
		}
		if _, err := Encode([]Cell{code("assoc_null", m.outputs()...)}); err != nil {
			t.Error(err)
		}
	})
}

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// Results are the files that a name of results stands for: calls, or a prefix of
// gx gwas or gx compare, a folder that has one, a table of associations.
type Results struct {
	Name    string
	VCF     string        // of calls
	Compare string        // PREFIX.summary.csv of gx compare
	Summary string        // PREFIX.summary.json of gx gwas; empty for tables without
	Tables  []ResultTable // of traits
	Null    string        // what gx nullmodel tells of its model; empty for none
	Sets    bool          // rows of the tables are sets of variants
}

// ResultTable is the files of a trait. One of them may be missing.
type ResultTable struct{ Trait, Table, Parquet string }

// Ends of the names of results.
const (
	summaryEnd     = ".summary.json"
	setsSummaryEnd = ".sets.summary.json"
	compareEnd     = ".summary.csv"
	parquetEnd     = ".parquet"
	nullEnd        = ".nullmodel.json"
)

// tableEnds are those of tables of associations: gx's and of the formats that it
// writes.
var tableEnds = []string{".sets.tsv.gz", ".tsv.gz", ".tsv", ".txt.gz", ".txt", ".regenie.gz", ".regenie", ".glm.linear", ".glm.logistic.hybrid", ".glm.logistic", ".glm.firth"}

// FindResults finds what a name stands for.
func FindResults(ctx context.Context, s object.Store, name string) (*Results, error) {
	r := &Results{Name: name}
	bare := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".bgz")
	switch {
	case strings.HasSuffix(bare, ".vcf") || strings.HasSuffix(bare, ".bcf"):
		r.VCF = name
		_, err := s.Stat(ctx, name)
		return r, err
	case isFolder(name):
		return r.inFolder(ctx, s, strings.TrimSuffix(name, "/")+"/")
	case strings.HasSuffix(name, setsSummaryEnd):
		return r, r.summary(ctx, s, strings.TrimSuffix(name, setsSummaryEnd), setsSummaryEnd)
	case strings.HasSuffix(name, summaryEnd):
		return r, r.summary(ctx, s, strings.TrimSuffix(name, summaryEnd), summaryEnd)
	case strings.HasSuffix(name, compareEnd):
		r.Compare = name
		_, err := s.Stat(ctx, name)
		return r, err
	}
	for _, end := range []string{summaryEnd, setsSummaryEnd, compareEnd} {
		switch there, err := exists(ctx, s, name+end); {
		case err != nil:
			return nil, err
		case there && end == compareEnd:
			r.Compare = name + end
			return r, nil
		case there:
			return r, r.summary(ctx, s, name, end)
		}
	}
	if there, err := exists(ctx, s, name); err != nil || !there {
		if err == nil {
			err = fmt.Errorf("%s: %w: neither a table, a VCF nor a folder, and no %s%s of gx gwas or %s%s of gx compare", name, object.ErrNotExist, name, summaryEnd, name, compareEnd)
		}
		return nil, err
	}
	return r, r.add(name)
}

func isFolder(name string) bool {
	if strings.HasSuffix(name, "/") {
		return true
	}
	st, err := os.Stat(name)
	return !remote(name) && err == nil && st.IsDir()
}

// inFolder looks for results in a folder: one prefix, or tables alone.
func (r *Results) inFolder(ctx context.Context, s object.Store, folder string) (*Results, error) {
	list, err := s.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	var found, tables []string
	for _, o := range list {
		if dirName(o.Name) != dirName(folder+"x") {
			continue // of a folder inside
		}
		switch {
		case strings.HasSuffix(o.Name, summaryEnd) || strings.HasSuffix(o.Name, compareEnd):
			found = append(found, o.Name)
		case strings.HasSuffix(o.Name, parquetEnd) || trimTable(o.Name) != o.Name:
			tables = append(tables, o.Name)
		}
	}
	switch {
	case len(found) == 1:
		r, err := FindResults(ctx, s, found[0])
		if err == nil {
			r.Name = folder
		}
		return r, err
	case len(found) > 1:
		return nil, fmt.Errorf("%s: results of several runs: %s; name one of them", folder, strings.Join(found, ", "))
	case len(tables) == 0:
		return nil, fmt.Errorf("%s: no results: no summary of gx gwas or gx compare, and no table of associations", folder)
	}
	for _, name := range tables {
		if err := r.add(name); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// trimTable takes from a name what says that it is a table of associations.
func trimTable(name string) string {
	for _, end := range tableEnds {
		if stem, ok := strings.CutSuffix(name, end); ok {
			return stem
		}
	}
	return name
}

// add adds a table, or Parquet, under the name of the file.
func (r *Results) add(name string) error {
	trait, parquet := path.Base(trimTable(name)), false
	if strings.HasSuffix(name, parquetEnd) {
		trait, parquet = path.Base(strings.TrimSuffix(strings.TrimSuffix(name, parquetEnd), ".sets")), true
	}
	r.Sets = r.Sets || strings.Contains(path.Base(name), ".sets.")
	k := slices.IndexFunc(r.Tables, func(t ResultTable) bool { return t.Trait == trait })
	if k < 0 {
		k = len(r.Tables)
		r.Tables = append(r.Tables, ResultTable{Trait: trait})
	}
	to := &r.Tables[k].Table
	if parquet {
		to = &r.Tables[k].Parquet
	}
	if *to != "" {
		return fmt.Errorf("%s and %s are both of %s; name one of them", *to, name, trait)
	}
	*to = name
	return nil
}

// mostSummary bounds a summary, in bytes.
const mostSummary = 1 << 28

// summary takes the tables that a summary of gx gwas names, and what lies beside.
func (r *Results) summary(ctx context.Context, s object.Store, prefix, end string) error {
	r.Summary, r.Sets = prefix+end, end == setsSummaryEnd
	b, err := object.ReadAll(ctx, s, r.Summary, mostSummary)
	if err != nil {
		return err
	}
	var a assocSummary
	if err := json.Unmarshal(b, &a); err != nil {
		return source.At(r.Summary, fmt.Errorf("not a summary of gx gwas: %w", err))
	}
	r.Sets = a.Rows == "sets"
	for _, t := range a.Traits {
		if t.File == "" || path.Base(t.File) != t.File {
			return source.At(r.Summary, fmt.Errorf("trait %s: file %q: want the name of a file beside the summary", t.Trait, t.File))
		}
		x := ResultTable{Trait: t.Trait}
		for _, f := range []struct {
			name string
			to   *string
		}{{joinName(dirName(prefix), t.File), &x.Table}, {prefix + "." + t.Trait + strings.TrimSuffix(end, summaryEnd) + parquetEnd, &x.Parquet}} {
			there, err := exists(ctx, s, f.name)
			if err != nil {
				return err
			}
			if there {
				*f.to = f.name
			}
		}
		if x.Table == "" && x.Parquet == "" {
			return fmt.Errorf("%s: %w; %s names it", joinName(dirName(prefix), t.File), object.ErrNotExist, r.Summary)
		}
		r.Tables = append(r.Tables, x)
	}
	if len(r.Tables) == 0 {
		return source.At(r.Summary, errors.New("no trait was analysed"))
	}
	if there, err := exists(ctx, s, prefix+nullEnd); err != nil || !there {
		return err
	}
	r.Null = prefix + nullEnd
	return nil
}

// Files are all of them.
func (r *Results) Files() []string {
	list := []string{r.VCF, r.Compare, r.Summary, r.Null}
	for _, t := range r.Tables {
		list = append(list, t.Table, t.Parquet)
	}
	return slices.DeleteFunc(list, func(name string) bool { return name == "" })
}

// resultsRole is the input that results are.
const resultsRole = "results"

// expandResults are the files that this input stands for.
func expandResults(ctx context.Context, s object.Store, role, name string) ([]string, error) {
	if role != resultsRole {
		return InputFiles(ctx, s, name)
	}
	r, err := FindResults(ctx, s, name)
	if err != nil {
		return nil, err
	}
	return r.Files(), nil
}

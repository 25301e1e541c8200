package simulate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
	"testing"
)

// smallTables is a complete set of tables of two profiles.
func smallTables() map[string]string {
	return map[string]string{
		"quality_transition":  "profile\tread\tfifth\tq_prev\tq\tcount\na\t1\t0\t30\t30\t90\na\t1\t0\t30\t20\t10\na\t2\t4\t20\t30\t5\nb\t1\t0\t2\t2\t1\n",
		"cycle":               "profile\tread\tcycle\tn\tmean_q\tq05\tq25\tq50\tq75\tq95\taligned_bases\tmismatches\tmismatch_rate\na\t1\t1\t9\t29\t20\t30\t30\t30\t30\t9\t1\t0.01\na\t2\t1\t9\t28\t20\t30\t30\t30\t30\t9\t1\t0.02\n",
		"mismatch_by_quality": "profile\tbase_quality\tbases\tmismatches\trate\tempirical_phred\na\t30\t99999\t99\t0.001\t30\na\t20\t9999\t199\t0.01\t20\n",
		"substitution":        "profile\tref_base\tread_base\tcount\tfraction\na\tA\tC\t5\t0.5\na\tG\tT\t5\t0.5\na\tC\tA\t1\t0\na\tT\tG\t1\t0\n",
		"homopolymer_indel": "profile\tbase_in_read_strand\trun_length\tspans\tinsertions\tdeletions\tins_rate\tdel_rate\tins1\tins2\tdel1\tdel2\n" +
			"a\tA\t1\t10000\t1\t2\t0\t0\t1\t0\t2\t0\na\tC\t1\t10000\t1\t2\t0\t0\t1\t0\t2\t0\na\tG\t1\t10000\t1\t2\t0\t0\t1\t0\t2\t0\na\tT\t1\t10000\t1\t2\t0\t0\t1\t0\t2\t0\na\tA\t3\t100\t0\t20\t0\t0\t0\t0\t18\t2\n",
		"insert_size": "profile\tbin_start\tcount\na\t300\t5\na\t310\t7\na\t90000\t1\n",
		"gc_depth":    "profile\tgc_percent\twindows\tmean_depth\na\t40\t1000\t30\na\t60\t1000\t20\na\t100\t1\t90\n",
		"mapq":        "profile\tmapq\trecords\na\t60\t99\na\t0\t1\n",
		"summary":     "profile\tkey\tvalue\na\tdup_rate\t0.02\na\twindow\tchr20:1-2\n",
	}
}

func opener(tables map[string]string) Tables {
	return func(name string) (io.ReadCloser, error) {
		text, ok := tables[name]
		if !ok {
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

func TestReadProfile(t *testing.T) {
	p, err := ReadProfile(opener(smallTables()), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		what      string
		got, want float64
	}{
		{"duplicates", p.Duplicates, 0.02},
		{"chain", p.Chain[0][0][30][20], 10},
		{"chain of read 2", p.Chain[1][4][20][30], 5},
		{"first cycle: low quality", p.First[0][20], 0.1}, // of 20 and 30 with mean 29
		{"mismatches", p.Mismatch[30], (99 + 0.001) / 100_000},
		{"mismatches of a quality not seen", p.Mismatch[10], 0.1},
		{"cycle", p.Cycle[1][0], 0.02},
		{"substitution", p.Substitution[0][1], 5},
		{"deletions of single bases", p.Deletion[0][1], 2e-4},
		{"deletions of runs of two, as of one", p.Deletion[0][2], 2e-4},
		{"deletions of runs of three", p.Deletion[0][3], 0.2},
		{"deletions of another base, drawn from A", p.Deletion[3][3], 0.2},
		{"long deletions", p.LongDeletion, (2 + 0.1) / (26 + 2 + 1)},
		{"inserts", p.Insert[31], 7},
		{"GC", p.GC[8] / p.GC[12], 1.5},
		{"GC of one window", p.GC[20], p.GC[12] + (90./(50030./2001)-p.GC[12])/11},
		{"mapping quality", p.MapQ[60], 99},
	} {
		if math.Abs(k.got-k.want) > 0.01*math.Abs(k.want) {
			t.Errorf("%s: %.6g, want %.6g", k.what, k.got, k.want)
		}
	}
	if len(p.Insert) != 32 {
		t.Errorf("%d bins of inserts, want 32: one lies beyond any fragment", len(p.Insert))
	}
	if p.Name != "a" {
		t.Errorf("name %q", p.Name)
	}
}

func TestReadProfileRefuses(t *testing.T) {
	for _, k := range []struct {
		name, table, text, profile string
		want                       []string
	}{
		{"no table", "mapq", "", "a", []string{"mapq", "file does not exist"}},
		{"unknown profile", "", "", "zz", []string{`"zz"`, "a"}},
		{"no column", "mapq", "profile\tmapq\nx\t1\n", "a", []string{"mapq:1", "no column records"}},
		{"short row", "mapq", "profile\tmapq\trecords\na\t60\n", "a", []string{"mapq:2", "column 3"}},
		{"not a number", "mapq", "profile\tmapq\trecords\na\t60\tmany\n", "a", []string{"mapq:2", `"many"`, "a number from 0"}},
		{"not finite", "mapq", "profile\tmapq\trecords\na\t60\tNaN\n", "a", []string{`"NaN"`}},
		{"quality out of range", "mismatch_by_quality", "profile\tbase_quality\tbases\tmismatches\na\t94\t1\t1\n", "a", []string{`"94"`, "from 0 to 63"}},
		{"cycle out of range", "cycle", "profile\tread\tcycle\tmean_q\tq05\tq25\tq50\tq75\tq95\tmismatch_rate\na\t1\t4000000\t1\t1\t1\t1\t1\t1\t1\n", "a", []string{`"4000000"`}},
		{"run out of range", "homopolymer_indel", "profile\tbase_in_read_strand\trun_length\tspans\tinsertions\tdeletions\tins1\tins2\tdel1\tdel2\na\tA\t99999\t1\t1\t1\t1\t1\t1\t1\n", "a", []string{`"99999"`}},
		{"not a base", "substitution", "profile\tref_base\tread_base\tcount\na\tA\tN\t1\n", "a", []string{`"N"`, "one of A, C, G, T"}},
		{"all pairs are lost", "mapq", "profile\tmapq\trecords\na\t60\t0\n", "a", []string{"no mapping qualities"}},
		{"duplicates only", "summary", "profile\tkey\tvalue\na\tdup_rate\t1\n", "a", []string{"a share below 1"}},
		{"two profiles", "mismatch_by_quality", smallTables()["mismatch_by_quality"] + "b\t2\t1\t1\t1\t1\n", "", []string{"2 profiles", "a, b"}},
	} {
		t.Run(k.name, func(t *testing.T) {
			tables := smallTables()
			if k.table != "" {
				tables[k.table] = k.text
				if k.text == "" {
					delete(tables, k.table)
				}
			}
			_, err := ReadProfile(opener(tables), k.profile)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range k.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v, want %q in it", err, w)
				}
			}
		})
	}
	if _, err := ReadProfile(opener(smallTables()), "zz"); !errors.Is(err, ErrNoProfile) {
		t.Errorf("cause not reachable: %v", err)
	}
}

// TestRatesRise checks the pooling of rates against its definition on a case
// worked out by hand.
func TestRatesRise(t *testing.T) {
	got := rising([]float64{0, 0.2, 0.1, 0, 0.5}, []float64{0, 10, 30, 0, 10})
	want := []float64{0, 0.125, 0.125, 0.125, 0.5}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// FuzzReadProfile changes one of the tables.
func FuzzReadProfile(f *testing.F) {
	names := []string{"quality_transition", "cycle", "mismatch_by_quality", "substitution", "homopolymer_indel", "insert_size", "gc_depth", "mapq", "summary"}
	for i, name := range names {
		f.Add(i, smallTables()[name])
	}
	f.Add(5, "profile\tbin_start\tcount\na\t3990\t1e14\na\t-1\t2\n")
	f.Add(3, "profile\tref_base\tread_base\tcount\n\t\t\t\n")
	f.Fuzz(func(t *testing.T, i int, text string) {
		tables := smallTables()
		tables[names[uint(i)%uint(len(names))]] = text
		p, err := ReadProfile(opener(tables), "a")
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("read without an error, but: %v", err)
		}
		newMachine(p, 50)
	})
}

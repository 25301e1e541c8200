package pileup_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/gvcf"
)

// TestGoldenBlocks: the counts of every position, as reference blocks show
// them, with likelihoods to the last bit.
func TestGoldenBlocks(t *testing.T) {
	for _, v := range []struct {
		folder  string
		version realign.Version
		blocks  int
	}{
		{"testdata", realign.V19, 235},
		{"testdata_v1.5", realign.V15, 233},
	} {
		t.Run(v.folder, func(t *testing.T) {
			options := gvcf.Defaults()
			options.FirstGL = v.version == realign.V15
			maker, err := gvcf.NewMaker(options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			joiner := maker.NewJoiner(func(b *variant.Block) error {
				got = append(got, fmt.Sprintf("%d-%d %c GT %d GQ %d MIN_DP %d GL %v", b.Start, b.End, b.Ref, b.GT.A, b.GQ, b.MinDP, b.GL))
				return nil
			})
			counter := count.Counter{Options: count.Defaults()}
			var runs []gvcf.Run
			parts, ref := partitions(t, v.version, false)
			for _, p := range parts {
				c := counter.Count(p.reads, ref, p.Region, nil)
				bases := make([]gvcf.Position, c.Len())
				for i := range bases {
					bases[i] = gvcf.Position{Ref: c.RefBase(i), RefCount: c.RefSupport[i], Total: c.Total[i]}
				}
				if runs, err = maker.Runs(runs[:0], p.Contig, p.Start, bases); err != nil {
					t.Fatal(err)
				}
				if err := joiner.Add(runs); err != nil {
					t.Fatal(err)
				}
				if err := joiner.Cut(); err != nil {
					t.Fatal(err)
				}
			}
			all := readBlocks(t, "deepvariant/"+v.folder+"/golden.postprocess_gvcf_input.tfrecord.gz")
			want := all
			if len(parts) < 11 { // a block ends with each partition
				end := fmt.Sprintf("-%d ", parts[len(parts)-1].End)
				want = all[:1+slices.IndexFunc(all, func(s string) bool { return strings.Contains(s, end) })]
			}
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Fatalf("block %d:\n got %v\nwant %s", i, got[min(i, len(got)):min(i+1, len(got))], want[i])
				}
			}
			if len(all) != v.blocks || len(got) != len(want) || len(got) < 30 {
				t.Errorf("%d blocks, want %d of %d", len(got), len(want), len(all))
			}
		})
	}
}

func readBlocks(t *testing.T, name string) (out []string) {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for rec, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(slices.Clone(rec))
		if err != nil {
			t.Fatal(err)
		}
		c := v.Calls[0]
		out = append(out, fmt.Sprintf("%d-%d %s GT %d GQ %d MIN_DP %d GL %v", v.Start, v.End, v.Ref, c.Genotype[0],
			c.Info.Get("GQ")[0].Int, c.Info.Get("MIN_DP")[0].Int, c.Likelihoods))
	}
	return out
}

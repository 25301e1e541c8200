package genotype_test

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// The golden files of DeepVariant 1.5 and 1.9: every line of every record, and
// every header line but the version.
func TestGolden(t *testing.T) {
	const v19, v15, trio = "deepvariant/testdata/", "deepvariant/testdata_v1.5/", "deepvariant/deeptrio/"
	haploid := func(o *genotype.Options) { o.Haploid = []string{"chr20"} }
	cases := []struct {
		name, calls, blocks, want string
		onlyPass                  bool
		change                    func(*genotype.Options)
		style                     vcf.CallStyle
		records                   int
	}{
		{"1.9 sites", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.postprocess_single_site_output.vcf", false, nil, vcf.CallStyle{}, 78},
		{"1.9 sites, gz", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.postprocess_single_site_output.vcf.gz", false, nil, vcf.CallStyle{}, 78},
		{"1.9 sites that pass", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.postprocess_single_site_output.pass_only.vcf", true, nil, vcf.CallStyle{}, 71},
		{"1.9 gVCF", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", v19 + "golden.postprocess_gvcf_input.tfrecord.gz", v19 + "golden.postprocess_gvcf_output.g.vcf", false, nil, vcf.CallStyle{}, 228},
		{"1.9 haploid sites", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.haploid_chr20.postprocess_single_site_output.vcf", false, haploid, vcf.CallStyle{}, 78},
		{"1.9 haploid gVCF", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", v19 + "golden.postprocess_gvcf_input.tfrecord.gz", v19 + "golden.haploid_chr20.postprocess_gvcf_output.g.vcf", false, haploid, vcf.CallStyle{}, 228},
		{"1.9 small model declared", v19 + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.postprocess_single_site_output_with_small_model.vcf.gz", false, nil, vcf.CallStyle{Model: true}, 78},
		{"1.9 nothing", v19 + "golden.postprocess_empty_input-00000-of-00001.tfrecord.gz", "", v19 + "golden.postprocess_empty_output.vcf.gz", false, nil, vcf.CallStyle{Model: true}, 0},
		{"1.9 trio child sites", trio + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", "", trio + "golden.postprocess_single_site_output.vcf", false, nil, vcf.CallStyle{}, 79},
		{"1.9 trio child gVCF", trio + "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", trio + "golden_child.postprocess_gvcf_input.tfrecord.gz", trio + "golden.postprocess_gvcf_output.g.vcf", false, nil, vcf.CallStyle{}, 1321},
		{"1.5 sites", v15 + "golden.postprocess_single_site_input.tfrecord.gz", "", v15 + "golden.postprocess_single_site_output.vcf", false, nil, vcf.CallStyle{Version: "1.5"}, 78},
		{"1.5 sites that pass", v15 + "golden.postprocess_single_site_input.tfrecord.gz", "", v15 + "golden.postprocess_single_site_output.pass_only.vcf", true, nil, vcf.CallStyle{Version: "1.5"}, 71},
		{"1.5 gVCF", v15 + "golden.postprocess_single_site_input.tfrecord.gz", v15 + "golden.postprocess_gvcf_input.tfrecord.gz", v15 + "golden.postprocess_gvcf_output.g.vcf", false, nil, vcf.CallStyle{Version: "1.5"}, 226},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			want := lines(t, k.want)
			o := genotype.Defaults()
			o.Compat = true
			if k.change != nil {
				k.change(&o)
			}
			got := postprocess(t, k.calls, k.blocks, want, k.onlyPass, o, k.style)
			if n := compareLines(t, got, want); n != k.records {
				t.Errorf("%d records, want %d", n, k.records)
			}
		})
	}
}

func compareLines(t *testing.T, got, want []string) (records int) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if strings.HasPrefix(w, "##DeepVariant_version=") && strings.HasPrefix(g, "##DeepVariant_version=") {
			continue
		}
		if g != w {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, g, w)
			return records
		}
		if !strings.HasPrefix(w, "#") {
			records++
		}
	}
	return records
}

// postprocess is the whole way from classified examples to text.
func postprocess(t *testing.T, calls, blocks string, want []string, onlyPass bool, o genotype.Options, style vcf.CallStyle) []string {
	t.Helper()
	contigs := headerContigs(t, want)
	_, sample := readOutputs(t, calls)
	style.Source = []string{"##DeepVariant_version=test"}
	w := &text{style: style}
	for _, l := range vcf.CallHeader(style, contigs, sample) {
		w.text = append(append(w.text, l...), '\n')
	}
	all := callsOf(t, calls, o, contigs)
	if blocks == "" {
		for _, c := range all {
			if !onlyPass || genotype.Passed(c) {
				w.Call(c)
			}
		}
	} else {
		merge(t, all, readBlocks(t, blocks), contigs, w)
	}
	return split(w.text)
}

func split(text []byte) []string { return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") }

func merge(t *testing.T, calls []*variant.Call, blocks []variant.Block, contigs *locus.Contigs, w gvcf.Sink) {
	t.Helper()
	m := gvcf.NewMerger(contigs, reference(t), variant.AnyAllele, w)
	for len(calls) > 0 || len(blocks) > 0 {
		var err error
		if len(calls) > 0 && (len(blocks) == 0 || calls[0].Start <= blocks[0].Start) {
			err = m.AddCall(calls[0])
			calls = calls[1:]
		} else {
			err = m.AddBlock(&blocks[0])
			blocks = blocks[1:]
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

type text struct {
	text  []byte
	style vcf.CallStyle
}

func (w *text) Call(c *variant.Call) error {
	w.text = vcf.AppendCall(w.text, c, w.style)
	return nil
}

func (w *text) Block(b *variant.Block) error {
	w.text = vcf.AppendBlock(w.text, b, w.style)
	return nil
}

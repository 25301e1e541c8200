package example_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

func records(t *testing.T, name string) [][]byte {
	t.Helper()
	f, err := os.Open(shared.Path(t, "deepvariant/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Clone(b))
	}
	return all
}

// sameFields checks that a message written again has the length of the first
// one, so that no field got lost: only the order of maps may differ.
func sameFields(t *testing.T, what string, before, after []byte) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%s: %d bytes written again are %d", what, len(before), len(after))
	}
}

func TestGoldenExamples(t *testing.T) {
	for name, want := range map[string]struct {
		n      int
		shape  [3]int
		labels bool
	}{
		"testdata/golden.calling_examples.tfrecord.gz":                               {84, [3]int{100, 221, 7}, false},
		"testdata_v1.5/golden.training_examples.tfrecord.gz":                         {49, [3]int{100, 221, 6}, true},
		"testdata/golden.alt_aligned_pileup_rows_examples.tfrecord.gz":               {49, [3]int{300, 221, 6}, true},
		"testdata/customized_classes.golden.training_examples.tfrecord.gz":           {19, [3]int{100, 221, 7}, true},
		"testdata_v1.5/golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz": {49, [3]int{100, 221, 8}, true},
	} {
		t.Run(name, func(t *testing.T) {
			all := records(t, name)
			if len(all) != want.n {
				t.Errorf("%d examples, want %d", len(all), want.n)
			}
			for i, b := range all {
				var e, again example.Example
				if err := e.Decode(b); err != nil {
					t.Fatalf("example %d: %v", i, err)
				}
				if e.Shape != want.shape || e.HasLabel != want.labels || e.HasDenovo {
					t.Errorf("example %d: shape %v, label %v", i, e.Shape, e.HasLabel)
				}
				sameFields(t, e.Locus, b, e.Append(nil))
				if err := again.Decode(e.Append(nil)); err != nil || !reflect.DeepEqual(e, again) {
					t.Errorf("%s changes when written and read: %v", e.Locus, err)
				}
				v, err := example.DecodeVariant(e.Variant)
				if err != nil {
					t.Fatal(err)
				}
				sameFields(t, v.Place(), e.Variant, v.Append(nil))
				site, err := v.Site()
				if err != nil {
					t.Fatal(err)
				}
				if v.Locus() != e.Locus || example.TypeOf(&site.Variant) != e.Type {
					t.Errorf("%s: locus %s, type %d, want %s, %d", v.Place(), v.Locus(), example.TypeOf(&site.Variant), e.Locus, e.Type)
				}
				if !want.labels {
					again := example.New(v, e.AltIndices, e.Image, e.Shape)
					if back, err := example.DecodeVariant(again.Variant); err != nil || !reflect.DeepEqual(back, v) {
						t.Errorf("%s: New has the variant %+v, %v", e.Locus, back, err)
					}
					again.Variant = e.Variant // of which the order of maps differs
					if !reflect.DeepEqual(again, &e) {
						t.Errorf("%s: New makes another example", e.Locus)
					}
					made := example.FromSite(&site, v.Calls[0].Sample)
					if !reflect.DeepEqual(made, v) {
						t.Errorf("%s: the site makes %+v, want %+v", v.Place(), made, v)
					}
				}
			}
		})
	}
}

func TestGoldenCandidates(t *testing.T) {
	for _, name := range []string{"testdata", "testdata_v1.5"} {
		all := records(t, name+"/golden.calling_candidates.tfrecord.gz")
		supported := 0
		for i, b := range all {
			c, err := example.DecodeCandidate(b)
			if err != nil {
				t.Fatalf("%s, candidate %d: %v", name, i, err)
			}
			sameFields(t, c.Variant.Place(), b, c.Append(nil))
			again, err := example.DecodeCandidate(c.Append(nil))
			if err != nil || !reflect.DeepEqual(c, again) {
				t.Errorf("%s changes when written and read: %v", c.Variant.Place(), err)
			}
			for _, s := range c.Support {
				for _, key := range s.Reads {
					if _, n, err := example.SplitKey(key); err != nil || n > 1 {
						t.Errorf("%v", err)
					}
					supported++
				}
			}
		}
		if len(all) != 78 || supported < 1000 {
			t.Errorf("%s: %d candidates with %d reads", name, len(all), supported)
		}
	}
}

func TestGoldenCalls(t *testing.T) {
	for _, name := range []string{
		"testdata/golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz",
		"testdata_v1.5/golden.postprocess_single_site_input.tfrecord.gz",
	} {
		for i, b := range records(t, name) {
			c, err := example.DecodeCall(b)
			if err != nil || len(c.Probabilities) != 3 || len(c.AltIndices) == 0 {
				t.Fatalf("%s, call %d: %+v, %v", name, i, c, err)
			}
			sameFields(t, c.Variant.Place(), b, c.Append(nil))
			if again, err := example.DecodeCall(c.Append(nil)); err != nil || !reflect.DeepEqual(c, again) {
				t.Errorf("%s changes when written and read: %v", c.Variant.Place(), err)
			}
			copied := example.AppendCall(nil, c.Variant.Append(nil), c.AltIndices, c.Probabilities)
			c.Debug = nil
			if !bytes.Equal(copied, c.Append(nil)) {
				t.Errorf("%s: AppendCall differs from Append", c.Variant.Place())
			}
		}
	}
}

func TestGoldenBlocks(t *testing.T) {
	for i, b := range records(t, "testdata/golden.postprocess_gvcf_input.tfrecord.gz") {
		v, err := example.DecodeVariant(b)
		if err != nil || len(v.Calls) != 1 || len(v.Calls[0].Likelihoods) != 3 || v.Alts[0] != "<*>" {
			t.Fatalf("block %d: %+v, %v", i, v, err)
		}
		sameFields(t, v.Place(), b, v.Append(nil))
	}
}

func TestGoldenShapeInfo(t *testing.T) {
	paths, err := filepath.Glob(filepath.Dir(shared.Path(t, "deepvariant/testdata/golden.calling_candidates.tfrecord.gz")) + "*/*" + example.InfoSuffix)
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		info, err := example.ParseShapeInfo(b)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if again := info.Append(nil); string(again) != strings.TrimSpace(string(b)) {
			t.Errorf("%s: %s is written as %s", p, b, again)
		}
	}
}

func TestShapeInfoFaults(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                      "unexpected end",
		`{"shape": [100, 221]}`:  "shape has 2 numbers",
		`{"shape": [100, 0, 6]}`: "want three numbers of 1 to",
		`{"shape": [100, 221, 6], "channels": [1,2]}`: "2 channels, want 6",
	} {
		if _, err := example.ParseShapeInfo([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// full has every field of every message, so that a round trip loses none.
func full() (*example.DeepVariantCall, *example.CallVariantsOutput, *example.Read) {
	values := []example.Value{example.IntValue(-3), example.NumberValue(0), example.TextValue(""), {Kind: example.Null}, {Kind: example.Bool, Bool: true}, {},
		{Kind: example.List, List: []example.Value{example.IntValue(0)}},
		{Kind: example.Struct, Struct: []example.Member{{"a", example.TextValue("x")}, {"b", example.NumberValue(-1.5)}}}}
	v := &example.Variant{ID: "id", Names: []string{"rs1", ""}, Ref: "A", Alts: []string{"C", "AT"}, Quality: 12.5, Filter: []string{"PASS"},
		Info: example.Info{{"A", values}, {"B", nil}}, Created: 7, End: 11, Contig: "chr1", SetID: "set", Start: 10,
		Calls: []example.VariantCall{{Info: example.Info{{"DP", values[:1]}}, PhaseSet: "ps", Likelihoods: []float64{-1, 0, -2.5}, Genotype: []int{-1, 2}, SetID: "s", Sample: "NA", Phased: true}, {}}}
	c := &example.DeepVariantCall{Variant: v, Support: []example.AlleleReads{{"", []string{""}}, {"C", []string{"r/0", "q/1"}}},
		Frequency: []example.AlleleFrequency{{"A", 0.25}, {"C", 0}}, Ref: []string{"z/0"},
		SupportExt: []example.AlleleReadsExt{{"C", []example.ReadSupport{{"r/0", true, 60, 30, true, true, "NA", 200}, {}}}},
		RefExt:     []example.ReadSupport{{Read: "z/0"}}, FrequencyAt: []example.FrequencyAt{{-25, 3}, {0, 0}}, AltSets: [][]int{{0}, {0, 1}, nil}}
	o := &example.CallVariantsOutput{Variant: v, AltIndices: []int{0, 1}, Probabilities: []float64{0.25, 0.5, 0.25},
		Debug: &example.DebugInfo{PredictedLabel: 1, HasInsertion: true, HasDeletion: true, IsSNP: true, TrueLabel: 2, Logits: []float64{1}, Prelogits: []float64{2, 3}, Image: []byte{1, 0}}}
	r := &example.Read{ID: "i", ReadGroup: "g", ReadGroupSet: "s", Fragment: "f", ProperPlacement: true, Duplicate: true, FragmentLength: -300, Number: 1, Of: 2, QCFail: true,
		Alignment: &example.Alignment{Position: &example.Position{Contig: "chr1", Base: 5, Reverse: true}, MapQ: 60, Cigar: []example.CigarUnit{{1, 4, ""}, {5, 300, "ACGT"}}},
		Secondary: true, Supplementary: true, Bases: "ACGT", Quals: []int{0, 40, 41, 2}, Mate: &example.Position{Contig: "chr2"}, Info: example.Info{{"HP", values[:1]}}}
	return c, o, r
}

func TestRoundTrip(t *testing.T) {
	c, o, r := full()
	if got, err := example.DecodeCandidate(c.Append(nil)); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := example.DecodeCall(o.Append(nil)); err != nil || !reflect.DeepEqual(got, o) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := example.DecodeRead(r.Append(nil)); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v", got, err)
	}
	span := example.Range{Contig: "chr1", Start: 3, End: 9}
	if got, err := example.DecodeRange(span.Append(nil)); err != nil || got != span {
		t.Errorf("%+v, %v", got, err)
	}
	e := example.Example{Image: make([]byte, 24), Shape: [3]int{2, 3, 4}, Variant: c.Variant.Append(nil), AltIndices: []int{1, 300}, Type: 2, Locus: "chr1:11-11",
		Sequencing: 3, HasLabel: true, HasDenovo: true, Denovo: 1}
	var got example.Example
	if err := got.Decode(e.Append(nil)); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestMaps: a reader of protobuf keeps the last of equal keys, and order on the
// wire does not matter.
func TestMaps(t *testing.T) {
	wire := []byte("\x52\x07\x0a\x01Z\x12\x02\x0a\x00" + "\x52\x09\x0a\x01A\x12\x04\x0a\x02\x38\x01" + "\x52\x09\x0a\x01A\x12\x04\x0a\x02\x38\x02")
	v, err := example.DecodeVariant(wire)
	if err != nil || len(v.Info) != 2 || v.Info.Get("A")[0].Int != 2 || v.Info[1].Key != "Z" {
		t.Fatalf("%+v, %v", v, err)
	}
	v.Info.Set("M", example.IntValue(9))
	v.Info.Set("A", example.IntValue(8))
	v.Info.Delete("Z")
	v.Info.Delete("Y")
	if len(v.Info) != 2 || v.Info[0].Values[0].Int != 8 || v.Info[1].Key != "M" {
		t.Errorf("%+v", v.Info)
	}
}

func TestFaults(t *testing.T) {
	good := example.Example{Image: make([]byte, 6), Shape: [3]int{1, 2, 3}, Variant: []byte{}, AltIndices: []int{0}}
	for _, k := range []struct {
		name, want string
		change     func(*example.Example)
		cut        int
	}{
		{"image too short", `key "image/encoded" has 5 bytes, want 6`, func(e *example.Example) { e.Image = e.Image[:5] }, 0},
		{"no channel", "want three numbers", func(e *example.Example) { e.Shape[2] = 0 }, 0},
		{"negative", "want three numbers", func(e *example.Example) { e.Shape[0] = -1 }, 0},
		{"product beyond an int", "want three numbers", func(e *example.Example) { e.Shape = [3]int{1 << 40, 1 << 40, 1 << 40} }, 0},
		{"cut", "unexpected EOF", func(*example.Example) {}, 3},
	} {
		t.Run(k.name, func(t *testing.T) {
			e := good
			k.change(&e)
			b := e.Append(nil)
			if err := new(example.Example).Decode(b[:len(b)-k.cut]); err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v, want %q", err, k.want)
			}
		})
	}
	if err := new(example.Example).Decode(nil); err == nil || !strings.Contains(err.Error(), `key "image/encoded" is missing`) {
		t.Errorf("no bytes: %v", err)
	}
	deep := example.IntValue(1)
	for range 100 {
		deep = example.Value{Kind: example.List, List: []example.Value{deep}}
	}
	nested := example.Variant{Info: example.Info{{"A", []example.Value{deep}}}}
	if _, err := example.DecodeVariant(nested.Append(nil)); err == nil || !strings.Contains(err.Error(), "more than 32 deep") {
		t.Errorf("lists within lists: %v", err)
	}
	for _, v := range []struct {
		v    example.Variant
		want string
	}{
		{example.Variant{Ref: "", End: 0}, "want as many bases"},
		{example.Variant{Ref: "AC", Start: 4, End: 5}, "want as many bases"},
		{example.Variant{Ref: "A", End: 1, Alts: []string{"C"}, Calls: []example.VariantCall{{Info: example.Info{{"AD", []example.Value{{}}}}}}}, "AD has 1 values, want 2"},
		{example.Variant{Ref: "A", End: 1, Alts: []string{"C"}, Calls: []example.VariantCall{{Info: example.Info{{"VAF", []example.Value{{}, {}}}}}}}, "VAF has 2 values, want 1"},
	} {
		if _, err := v.v.Site(); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%+v: %v, want %q", v.v, err, v.want)
		}
	}
	for _, key := range []string{"", "r", "r/2", "r/10", "/"} {
		if _, _, err := example.SplitKey(key); err == nil {
			t.Errorf("key %q was taken", key)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for _, k := range []struct {
		v    variant.Variant
		want int
	}{
		{variant.Variant{Ref: "A", Alts: []string{"C", "G"}}, example.TypeSNP},
		{variant.Variant{Ref: "A", Alts: []string{"C", "AG"}}, example.TypeIndel},
		{variant.Variant{Ref: "AT", Alts: []string{"CG"}}, example.TypeIndel},
	} {
		if got := example.TypeOf(&k.v); got != k.want {
			t.Errorf("%v: %d, want %d", k.v, got, k.want)
		}
	}
}

// FuzzDecode gives the same bytes to every decoder; what one of them takes must
// survive being written and read.
func FuzzDecode(f *testing.F) {
	c, o, r := full()
	f.Add(c.Append(nil))
	f.Add(o.Append(nil))
	f.Add(r.Append(nil))
	e := example.Example{Image: make([]byte, 6), Shape: [3]int{1, 2, 3}, Variant: c.Variant.Append(nil), AltIndices: []int{0}, HasLabel: true}
	f.Add(e.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e, again example.Example
		if e.Decode(b) == nil {
			if err := again.Decode(e.Append(nil)); err != nil || !bytes.Equal(e.Append(nil), again.Append(nil)) {
				t.Fatalf("example %+v, then %+v, %v", e, again, err)
			}
		}
		if c, err := example.DecodeCandidate(b); err == nil {
			fixed(t, c.Append(nil), func(b []byte) ([]byte, error) {
				c, err := example.DecodeCandidate(b)
				if err != nil {
					return nil, err
				}
				return c.Append(nil), nil
			})
		}
		if o, err := example.DecodeCall(b); err == nil {
			fixed(t, o.Append(nil), func(b []byte) ([]byte, error) {
				o, err := example.DecodeCall(b)
				if err != nil {
					return nil, err
				}
				return o.Append(nil), nil
			})
		}
		if r, err := example.DecodeRead(b); err == nil {
			fixed(t, r.Append(nil), func(b []byte) ([]byte, error) {
				r, err := example.DecodeRead(b)
				if err != nil {
					return nil, err
				}
				return r.Append(nil), nil
			})
		}
		if v, err := example.DecodeVariant(b); err == nil {
			_, _ = v.Site()
		}
		if i, err := example.ParseShapeInfo(b); err == nil {
			fixed(t, i.Append(nil), func(b []byte) ([]byte, error) {
				i, err := example.ParseShapeInfo(b)
				if err != nil {
					return nil, err
				}
				return i.Append(nil), nil
			})
		}
	})
}

func fixed(t *testing.T, b []byte, again func([]byte) ([]byte, error)) {
	t.Helper()
	if got, err := again(b); err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%x written and read is %x, %v", b, got, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	c, _, _ := full()
	e := example.Example{Image: make([]byte, 154_700), Shape: [3]int{100, 221, 7}, Variant: c.Variant.Append(nil), AltIndices: []int{0}}
	wire := e.Append(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Decode(wire); err != nil {
			b.Fatal(err)
		}
	}
}

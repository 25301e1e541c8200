package stage

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/gx-genomics/gx/variant/locus"
)

// CallKind is the stage that goes from reads to calls.
func CallKind() *Kind {
	return &Kind{
		Name:    CallName,
		Worker:  "gx-call",
		In:      []Role{{Name: "ref", Direct: true}, {Name: "reads", Many: true, Direct: true}},
		Out:     []Role{{Name: "out"}, {Name: "gvcf", Optional: true}},
		Options: func() any { o := DefaultCallOptions(); return &o },
		Derived: []string{"gvcf"},
		Settle: func(options any, t *Task) error {
			o := options.(*CallOptions)
			o.GVCF = t.Out["gvcf"] != ""
			return o.Validate()
		},
		Files: func(options any) []string {
			o := options.(*CallOptions)
			list := bedNames(o.Regions, o.Exclude)
			if o.PARBed != "" {
				list = append(list, o.PARBed)
			}
			if modelIsFile(o.Model) {
				list = append(list, o.Model)
			}
			return list
		},
		Builtin: func(options any) string { return builtinModel(options.(*CallOptions).Model) },
		Measure: measureCall,
		Shard:   RunCall,
		Join:    joinCall,
	}
}

// CPU seconds of calling, measured on simulated 30x reads (docs/estimates.md has
// what all stages take): per base of the genome, and per byte of BAM.
const (
	callPerBase = 3e-7
	callPerByte = 4.4e-8
)

func measureCall(ctx context.Context, env *Env, t *Task) (*Work, error) {
	w, err := openCallTask(ctx, env, t)
	if err != nil {
		return nil, err
	}
	defer w.in.close()
	if err := checkOutputs(env, slices.Concat(t.In["ref"], t.In["reads"]), []string{t.Out["out"], t.Out["gvcf"]}); err != nil {
		return nil, err
	}
	bases := int64(locus.NewSet(w.in.regions...).Bases())
	var bytes int64
	for c, weight := range w.weighed() {
		bytes += weight - weightOfBase*int64(c.Len())
	}
	work := &Work{CPU: callPerBase*float64(bases) + callPerByte*float64(bytes), Memory: 200 << 20, Disk: bases / 10, Out: bases / 10, Pieces: w.total()}
	if w.noise != nil {
		if work.Learned, err = json.Marshal(w.noise); err != nil {
			return nil, err
		}
	}
	if t.Out["gvcf"] != "" {
		work.Disk, work.Out = bases/5, bases/5
	}
	return work, nil
}

// joinCall settles the records of the parts among each other and writes them.
func joinCall(ctx context.Context, env *Env, t *Task) (*Report, error) {
	w, err := openCallTask(ctx, env, t)
	if err != nil {
		return nil, err
	}
	defer w.in.close()
	s, err := w.write(ctx, env, t.Out["out"], t.Out["gvcf"], func(emit func(*found) error) error {
		for _, name := range t.In[partsRole] {
			if err := readFound(ctx, env.Store, name, emit); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	env.note("%s: %s", t.Out["out"], s)
	counts := contigCounts{s.Contigs}
	counts.want(w.in.regions)
	return counts.report(), nil
}

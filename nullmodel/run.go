package nullmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// crossfit is the work on one trait: what all runs share.
type crossfit struct {
	p      *Prediction
	table  *Table
	rows   []int // of the table, in the order of the identifiers
	target []float64
	fold   []int
	grids  [][]float64
	o      *Options
	runs   []*run // by their validation fold
}

// scorer is a fitted model: it gives the score (a mean, or a logit) of n rows
// of columns.
type scorer interface {
	scores(x [][]float64, n int) ([]float64, error)
}

// run trains on all folds but k and k+1, validates on k and predicts k+1. Its
// jobs are independent; the one that ends last does the rest. Runs write to
// different rows of the prediction.
type run struct {
	c       *crossfit
	k       int
	part    [3][]int // indices into crossfit.rows: train, validation, test
	jobs    []job
	prepare func() *prepared
	left    atomic.Int32
	fitted  []scorer
	share   []float64 // of each job in its member
	curves  []Curve
	effects []runEffect
}

// job fits one model.
type job struct {
	kind   Member
	part   int // of the member: which network, or the place in boostDepths
	member int // in Options.Members; -1 for the reference
}

// prepared is the columns of the three parts of a run.
type prepared struct {
	d      *design
	s      [3]sample
	lesson func() *lesson // made when a network asks for it
}

func (c *crossfit) newRun(k int) (*run, error) {
	r := &run{c: c, k: k}
	for i, f := range c.fold {
		switch f {
		case k:
			r.part[1] = append(r.part[1], i)
		case (k + 1) % c.o.Folds:
			r.part[2] = append(r.part[2], i)
		default:
			r.part[0] = append(r.part[0], i)
		}
	}
	for _, part := range r.part {
		if len(part) == 0 {
			return nil, fmt.Errorf("trait %s: fold %d is empty: too few groups for %d folds", c.p.Trait, k+1, c.o.Folds)
		}
	}
	info := &c.p.Runs[k]
	info.Train, info.Valid, info.Test = len(r.part[0]), len(r.part[1]), len(r.part[2])
	reference := true
	for m, kind := range c.o.Members {
		reference = reference && kind != Linear
		n := 1
		switch kind {
		case Network:
			n = c.o.Networks
		case Boost:
			n = len(boostDepths)
		}
		for e := range n {
			r.jobs = append(r.jobs, job{kind, e, m})
		}
	}
	if reference {
		r.jobs = append(r.jobs, job{Linear, 0, -1})
	}
	r.fitted, r.curves, r.share = make([]scorer, len(r.jobs)), make([]Curve, len(r.jobs)), make([]float64, len(r.jobs))
	r.left.Store(int32(len(r.jobs)))
	r.prepare = sync.OnceValue(r.columns)
	return r, nil
}

// tableRows turns indices into crossfit.rows into rows of the table.
func (c *crossfit) tableRows(idx []int) []int {
	out := make([]int, len(idx))
	for i, j := range idx {
		out[i] = c.rows[j]
	}
	return out
}

func (r *run) columns() *prepared {
	c := r.c
	p := &prepared{d: fitDesign(c.table, c.tableRows(r.part[0]), c.o.Impute)}
	if c.o.Original {
		p.d.raw()
	}
	for q, part := range r.part {
		p.s[q].x = p.d.matrix(c.table, c.tableRows(part))
		p.s[q].y = make([]float64, len(part))
		for i, j := range part {
			p.s[q].y[i] = c.target[j]
		}
	}
	p.lesson = sync.OnceValue(func() *lesson { return newLesson(p.s[0], fitEncoder(p.s[0].x), !c.p.Binary) })
	return p
}

// do fits the model of job j.
func (r *run) do(j int) error {
	p := r.prepare()
	if len(p.d.columns) == 0 {
		return fmt.Errorf("trait %s: no covariate differs between the %d individuals that run %d trains on", r.c.p.Trait, len(r.part[0]), r.k+1)
	}
	if err := r.fit(j, p); err != nil {
		return fmt.Errorf("trait %s, run %d: %w", r.c.p.Trait, r.k+1, err)
	}
	if r.left.Add(-1) > 0 {
		return nil
	}
	r.prepare = nil // the columns are not needed after this
	if err := r.finish(p); err != nil {
		return fmt.Errorf("trait %s, run %d: %w", r.c.p.Trait, r.k+1, err)
	}
	return nil
}

func (r *run) fit(j int, p *prepared) (err error) {
	binary, job := r.c.p.Binary, r.jobs[j]
	var curve Curve
	seed := uint64(r.c.o.Seed)<<14 | uint64(r.k)<<7 | uint64(job.part)
	switch {
	case job.kind == Linear:
		r.fitted[j] = fitLinear(p.s[0].x, p.s[0].y, binary)
	case job.kind == Spline:
		r.fitted[j], curve = fitSpline(p.s[0], p.s[1], binary)
	case job.kind == Boost:
		r.fitted[j], curve = fitBoost(p.s[0], p.s[1], binary, boostDepths[job.part], seed)
	case r.c.o.Original:
		r.fitted[j], curve, err = fitOriginal(p.s[0], p.s[1], binary, seed, r.c.o.epochs)
	default:
		r.fitted[j], curve, err = fitNetwork(p.lesson(), p.s[1], binary, seed)
	}
	curve.Member, curve.Part = job.kind, job.part
	r.curves[j] = curve
	return err
}

// jobScores are the scores of every job's model for rows of columns.
func (r *run) jobScores(x [][]float64, n int) ([][]float64, error) {
	scores := make([][]float64, len(r.jobs))
	for j, model := range r.fitted {
		var err error
		if scores[j], err = model.scores(x, n); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// memberScores are the scores of every member, and of the reference, from
// those of the jobs.
func (r *run) memberScores(jobs [][]float64) (members [][]float64, reference []float64) {
	members = make([][]float64, len(r.c.o.Members))
	for j, job := range r.jobs {
		if job.kind == Linear {
			reference = jobs[j]
		}
		if job.member < 0 {
			continue
		}
		if members[job.member] == nil {
			members[job.member] = constant(len(jobs[j]), 0)
		}
		for i, v := range jobs[j] {
			members[job.member][i] += float64(r.share[j] * v)
		}
	}
	return members, reference
}

// divide gives the jobs of a member their shares in it: networks, which differ
// by chance, equal ones; trees of several depths those that do best on the
// validation rows.
func (r *run) divide(valid [][]float64, y []float64) {
	var trees [][]float64
	for j, job := range r.jobs {
		switch job.kind {
		case Network:
			r.share[j] = 1 / float64(r.c.o.Networks)
		case Boost:
			trees = append(trees, valid[j])
		default:
			r.share[j] = 1
		}
	}
	if len(trees) == 0 {
		return
	}
	w := mix(trees, y, r.c.p.Binary)
	for j, job := range r.jobs {
		if job.kind == Boost {
			r.share[j] = w[job.part]
		}
	}
}

// finish weighs the members on the validation fold and predicts the test fold.
func (r *run) finish(p *prepared) error {
	c := r.c
	out, info := c.p, &c.p.Runs[r.k]
	jobs, err := r.jobScores(p.s[1].x, info.Valid)
	if err != nil {
		return err
	}
	r.divide(jobs, p.s[1].y)
	valid, _ := r.memberScores(jobs)
	info.Weights = mix(valid, p.s[1].y, out.Binary)
	mixed := blend(valid, info.Weights)
	if l := slices.Index(c.o.Members, Linear); l >= 0 && !certain(mixed, valid[l], p.s[1].y, out.Binary) {
		info.Weights, mixed = constant(len(valid), 0), valid[l]
		info.Weights[l] = 1
	}
	info.ValidLoss = loss(mixed, p.s[1].y, out.Binary)
	if out.Binary {
		info.ValidMetric = AUC(mixed, p.s[1].y)
	} else {
		info.ValidMetric = BatchPearson(mixed, p.s[1].y)
	}
	for j, job := range r.jobs {
		if job.member >= 0 && len(r.curves[j].Loss) > 0 {
			r.curves[j].Share = r.share[j]
			info.Curves = append(info.Curves, r.curves[j])
		}
	}
	if jobs, err = r.jobScores(p.s[2].x, info.Test); err != nil {
		return err
	}
	test, reference := r.memberScores(jobs)
	final := blend(test, info.Weights)
	for i, j := range r.part[2] {
		row := c.rows[j]
		out.Run[row] = r.k
		out.Values[row] = out.onScale(final[i])
		if out.Binary {
			out.Logit[row] = final[i]
		}
		out.OLS[row] = out.onScale(reference[i])
		for m := range out.ByMember {
			out.ByMember[m][row] = out.onScale(test[m][i])
		}
	}
	if c.o.Diagnose {
		rng := rand.New(rand.NewPCG(uint64(c.o.Seed), uint64(r.k)<<8|0x65))
		if r.effects, err = r.measureEffects(p.d, rng); err != nil {
			return err
		}
	}
	r.fitted = nil
	return nil
}

// onScale turns a score into what is written: a probability for a binary trait.
func (p *Prediction) onScale(score float64) float64 {
	if p.Binary {
		return sigmoid(score)
	}
	return score
}

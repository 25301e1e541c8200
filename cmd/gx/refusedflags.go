package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"
)

// refusedFlag is a flag of DeepVariant's make_examples that gx has no use for,
// or no rules.
type refusedFlag struct {
	name  string
	value bool // it is followed by one
	why   string
}

const (
	noSmallModel = "gx call decides easy sites by a quick network of its own; gx genotype takes what DeepVariant's small model wrote (--small-model-calls)"
	noStream     = "examples go to files; gx call draws and decides in one process, without any"
	noDiagnosis  = "graphs and realigned reads are not written; gx show draws what reads look like"
)

var refusedFlags = []refusedFlag{
	{"enable-methylation-aware-phasing", false, "reads are sorted into haplotypes by SNPs only; enable-methylation-calling tells of the methylation of alleles"},
	{"call-small-model-examples", false, noSmallModel},
	{"write-small-model-examples", false, noSmallModel},
	{"trained-small-model-path", true, noSmallModel},
	{"small-model-snp-gq-threshold", true, noSmallModel},
	{"small-model-indel-gq-threshold", true, noSmallModel},
	{"small-model-vaf-context-window-size", true, noSmallModel},
	{"stream-examples", false, noStream},
	{"shm-prefix", true, noStream},
	{"shm-buffer-size", true, noStream},
	{"realigner-diagnostics", true, noDiagnosis},
	{"emit-realigned-reads", false, noDiagnosis},
	{"output-sitelist", false, "the sites are in --candidates, and in --labels where there is a truth"},
	{"task", true, "one run writes all files of a name with @N; gx run does them in pieces"},
}

// refused are these as flags that help does not list.
func refused() (flags []cli.Flag) {
	for _, r := range refusedFlags {
		if r.value {
			flags = append(flags, &cli.StringFlag{Name: r.name, Hidden: true})
		} else {
			flags = append(flags, &cli.BoolFlag{Name: r.name, Hidden: true})
		}
	}
	return flags
}

// refusals says of each that is given why it is not taken.
func refusals(c *cli.Context) error {
	var errs []error
	for _, r := range refusedFlags {
		if c.IsSet(r.name) && (r.value || c.Bool(r.name)) {
			errs = append(errs, fmt.Errorf("--%s is a flag of DeepVariant that gx does not have: %s", r.name, r.why))
		}
	}
	return errors.Join(errs...)
}

package simulate_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gx-genomics/gx/gwas/simulate"
)

// A small cohort: its rows, and the share of cases in its binary trait.
func Example() {
	ctx := context.Background()
	o := simulate.Defaults()
	o.Samples, o.Variants, o.Seed = 4000, 100, 7
	o.Traits = []simulate.Trait{{Name: "case", Scenario: simulate.Smooth, Binary: true, Heritability: -1, Cases: 0.25}}
	c, err := simulate.New(o)
	if err != nil {
		log.Fatal(err)
	}
	rows := 0
	for b, err := range c.Blocks(ctx, 0, -1, 64) {
		if err != nil {
			log.Fatal(err)
		}
		rows += len(b.Rows)
	}
	t, err := c.Table(ctx)
	if err != nil {
		log.Fatal(err)
	}
	cases := 0.0
	for _, v := range t.Traits[0].Values {
		cases += v
	}
	fmt.Printf("%d people, %d rows, %d covariates, %d causal variants, %.0f %% cases\n",
		len(c.People()), rows, len(t.Covariates), len(t.Causal), 100*cases/float64(len(c.People())))
	// Output: 4000 people, 100 rows, 8 covariates, 50 causal variants, 25 % cases
}

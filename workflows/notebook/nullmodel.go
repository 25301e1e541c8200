package notebook

import (
	"encoding/json"
	"fmt"

	"github.com/gx-genomics/gx/nullmodel"
)

// NullModel is what gx nullmodel tells of its model.
type NullModel struct {
	Source Source
	Traits []NullTrait
}

// NullTrait is how well the covariates predict a trait.
type NullTrait struct {
	Trait  string           `json:"trait"`
	Report nullmodel.Report `json:"report"`
}

// ParseNullModel reads the metadata that lie beside a table of predictions.
func ParseNullModel(source Source, data []byte) (*NullModel, error) {
	m := struct {
		Traits []NullTrait `json:"traits"`
	}{}
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("not the metadata of gx nullmodel: %w", err)
	}
	return &NullModel{Source: source, Traits: m.Traits}, nil
}

func (m *NullModel) outputs() []Output {
	t := Table{Head: []string{"trait", "model", "measure", "out of fold", "95 % interval"}}
	said := Output{Printed: true}
	for i := range m.Traits {
		x := &m.Traits[i]
		for _, s := range x.Report.Score {
			for _, k := range []struct {
				measure string
				e       *nullmodel.Estimate
			}{{"R2", s.R2}, {"AUC", s.AUC}} {
				if k.e != nil {
					t.add(x.Trait, s.Model, k.measure, fixed(k.e.Value, 4), fixed(k.e.Low, 4)+" to "+fixed(k.e.High, 4))
				}
			}
		}
		said.Text += x.Report.Sentence + "\n"
	}
	return []Output{t.output(), said}
}

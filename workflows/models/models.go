// Package models reads and writes the models of gx, and holds those that are
// part of the program.
package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/train"
)

// keyModel is the metadata that tells of a model all but its networks.
const keyModel = "gx.model"

// The parts of a file: the two networks as they run, and both in floats, with
// which fine-tuning begins.
const (
	partFirst, partThen   = "first", "then"
	partFirstF, partThenF = "first_floats", "then_floats"
)

// Card is what a file tells of a model beside its weights.
type Card struct {
	Name        string               `json:"name"`
	Features    string               `json:"features"` // classify.FeatureVersion
	Height      int                  `json:"height"`
	Width       int                  `json:"width"`
	Channels    []int                `json:"channels"`
	SNP         float64              `json:"snp"`
	Indel       float64              `json:"indel"`
	Calibration classify.Calibration `json:"calibration"`
	Blend       [3]float64           `json:"blend"`
	Slips       float64              `json:"slips"`
	Recipe      json.RawMessage      `json:"recipe,omitempty"` // what it was made from and how
}

// Write writes a model with the weights in floats that it was made from; without
// them, where there are none in floats, the file is a quarter as large.
func Write(w io.Writer, m *classify.Model, floats train.Networks, recipe any) error {
	text, err := json.Marshal(recipe)
	if err != nil {
		return err
	}
	card, err := json.Marshal(Card{Name: m.Name, Features: classify.FeatureVersion, Height: m.Height, Width: m.Width, Channels: m.Channels,
		SNP: m.SNP, Indel: m.Indel, Calibration: m.Calibration, Blend: m.Blend, Slips: m.Slips, Recipe: text})
	if err != nil {
		return err
	}
	first, err := weights.FromNetwork(m.First, nil)
	if err != nil {
		return err
	}
	then, err := weights.FromQuantised(m.Then, nil)
	if err != nil {
		return err
	}
	parts := []weights.Part{{Name: partFirst, File: first}, {Name: partThen, File: then}}
	if floats.Then != nil {
		firstF, err := weights.FromNetwork(floats.First, nil)
		if err != nil {
			return err
		}
		thenF, err := weights.FromNetwork(floats.Then, nil)
		if err != nil {
			return err
		}
		parts = append(parts, weights.Part{Name: partFirstF, File: firstF}, weights.Part{Name: partThenF, File: thenF})
	}
	return weights.Bundle(map[string]string{keyModel: string(card)}, parts...).Write(w)
}

// Parse reads a model of gx's own; path names it in errors.
func Parse(path string, data []byte) (*classify.Model, error) {
	m, err := parse(path, data)
	return m, source.At(path, err)
}

func parse(path string, data []byte) (*classify.Model, error) {
	f, card, err := open(path, data)
	if err != nil {
		return nil, err
	}
	m := &classify.Model{Name: card.Name, Height: card.Height, Width: card.Width, Channels: card.Channels, SNP: card.SNP, Indel: card.Indel, Calibration: card.Calibration, Blend: card.Blend, Slips: card.Slips}
	first, err := f.Part(partFirst)
	if err != nil {
		return nil, err
	}
	if m.First, err = first.Network(); err != nil {
		return nil, fmt.Errorf("first network: %w", err)
	}
	then, err := f.Part(partThen)
	if err != nil {
		return nil, err
	}
	if m.Then, err = then.Quantised(); err != nil {
		return nil, fmt.Errorf("second network: %w", err)
	}
	if _, err := m.Classifier(); err != nil {
		return nil, err
	}
	return m, nil
}

func open(path string, data []byte) (*weights.File, *Card, error) {
	f, err := weights.Parse(path, data)
	if err != nil {
		return nil, nil, err
	}
	text, ok := f.Metadata[keyModel]
	if !ok {
		return nil, nil, fmt.Errorf("no model of gx: the metadata have no %s", keyModel)
	}
	var card Card
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := d.Decode(&card); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", keyModel, err)
	}
	if card.Features != classify.FeatureVersion {
		return nil, nil, fmt.Errorf("a model of features of version %q, this program makes version %q: train it anew", card.Features, classify.FeatureVersion)
	}
	if card.Name == "" || slices.ContainsFunc([]rune(card.Name), func(r rune) bool { return r <= ' ' || r == ':' || r == ';' || r == ',' || r > '~' }) {
		return nil, nil, fmt.Errorf("a model of name %q, which cannot stand in a VCF", card.Name)
	}
	return f, &card, nil
}

// ParseFloats reads the weights in floats of a model, with which fine-tuning
// begins.
func ParseFloats(path string, data []byte) (n train.Networks, card *Card, err error) {
	f, card, err := open(path, data)
	if err == nil {
		n, err = floats(f)
	}
	return n, card, source.At(path, err)
}

func floats(f *weights.File) (n train.Networks, err error) {
	if _, there := f.Metadata[partThenF+".gx.kind"]; !there {
		return n, errors.New("no weights in floats, with which training begins: the model was written without them")
	}
	first, err := f.Part(partFirstF)
	if err != nil {
		return n, err
	}
	if n.First, err = first.Network(); err != nil {
		return n, err
	}
	then, err := f.Part(partThenF)
	if err != nil {
		return n, err
	}
	n.Then, err = then.Network()
	return n, err
}

package bam

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/io/source"
)

// Severity says what a Problem means for the use of a file.
type Severity int

// A Warning breaks no rule of the format, but is likely not what was meant, or
// costs something. A Failure breaks a rule: what reads the file may refuse it
// or misread it.
const (
	Warning Severity = iota
	Failure
)

// String is "warning" or "error".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// kind is a kind of fault.
type kind int

// The kinds of faults, those of the file, of its header, of records, of pairs.
const (
	kTruncated kind = iota
	kContainer
	kNoIndex
	kIndex
	kHeaderLine
	kHeaderTag
	kHeaderValue
	kHeaderOrder
	kHeaderDuplicate
	kHeaderMissing
	kHeaderLink
	kHeaderAdvice
	kHeaderNone
	kFields
	kFieldsAdvice
	kName
	kFlag
	kFlagAdvice
	kContig
	kPosition
	kPositionAdvice
	kMapQ
	kCigar
	kCigarLength
	kMate
	kMateAdvice
	kTemplate
	kSequence
	kSequenceAdvice
	kNoBases
	kQuality
	kNoQuality
	kTag
	kTagTwice
	kReadGroup
	kUnsorted
	kTwice
	kMateCigar
	kRecord
	kinds
)

// about is the name of each kind and what it means.
var about = [kinds]struct {
	name string
	severity
}{
	kTruncated:       {"truncated", failure},
	kContainer:       {"damaged-block", failure},
	kNoIndex:         {"no-index", warning},
	kIndex:           {"wrong-index", failure},
	kHeaderLine:      {"header-line", failure},
	kHeaderTag:       {"header-field", failure},
	kHeaderValue:     {"header-value", failure},
	kHeaderOrder:     {"header-order", failure},
	kHeaderDuplicate: {"header-duplicate", failure},
	kHeaderMissing:   {"header-required-field", failure},
	kHeaderLink:      {"header-link", failure},
	kHeaderAdvice:    {"header-advice", warning},
	kHeaderNone:      {"no-header", warning},
	kFields:          {"fields", failure},
	kFieldsAdvice:    {"fields-advice", warning},
	kName:            {"read-name", failure},
	kFlag:            {"flag", failure},
	kFlagAdvice:      {"flag-advice", warning},
	kContig:          {"contig", failure},
	kPosition:        {"position", failure},
	kPositionAdvice:  {"position-advice", warning},
	kMapQ:            {"mapq", failure},
	kCigar:           {"cigar", failure},
	kCigarLength:     {"cigar-length", failure},
	kMate:            {"mate-position", failure},
	kMateAdvice:      {"mate-advice", warning},
	kTemplate:        {"template-length", failure},
	kSequence:        {"sequence", failure},
	kSequenceAdvice:  {"sequence-advice", warning},
	kNoBases:         {"no-bases", warning},
	kQuality:         {"quality", failure},
	kNoQuality:       {"no-quality", warning},
	kTag:             {"tag", failure},
	kTagTwice:        {"tag-twice", failure},
	kReadGroup:       {"read-group", failure},
	kUnsorted:        {"unsorted", failure},
	kTwice:           {"read-twice", warning}, // so do public files that were cut from larger ones
	kMateCigar:       {"mate-cigar", failure},
	kRecord:          {"record", failure},
}

type severity = Severity

const (
	warning = Warning
	failure = Failure
)

// Problem is a kind of fault that a file has.
type Problem struct {
	Kind     string // the same for the same fault in every file
	Severity Severity
	Count    int64 // how often
	First    error // the first of them: a *source.Error with its place
}

// findings collects faults by kind: how many, and the first in full.
type findings struct {
	path   string
	byKind [kinds]Problem
	// failed is the first failure since it was last set to nil.
	failed error
	// place is where the next fault is.
	place source.Error
}

// add notes a fault. Only the first of its kind is worth its text, and the
// first failure.
func (f *findings) add(k kind, format string, args ...any) {
	p := &f.byKind[k]
	p.Count++
	fails := about[k].severity == failure && f.failed == nil
	if p.Count > 1 && !fails {
		return
	}
	e := f.place
	e.Path = f.path
	e.Record = string([]byte(e.Record))
	e.Err = fmt.Errorf(format, args...)
	if p.Count == 1 {
		p.Kind, p.Severity, p.First = about[k].name, about[k].severity, &e
	}
	if fails {
		f.failed = &e
	}
}

// addError notes an error that says itself where it is.
func (f *findings) addError(k kind, err error) {
	var e *source.Error
	if !errors.As(err, &e) {
		f.add(k, "%w", err)
		return
	}
	p := &f.byKind[k]
	if p.Count++; p.Count == 1 {
		p.Kind, p.Severity, p.First = about[k].name, about[k].severity, err
	}
	if about[k].severity == failure && f.failed == nil {
		f.failed = err
	}
}

// knows says whether an error is the first of a kind.
func (f *findings) knows(err error) bool {
	return slices.ContainsFunc(f.byKind[:], func(p Problem) bool { return p.First == err })
}

// problems is all that was found, failures first, then by kind.
func (f *findings) problems() []Problem {
	var out []Problem
	for _, p := range f.byKind {
		if p.Count > 0 {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return cmp.Compare(b.Severity, a.Severity) })
	return out
}

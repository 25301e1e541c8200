package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Limits of a plan's text.
const (
	maxText  = 1 << 20 // bytes
	maxSteps = 10_000
	maxDepth = 8
)

// Parse reads a plan. set gives values of the plan by name in place of its own.
// Errors name line and column; all that are found are told at once.
func Parse(name string, text []byte, kinds []*stage.Kind, set map[string][]string) (*Plan, error) {
	p := &Plan{Path: name}
	root, err := p.yaml(text)
	if err != nil {
		return nil, err
	}
	d := &decoder{p: p, kinds: kinds, set: set, values: map[string][]string{}}
	d.plan(root)
	if err := errors.Join(d.errs...); err != nil {
		return nil, err
	}
	return p, p.link()
}

// yaml parses the text into its only document.
func (p *Plan) yaml(text []byte) (root ast.Node, err error) {
	if len(text) > maxText {
		return nil, p.at(0, 0, "%d bytes, want a plan of at most %d", len(text), maxText)
	}
	if line, ok := tooDeep(text); ok {
		return nil, p.at(line, 0, "nested too deeply, want at most %d levels", maxDepth)
	}
	defer func() { // a fault of the parser is one of the text
		if r := recover(); r != nil {
			root, err = nil, p.at(0, 0, "it cannot be read as YAML")
		}
	}()
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, p.syntax(err)
	}
	docs := slices.DeleteFunc(f.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	if len(docs) != 1 {
		return nil, p.at(0, 0, "%d documents, want one", len(docs))
	}
	return docs[0].Body, nil
}

// tooDeep says whether brackets are nested deeper than any plan's, which would
// cost a parser much.
func tooDeep(text []byte) (line int, deep bool) {
	line, depth := 1, 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if depth++; depth > maxDepth {
				return line, true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return 0, false
}

// syntax is an error of the YAML parser in our form.
func (p *Plan) syntax(err error) error {
	var y interface {
		GetMessage() string
	}
	text := err.Error()
	if errors.As(err, &y) {
		text = y.GetMessage()
	}
	line, column := 0, 0
	if n, scanErr := fmt.Sscanf(err.Error(), "[%d:%d]", &line, &column); n != 2 || scanErr != nil {
		line, column = 0, 0
	}
	text, _, _ = strings.Cut(text, "\n")
	return p.at(line, column, "not YAML: %s", text)
}

type decoder struct {
	p      *Plan
	kinds  []*stage.Kind
	set    map[string][]string
	values map[string][]string
	errs   []error
}

func (d *decoder) bad(n ast.Node, format string, args ...any) {
	line, column := 0, 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line, column = t.Position.Line, t.Position.Column
	}
	d.errs = append(d.errs, d.p.at(line, column, format, args...))
}

// pairs are the keys and values of a mapping, in the order of the text.
func (d *decoder) pairs(n ast.Node, what string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case nil, *ast.NullNode:
		return nil
	}
	d.bad(n, "want %s as keys and values", what)
	return nil
}

// key is the text of a key; empty for one that is no plain text.
func (d *decoder) key(v *ast.MappingValueNode) string {
	key := keyOf(v)
	if key == "" {
		d.bad(v.Key, "want a plain word as key")
	}
	return key
}

func keyOf(v *ast.MappingValueNode) string {
	switch k := v.Key.(type) {
	case *ast.StringNode:
		return k.Value
	case *ast.NullNode: // `null:`, an input of the stage gwas
		return k.GetToken().Value
	}
	return ""
}

// texts are the items of a list, or the only item; list says which it was.
func (d *decoder) texts(n ast.Node) (items []string, list bool) {
	if s, ok := n.(*ast.SequenceNode); ok {
		for _, x := range s.Values {
			if t, ok := d.text(x); ok {
				items = append(items, t)
			}
		}
		return items, true
	}
	if t, ok := d.text(n); ok {
		return []string{t}, false
	}
	return nil, false
}

// text is a scalar as it was written.
func (d *decoder) text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		d.bad(n, "anchors and aliases are not taken: write the value again, or as one of `values:`")
	case *ast.TagNode:
		d.bad(n, "tags are not taken")
	case nil, *ast.NullNode:
		return "", false
	default:
		d.bad(n, "want a text, a number, true or false")
	}
	return "", false
}

// plan reads the keys of the whole.
func (d *decoder) plan(root ast.Node) {
	known := []string{"name", "values", "work", "steps"}
	found := map[string]ast.Node{}
	for _, v := range d.pairs(root, "a plan") {
		switch key := d.key(v); {
		case key == "":
		case !slices.Contains(known, key):
			d.bad(v.Key, "unknown key %q%s", key, nearest(key, known))
		default:
			found[key] = v.Value
		}
	}
	if found["values"] != nil {
		for _, v := range d.pairs(found["values"], "values") {
			items, _ := d.texts(v.Value)
			key := d.key(v)
			if strings.ContainsAny(key, "$() ") {
				d.bad(v.Key, "value %q: want a name without blanks, $ and parentheses", key)
			}
			d.values[key] = items
		}
	}
	for name, list := range d.set {
		if _, ok := d.values[name]; !ok {
			d.errs = append(d.errs, d.p.at(0, 0, "it has no value %q to set%s", name, nearest(name, keys(d.values))))
		}
		d.values[name] = list
	}
	d.p.Name = strings.TrimSuffix(path.Base(d.p.Path), path.Ext(d.p.Path))
	if n := found["name"]; n != nil {
		d.p.Name = d.one(n, "")
	}
	if strings.ContainsAny(d.p.Name, "/\n") || d.p.Name == "" {
		d.bad(found["name"], "name %q: want a word without /", d.p.Name)
	}
	d.p.Work = d.p.Name + ".gx"
	if n := found["work"]; n != nil {
		d.p.Work = strings.TrimSuffix(d.one(n, ""), "/")
	}
	list, ok := found["steps"].(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.errs = append(d.errs, d.p.at(0, 0, "no steps: want `steps:` and under it a list"))
		return
	}
	for _, n := range list.Values {
		d.step(n)
	}
	if len(d.p.Steps) > maxSteps {
		d.errs = append(d.errs, d.p.at(0, 0, "%d steps, want at most %d", len(d.p.Steps), maxSteps))
	}
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// one is a text that may name values of one item.
func (d *decoder) one(n ast.Node, each string) string {
	t, ok := d.text(n)
	if !ok {
		return ""
	}
	list, err := expand(t, d.values)
	switch {
	case err != nil:
		d.bad(n, "%w", err)
	case len(list) != 1 && each == "":
		d.bad(n, "%s stands for %d values, want one; `each:` makes a step of every value", t, len(list))
	case len(list) != 1:
		d.bad(n, "%s stands for %d values, want one", t, len(list))
	default:
		return list[0]
	}
	return ""
}

// many is a text or a list of texts, in each of which a value of several items
// stands for as many texts.
func (d *decoder) many(n ast.Node) []string {
	items, _ := d.texts(n)
	var out []string
	for _, t := range items {
		list, err := expand(t, d.values)
		if err != nil {
			d.bad(n, "%w", err)
		}
		out = append(out, list...)
	}
	return out
}

// expand replaces $(name) by its values: by all of the first name that has
// several, and so on.
func expand(text string, values map[string][]string) ([]string, error) {
	at := strings.Index(text, "$(")
	if at < 0 {
		return []string{text}, nil
	}
	end := strings.Index(text[at:], ")")
	if end < 0 {
		return nil, fmt.Errorf("%q: $( without )", text)
	}
	name := text[at+2 : at+end]
	list, ok := values[name]
	if !ok {
		return nil, fmt.Errorf("no value %q%s; `values:` lists them", name, nearest(name, keys(values)))
	}
	rest, err := expand(text[at+end+1:], values)
	if err != nil {
		return nil, err
	}
	const most = 100_000
	if len(list)*len(rest) > most {
		return nil, fmt.Errorf("%q stands for more than %d texts", text, most)
	}
	var out []string
	for _, v := range list {
		for _, r := range rest {
			out = append(out, text[:at]+v+r)
		}
	}
	return out, nil
}

// step reads a step, or one for each item of a value.
func (d *decoder) step(n ast.Node) {
	pairs := d.pairs(n, "a step")
	each, stageName := "", ""
	var stageNode ast.Node = n
	for _, v := range pairs {
		switch keyOf(v) {
		case "each":
			each, _ = d.text(v.Value)
			if _, ok := d.values[each]; !ok {
				d.bad(v.Value, "each: no value %q%s", each, nearest(each, keys(d.values)))
				return
			}
		case "stage":
			stageName, _ = d.text(v.Value)
			stageNode = v.Value
		}
	}
	k := slices.IndexFunc(d.kinds, func(k *stage.Kind) bool { return k.Name == stageName })
	if k < 0 {
		var names []string
		for _, k := range d.kinds {
			names = append(names, k.Name)
		}
		d.bad(stageNode, "stage %q: want one of %s", stageName, strings.Join(names, ", "))
		return
	}
	if each == "" {
		d.oneStep(n, pairs, d.kinds[k], "")
		return
	}
	all := d.values[each]
	for _, v := range all {
		d.values[each] = []string{v}
		before := len(d.errs)
		d.oneStep(n, pairs, d.kinds[k], each)
		if len(d.errs) > before {
			break // the others have the same faults
		}
	}
	d.values[each] = all
}

func (d *decoder) oneStep(n ast.Node, pairs []*ast.MappingValueNode, k *stage.Kind, each string) {
	s := &Step{Kind: k, task: stage.Task{Stage: k.Name, In: map[string][]string{}, Out: map[string]string{}}}
	if len(pairs) > 0 {
		s.Line = pairs[0].Key.GetToken().Position.Line
	}
	options := k.Options()
	fields := fieldsOf(options)
	for _, name := range k.Derived {
		delete(fields, name)
	}
	known := append(keys(fields), "stage", "each", "shards")
	roles := map[string]bool{}
	for _, r := range append(slices.Clone(k.In), k.Out...) {
		roles[r.Name] = true
		known = append(known, r.Name)
	}
	set := map[string]any{}
	before := len(d.errs)
	for _, v := range pairs {
		key := strings.ReplaceAll(d.key(v), "-", "_")
		in := slices.IndexFunc(k.In, func(r stage.Role) bool { return r.Name == key })
		switch {
		case key == "" || key == "stage" || key == "each":
		case key == "shards":
			d.shards(v.Value, s)
		case in >= 0 && k.In[in].Many:
			s.task.In[key] = d.many(v.Value)
		case in >= 0:
			s.task.In[key] = []string{d.one(v.Value, each)}
		case roles[key]:
			s.task.Out[key] = d.one(v.Value, each)
		case fields[key] != nil:
			d.option(v.Value, key, fields[key], set, each)
		default:
			d.bad(v.Key, "unknown key %q of the stage %s%s", d.key(v), k.Name, strings.ReplaceAll(nearest(key, known), "_", "-"))
		}
	}
	if len(d.errs) > before {
		return
	}
	d.finish(n, s, options, set)
}

// finish checks a step as a whole and adds it to the plan.
func (d *decoder) finish(n ast.Node, s *Step, options any, set map[string]any) {
	b, err := json.Marshal(set)
	if err == nil {
		err = json.Unmarshal(b, options)
	}
	if err != nil {
		d.bad(n, "%s: %w", s.Kind.Name, err)
		return
	}
	t := &s.task
	check := *t
	if s.Kind.Sharded() {
		check.Step = stage.Join
		check.In = map[string][]string{"parts": {"-"}}
		for role, names := range t.In {
			check.In[role] = names
		}
	}
	if err := errors.Join(s.Kind.Check(&check), s.Kind.Settle(options, t)); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			d.bad(n, "%s: %s", s.Kind.Name, strings.TrimPrefix(line, "not a task: "))
		}
		return
	}
	if t.Options, err = json.Marshal(options); err != nil {
		d.bad(n, "%w", err)
		return
	}
	for _, r := range s.Kind.In {
		for _, name := range t.In[r.Name] {
			s.In = append(s.In, Input{Role: r.Name, Name: name})
		}
	}
	for role, name := range t.Out {
		if name == "-" {
			d.bad(n, "%s: %s: a plan writes files, not standard output", s.Kind.Name, role)
		}
	}
	if s.Kind.Builtin != nil {
		s.Builtin = s.Kind.Builtin(options)
	}
	if s.Kind.Files != nil {
		for _, name := range s.Kind.Files(options) {
			s.Files = append(s.Files, Input{Role: optionOf(set, name), Name: name})
		}
	}
	s.Name = s.Kind.Name + " " + strings.Join(s.Outputs(), " ")
	d.p.Steps = append(d.p.Steps, s)
}

// optionOf is the option that names a file.
func optionOf(set map[string]any, name string) string {
	for _, key := range keys(set) {
		switch v := set[key].(type) {
		case string:
			if v == name {
				return key
			}
		case []string:
			if slices.Contains(v, name) {
				return key
			}
		}
	}
	return ""
}

const maxShards = 100_000

func (d *decoder) shards(n ast.Node, s *Step) {
	text := d.one(n, "")
	if text == "auto" {
		return
	}
	k, err := strconv.Atoi(text)
	switch {
	case err != nil || k < 1 || k > maxShards:
		d.bad(n, "shards %q: want a number from 1 to %d, or auto", text, maxShards)
	case !s.Kind.Sharded() && k > 1:
		d.bad(n, "the stage %s is not done in shards", s.Kind.Name)
	default:
		s.Shards = k
	}
}

package plan

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/gx-genomics/gx/io/text"
)

// fieldsOf are the types of the fields of options by their JSON names, those of
// embedded structs among them.
func fieldsOf(options any) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				add(f.Type)
			case name != "" && name != "-":
				out[name] = f.Type
			}
		}
	}
	add(reflect.TypeOf(options).Elem())
	return out
}

// option reads the value of an option as its type wants it.
func (d *decoder) option(n ast.Node, key string, t reflect.Type, set map[string]any, each string) {
	if t.Kind() == reflect.Slice {
		set[key] = append([]string{}, d.many(n)...)
		return
	}
	text := d.one(n, each)
	var err error
	switch t.Kind() {
	case reflect.String:
		set[key] = text
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err != nil {
			err = fmt.Errorf("%s %q: want true or false", key, text)
		}
		set[key] = b
	case reflect.Int, reflect.Int64:
		var k int64
		if k, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, t.Bits()); err != nil {
			err = fmt.Errorf("%s %q: want a whole number", key, text)
		}
		set[key] = k
	case reflect.Float32, reflect.Float64:
		var x float64
		if x, err = strconv.ParseFloat(text, 64); err != nil || x-x != 0 {
			err = fmt.Errorf("%s %q: want a number", key, text)
		}
		set[key] = x
	default:
		err = fmt.Errorf("%s cannot be set in a plan", key)
	}
	if err != nil {
		d.bad(n, "%w", err)
		delete(set, key)
	}
}

// nearest is a hint to the known word that a misspelt one probably stands for.
func nearest(word string, known []string) string {
	if found := text.Nearest(word, known, len(word)/2); found != "" {
		return fmt.Sprintf("; did you mean %q?", found)
	}
	return ""
}

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"sparky/internal/setting"
)

// The reference of sparky.yaml, as a schema and as a page, is made of the structs that the decoder fills: their keys, their
// types, what SetDefaults puts there, and the comments of their fields.

// block is a struct of the configuration: the keys that can stand together.
type block struct {
	t    reflect.Type
	path string // where it stands: partners[].probes[]
	keys []key
	bare bool // a list of texts may stand in its place
}

// key is one setting.
type key struct {
	name    string
	owner   reflect.Type // the struct that has the field
	field   reflect.StructField
	usual   string // what it is where it is left out; empty where that is nothing
	meaning string
	inner   *block // of a block, or of a list of blocks
}

// handbook describes the configuration from its structs.
type handbook struct {
	decoder  *decoder
	comments map[string]string // of fields and types, by package.Type.Field and package.Type
	parsed   map[string]bool
}

func newHandbook() *handbook {
	return &handbook{decoder: &decoder{fields: map[reflect.Type][]field{}}, comments: map[string]string{}, parsed: map[string]bool{}}
}

// of describes a block with the values that it has before the file is read.
func (r *handbook) of(t *testing.T, v reflect.Value, path string) *block {
	t.Helper()
	if d, ok := v.Addr().Interface().(defaulter); ok {
		d.SetDefaults()
	}
	b := &block{t: v.Type(), path: path}
	for _, f := range r.decoder.fieldsOf(v.Type()) {
		if f.list {
			b.bare = true
			continue
		}
		k := key{name: f.key, owner: v.Type(), field: v.Type().FieldByIndex(f.index), usual: written(v.FieldByIndex(f.index))}
		for _, at := range f.index[:len(f.index)-1] {
			k.owner = k.owner.Field(at).Type
		}
		k.meaning = r.comment(t, k.owner, k.field.Name)
		if inner, list := blockIn(k.field.Type); inner != nil {
			at := strings.TrimPrefix(path+"."+f.key, ".")
			if list {
				at += "[]"
			}
			fresh := reflect.New(inner).Elem()
			if k.field.Type.Kind() == reflect.Struct {
				fresh.Set(v.FieldByIndex(f.index)) // what the block around it puts there
			}
			k.inner, k.usual = r.of(t, fresh, at), ""
			if k.meaning == "" {
				k.meaning = r.comment(t, inner, "")
			}
		}
		b.keys = append(b.keys, k)
	}
	return b
}

// blockIn is the struct that a key's value is made of, and whether it is a list of such.
func blockIn(t reflect.Type) (inner reflect.Type, list bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && !isScalar(t.Elem()) {
		return t.Elem(), true
	}
	if t.Kind() == reflect.Struct && !isScalar(t) {
		return t, false
	}
	return nil, false
}

// written is a value as a person would write it into the file; empty where it is none.
func written(v reflect.Value) string {
	if v.IsZero() {
		return ""
	}
	if text, ok := v.Interface().(fmt.Stringer); ok {
		return text.String()
	}
	switch v.Kind() {
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, written(v.Index(i)))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case reflect.Map:
		var all []string
		for _, name := range []string{"P1", "P2", "P3", "P4"} {
			if value := v.MapIndex(reflect.ValueOf(name)); value.IsValid() {
				all = append(all, name+": "+written(value))
			}
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

// comment is what the source says of a field, or of a type where no field is named.
func (r *handbook) comment(t *testing.T, of reflect.Type, name string) string {
	t.Helper()
	if pkg := of.PkgPath(); !r.parsed[pkg] {
		r.parsed[pkg] = true
		r.read(t, pkg)
	}
	return r.comments[strings.TrimSuffix(of.PkgPath()+"."+of.Name()+"."+name, ".")]
}

// read takes the comments out of a package's source.
func (r *handbook) read(t *testing.T, pkg string) {
	t.Helper()
	folder := "." + strings.TrimPrefix(pkg, "sparky")
	packages, err := parser.ParseDir(token.NewFileSet(), folder, nil, parser.ParseComments) //nolint:staticcheck // of files, not of build tags
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		ast.Inspect(p, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			for _, spec := range decl.Specs {
				r.readType(pkg, decl, spec.(*ast.TypeSpec))
			}
			return true
		})
	}
}

func (r *handbook) readType(pkg string, decl *ast.GenDecl, spec *ast.TypeSpec) {
	body, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	name := pkg + "." + spec.Name.Name
	about := decl.Doc.Text()
	// “Owner is the team …” is told as “The team …”.
	for _, is := range []string{spec.Name.Name + " is ", spec.Name.Name + " are ", spec.Name.Name + " says ", spec.Name.Name + " names "} {
		about = strings.TrimPrefix(about, is)
	}
	r.comments[name] = tidy(about)
	for _, f := range body.Fields.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, n := range f.Names {
			r.comments[name+"."+n.Name] = tidy(strings.TrimPrefix(text, n.Name+" is "))
		}
	}
}

// tidy is a comment as a sentence of one line.
func tidy(comment string) string {
	text := strings.Join(strings.Fields(comment), " ")
	if text == "" {
		return ""
	}
	first := []rune(text)
	if !strings.HasPrefix(text, "xapp") && !strings.HasPrefix(text, "xoxb") {
		first[0] = unicode.ToUpper(first[0])
	}
	return strings.TrimRight(string(first), ".,;:") + "."
}

// kindOf is how a value of this type is written, in words.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == secretType:
		return "secret"
	case t == reflect.TypeFor[setting.Duration]():
		return "length of time"
	case t == reflect.TypeFor[setting.Percent]():
		return "percentage"
	case t.Kind() == reflect.Slice:
		if inner, _ := blockIn(t); inner != nil {
			return "list of blocks"
		}
		return "list of " + map[string]string{"text": "texts", "length of time": "lengths of time", "whole number": "whole numbers"}[kindOf(t.Elem())]
	case t.Kind() == reflect.Map:
		return "names with values"
	case t.Kind() == reflect.Struct:
		return "block"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return "whole number"
	case t.Kind() == reflect.Float64:
		return "number"
	}
	return "text"
}

// blocks are a block and all inside it, each struct once, in the order of the file.
func (b *block) blocks() []*block { return b.listed(map[reflect.Type]*block{}) }

func (b *block) listed(seen map[reflect.Type]*block) []*block {
	if seen[b.t] != nil {
		return nil
	}
	seen[b.t] = b
	all := []*block{b}
	for _, k := range b.keys {
		if k.inner != nil {
			all = append(all, k.inner.listed(seen)...)
		}
	}
	return all
}

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sparky/partners"
)

// updateReference writes what is generated anew: docs/sparky.schema.json, docs/configuration.md and docs/man/sparky.1.
var updateReference = os.Getenv("SPARKY_REFERENCE") != ""

// TestReferenceIsOfToday holds that the schema, the page of the configuration and the manual page say what the program does.
func TestReferenceIsOfToday(t *testing.T) {
	var config Config
	root := newHandbook().of(t, reflect.ValueOf(&config).Elem(), "")
	var manual bytes.Buffer
	if err := writeMan(&manual, newRootCommand(lookup(nil))); err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{
		"docs/sparky.schema.json": schemaOf(t, root), "docs/configuration.md": pageOf(root), "docs/man/sparky.1": manual.Bytes(),
	} {
		if updateReference {
			if err := os.WriteFile(file, content, 0o644); err != nil {
				t.Error(err)
			}
			if file == "docs/sparky.schema.json" {
				packSchema(t, content)
			}
			continue
		}
		there, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(there, content) {
			t.Errorf("%s is not of today (%v); run make reference", file, err)
		}
	}
}

// TestTheSchemaInTheBinaryIsThatOfTheDocs holds that sparky schema prints what stands in the docs. It is packed, and other
// versions of Go may pack it otherwise: only what comes out of it counts.
func TestTheSchemaInTheBinaryIsThatOfTheDocs(t *testing.T) {
	if updateReference {
		t.Skip("it is being written")
	}
	want, err := os.ReadFile("docs/sparky.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := schema(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/sparky.schema.json.gz has %d bytes of other text (%v); run make reference", len(got), err)
	}
}

// packSchema writes the schema as it is built into the binary.
func packSchema(t *testing.T, content []byte) {
	t.Helper()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = os.WriteFile("docs/sparky.schema.json.gz", packed.Bytes(), 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestEveryKeyIsTold holds that the reference tells what each key means, and that no rule is about a key that is not there.
func TestEveryKeyIsTold(t *testing.T) {
	var config Config
	root := newHandbook().of(t, reflect.ValueOf(&config).Elem(), "")
	names, keys := map[string]bool{}, map[string]bool{}
	for _, b := range root.blocks() {
		for _, k := range b.keys {
			keys[k.name] = true
			names[fieldName(k.owner, k.field.Name)] = true
			if k.meaning == "" {
				t.Errorf("nothing says what %s of %s is: write a comment at %s.%s", k.name, b.t, k.owner, k.field.Name)
			}
		}
	}
	for of, all := range rules() {
		for _, rule := range all {
			for _, word := range regexp.MustCompile(`required:\[([a-z0-9_ ]*)\]`).FindAllStringSubmatch(fmt.Sprint(rule), -1) {
				for _, k := range strings.Fields(word[1]) {
					if !keys[k] {
						t.Errorf("a rule of %s is about %s, and there is no such key", of, k)
					}
				}
			}
		}
	}
	for name := range forms() {
		if !names[name] {
			t.Errorf("there is no %s that could have a form", name)
		}
	}
	for name := range bounds() {
		if !names[name] {
			t.Errorf("there is no %s that could have bounds", name)
		}
	}
	for name := range choices() {
		if !names[name] {
			t.Errorf("there is no %s that could be chosen", name)
		}
	}
}

// pageOf is the page that lists every key.
func pageOf(root *block) []byte {
	var b bytes.Buffer
	b.WriteString(`# The configuration

Every key of ` + "`sparky.yaml`" + `, made from the program itself by ` + "`make reference`" + `. ` + "`sparky validate`" + ` tells every mistake at once, and
` + "`sparky schema`" + ` prints the same as JSON Schema, by which editors complete and check the file; ` + "`sparky init`" + ` writes it beside.

` + "`${NAME}`" + ` anywhere in a value is replaced by that environment variable, ` + "`${file:PATH}`" + ` by that file's content, ` + "`$$`" + ` by a dollar sign.
A length of time is written like 30s, 5m, 6h or 30d, a percentage with its sign. A secret never reaches a log, a message or an
output. What has no default and is not needed may be left out.
`)
	sections := root.blocks()
	at := map[reflect.Type]string{}
	for _, section := range sections {
		at[section.t] = anchor(section.path)
	}
	for _, section := range sections {
		tellBlock(&b, section, at)
	}
	tellKinds(&b)
	return b.Bytes()
}

// tellBlock writes a block's keys; at is where each struct is told of.
func tellBlock(b *bytes.Buffer, section *block, at map[reflect.Type]string) {
	title := "`" + section.path + "`"
	if section.path == "" {
		title = "The file"
	}
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if section.bare {
		b.WriteString("Of a dns probe it is a list of texts.\n\n")
	}
	b.WriteString("| key | is | default | |\n| --- | --- | --- | --- |\n")
	needed := neededIn(section)
	for _, k := range section.keys {
		is := kindOf(k.field.Type)
		if k.inner != nil {
			is = fmt.Sprintf("[%s](#%s)", is, at[k.inner.t])
		}
		usual := ""
		switch {
		case slices.Contains(needed, k.name):
			usual = "needed"
		case k.usual != "":
			usual = "`" + k.usual + "`"
		}
		meaning := tableCell(k.meaning)
		if words := choices()[fieldName(k.owner, k.field.Name)]; words != nil && k.name != "catalog" {
			meaning += " One of `" + strings.Join(onlyFirstCase(words), "` `") + "`."
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.name, is, tableCell(usual), meaning)
	}
}

// onlyFirstCase leaves out words that are the others in small letters.
func onlyFirstCase(words []string) []string {
	var first []string
	for _, w := range words {
		if !slices.ContainsFunc(first, func(f string) bool { return strings.EqualFold(f, w) }) {
			first = append(first, w)
		}
	}
	return first
}

func neededIn(section *block) []string {
	for _, rule := range rules()[section.t] {
		if keys, ok := rule["required"].([]string); ok && len(rule) == 1 {
			return keys
		}
	}
	return nil
}

// tellKinds tells which keys belong to which kind.
func tellKinds(b *bytes.Buffer) {
	b.WriteString("\n## Kinds of probes\n\nBeside `id`, `kind`, `every`, `timeout`, `priority`, `monitor`, `p95`, `success` and `auth` a probe has those of its kind.\n\n| kind | needs | may have |\n| --- | --- | --- |\n")
	for _, kind := range partners.ProbeKinds() {
		required, optional := partners.ProbeKeys(kind)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", kind, coded(required), coded(optional))
	}
	b.WriteString("\n## Kinds of changelog sources\n\n| kind | needs | may have |\n| --- | --- | --- |\n")
	for _, kind := range partners.SourceKinds() {
		required, optional := partners.SourceKeys(kind)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", kind, coded(required), coded(optional))
	}
}

func coded(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "`" + strings.Join(keys, "` `") + "`"
}

func tableCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// anchor is the name that a heading has on GitHub.
func anchor(path string) string {
	return regexp.MustCompile(`[^a-z0-9_-]`).ReplaceAllString(strings.ToLower(path), "")
}

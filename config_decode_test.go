package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sparky/internal/setting"
)

// everything is a block with one field of each type that a configuration can have.
type everything struct {
	inlined `yaml:",inline"`
	Text    string            `yaml:"text"`
	Flag    bool              `yaml:"flag"`
	Number  int               `yaml:"number"`
	Long    int64             `yaml:"long"`
	Limit   *float64          `yaml:"limit"`
	Length  setting.Duration  `yaml:"length"`
	Share   setting.Percent   `yaml:"share"`
	Hidden  setting.Secret    `yaml:"hidden"`
	Words   []string          `yaml:"words"`
	Names   map[string]string `yaml:"names"`
	Block   *inner            `yaml:"block"`
	Blocks  []inner           `yaml:"blocks"`
	Left    string            `yaml:"-"`
}

type inlined struct {
	Above string `yaml:"above"`
}

type inner struct {
	Name   string   `yaml:"name"`
	Given  string   `yaml:"given"`
	Values []string `yaml:",list"`
}

func (i *inner) SetDefaults() { i.Given = "default" }

// decodeInto reads a document into v and returns what is wrong with it, without the file's name.
func decodeInto(t *testing.T, document string, v any) []string {
	t.Helper()
	root, problem := parseYAML([]byte(document))
	if problem != nil {
		t.Fatal(problem.Text)
	}
	d := newDecoder("f", []byte(document), root, testExpander())
	d.decode(root, reflect.ValueOf(v).Elem(), nil, false)
	var found []string
	for _, p := range sortProblems(d.problems) {
		found = append(found, strings.TrimPrefix(p.String(), "f:"))
	}
	return found
}

func TestDecodeEveryType(t *testing.T) {
	var got everything
	found := decodeInto(t, `
above: inlined
text: 012
flag: True
number: -3
long: 9007199254740993
limit: 1e3
length: 2d12h
share: 99.95%
hidden: ${file:token}
words: [a, 1, 2.50, true, 2026-01-02, "null"]
names: {a: 1, "b c": ${NAME}}
block: {name: x}
blocks: [{name: a, given: b}, [c, d], {}]
`, &got)
	if found != nil {
		t.Fatal(found)
	}
	want := everything{
		inlined: inlined{"inlined"}, Text: "012", Flag: true, Number: -3, Long: 9007199254740993, Limit: new(1000.0),
		Length: setting.Duration(60 * 60 * 60 * 1e9), Share: 99.95, Words: []string{"a", "1", "2.50", "true", "2026-01-02", "null"},
		Names: map[string]string{"a": "1", "b c": "ada"}, Block: &inner{Name: "x", Given: "default"},
		Blocks: []inner{{Name: "a", Given: "b"}, {Given: "default", Values: []string{"c", "d"}}, {Given: "default"}},
	}
	if got.Hidden.Reveal() != "t0k3n" {
		t.Errorf("the secret is %q", got.Hidden.Reveal())
	}
	got.Hidden = setting.Secret{}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(everything{}, inlined{}), cmp.Comparer(func(a, b setting.Secret) bool { return a.Reveal() == b.Reveal() })); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeMistakes(t *testing.T) {
	for document, want := range map[string]string{
		"flag: yes":                    `1:7: flag "yes" is neither true nor false; write one of the two`,
		"flag: 1":                      `1:7: flag "1" is neither true nor false; write one of the two`,
		"number: 1.5":                  `1:9: number "1.5" is not a whole number; write one like 2`,
		"number: 0x10":                 `1:9: number "0x10" is not a whole number; write one like 2`,
		"number: 99999999999999999999": `1:9: number "99999999999999999999" is not a whole number; write one like 2`,
		"limit: .nan":                  `1:8: limit ".nan" is not a number; write it without a unit, like 2 or 99.5`,
		"limit: Inf":                   `1:8: limit "Inf" is not a number; write it without a unit, like 2 or 99.5`,
		"length: ${NAME}":              `1:9: length "${NAME}" is not a duration; write it like 30s, 5m, 6h or 30d`,
		"length: -5m":                  `1:9: length "-5m" is not a duration; write it like 30s, 5m, 6h or 30d`,
		"length: '*/5 * * * *'":        `1:9: length "*/5 * * * *" is a cron expression; write an interval, like 30s, 5m, 6h or 30d`,
		"share: ${NAME}":               `1:8: share "${NAME}" is not a percentage; write a number from 0 to 100 and its sign, like 99% or 99.5%`,
		"hidden: [a]":                  `1:9: hidden is a list; write one value here`,
		"hidden: {a: b}":               `1:9: hidden is a block of keys; write one value here`,
		"words: {a: b}":                `1:8: words is a block of keys, and a list is needed; write [a, b], or lines that begin with -`,
		"words: [[a]]":                 `1:9: entry 1 of words is a list; write one value here`,
		"words: [a, ]\nnames: [a]":     `2:8: names is a list, and names with values are needed; write {name: value}, or lines of name: value`,
		"names: {a: [b]}":              `1:12: a is a list; write one value here`,
		"names: {a: }":                 `1:12: a has no value; give one, or leave the key out`,
		"block: x":                     `1:8: block is one value; write it as a block of keys: name, given`,
		"blocks: [x]":                  `1:10: entry 1 of blocks is one value; write it as a block of keys: name, given`,
		"block: {nam: x}":              `1:9: there is no key "nam" in block; did you mean "name"?`,
		"private: x":                   `1:1: there is no key "private" in the file; the keys are above, text, flag, number, long, limit, length, share, hidden, words, names, block, blocks`,
		"given: x":                     `1:1: there is no key "given" in the file; it belongs to an entry of blocks: indent it to stand under the keys of one`,
		"Left: x":                      `1:1: there is no key "Left" in the file; the keys are above, text, flag, number, long, limit, length, share, hidden, words, names, block, blocks`,
		"text: a\ntext: b":             `2:1: "text" is written twice in the file, first on line 1; keep one of the two`,
		"? [a]\n: b":                   `1:3: a key in the file is not a plain word; write key: value`,
		"<<: [1]":                      `1:6: << merges a block of keys, and here is one value; write <<: *name`,
		"text: ${NO} ${NO}":            `1:7: the environment variable NO is not set; set it before starting Sparky, or take it from a file with ${file:PATH}`,
		"text: !!binary aGk=\nflag: x": `2:7: flag "x" is neither true nor false; write one of the two`,
		"block: &b {name: *b}":         `1:8: name is a block of keys; write one value here`,
	} {
		found := decodeInto(t, document, &everything{})
		if len(found) == 0 || found[0] != want {
			t.Errorf("%s\ngot  %q\nwant %q", document, found, want)
		}
	}
}

func TestMerge(t *testing.T) {
	for document, want := range map[string]inner{
		"block: {name: own, <<: {name: merged, given: merged}}":                    {Name: "own", Given: "merged"},
		"block: {<<: [{name: first}, {name: second, given: second}]}":              {Name: "first", Given: "second"},
		"block: {<<: {given: outer, <<: {name: deep, given: deep}}}":               {Name: "deep", Given: "outer"},
		"blocks: [&a {name: a}, {<<: *a, given: b}]\nblock: {<<: [], name: alone}": {Name: "alone", Given: "default"},
	} {
		var got everything
		if found := decodeInto(t, document, &got); found != nil {
			t.Errorf("%s: %q", document, found)
		} else if diff := cmp.Diff(&want, got.Block); diff != "" {
			t.Errorf("%s: %s", document, diff)
		}
	}
	// A key in quotes is a key like any other.
	if found := decodeInto(t, `names: {"<<": a}`, &everything{}); found != nil {
		t.Errorf("a quoted <<: %q", found)
	}
}

// TestNothingIsEndless reads documents that are small and stand for something huge or without end.
func TestNothingIsEndless(t *testing.T) {
	// Three levels of a thousand each: a billion values in some kilobytes.
	bomb := "partners:\n- &p {id: a, changelog: &c [&s {url: u}" + strings.Repeat(", *s", 1000) + "], probes: [&q {id: b, steps: &t [&u {url: u}" + strings.Repeat(", *u", 1000) + "]}" +
		strings.Repeat(", *q", 1000) + "]}\n" + strings.Repeat("- *p\n", 1000)
	for name, document := range map[string]string{
		"brackets": "words: " + strings.Repeat("[", 100_000),
		"braces":   "block: " + strings.Repeat("{a: ", 100_000),
		"dashes":   strings.Repeat("- ", 100_000) + "a",
		"merges":   "block: " + strings.Repeat("{<<: ", 500) + "{}" + strings.Repeat("}", 500),
		"itself":   "block: &b {<<: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]}",
		"aliases":  bomb,
	} {
		// What is found matters less than that it is found at once; the test's own time limit is the judge.
		l := parse(document)
		if len(l.problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
	}
}

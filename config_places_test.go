package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"sparky/internal/setting"
)

func TestShownHidesWhatItShould(t *testing.T) {
	scalar := &yaml.Node{Kind: yaml.ScalarNode}
	for want, p := range map[string]*place{
		`"plain" `:                 {value: scalar, raw: "plain"},
		`"${TOKEN}" `:              {value: scalar, raw: "${TOKEN}", inserted: true},
		`"https://…@a.example" `:   {value: scalar, raw: "https://ada:hunter2@a.example"},
		`"https://a.example/b?…" `: {value: scalar, raw: "https://a.example/b?key=hunter2"},
		`"a\nb" `:                  {value: scalar, raw: "a\nb"},
		`"` + strings.Repeat("ä", longestShown) + `…" `: {value: scalar, raw: strings.Repeat("ä", longestShown+1)},
	} {
		if got := p.shown(); got != want {
			t.Errorf("%q is shown as %s, want %s", p.raw, got, want)
		}
	}
	for name, p := range map[string]*place{
		"nothing": nil, "a secret": {value: scalar, raw: "hunter2", hidden: true}, "a list": {value: &yaml.Node{Kind: yaml.SequenceNode}}, "a default": {},
	} {
		if got := p.shown(); got != "" {
			t.Errorf("%s is shown as %s", name, got)
		}
	}
}

func TestQuoteShowsWhatWasWritten(t *testing.T) {
	p := &place{value: &yaml.Node{Kind: yaml.ScalarNode}, raw: "${TOKEN}", inserted: true}
	for sentence, want := range map[string]string{
		`"hunter2" is wrong`:        `"${TOKEN}" is wrong`,
		`"hunter"... is wrong`:      `"${TOKEN}" ... is wrong`,
		`"hun\"ter2": a number is…`: `"${TOKEN}" a number is…`,
		"is wrong":                  `"${TOKEN}" is wrong`,
	} {
		if got := p.quote(sentence); got != want {
			t.Errorf("%s becomes %s, want %s", sentence, got, want)
		}
	}
}

func TestSubject(t *testing.T) {
	for want, path := range map[string][]any{
		"the file":                       nil,
		"listen":                         {"listen"},
		"slack_group":                    {"partners", 0, "owner", "slack_group"},
		"entry 3 of affects":             {"partners", 0, "affects", 2},
		"entry 1 of entry 2 of partners": {"partners", 1, 0},
	} {
		if got := subject(path); got != want {
			t.Errorf("%v is called %s, want %s", path, got, want)
		}
	}
}

// TestMistakesFindTheirPlace sends mistakes about settings that are there, that are not, and that are bad already.
func TestMistakesFindTheirPlace(t *testing.T) {
	const document = "a:\n  b: 1\n  c: [x, y]\n"
	root, problem := parseYAML([]byte(document))
	if problem != nil {
		t.Fatal(problem)
	}
	var target struct {
		A struct {
			B string   `yaml:"b"`
			C []string `yaml:"c"`
		} `yaml:"a"`
	}
	for _, test := range []struct {
		at   []any
		form setting.Form
		want string
	}{
		{[]any{"a", "b"}, setting.ShowValue, `f:2:6: b "1" TEXT`},
		{[]any{"a", "b"}, setting.Whole, "f:2:6: TEXT"},
		{[]any{"a", "b"}, setting.Absent, "f:2:6: b is empty; TEXT"},
		{[]any{"a", "c", 1}, setting.ShowValue, `f:3:10: entry 2 of c "y" TEXT`},
		{[]any{"a", "c"}, setting.ShowValue, "f:3:6: c TEXT"},
		{[]any{"a", "d"}, setting.Absent, "f:1:1: d is missing; TEXT"},
		{[]any{"a", "c", 7, "e"}, setting.Absent, "f:3:3: e is missing; TEXT"},
		{[]any{"z", "y"}, setting.Absent, "f:1:1: y is missing; TEXT"},
		{nil, setting.Whole, "f:1:1: TEXT"},
	} {
		d := newDecoder("f", []byte(document), root, testExpander())
		d.decode(root, reflect.ValueOf(&target).Elem(), nil, false)
		d.mistake(setting.Mistake{Path: test.at, Text: "TEXT", Form: test.form})
		if len(d.problems) != 1 || d.problems[0].String() != test.want {
			t.Errorf("%v: got %v, want %s", test.at, d.problems, test.want)
		}
		d.mistake(setting.Mistake{Path: test.at, Text: "TEXT", Form: setting.Advice})
		if len(d.notes) != 1 || len(d.problems) != 1 {
			t.Errorf("%v: advice went to %v %v", test.at, d.problems, d.notes)
		}
		d.at([]any{"a"}).bad = true
		d.mistake(setting.Mistake{Path: []any{"a", "b"}, Text: "TEXT"})
		if len(d.problems) != 1 {
			t.Errorf("a mistake in a block that is bad already was told: %v", d.problems)
		}
	}
}

func TestSortProblems(t *testing.T) {
	at := func(line, column int, text string) Problem { return Problem{"f", line, column, text} }
	got := sortProblems([]Problem{at(2, 1, "b"), at(1, 9, "c"), at(2, 1, "a"), at(10, 1, "d"), at(2, 1, "b"), at(1, 10, "e")})
	want := []Problem{at(1, 9, "c"), at(1, 10, "e"), at(2, 1, "a"), at(2, 1, "b"), at(10, 1, "d")}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Problem{File: "f", Text: "gone"}).String(); got != "f: gone" {
		t.Errorf("without a place: %s", got)
	}
}

package setting

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForms(t *testing.T) {
	tests := []struct {
		name  string
		check func(string) string
		good  []string
		bad   map[string]string // text: a word of what is said of it
	}{
		{"URL", CheckURL,
			[]string{"https://a.example", "http://127.0.0.1:8080/x?y=z", "https://[::1]:443/"},
			map[string]string{
				"": "https://", "a.example": "https://", "ftp://a.example": "https://", "https://": "host", "https://a b": "white space",
				"https://a.example:99999": "port", "https://a.example:0": "port", "https://a.example/#top": "#", "https://%zz": "address", "https://a\x7f": "white space",
			}},
		{"origin", CheckOrigin,
			[]string{"https://a.example", "https://a.example/", "http://127.0.0.1:1"},
			map[string]string{"https://a.example/api": "scheme and host", "https://a.example?x": "scheme and host", "a": "https://"}},
		{"host and port", CheckHostPort,
			[]string{"a.example:443", "127.0.0.1:80", "[::1]:53"},
			map[string]string{"a.example": "host:port", ":443": "host:port", "a:b": "port", "a:70000": "port", "https://a:1": "host:port", "": "host:port"}},
		{"repository", CheckRepo,
			[]string{"acme/integrations", "a/b.c_d-e"},
			map[string]string{"acme": "owner/name", "https://github.com/a/b": "owner/name", "a/b/c": "owner/name", "": "owner/name"}},
		{"user group", CheckUserGroup,
			[]string{"S0PLATFORM", "S12345678"},
			map[string]string{"U123": "begins with S", "s0platform": "begins with S", "@platform": "begins with S"}},
		{"user or group", CheckUserOrGroup,
			[]string{"S0PLATFORM", "U12345678", "W123"},
			map[string]string{"C123": "U…", "ada": "U…"}},
		{"choice", func(s string) string { return CheckChoice(s, "auto", "approve") },
			[]string{"auto", "approve"},
			map[string]string{"aprove": `did you mean "approve"?`, "never": "one of auto, approve"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, text := range test.good {
				if got := test.check(text); got != "" {
					t.Errorf("%q %s", text, got)
				}
			}
			for text, word := range test.bad {
				if got := test.check(text); !strings.Contains(got, word) {
					t.Errorf("%q: got %q, want a mention of %q", text, got, word)
				}
			}
		})
	}
}

func TestAtLeast(t *testing.T) {
	if got := CheckAtLeast(Duration(Day), Duration(Day)); got != "" {
		t.Errorf("a day is shorter than a day: %s", got)
	}
	if got := CheckAtLeast(1, Duration(Day)); got != "is too short; 1d is the least" {
		t.Errorf("got %q", got)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"token", "project", "Issue_type", "ä", "P1"}
	for word, want := range map[string]string{
		"tokn": "token", "TOKEN": "token", "tkoen": "token", "issue-type": "Issue_type", "porject": "project",
		"P9": "", "p1": "P1", "P12": "P1", "zzz": "", "": "", "x": "", "t": "", strings.Repeat("token", 20): "", "ö": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("tokn", "token")
	f.Fuzz(func(t *testing.T, word, candidate string) {
		if got := Nearest(word, []string{candidate}); got != "" && got != candidate {
			t.Errorf("Nearest(%q, %q) = %q, which is neither", word, candidate, got)
		}
	})
}

func TestReport(t *testing.T) {
	var got []Mistake
	root := NewReport(func(m Mistake) { got = append(got, m) })
	partner := root.At("partners", 2)
	// Two reports from one parent must not write into each other's path.
	id, name := partner.At("id"), partner.At("name")
	id.Bad("is not one")
	name.Missing("give one")
	partner.Say("a sentence")
	root.Note("by the way")
	want := []Mistake{
		{Path: []any{"partners", 2, "id"}, Text: "is not one", Form: ShowValue},
		{Path: []any{"partners", 2, "name"}, Text: "give one", Form: Absent},
		{Path: []any{"partners", 2}, Text: "a sentence", Form: Whole},
		{Text: "by the way", Form: Advice},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

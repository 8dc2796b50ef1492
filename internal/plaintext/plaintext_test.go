package plaintext_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sparky/internal/plaintext"
)

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		" a\tb\r\nc  d ":            "a b c d",
		"a\u2028b\u00a0c":           "a b c",
		"bell\x07 and \x00 nothing": "bell and nothing",
		"half \xff a character":     "half a character",
		"turned \u202eround\u202c":  "turned round",
		"no\u200bthing between":     "nothing between",
		"größer, 日本語 and 👍 stay as they are": "größer, 日本語 and 👍 stay as they are",
	} {
		if got := plaintext.OneLine(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"", 3, ""}, {"äöü", 3, "äöü"}, {"äöüß", 3, "äö…"}, {"a b c", 3, "a…"},
		{"one, two, three", 10, "one, two…"}, {"ends in a stop. So", 16, "ends in a stop…"}, {"one too many", 11, "one too ma…"},
		{"abc", 1, "…"}, {"...........", 5, "…"},
	} {
		if got := plaintext.Clip(test.text, test.most); got != test.want {
			t.Errorf("Clip(%q, %d) is %q, want %q", test.text, test.most, got, test.want)
		}
	}
	if got := plaintext.Line(" a\nb  c d", 4); got != "a b…" {
		t.Errorf("Line is %q", got)
	}
}

// FuzzLine holds that whatever comes is a short line of text that can be seen, and that a second time changes nothing.
func FuzzLine(f *testing.F) {
	f.Add("a\r\nb\tc", 10)
	f.Add("\u202eevil\u2028x\xff", 3)
	f.Add(strings.Repeat("ä, ", 50), 40)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = 1 + max(most, -most, 0)%400
		got := plaintext.Line(text, most)
		if utf8.RuneCountInString(got) > most || !utf8.ValidString(got) || got != strings.TrimSpace(got) {
			t.Errorf("%q became %q", text, got)
		}
		for _, r := range got {
			if r != ' ' && (unicode.IsSpace(r) || !unicode.IsGraphic(r)) {
				t.Errorf("%q holds %q", got, r)
			}
		}
		if again := plaintext.Line(got, most); again != got {
			t.Errorf("%q became %q the second time", got, again)
		}
	})
}

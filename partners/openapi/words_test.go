package openapi

import (
	"strings"
	"testing"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/checker/localizations"
)

// TestEnglishIsTheCheckersOwn holds our way to the checker's words against its own, for all of them.
func TestEnglishIsTheCheckersOwn(t *testing.T) {
	ours, theirs := english(), checker.NewDefaultLocalizer()
	texts := 0
	for full := range localizations.New(localizations.LangDefault, localizations.LangDefault).Localizations {
		key, of := strings.CutPrefix(full, "en.messages.")
		if !of {
			continue
		}
		texts++
		if got, want := ours(key, "a", "b", 3), theirs(key, "a", "b", 3); got != want || got == key {
			t.Errorf("%s: %q; the checker says %q", key, got, want)
		}
	}
	if texts < 500 {
		t.Errorf("there are %d texts", texts)
	}
	if got := ours("no such text", "a"); got != "no such text" || got != theirs("no such text", "a") {
		t.Errorf("an unknown text is %q", got)
	}
}

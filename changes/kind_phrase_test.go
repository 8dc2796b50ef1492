package changes

import (
	"slices"
	"testing"
)

func TestPhrases(t *testing.T) {
	for _, row := range []struct {
		phrase, text string
		want         bool
	}{
		{"will be removed", "It will be removed", true},
		{"will be removed", "It will not be removed", false},
		{"will .2 be removed", "It will soon be removed", true},
		{"will .2 be removed", "It will one day soon be removed", false},
		{"will be removed|deleted", "It will be deleted", true},
		{"deprecat* .1 api", "Deprecating the API", true},
		{"deprecat*", "The deprecation", true},
		{"deprecat*", "The `deprecated` flag", false},
		{"EA", "It is EA", true},
		{"EA", "It is ea", false},
		{"^ removed", "Removed it", true},
		{"^ removed", "We removed it", false},
		{"^ removed", "Totals: removed by week", true},
		{"deprecated $", "Totals deprecated", true},
		{"deprecated $", "Totals deprecated today", false},
		{"deprecated $", "Totals deprecated (by week)", true},
		{"end .3 support", "The end; new support", false},
		{"end of support", "End of\nsupport", true},
		{"can't be used", "It can’t be used", true},
	} {
		words := tokensOf(row.text)
		found := false
		for i := range words {
			_, ok := parsePhrase(row.phrase).match(words, i)
			found = found || ok
		}
		if found != row.want {
			t.Errorf("%q in %q: %t, want %t", row.phrase, row.text, found, row.want)
		}
	}
}

// TestIndexFindsWhatTryingFinds compares the index with trying every cue at every word.
func TestIndexFindsWhatTryingFinds(t *testing.T) {
	for _, l := range labelledChanges(t, "testdata/announcements.jsonl") {
		words := tokensOf(l.Title + " " + l.Body)
		indexed, tried := 0, 0
		allCues.find(words, func(cue, int, int) { indexed++ })
		for i := range words {
			for _, c := range allCues.cues {
				if _, ok := c.phrase.match(words, i); ok {
					tried++
				}
			}
		}
		if indexed != tried {
			t.Errorf("%s: the index finds %d cues, trying all finds %d", l.ID, indexed, tried)
		}
	}
}

func TestEveryCueCanBeFound(t *testing.T) {
	for _, c := range allCues.cues {
		if len(c.phrase.elements) == 0 || len(c.phrase.elements[0].words) == 0 {
			t.Errorf("a cue for %s does not begin with a word", c.says)
			continue
		}
		for _, l := range c.phrase.elements[0].words {
			if l.prefix && len(l.text) < 3 {
				t.Errorf("%s* begins with too few letters for the index", l.text)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"Use /v1/users, not /v0.", []string{"use", "/v1/users", "not", "/v0"}},
		{"snake_case, camelCase and a.b.c", []string{"snake_case", "camelcase", "and", "a.b.c"}},
		{"2027-03-01T08:00:00Z", []string{"2027-03-01t08:00:00z"}},
		{"won’t — “quoted”", []string{"won't", "quoted"}},
		{"GET /orders/{id}/lines", []string{"get", "/orders/{id}/lines"}},
		{"https://example.com/a?b=c) x", []string{"https://example.com/a?b=c", "x"}},
		{"re-enable (now)", []string{"re-enable", "now"}},
		{"", nil},
	} {
		var got []string
		for _, w := range tokensOf(row.text) {
			got = append(got, w.word)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%q is %q, want %q", row.text, got, row.want)
		}
	}
}

func TestNamesByTheirShape(t *testing.T) {
	for word, want := range map[string]bool{
		"user_id": true, "camelCase": true, "api.users.list": true, "/v1/users": true, "GlideElementDynamicAttribute": true,
		"GitHub": false, "PowerShell": false, "user": false, "v1.2": false, "and/or": false, "2027-03-01": false, "Node": false,
	} {
		words := tokensOf(word)
		if len(words) != 1 || words[0].isName() != want {
			t.Errorf("%q a name: %t, want %t (%d words)", word, !want, want, len(words))
		}
	}
}

func TestLabels(t *testing.T) {
	for _, row := range []struct {
		text, label, rest string
		says              signal
	}{
		{"[Deletion Resource] Removed it.", "Deletion Resource", "Removed it.", signal(Removal)},
		{"Deprecated: totals", "Deprecated", "totals", signal(Deprecation)},
		{"Public Preview - Totals", "Public Preview", "Totals", signal(Beta)},
		{"General Availability - Totals", "General Availability", "Totals", generally},
		{"Bug fix: totals", "Bug fix", "totals", signal(Fix)},
		{"(Updated) Totals", "Updated", "Totals", ""},
		{"Docs: totals", "Docs", "totals", chore},
		{"Totals: by month", "", "Totals: by month", ""},
		{"A long clause that is none: totals", "", "A long clause that is none: totals", ""},
		{"General Motors: totals", "", "General Motors: totals", ""},
	} {
		label, rest := cutLabel(row.text)
		says, _ := labelSays(label)
		if label != row.label || rest != row.rest || says != row.says {
			t.Errorf("%q: label %q (%s), rest %q", row.text, label, says, rest)
		}
	}
}

func TestCommitTypes(t *testing.T) {
	for title, want := range map[string]string{
		"fix: totals": "fix", "feat(api): totals": "feat", "Kit v2.0.0: chore: totals": "chore", "feat(api)!: totals": "feat!",
		"refactor!: totals": "refactor!", "Fix: totals": "", "totals": "", "prefix: totals": "", "": "",
	} {
		got, breaking := commitType(title)
		if breaking {
			got += "!"
		}
		if got != want {
			t.Errorf("%q is a %q, want %q", title, got, want)
		}
	}
}

func TestPiecesLoseNothing(t *testing.T) {
	for _, unit := range []string{"word ", "x", "ü"} {
		text := ""
		for len(text) < 3*sentenceLimit {
			text += unit
		}
		joined := 0
		for _, p := range pieces(text) {
			if len(p) > sentenceLimit {
				t.Errorf("a piece of %d bytes", len(p))
			}
			joined += len(bare(p))
		}
		if lost := len(bare(text)) - joined; lost > 8 {
			t.Errorf("%d bytes of %q lost", lost, unit)
		}
	}
}

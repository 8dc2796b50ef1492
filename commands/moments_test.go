package commands

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

func TestTimesInATextAreTheReaders(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	written := at("2027-03-01T11:34:00Z")
	for text, want := range map[string][]Piece{
		"": {{}}, "no time at all": {{Text: "no time at all"}}, "at 25:00 UTC": {{Text: "at 25:00 UTC"}}, "at 14:05": {{Text: "at 14:05"}},
		"until 14:05 UTC":                              {{Text: "until "}, {Text: "14:05 UTC", Time: at("2027-03-01T14:05:00Z"), Show: ShowClock}},
		"14:05 UTC on 3 May: planned":                  {{Text: "14:05 UTC on 3 May", Time: at("2027-05-03T14:05:00Z")}, {Text: ": planned"}},
		"it ran out at 09:00 UTC on 31 December 2026.": {{Text: "it ran out at "}, {Text: "09:00 UTC on 31 December 2026", Time: at("2026-12-31T09:00:00Z")}, {Text: "."}},
		"08:00 UTC to 09:00 UTC":                       {{Text: "08:00 UTC", Time: at("2027-03-01T08:00:00Z"), Show: ShowClock}, {Text: " to "}, {Text: "09:00 UTC", Time: at("2027-03-01T09:00:00Z"), Show: ShowClock}},
		"14:05 UTC on 31 February":                     {{Text: "14:05 UTC on 31 February"}},
	} {
		if diff := cmp.Diff(want, timed(text, written)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if got := timed("until 14:05 UTC", time.Time{}); len(got) != 1 || !got[0].Time.IsZero() {
		t.Errorf("where nobody knows when it was written: %+v", got)
	}
}

// TestNoAnswerHasTimesOfTwoZones holds that where an answer has dates of the reader's zone, no others stand beside them.
func TestNoAnswerHasTimesOfTwoZones(t *testing.T) {
	b := wellWorld()
	i := brokenServiceNow()
	i.Verdict.Says, i.Verdict.At = "Ours: our certificate ran out at 09:00 UTC on 28 February", noon
	b.memory.all = []incidents.Incident{i}
	b.acts = morning()
	b.ask(t, ada, "mute snow 2h planned")
	for _, text := range []string{"incidents", "audit", "audit snow", "unmute snow/table-api", "mute snow 2h", "mute teams 3h", "status snow"} {
		for _, section := range b.ask(t, ada, text).Sections {
			for _, line := range section.Lines {
				for _, piece := range line.Pieces {
					if piece.Time.IsZero() && strings.Contains(piece.Text, " UTC") {
						t.Errorf("%s says %q", text, piece.Text)
					}
				}
			}
		}
	}
}

func FuzzTimed(f *testing.F) {
	for _, text := range []string{"until 14:05 UTC", "14:05 UTC on 3 May 2027 and 15:00 UTC on 31 February", "é 23:59 UTC", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var whole strings.Builder
		for _, p := range timed(text, noon) {
			whole.WriteString(p.Text)
		}
		if whole.String() != text {
			t.Errorf("%q became %q", text, whole.String())
		}
	})
}

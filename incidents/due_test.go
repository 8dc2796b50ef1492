package incidents

import (
	"strings"
	"testing"
	"time"
)

// The line that calls on-call holds the verdict because of which it does, and nothing else of what happened in the same
// moment: that a mute has ended or that the failure is back is told all the same.
func TestOnlyTheVerdictIsSaidByTheLineThatCallsOnCall(t *testing.T) {
	at := time.Date(2026, 11, 2, 3, 12, 0, 0, time.UTC)
	for kind, want := range map[EventKind]int{
		EventVerdict: 1, EventAmended: 1, EventOverruled: 2, EventReopened: 2, EventUnmuted: 2, EventRecovered: 2,
	} {
		before := Incident{ID: "sparky-okta-1", Card: Card{Channel: "C1", TS: "1.1"}}
		after := before
		after.Events = []Event{{At: at, Kind: kind, Text: "What happened."}, {At: at, Kind: EventPaged, Text: "Calling on-call. What happened."}}
		if lines := threadLines(due(before, after, Offices{})); len(lines) != want {
			t.Errorf("%s: %d lines, want %d: %q", kind, len(lines), want, lines)
		}
		after.Events[1].At = at.Add(time.Second)
		if lines := threadLines(due(before, after, Offices{})); len(lines) != 2 {
			t.Errorf("%s a second before the call: %q", kind, lines)
		}
	}
}

func threadLines(effects []Effect) []string {
	var keys []string
	for _, e := range effects {
		if e.Kind == EffectThread && strings.Contains(e.Key, "/thread/") {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"sparky/commands"
)

// homePress is a press in the Home tab that shows that place.
func homePress(id, value, place string) string {
	return envelopeOf("interactive", id, map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1"}, "trigger_id": "T1",
		"view":    map[string]string{"type": "home", "hash": "h1", "private_metadata": fmt.Sprintf(`{"place":%q}`, place)},
		"actions": []any{map[string]any{"type": "static_select", "selected_option": map[string]string{"value": value}}}})
}

func TestAChoiceInHomeTurnsThePageAndAnswersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visits []Visit
		var asked []string
		f := deliver(t, runnerFunc(func(_ context.Context, r commands.Request) commands.Reply {
			asked = append(asked, r.Text)
			return commands.Reply{Text: "done"}
		}), func(_ *fakeSlack, o *InboxOptions) {
			o.HomeVisited = func(_ context.Context, v Visit) { visits = append(visits, v) }
			o.Workers = 1
		}, homePress("E1", "1:dashboard look 2", "dashboard all"), homePress("E2", "1:ack ECO-1", "dashboard all 3"), homePress("E3", "0:dashboard look", "nonsense"))
		want := "[{U1 dashboard look 2 h1} {U1 dashboard all 3 h1} {U1  h1}]"
		if got := fmt.Sprint(visits); got != want {
			t.Errorf("visits %s, want %s", got, want)
		}
		if fmt.Sprint(asked) != "[ack ECO-1]" || len(f.called("chat.postMessage")) != 2 {
			t.Errorf("asked %q, %d answers: a turned page is answered by the page, an old button by a word", asked, len(f.called("chat.postMessage")))
		}
	})
}

func TestOpeningHomeAgainKeepsItsPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visits []Visit
		opened := envelopeOf("events_api", "E1", map[string]any{"type": "event_callback", "event_id": "Ev1", "event": map[string]any{
			"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home",
			"view": map[string]string{"type": "home", "hash": "h9", "private_metadata": `{"place":"dashboard of okta"}`}}})
		deliver(t, saying(commands.Reply{Text: "ok"}, 0), func(_ *fakeSlack, o *InboxOptions) {
			o.HomeVisited = func(_ context.Context, v Visit) { visits = append(visits, v) }
		}, opened, homeOpened("E2", "Ev2", "home"))
		if got := fmt.Sprint(visits); got != "[{U1 dashboard of okta h9} {U1  }]" {
			t.Errorf("visits %s", got)
		}
	})
}

func TestPlaces(t *testing.T) {
	for command, ok := range map[string]bool{"dashboard": true, "dashboard all 2": true, "dashboards": false, "status": false, "": false, " dashboard": false,
		"dashboard of " + strings.Repeat("x", longestPlace): false} {
		if _, got := placeOf(command); got != ok {
			t.Errorf("%.30q: %t", command, got)
		}
	}
}

// What a tab carries along comes back from outside: it is a place, or nothing.
func FuzzVisit(f *testing.F) {
	for _, text := range append(hostile(), `{"place":"dashboard look 2"}`, `{"place":"resolve ECO-1"}`, `{"place":7}`) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, metadata string) {
		visit := seenView{Metadata: metadata}.visit("U1")
		if visit.Place == "" {
			return
		}
		if _, ok := placeOf(visit.Place); !ok {
			t.Fatalf("%q leads to %q", metadata, visit.Place)
		}
		kept, err := json.Marshal(homeState{visit.Place})
		if err != nil {
			t.Fatal(err)
		}
		if again := (seenView{Metadata: string(kept)}).visit("U1"); len(kept) < 3000 && strings.ToValidUTF8(visit.Place, "\ufffd") != again.Place {
			t.Fatalf("%q became %q", visit.Place, again.Place)
		}
	})
}

package bot

import (
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/blockkit"
	"sparky/incidents"
	"sparky/partners"
)

// FuzzCard draws incidents of any words, in any state: Slack takes the card, nothing in it is alive but what is ours,
// and the first line stands first.
func FuzzCard(f *testing.F) {
	for n, text := range hostile() {
		f.Add(text, "https://a.example/"+text, "U0OPERATOR", uint8(n), uint8(n*7), int64(n)*1e9)
	}
	states := []incidents.State{incidents.StateOpen, incidents.StateAcknowledged, incidents.StateClosed, incidents.StateRecovered, incidents.StateFolded}
	words := []incidents.Word{"", incidents.External, incidents.Internal, incidents.Unclear}
	posts := []incidents.PostState{incidents.PostNone, incidents.PostProposed, incidents.PostDeclined, incidents.PostPublished, incidents.PostResolved}
	f.Fuzz(func(t *testing.T, text, address, by string, state, word uint8, unix int64) {
		when := time.Unix(unix, 0)
		i := incidents.Incident{ID: text, Kind: incidents.KindProbe, Partner: text, Name: text, Owner: incidents.Owner{Team: text}, Affects: []string{text},
			PageURL: address, Priority: text, State: states[int(state)%len(states)], Outage: int(state), Opened: when, Since: when, Ended: when.Add(time.Hour),
			Acknowledged: &incidents.Deed{By: by, At: when}, Closed: &incidents.Deed{By: by, At: when}, MutedUntil: when, FoldedInto: text,
			Ticket: incidents.Ticket{Key: text, URL: address, Status: text, Assignee: text},
			Post:   incidents.Post{State: posts[int(word)%len(posts)], By: by, URL: address, Updates: []incidents.PostUpdate{{Title: text, Text: text}}}}
		if word%5 == 0 {
			i.Kind = incidents.KindNetwork
		}
		i.Verdict = incidents.Verdict{Word: words[int(word)%len(words)], Reason: incidents.Reason(text), Says: text, Would: text, Missing: []string{text}, By: by,
			Points: []incidents.Point{{Text: text, Link: address}}, Announced: &incidents.Announced{Name: text, Until: when}}
		for range word % 12 {
			i.Probes = append(i.Probes, incidents.Failing{Partner: text, Probe: text, Since: when, Over: state%2 == 0, Last: partners.ProbeResult{Problem: text, Class: partners.FailureClass(text)}})
		}
		got := render(cardReply(i, cardNow, true))
		for _, problem := range blockkit.Blocks(encodedJSON(t, got.Blocks), blockkit.Message) {
			t.Errorf("Slack would refuse %s: %s", problem.Pointer, problem.Message)
		}
		texts := markups(t, got.Blocks)
		thread := render(threadReply(incidents.ThreadLine{Event: incidents.Event{Kind: incidents.EventKind(text), Text: text, By: by}, Mention: address}))
		for _, markup := range append(append(texts, got.Text, thread.Text), markups(t, thread.Blocks)...) {
			for _, alive := range activeParts(markup) {
				link := strings.HasPrefix(alive, "<http://") || strings.HasPrefix(alive, "<https://") || strings.HasPrefix(alive, "<!date^")
				person := userID.MatchString(by) && alive == "<@"+by+">"
				group := alive == mentionOf(address)
				if !link && !person && !group {
					t.Fatalf("%q is alive in %q", alive, markup)
				}
			}
		}
		if strings.TrimSpace(got.Text) == "" || len(texts) == 0 {
			t.Fatal("a card without words")
		}
	})
}

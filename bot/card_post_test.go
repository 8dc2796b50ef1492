package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
)

// archive holds incidents by id.
type archive map[string]incidents.Incident

func (a archive) Incident(_ context.Context, id string) (incidents.Incident, error) {
	i, ok := a[id]
	if !ok {
		return i, fmt.Errorf("incident %s: %w", id, incidents.ErrNoIncident)
	}
	return i, nil
}

type noArchive struct{}

func (noArchive) Incident(context.Context, string) (incidents.Incident, error) {
	return incidents.Incident{}, errors.New("the database is locked")
}

func encodedJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func clockAt(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestACardIsOneMessageThatIsDrawnAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		known := archive{opened().ID: opened()}
		cards := Cards(NewPoster(f.api(), f.logger()), "C1", known, clockAt(cardNow), true)
		ref := encodedJSON(t, incidents.Ref{Incident: opened().ID})
		result, err := cards.Do(t.Context(), "card/"+opened().ID, ref, nil)
		if err != nil {
			t.Fatal(err)
		}
		var card incidents.Card
		if err := json.Unmarshal(result, &card); err != nil || card.Channel != "C1" || card.TS == "" {
			t.Fatalf("the result %s does not say where the card is", result)
		}
		known[opened().ID] = cardStates()["recovered"]
		if again, err := cards.Do(t.Context(), "card/"+opened().ID, ref, result); err != nil || string(again) != string(result) {
			t.Fatalf("drawn anew: %s, %v", again, err)
		}
		posts, edits := f.called("chat.postMessage"), f.called("chat.update")
		if len(posts) != 1 || len(edits) != 1 || edits[0].Form.Get("ts") != card.TS {
			t.Fatalf("%d posts and %d edits", len(posts), len(edits))
		}
		if text := edits[0].Form.Get("text"); text != "ServiceNow: incident-creation works again after 23 min — it was theirs." {
			t.Errorf("the notification says %q", text)
		}
		if strings.Contains(edits[0].Form.Get("blocks"), `"actions"`) {
			t.Error("there is still something to press")
		}
	})
}

func TestACardOfWhichNothingIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		poster := NewPoster(f.api(), f.logger())
		ref := encodedJSON(t, incidents.Ref{Incident: "sparky-gone"})
		for name, c := range map[string]struct {
			known   Incidents
			payload []byte
			want    string
		}{
			"no such incident": {archive{}, ref, "permanent not-sent"},
			"database away":    {noArchive{}, ref, "not-sent"},
			"not JSON":         {archive{}, []byte("{"), "permanent not-sent"},
		} {
			cards := Cards(poster, "C1", c.known, clockAt(cardNow), true)
			if _, err := cards.Do(t.Context(), "card/x", c.payload, nil); how(err) != c.want {
				t.Errorf("%s: %v is %s", name, err, how(err))
			}
			// That the incident cannot be read says nothing of whether its card stands.
			if _, found, err := cards.Find(t.Context(), "card/x", c.payload); found || err == nil || notSent(err) {
				t.Errorf("%s: looked for, found %v, %v", name, found, err)
			}
		}
		if len(f.calls) != 0 {
			t.Errorf("calls: %+v", f.calls)
		}
	})
}

func TestWithoutJiraNoIssueIsPromised(t *testing.T) {
	for _, jira := range []bool{true, false} {
		raw := encodedJSON(t, render(cardReply(opened(), cardNow, jira)).Blocks)
		if strings.Contains(string(raw), "Jira") != jira {
			t.Errorf("with Jira %v: %s", jira, raw)
		}
	}
}

func TestALineInTheThread(t *testing.T) {
	const id = "sparky-okta-1"
	for _, c := range []struct {
		name  string
		event incidents.Event
		group string
		want  string
	}{
		{"somebody is called", incidents.Event{Kind: incidents.EventPaged, Text: "Okta: sign-in fails. Their page could not be read."}, "S0ONCALL",
			"⚠️ <!subteam^S0ONCALL> Okta: sign-in fails. Their page could not be read."},
		{"who did it follows", incidents.Event{Kind: incidents.EventAcknowledged, Text: "Acknowledged.", By: "U0ONCALL01"}, "", "Acknowledged by Chidi &lt;Ruiz&gt;."},
		{"who did it in the sentence", incidents.Event{Kind: incidents.EventMuted, Text: "U0ONCALL01 muted it for 1 h.", By: "U0ONCALL01"}, "", "🔕 Chidi &lt;Ruiz&gt; muted it for 1 h."},
		{"a name", incidents.Event{Kind: incidents.EventByHand, Text: "Ada Osei resolved it in Jira.", By: "Ada Osei"}, "", "Ada Osei resolved it in Jira."},
		{"hostile", incidents.Event{Kind: incidents.EventRecovered, Text: "<!channel> *works* again", By: "<!here>"}, "",
			"✅ &lt;!channel&gt; *\u200bworks\u200b* again — &lt;!here&gt;"},
		{"no words", incidents.Event{Kind: incidents.EventReopened}, "", "❌ reopened"},
		{"no group", incidents.Event{Kind: incidents.EventPaged, Text: "x"}, "!channel", "⚠️ @!channel x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeSlack(t)
				threads := Threads(NewPoster(f.api(), f.logger()), archive{id: {ID: id}})
				c.event.At = cardNow
				payload := encodedJSON(t, incidents.ThreadLine{Incident: id, Channel: "C1", TS: "111.000001", Event: c.event, Mention: c.group})
				if _, err := threads.Do(t.Context(), "thread/1", payload, nil); err != nil {
					t.Fatal(err)
				}
				post := f.called("chat.postMessage")[0].Form
				if post.Get("channel") != "C1" || post.Get("thread_ts") != "111.000001" {
					t.Errorf("posted to %s under %s", post.Get("channel"), post.Get("thread_ts"))
				}
				var blocks []map[string]any
				if err := json.Unmarshal([]byte(post.Get("blocks")), &blocks); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(textsIn(blocks[0]), "\n"); len(blocks) != 1 || strings.ReplaceAll(got, "\u200b", "") != strings.ReplaceAll(c.want, "\u200b", "") {
					t.Errorf("says %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestALineFollowsItsCard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		known := archive{"a": {ID: "a", Card: incidents.Card{Channel: "C2", TS: "222.000002"}}, "b": {ID: "b"}}
		threads := Threads(NewPoster(f.api(), f.logger()), known)
		moved := encodedJSON(t, incidents.ThreadLine{Incident: "a", Channel: "C1", TS: "111.000001", Event: incidents.Event{Text: "x", At: cardNow}})
		if _, err := threads.Do(t.Context(), "thread/1", moved, nil); err != nil {
			t.Fatal(err)
		}
		if post := f.called("chat.postMessage")[0].Form; post.Get("channel") != "C2" || post.Get("thread_ts") != "222.000002" {
			t.Errorf("the card was posted anew, and the line went under the old one: %v", post)
		}
		if _, found, err := threads.Find(t.Context(), "thread/1", moved); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		if looks := f.called("conversations.replies"); len(looks) != 1 || looks[0].Form.Get("ts") != "222.000002" {
			t.Errorf("looked in %+v", looks)
		}
		nowhere := encodedJSON(t, incidents.ThreadLine{Incident: "b", Event: incidents.Event{Text: "x"}})
		if _, err := threads.Do(t.Context(), "thread/2", nowhere, nil); how(err) != "not-sent" {
			t.Errorf("without a card: %v is %s", err, how(err))
		}
	})
}

func TestCardsAreRedacted(t *testing.T) {
	i := opened()
	i.Probes[0].Last.Problem = "GET https://a.example/?key=s3cr3t answered 503"
	cards := Cards(nil, "C1", archive{i.ID: i}, clockAt(cardNow), true).Redacted(func(text string) string { return strings.ReplaceAll(text, "s3cr3t", "(hidden)") })
	message, err := cards.message(t.Context(), encodedJSON(t, incidents.Ref{Incident: i.ID}))
	if err != nil {
		t.Fatal(err)
	}
	if all := message.Text + string(message.Blocks); strings.Contains(all, "s3cr3t") || !strings.Contains(all, "(hidden)") {
		t.Errorf("it says %s", all)
	}
}

// TestWhoHasAStormIsRung holds that the line about one more partner rings whoever has the storm, and nobody where that is no
// member of the workspace.
func TestWhoHasAStormIsRung(t *testing.T) {
	const id = "sparky-storm-1"
	for by, want := range map[string]string{"U0ONCALL01": "<@U0ONCALL01>", "Ada Osei (Jira)": "Ada Osei (Jira)"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			threads := Threads(NewPoster(f.api(), f.logger()), archive{id: {ID: id, Kind: incidents.KindStorm}})
			event := incidents.Event{Kind: incidents.EventJoined, Text: "Okta fails now too, beside what " + by + " has in hand.", By: by, At: cardNow}
			payload := encodedJSON(t, incidents.ThreadLine{Incident: id, Channel: "C1", TS: "111.000001", Event: event, Rings: by})
			if _, err := threads.Do(t.Context(), "thread/1", payload, nil); err != nil {
				t.Fatal(err)
			}
			post := f.called("chat.postMessage")[0].Form
			if blocks := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(post.Get("blocks")); !strings.Contains(blocks, "beside what "+want+" has in hand.") {
				t.Errorf("it says %s", blocks)
			}
		})
	}
}

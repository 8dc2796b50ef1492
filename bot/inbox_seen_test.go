package bot

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		if !m.first([]string{"envelope 1", "event 1"}) {
			t.Error("the first is no repetition")
		}
		if m.first([]string{"envelope 2", "event 1"}) {
			t.Error("the same event in another envelope is one")
		}
		if m.first([]string{"envelope 2"}) {
			t.Error("an envelope that brought a repetition is remembered too")
		}
		elapse(6 * time.Minute)
		if m.first([]string{"event 1"}) {
			t.Error("Slack's last repetition comes after five minutes")
		}
		m.forget([]string{"event 1"})
		if !m.first([]string{"event 1"}) {
			t.Error("what was forgotten is new")
		}
		elapse(rememberFor - time.Minute)
		if m.first([]string{"event 1"}) {
			t.Error("the older entry of a forgotten id must not take the younger one with it")
		}
		elapse(rememberFor)
		if !m.first([]string{"event 1"}) {
			t.Error("remembered for ever")
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory()
	for n := range 3 * rememberMost {
		m.first([]string{fmt.Sprint(n)})
	}
	if len(m.ids) > rememberMost+1 || len(m.order) > rememberMost+1 {
		t.Errorf("%d ids in %d entries", len(m.ids), len(m.order))
	}
	if m.first([]string{fmt.Sprint(3*rememberMost - 1)}) {
		t.Error("the youngest is not remembered")
	}
}

func TestRandomReference(t *testing.T) {
	a, b := randomReference(), randomReference()
	if len(a) != 8 || a == b {
		t.Errorf("%q, %q", a, b)
	}
}

func TestPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"  status   okta ":                 "status okta",
		"<@B> status":                      "status",
		"status<@B>okta":                   "status okta",
		"<@U1|ada> <@U2>":                  "@ada @U2",
		"<#C1|ops> <#C2>":                  "#ops #C2",
		"<!here> <!subteam^S1|@team>":      "@here @team",
		"<https://a.example/?x=1&amp;y=2>": "https://a.example/?x=1&y=2",
		"<http://okta.com|okta.com>":       "okta.com",
		"a &amp;lt; b":                     "a &lt; b",
		"1 &lt; 2":                         "1 < 2",
		"open < end":                       "open < end",
		"<>":                               "",
	} {
		if got := plainWords(text, "B"); got != want {
			t.Errorf("plainWords(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(slash("E1", "status"))
	f.Add(click("E1", "1:ack"))
	f.Add(mention("E1", "Ev1", "<@B> <#C|x> &lt;"))
	f.Add(homeOpened("E1", "Ev1", "home"))
	f.Add(`{"type":"interactive","envelope_id":"E","payload":null}`)
	inbox := NewInbox(InboxOptions{Log: newFakeSlack(f).logger()})
	f.Fuzz(func(t *testing.T, frame string) {
		e := envelope{Type: "interactive", ID: "E", Payload: []byte(frame)}
		for _, e.Type = range []string{"slash_commands", "interactive", "events_api", frame} {
			a, verdict, err := parse(e)
			if verdict == toDo && (a.person.ID == "" || len(a.id) == 0 || err != nil) {
				t.Fatalf("taken on: %+v, %v", a, err)
			}
			if verdict == notReadable && err == nil {
				t.Fatalf("not readable without a reason: %q", frame)
			}
			if strings.ContainsAny(a.text, "\n") {
				t.Fatalf("text of several lines: %q", a.text)
			}
		}
		// Whatever comes, the decision is made without waiting.
		if r := inbox.take(e); r.commit != nil {
			<-inbox.slots
		}
	})
}

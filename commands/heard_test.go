package commands

import (
	"strings"
	"testing"
)

func TestAKindWordIsAnsweredKindly(t *testing.T) {
	for said, want := range map[string]string{
		"hello": "Hello. ", "Hi!": "Hello. ", "good morning, Sparky": "Hello. ", "hey": "Hello. ", "hello everybody": "Hello. ", "!!!": "Hello. ",
		"thanks!": "You are welcome.", "Thank you very much": "You are welcome.", "ok thanks for the help": "You are welcome.",
		"thanks, that was a great answer": "You are welcome.", "THX": "You are welcome.",
	} {
		reply := newTable().ask(t, ada, said)
		if !strings.HasPrefix(reply.Text, want) || reply.Refused || reply.Failed || reply.Public {
			t.Errorf("%q: %+v; want %q", said, reply, want)
		}
	}
}

func TestPlainQuestionsAreThoseOfACommand(t *testing.T) {
	for said, command := range map[string]string{
		"hey what is broken?": "incidents", "what's broken?": "incidents", "What’s down": "incidents", "is anything failing?": "incidents", "any incidents?": "incidents",
		"what is wrong": "incidents", "is ServiceNow down?": "status servicenow", "what is wrong with snow?": "status servicenow", "how is snow?": "status servicenow",
		"how is everybody?": "status", "how are our partners": "status", "please status snow": "status snow", "hey, upcoming!": "upcoming", "how's ServiceNow’s API doing": "status servicenow",
		"thanks, status snow": "status snow",
	} {
		b := wellWorld()
		got, want := b.ask(t, ada, said), b.ask(t, ada, command)
		if want.Refused || got.Text != want.Text || got.Refused {
			t.Errorf("%q is answered %q; want %q", said, got.Text, want.Text)
		}
	}
}

func TestWhatIsNotUnderstoodIsSaidSo(t *testing.T) {
	for said, word := range map[string]string{
		"hey statsu": "statsu", "please do something": "do", "how do I cook rice": "how", "broken": "broken", "muet snow is down": "muet", "is it raining": "is", "what about lunch?": "what",
	} {
		reply := newTable().ask(t, ada, said)
		if !reply.Refused || !strings.Contains(reply.Text, `no command "`+word+`"`) {
			t.Errorf("%q: %+v", said, reply)
		}
	}
}

// What changes something is done by its own words alone.
func TestNothingIsDoneByAGuess(t *testing.T) {
	for _, said := range []string{"is snow down? mute it", "what is broken at snow, resolve ECO-12", "how about mute snow 2h"} {
		b := newTable()
		b.ask(t, ada, said)
		if len(b.memory.mutes) > 0 {
			t.Errorf("%q muted something", said)
		}
	}
}

func FuzzWhatIsHeardIsACommand(f *testing.F) {
	for _, said := range []string{"hello", "thanks", "what is broken?", "how is servicenow's", "hey", "’s ’s", "is \x00 down"} {
		f.Add(said)
	}
	b := newTable().book()
	f.Fuzz(func(t *testing.T, said string) {
		words := strings.Fields(said)
		meant, kind := b.heard(words)
		if kind == nil && len(words) > 0 && len(meant) == 0 {
			t.Errorf("%q is answered with nothing", said)
		}
		if kind != nil && strings.ContainsAny(kind.Text, "<>") {
			t.Errorf("%q is answered %q", said, kind.Text)
		}
	})
}

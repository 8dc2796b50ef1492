package commands

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// conversation plays what two people type, one after the other, against the same incidents.
func conversation(t *testing.T, b *table, lines ...string) string {
	t.Helper()
	var talk strings.Builder
	for _, line := range lines {
		name, text, _ := strings.Cut(line, ": ")
		who := map[string]Person{"ada": ada, "grace": grace, "terminal": {Name: "ops", Local: true}}[name]
		talk.WriteString(said(who, text, b.ask(t, who, text)))
	}
	return talk.String()
}

func TestDeedsReadAloud(t *testing.T) {
	b := newTable()
	recovered := brokenServiceNow()
	recovered.ID, recovered.Ticket.Key = "sparky-servicenow-m0", "ECO-7"
	recovered.State, recovered.Ended = incidents.StateRecovered, noon.Add(-4*time.Minute)
	folded := brokenServiceNow()
	folded.ID, folded.Ticket.Key, folded.State, folded.FoldedInto = "sparky-servicenow-m5", "ECO-5", incidents.StateFolded, "sparky-network-m3"
	b.memory.all = []incidents.Incident{brokenServiceNow(), announcedByMicrosoft(), closedByHand(), recovered, folded}
	talk := conversation(t, b,
		"ada: ack ECO-12", "ada: ack eco-12", "grace: ack <https://acme.atlassian.net/browse/ECO-12>.",
		"ada: ack", "ada: ack ECO-21", "ada: ack 12", "ada: ack snow", "ada: ack xyzzy", "ada: ack ECO-12 please",
		"ada: ack ECO-7", "ada: ack ECO-5", "ada: ack ECO-9", "ada: resolve ECO-9",
		"ada: theirs ECO-13", "ada: theirs sparky-servicenow-m1", "grace: theirs ECO-12", "grace: ours ECO-12",
		"ada: publish ECO-12", "ada: decline ECO-13", "grace: publish ECO-13", "grace: publish ECO-9", "ada: publish ECO-5",
		"terminal: resolve ECO-12", "grace: resolve ECO-12", "grace: ack sparky-microsoft-m2")
	golden(t, "deeds", talk)
}

func TestWhereNothingIsOpen(t *testing.T) {
	talk := conversation(t, newTable(), "ada: ack", "ada: resolve ECO-1", "ada: publish ECO-1")
	golden(t, "deeds_nothing_open", talk)
}

func TestTwoPressesAtOnceActOnce(t *testing.T) {
	b := newTable()
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	first, second := b.ask(t, ada, "ack sparky-servicenow-m1"), b.ask(t, grace, "ack sparky-servicenow-m1")
	if !first.Public || second.Public || second.Failed || second.Refused {
		t.Errorf("public %v and %v, the second failed %v", first.Public, second.Public, second.Failed)
	}
	if got := b.memory.all[0].Acknowledged.By; got != ada.ID {
		t.Errorf("%s has it", got)
	}
	if !strings.Contains(plain(second), "U0ADA acknowledged it just now") {
		t.Errorf("the second is told:\n%s", plain(second))
	}
}

func TestTheOneWhoActsIsMentioned(t *testing.T) {
	b := newTable()
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	piece := b.ask(t, ada, "ack ECO-12").Sections[0].Lines[0].Pieces[0]
	if piece.Person != ada.ID || piece.Text != "ada" {
		t.Errorf("%+v", piece)
	}
	unnamed := actor(Person{ID: "U0ADA"})
	if unnamed.Person != "U0ADA" || unnamed.Text != "A colleague" {
		t.Errorf("%+v", unnamed)
	}
}

func TestWho(t *testing.T) {
	for by, want := range map[string]Piece{
		"U0ADA": {Text: "U0ADA", Person: "U0ADA"}, "W012AB3CD": {Text: "W012AB3CD", Person: "W012AB3CD"},
		"Ada Lovelace": {Text: "Ada Lovelace"}, "ops": {Text: "ops"}, "": {Text: "Sparky"}, "UWE": {Text: "UWE"}, "U0ADA> <!channel": {Text: "U0ADA> <!channel"},
	} {
		if got := Who(by); got != want {
			t.Errorf("%q is %+v", by, got)
		}
	}
	for person, want := range map[Person]string{
		ada: "U0ADA", {Name: "ops", Local: true}: "ops", {}: "somebody at the terminal",
	} {
		if got := byOf(person); got != want {
			t.Errorf("%+v is remembered as %q", person, got)
		}
	}
	if got := actorText(Person{Local: true}); got != "Somebody" {
		t.Errorf("got %q", got)
	}
}

func TestADeskThatFailsIsSaid(t *testing.T) {
	b := newTable()
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	b.desk.err = errors.New("the database is locked")
	for text, want := range map[string]string{
		"ack ECO-12":     "I could not acknowledge ECO-12: the database is locked. Please try again in a minute.",
		"resolve ECO-12": "I could not resolve ECO-12: the database is locked. Please try again in a minute.",
		"theirs ECO-12":  "I could not change the verdict of ECO-12: the database is locked. Please try again in a minute.",
		"mute snow 1h":   "I could not mute ServiceNow: the database is locked. Please try again in a minute.",
		"unmute snow":    "I could not end the mute of ServiceNow: the database is locked. Please try again in a minute.",
	} {
		reply := b.ask(t, ada, text)
		if reply.Text != want || !reply.Refused || reply.Public {
			t.Errorf("%s: %s", text, reply.Text)
		}
	}
}

func TestAMemoryThatFailsDoesNotHideThatThereIsNoSuchIncident(t *testing.T) {
	b := newTable()
	b.memory.err["incidents"] = errors.New("the disk is full")
	if got := b.ask(t, ada, "ack ECO-1").Text; got != `I know no incident "ECO-1". Which there are I could not read: the disk is full.` {
		t.Error(got)
	}
	if got := b.ask(t, ada, "ack").Text; !strings.HasPrefix(got, "I could not read the incidents: the disk is full") {
		t.Error(got)
	}
}

func TestRefOf(t *testing.T) {
	for typed, want := range map[string]string{
		"ECO-12": "ECO-12", "ECO-12.": "ECO-12", "(ECO-12)": "ECO-12", "`ECO-12`": "ECO-12", "": "", "...": "",
		"https://acme.atlassian.net/browse/ECO-12":             "ECO-12",
		"<https://acme.atlassian.net/browse/ECO-12?focused=1>": "ECO-12",
		"sparky-power.bi_2-m1":                                 "sparky-power.bi_2-m1",
	} {
		if got := refOf(typed); got != want {
			t.Errorf("%q is %q", typed, got)
		}
	}
}

package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

// fakeActs keeps acts as the store does.
type fakeActs struct {
	all []incidents.Act // oldest first
	err error
}

func (f *fakeActs) SaveAct(_ context.Context, a incidents.Act) error {
	if f.err != nil {
		return f.err
	}
	a.ID = int64(len(f.all) + 1)
	f.all = append(f.all, a)
	return nil
}

func (f *fakeActs) Acts(_ context.Context, q incidents.ActQuery) ([]incidents.Act, error) {
	var found []incidents.Act
	for i := len(f.all) - 1; i >= 0; i-- {
		a := f.all[i]
		of := q.Partner == "" || a.Partner == q.Partner
		before := q.Before == 0 || a.ID < q.Before
		until := q.Until.IsZero() || a.At.Before(q.Until)
		if of && before && until && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, a)
		}
	}
	return found, f.err
}

// morning is an incident from its beginning to its end, and what people did beside it.
func morning() *fakeActs {
	acts := &fakeActs{}
	at := noon.Add(-3 * time.Hour)
	add := func(a incidents.Act) {
		at = at.Add(time.Minute)
		a.ID, a.At = int64(len(acts.all)+1), at
		acts.all = append(acts.all, a)
	}
	of := func(did incidents.Did, by string, way incidents.Origin, reason string) {
		add(incidents.Act{Partner: "servicenow", Actor: by, Origin: way, Did: did, Target: "sparky-servicenow-m1", Ticket: "ECO-12", Reason: reason})
	}
	of(incidents.DidOpen, "", incidents.BySchedule, "HTTP 503")
	of(incidents.DidJudge, "", incidents.BySchedule, "internal: not announced by them, but it looks like theirs.")
	of(incidents.DidPage, "", incidents.BySchedule, "Not announced by them, but it looks like theirs.")
	of(incidents.DidTicket, "", incidents.BySchedule, "")
	of(incidents.DidAcknowledge, ada.ID, incidents.ByButton, "")
	add(incidents.Act{Partner: "servicenow", Actor: grace.ID, Origin: incidents.ByCommand, Did: incidents.DidMute, Target: "servicenow/table-api", Reason: "until 12:00 UTC: planned upgrade"})
	add(incidents.Act{Partner: "servicenow", Actor: grace.ID, Origin: incidents.ByCommand, Did: incidents.DidUnmute, Target: "servicenow"})
	of(incidents.DidResolve, "Chidi Ruiz", incidents.InJira, "")
	of(incidents.DidChange, "somebody", incidents.OnStatusPage, "The post was edited there, so I leave it as it is.")
	add(incidents.Act{Partner: "microsoft", Actor: ada.ID, Origin: incidents.ByHome, Did: incidents.DidAskRun, Target: "compat-microsoft-1", Reason: "2026.12.0"})
	add(incidents.Act{Partner: "microsoft", Origin: incidents.BySchedule, Did: incidents.DidEndRun, Target: "compat-microsoft-1", Reason: "2026.12.0: our integration works with it"})
	add(incidents.Act{Partner: "microsoft", Actor: grace.ID, Origin: incidents.ByMessage, Did: incidents.DidHandle, Target: "microsoft-1", Reason: "TLS 1.1 is switched off"})
	add(incidents.Act{Actor: "U0GUEST", Origin: incidents.ByCommand, Did: incidents.DidRefuse, Target: "ack ECO-12", Reason: "not an operator"})
	add(incidents.Act{Partner: "servicenow", Actor: "U0GUEST", Origin: incidents.ByButton, Did: incidents.DidRefuse, Target: "It's ours (ours ECO-12)", Reason: "not an operator"})
	add(incidents.Act{Partner: "microsoft", Actor: grace.ID, Origin: incidents.ByCommand, Did: incidents.DidCertify, Target: "microsoft"})
	add(incidents.Act{Actor: "ops", Origin: incidents.ByTerminal, Did: "invented", Target: "something"})
	return acts
}

func TestTheAuditReadAloud(t *testing.T) {
	b := newTable()
	b.acts = morning()
	quiet := newTable()
	golden(t, "audit", conversation(t, b, "ada: audit", "ada: audit snow", "ada: audit microsoft --public", "ada: audit --before 5", "ada: audit snow --before 2027-03-02", "ada: audit snow --before 2027-03-01",
		"ada: audit --before", "ada: audit snow —before yesterday", "ada: audit --before -3", "ada: audit snwo", "ada: audit snow microsoft", "ada: help audit")+
		conversation(t, quiet, "ada: audit", "grace: audit snow"))
}

func TestOlderActsAreBehindAButton(t *testing.T) {
	b := newTable()
	for n := range 2*mostActs + 1 {
		if err := b.acts.SaveAct(t.Context(), incidents.Act{At: noon, Partner: "servicenow", Did: incidents.DidOpen, Target: fmt.Sprint("i", n)}); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for words, page := "audit snow", 1; words != ""; page++ {
		reply := b.ask(t, ada, words)
		section := reply.Sections[0]
		seen += len(section.Lines)
		words = ""
		if len(section.Buttons) > 0 {
			words = section.Buttons[0].Command
		}
		if len(section.Lines) > mostActs || page > 3 || len(reply.Facts.([]incidents.Act)) != len(section.Lines) {
			t.Fatalf("page %d: %d lines, then %q", page, len(section.Lines), words)
		}
	}
	if seen != 2*mostActs+1 {
		t.Errorf("%d acts are shown", seen)
	}
}

func TestTheAuditIsRedactedAndForOperators(t *testing.T) {
	b := newTable()
	b.acts = &fakeActs{all: []incidents.Act{{ID: 1, At: noon, Did: incidents.DidOpen, Target: "i", Reason: "401 for hunter2"}}}
	runner := Redacted(b.book(), func(text string) string { return strings.ReplaceAll(text, "hunter2", "***") })
	if got := words(runner.Run(t.Context(), Request{Text: "audit", Person: ada})); strings.Contains(got, "hunter2") || !strings.Contains(got, "***") {
		t.Errorf("got %s", got)
	}
	b.permits = &roles{}
	if got := words(b.ask(t, grace, "audit")); !strings.Contains(got, "is for operators") || strings.Contains(got, "401") {
		t.Errorf("got %s", got)
	}
}

func TestTheAuditCannotBeRead(t *testing.T) {
	b := newTable()
	b.acts.err = errors.New("the disk is full")
	if got := b.ask(t, ada, "audit"); !got.Refused || !strings.Contains(got.Text, "I could not read who did what: the disk is full") {
		t.Errorf("got %+v", got)
	}
}

func TestEveryActHasItsWords(t *testing.T) {
	for did, words := range deedWords() {
		if words.did == "" || did == "" {
			t.Errorf("%q is said as %q", did, words.did)
		}
	}
}

// asked are the acts that a request leaves, without when.
func asked(t *testing.T, b *table, req Request) []incidents.Act {
	t.Helper()
	b.acts.all = nil
	b.book().Run(t.Context(), req)
	for i, a := range b.acts.all {
		if !a.At.Equal(noon) {
			t.Errorf("it is said to have been at %s", a.At)
		}
		b.acts.all[i].At, b.acts.all[i].ID = time.Time{}, 0
	}
	return b.acts.all
}

func TestWhatIsAskedAndChangesNothingIsKeptOnce(t *testing.T) {
	probed := func(target string) []incidents.Act {
		return []incidents.Act{{Partner: "servicenow", Actor: ada.ID, Origin: incidents.ByButton, Did: incidents.DidProbe, Target: target}}
	}
	for text, want := range map[string][]incidents.Act{
		"probe snow":           probed("servicenow"),
		"probe snow table-api": probed("servicenow/table-api"),
		"probe snow/x":         nil, // nothing is done
		"probe":                nil,
		"status snow":          nil,
		"audit":                nil,
		"mute snow 1h":         nil, // it is kept with the mute
		"nonsense":             nil,
	} {
		got := asked(t, newTable(), Request{Text: text, Person: ada, Origin: incidents.ByButton})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

func TestRefusalsAreKept(t *testing.T) {
	guest := Person{ID: "U0GUEST", Name: "guest"}
	for text, want := range map[string]incidents.Act{
		"mute snow 2h for fun --public": {Partner: "servicenow", Target: "mute snow 2h for fun", Reason: "not an operator"},
		"PUBLISH ECO-12":                {Target: "publish ECO-12", Reason: "not a publisher"},
		"probe":                         {Target: "probe", Reason: "not an operator"},
		"ack " + strings.Repeat("x", 9*longestAsked): {Target: "ack" + "…", Reason: "not an operator"},
	} {
		want.Did, want.Actor, want.Origin = incidents.DidRefuse, guest.ID, incidents.ByMessage
		b := newTable()
		b.permits = &roles{}
		got := asked(t, b, Request{Text: text, Person: guest, Origin: incidents.ByMessage})
		if len(got) == 1 && len([]rune(got[0].Target)) > longestAsked {
			got[0].Target = "ack…"
		}
		if diff := cmp.Diff([]incidents.Act{want}, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
	b := newTable()
	b.permits = &roles{err: errors.New("Slack is away")}
	if got := asked(t, b, Request{Text: "ack ECO-1", Person: ada}); len(got) != 1 || got[0].Reason != "whether they may could not be checked" {
		t.Errorf("got %+v", got)
	}
	if got := asked(t, newTable(), Request{Text: "probe snow", Person: Person{Name: "ops", Local: true}}); len(got) != 1 || got[0].Origin != incidents.ByTerminal || got[0].Actor != "ops" {
		t.Errorf("got %+v", got)
	}
}

func TestWhatCannotBeKeptIsNotDone(t *testing.T) {
	b := newTable()
	b.acts.err = errors.New("the disk is full")
	reply := b.ask(t, ada, "probe snow")
	if !reply.Refused || reply.Public || !strings.Contains(reply.Text, "so nothing was done: keeping who did what: the disk is full") {
		t.Errorf("got %+v", reply)
	}
	b.permits = &roles{}
	if got := b.ask(t, ada, "probe snow"); !got.Refused || !strings.Contains(got.Text, "is for operators") || !strings.Contains(got.Text, "I could not write this down either") {
		t.Errorf("got %+v", got)
	}
	directory := snowDirectory()
	certify := NewBook(directory, nil, Certify(directory, fakeCertifier{err: errors.New("it was tried out")})).Audited(b.acts, func() time.Time { return noon })
	if got := certify.Run(t.Context(), Request{Text: "certify snow", Person: ada}); strings.Contains(got.Text, "it was tried out") || !got.Refused {
		t.Errorf("got %+v", got)
	}
	b.acts.err = nil
	certify.Run(t.Context(), Request{Text: "certify snow", Person: ada, Origin: incidents.ByHome})
	if len(b.acts.all) != 1 || b.acts.all[0].Did != incidents.DidCertify || b.acts.all[0].Partner != "servicenow" {
		t.Errorf("kept %+v", b.acts.all)
	}
}

func TestWhoAsksIsKnownBelow(t *testing.T) {
	directory := snowDirectory()
	var got incidents.Doer
	spy := Command{Name: "spy", Role: Operator, Run: func(ctx context.Context, _ Call) Reply { got = incidents.DoerOf(ctx); return Reply{} }}
	NewBook(directory, nil, spy).Run(t.Context(), Request{Text: "spy", Person: ada, Origin: incidents.ByHome})
	if want := (incidents.Doer{Actor: ada.ID, Origin: incidents.ByHome}); got != want {
		t.Errorf("got %+v", got)
	}
}

func FuzzTakeBefore(f *testing.F) {
	for _, text := range []string{"snow --before 5", "--before 2026-11-20 snow", "—before", "--before -1", "--before 99999999999999999999", "snow"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Fields(text)
		rest, query, refusal := takeBefore(args)
		if query.Before < 0 && refusal == nil {
			t.Errorf("%q asks for what was before %d", text, query.Before)
		}
		if bounded := query.Before > 0 || !query.Until.IsZero(); refusal == nil && bounded && len(rest) != len(args)-2 {
			t.Errorf("%q leaves %q", text, rest)
		}
	})
}

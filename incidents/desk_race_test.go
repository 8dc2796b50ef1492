package incidents

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// during is a witness to whom something happens while it gathers.
type during struct {
	*desktop
	happens []func()
}

func (w *during) Gather(ctx context.Context, in Incident) Evidence {
	if len(w.happens) > 0 {
		next := w.happens[0]
		w.happens = w.happens[1:]
		next()
	}
	return w.desktop.Gather(ctx, in)
}

func TestASlowLookDoesNotUndoAQuickOne(t *testing.T) {
	d := newDesktop(t)
	ours := d.verdict
	w := &during{desktop: d}
	d.desk.Witness = w
	judged := 0
	d.desk.Judge = func(e Evidence) Verdict {
		judged++
		if judged == 2 || e.Prior.Word == External || e.Incident.Verdict.Word == External {
			return external()
		}
		return ours
	}
	w.happens = []func(){
		func() {
			judged = 1
			if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
				t.Fatal(err)
			}
		},
	}
	d.fails("snow/create")
	if in := d.only(); in.Verdict.Word != External || in.Page.Wanted == PageTriggered {
		t.Errorf("the slow look made it %s, page %q", in.Verdict.Word, in.Page.Wanted)
	}
}

func TestALookThatIsOvertakenEachTimeEnds(t *testing.T) {
	d := newDesktop(t)
	w := &during{desktop: d}
	d.desk.Witness = w
	n := 0
	turn := func() {
		n++
		in := d.only()
		err := d.desk.decide(context.Background(), "snow", func(l *ledger) error {
			l.judge(l.byID(in.ID), Verdict{Word: Unclear, Reason: Reason(fmt.Sprint(n)), At: d.now})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.happens = []func(){turn, turn, turn, turn}
	d.fails("snow/create")
	if n != looksAtOnce || d.only().Verdict.Reason != Reason(fmt.Sprint(n)) {
		t.Errorf("it looked %d times, and %q stands", n, d.only().Verdict.Reason)
	}
}

func TestWhatAPersonDoesDuringALookStands(t *testing.T) {
	for name, act := range map[string]func(d *desktop) error{
		"overruled": func(d *desktop) error {
			_, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", External)
			return err
		},
		"resolved": func(d *desktop) error {
			_, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", "")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.desk.Witness = &during{desktop: d, happens: []func(){func() {
				if err := act(d); err != nil {
					t.Fatal(err)
				}
			}}}
			d.fails("snow/create")
			if in := d.only(); in.Page.Wanted == PageTriggered || in.Verdict.Word == Internal {
				t.Errorf("page %q, verdict %q by %q", in.Page.Wanted, in.Verdict.Word, in.Verdict.By)
			}
		})
	}
}

func TestAnotherProbeIsLookedAtAtOnce(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.verdict = Verdict{Word: Internal, Reason: ReasonCredentials, Says: "Ours: refused."}
	d.result("snow/read", partners.FailAuth, ReachFine)
	if in := d.only(); in.Verdict.Reason != ReasonCredentials || in.Page.Wanted != PageTriggered {
		t.Errorf("verdict %+v, page %q", in.Verdict, in.Page.Wanted)
	}
	looks := d.looks
	d.result("snow/read", partners.FailAuth, ReachFine)
	if d.looks != looks {
		t.Error("it is looked at with every failure")
	}
}

func TestALateAnnouncementIsToldAndTurnsNothing(t *testing.T) {
	d := newDesktop(t)
	rules := DefaultTriageRules()
	page := partners.Status{Level: partners.Operational}
	d.desk.Judge = func(e Evidence) Verdict {
		page.ReadAt = d.now
		e.At, e.Prior, e.Page = d.now, e.Incident.Verdict, PageEvidence{Configured: true, Status: page, Whole: page, LastGood: page}
		e.Controls = []Control{{Name: "one.example"}}
		e.History = []History{{Partner: "snow", Probe: "create", Runs: 100, Passed: 99, LastPass: d.now.Add(-time.Hour)}}
		return Decide(e, rules)
	}
	d.fails("snow/create")
	if v := d.only().Verdict; v.Word != Internal || v.Reason != ReasonNotAnnounced {
		t.Fatalf("at first: %+v", v)
	}
	d.later(time.Hour)
	d.fails("snow/create")
	d.landed()
	d.asked()
	page.Level, page.Incidents = partners.MajorOutage, []partners.PageIncident{{ID: "1", Name: "API errors", Level: partners.MajorOutage,
		Phase: "investigating", Began: d.now.Add(-time.Hour)}}
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	in := d.only()
	if in.Verdict.Word != Internal || !strings.Contains(in.Verdict.Says, "API errors") || in.Page.Wanted != PageTriggered || in.Post.State != PostNone {
		t.Errorf("verdict %+v, page %q, post %q", in.Verdict, in.Page.Wanted, in.Post.State)
	}
	d.wantAsked(EffectComment, EffectTicket, EffectCard, EffectThread)
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	d.wantAsked()
}

func TestCustomersReadNothingOfThePartnersOnceItIsOursToLookAt(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.verdict = Verdict{Word: Internal, Reason: ReasonNotAnnounced, Says: "Their page calls it over."}
	if err := d.desk.PageRead(context.Background(), "snow"); err != nil {
		t.Fatal(err)
	}
	in := d.only()
	last := in.Post.Updates[len(in.Post.Updates)-1]
	if in.Post.State != PostPublished || last.Phase != PhaseInvestigating || strings.Contains(last.Text, "reports") || in.Page.Wanted != PageTriggered {
		t.Errorf("post %q says %+v, page %q", in.Post.State, last, in.Page.Wanted)
	}
	if _, err := d.desk.Resolve(context.Background(), in.ID, "U1", ""); err != nil {
		t.Fatal(err)
	}
	post := d.only().Post
	if text := post.Updates[len(post.Updates)-1].Text; text != "We have closed this notice about Ticket sync." {
		t.Errorf("at its end customers read %q", text)
	}
}

func TestAPersonsVerdictOutlivesAShortRecovery(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	if _, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", External); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create", "snow/create")
	d.fails("snow/create")
	if in := d.only(); in.Outage != 2 || in.Verdict.By != "U1" || in.Page.Wanted != PageNone || in.Post.State != PostPublished {
		t.Errorf("the same again: outage %d, verdict %+v, page %q, post %q", in.Outage, in.Verdict, in.Page.Wanted, in.Post.State)
	}
	d.passes("snow/create", "snow/create")
	d.result("snow/create", partners.FailAuth, ReachFine)
	if in := d.only(); in.Verdict.By != "" || in.Page.Wanted != PageTriggered {
		t.Errorf("another failure: verdict %+v, page %q", in.Verdict, in.Page.Wanted)
	}
}

func TestANewProbeInWhatWasClosedIsTold(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	if _, err := d.desk.Resolve(context.Background(), d.only().ID, "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.asked()
	d.fails("snow/read")
	if got := d.asked(); !slices.Contains(got, EffectThread) || slices.Contains(got, EffectPage) {
		t.Errorf("asked for %q", got)
	}
	d.fails("snow/read")
	d.wantAsked()
}

func TestAPriorityIsAPersonsOnlyWhereItChangedInJira(t *testing.T) {
	snow := probing("snow", "create", "read", "list")
	snow.Probes[1].Priority, snow.Probes[2].Priority = "P2", "P1"
	d := newDesktop(t, snow)
	d.fails("snow/create")
	d.landed()
	d.fails("snow/read")
	seen := func(priority string) Incident {
		t.Helper()
		if err := d.desk.Seen(context.Background(), TicketSeen{Key: "ECO-1", Status: "Open", Priority: priority, Moved: d.now}); err != nil {
			t.Fatal(err)
		}
		return d.only()
	}
	if in := seen("P4"); in.Priority != "P2" || slices.ContainsFunc(in.Events, func(e Event) bool { return e.Kind == EventByHand }) {
		t.Errorf("nobody changed it, and it is %s: %+v", in.Priority, in.Events)
	}
	if in := seen("P3"); in.Priority != "P3" || in.Events[len(in.Events)-1].Kind != EventByHand {
		t.Errorf("a person changed it, and it is %s: %+v", in.Priority, in.Events)
	}
	d.fails("snow/read", "snow/list")
	if in := d.only(); in.Priority != "P3" {
		t.Errorf("a person's priority became %s", in.Priority)
	}
	d.landed()
	if in := seen("P3"); in.Priority != "P3" || !in.Ticket.Ranked {
		t.Errorf("after the ticket was drawn it is %+v", in.Ticket)
	}
}

func TestAMoveThatTheTicketsEffectSawFirstIsSeenAllTheSame(t *testing.T) {
	for status, want := range map[string]State{"Resolved": StateClosed, "In Progress": StateAcknowledged} {
		d := newDesktop(t)
		d.fails("snow/create")
		payload := []byte(`{"incident":"` + d.only().ID + `"}`)
		for _, is := range []string{"Open", status} { // the second by a person, before the ticket was drawn again
			if err := d.desk.Landed(context.Background(), EffectTicket, payload, []byte(`{"key":"ECO-1","status":"`+is+`"}`)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			seen := TicketSeen{Key: "ECO-1", Status: status, Done: status == "Resolved", Begun: status != "Resolved", By: "Ada", Moved: d.now}
			if err := d.desk.Seen(context.Background(), seen); err != nil {
				t.Fatal(err)
			}
		}
		if in := d.only(); in.State != want {
			t.Errorf("%s by hand, and it is %s", status, in.State)
		}
	}
}

func TestAPriorityThatAPersonChangesAtOnceIsTheirs(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	in := d.only()
	land := func() {
		t.Helper()
		payload := []byte(`{"incident":"` + in.ID + `"}`)
		if err := d.desk.Landed(context.Background(), EffectTicket, payload, []byte(`{"key":"ECO-1","status":"Open","priority":"P4"}`)); err != nil {
			t.Fatal(err)
		}
	}
	land()
	for range 2 { // the second time it is as they left it, also after the ticket was drawn again
		if err := d.desk.Seen(context.Background(), TicketSeen{Key: "ECO-1", Status: "Open", Priority: "P2", Moved: d.now}); err != nil {
			t.Fatal(err)
		}
		land()
	}
	told := 0
	for _, e := range d.only().Events {
		if e.Kind == EventByHand {
			told++
		}
	}
	if in := d.only(); in.Priority != "P2" || told != 1 {
		t.Errorf("it is %s, told %d times", in.Priority, told)
	}
}

func TestAMonthOfFlappingKeepsItsEventsAndTellsEachOnce(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	for range 200 {
		d.passes("snow/create", "snow/create")
		d.fails("snow/create")
	}
	in := d.only()
	if len(in.Events) != mostEvents || in.Outage != 201 {
		t.Errorf("%d events of %d outages", len(in.Events), in.Outage)
	}
	told, said := map[string]int{}, map[string]int{}
	for _, e := range d.effects {
		if e.Kind == EffectThread {
			var line ThreadLine
			if err := json.Unmarshal(e.Payload, &line); err != nil {
				t.Fatal(err)
			}
			told[e.Key]++
			said[string(line.Event.Kind)]++
		}
	}
	if said[string(EventRecovered)] != 200 || said[string(EventReopened)] != 200 {
		t.Errorf("told: %v", said)
	}
	for key, n := range told {
		if n > 1 {
			t.Errorf("%s was asked for %d times", key, n)
		}
	}
}

func TestAResultForWhatIsForgottenIsNoError(t *testing.T) {
	d := newDesktop(t)
	ref, err := json.Marshal(Ref{Incident: "sparky-gone-1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.desk.Landed(context.Background(), EffectCard, ref, []byte(`{"channel":"C1","ts":"1"}`)); err != nil {
		t.Errorf("got %v", err)
	}
}

// said are the kinds of what was told in the thread since it was last asked.
func (d *desktop) said() []EventKind {
	d.Helper()
	var kinds []EventKind
	for _, e := range d.effects {
		var line ThreadLine
		if e.Kind != EffectThread {
			continue
		}
		if err := json.Unmarshal(e.Payload, &line); err != nil {
			d.Fatal(err)
		}
		kinds = append(kinds, line.Event.Kind)
	}
	d.effects = nil
	return kinds
}

func TestOnlyTheVerdictIsLeftToTheLineThatCalls(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.landed()
	if got := d.said(); !slices.Equal(got, []EventKind{EventPaged}) {
		t.Errorf("at first it said %q", got)
	}
	d.mute("snow", "", time.Minute)
	d.later(2 * time.Minute)
	d.fails("snow/create")
	d.sweep()
	if got := d.said(); !slices.Equal(got, []EventKind{EventUnmuted, EventPaged}) {
		t.Errorf("after the mute it said %q", got)
	}
	for word, want := range map[Word][]EventKind{External: {EventOverruled, EventPublished}, Internal: {EventOverruled, EventPaged}} {
		d := newDesktop(t)
		if word == Internal {
			d.verdict = external()
		}
		d.fails("snow/create")
		d.landed()
		d.said()
		if _, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", word); err != nil {
			t.Fatal(err)
		}
		if word == External {
			d.land(EffectPost, Ref{Incident: d.only().ID}, PostResult{ID: "p1", Said: 1})
		}
		if got := d.said(); !slices.Equal(got, want) {
			t.Errorf("overruled to %s it said %q", word, got)
		}
	}
}

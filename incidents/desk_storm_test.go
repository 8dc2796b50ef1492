package incidents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// stormy is a desktop with so many partners, p1 and on, of one probe each; more than three at once are a storm.
func stormy(t *testing.T, count int) *desktop {
	t.Helper()
	var all []partners.Partner
	for n := range count {
		all = append(all, probing(fmt.Sprintf("p%d", n+1), "api"))
	}
	d := newDesktop(t, all...)
	d.desk.Rules.Storm = StormRules{Above: 3, Within: 5 * time.Minute}
	d.desk.Rules.Remind = []time.Duration{10 * time.Minute}
	return d
}

func (d *desktop) each(from, until int, do func(probe string)) {
	for n := from; n <= until; n++ {
		do(fmt.Sprintf("p%d/api", n))
	}
}

// storm is the one storm that there is; nil where there is none.
func (d *desktop) storm() *Incident {
	d.Helper()
	var found *Incident
	for i := range d.ledger.Incidents {
		if in := &d.ledger.Incidents[i]; in.Kind == KindStorm && !in.Storm.Began.IsZero() {
			if found != nil {
				d.Fatalf("there are two storms: %+v and %+v", *found, *in)
			}
			found = in
		}
	}
	return found
}

// count is how many effects of a kind were asked for, by the incident.
func (d *desktop) effectsOf(kind string) map[string]int {
	d.Helper()
	counts := map[string]int{}
	for _, e := range d.effects {
		if e.Kind == kind {
			counts[refOf(e.Payload).Incident]++
		}
	}
	return counts
}

func (d *desktop) stands(id, ts string) {
	d.Helper()
	ref, err := json.Marshal(Ref{Incident: id, Outage: 1})
	if err == nil {
		err = d.desk.Landed(context.Background(), EffectCard, ref, []byte(fmt.Sprintf(`{"channel":"C1","ts":%q}`, ts)))
	}
	if err != nil {
		d.Fatal(err)
	}
}

func TestThirtyPartnersAreOneMessageAndOneCall(t *testing.T) {
	d := stormy(t, 30)
	d.each(1, 30, func(probe string) { d.fails(probe) })
	s := d.storm()
	if s == nil || len(s.Storm.Members) != 30 || s.State != StateOpen {
		t.Fatalf("the storm is %+v", s)
	}
	cards := d.effectsOf(EffectCard)
	if len(cards) != 4 || cards[s.ID] == 0 || cards[d.of("p4").ID] != 0 || cards[d.of("p3").ID] == 0 {
		t.Errorf("cards were asked for of %v: those of the first three, and the storm's", cards)
	}
	if tickets := d.effectsOf(EffectTicket); len(tickets) != 30 || tickets[s.ID] != 0 {
		t.Errorf("%d have a ticket", len(tickets))
	}
	d.sweep() // those of the first three are in other partners' ledgers
	awake := 0
	for _, in := range d.ledger.Incidents {
		if in.Page.Wanted == PageTriggered {
			awake++
		}
	}
	if s = d.storm(); awake != 1 || s.Page.Wanted != PageTriggered {
		t.Errorf("%d call on-call, the storm's call is %q", awake, s.Page.Wanted)
	}
}

func TestWhatJoinsAStormStandsInItsThread(t *testing.T) {
	d := stormy(t, 8)
	d.each(1, 6, func(probe string) { d.fails(probe) })
	d.sweep()
	d.effects = nil
	d.stands(d.storm().ID, "9.1")
	if cards := d.effectsOf(EffectCard); len(cards) != 3 {
		t.Errorf("once the storm's message stands, cards are asked for of %v", cards)
	}
	d.fails("p7/api")
	for partner, want := range map[string]string{"p2": "", "p4": "9.1", "p7": "9.1"} {
		if in := d.of(partner); in.Card.Thread != want {
			t.Errorf("%s stands under %q, want %q", partner, in.Card.Thread, want)
		}
	}
	if d.effectsOf(EffectCard)[d.of("p7").ID] == 0 {
		t.Error("the card of one that joins late is not asked for")
	}
	in := d.of("p4")
	d.stands(in.ID, "9.2")
	if in = d.of("p4"); in.Card.TS != "9.2" || in.Card.Root() != "9.1" {
		t.Errorf("its card is %+v", in.Card)
	}
	d.lines()
	if _, err := d.desk.Overrule(context.Background(), in.ID, "U1", External); err != nil {
		t.Fatal(err)
	}
	d.passes("p4/api", "p4/api")
	lines := d.lines()
	if len(lines) != 1 || lines[0].Event.Kind != EventOverruled || lines[0].TS != "9.1" {
		t.Errorf("in the thread is said %+v", lines)
	}
}

func TestAStormEndsWithItsLast(t *testing.T) {
	d := stormy(t, 8)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.sweep()
	d.later(12 * time.Minute)
	d.each(1, 4, func(probe string) { d.passes(probe, probe) })
	if s := d.storm(); s.State != StateOpen || s.Storm.Tally().Over != 4 || s.Page.Wanted != PageTriggered {
		t.Fatalf("with one left it is %s, %+v", s.State, s.Storm.Tally())
	}
	d.passes("p5/api", "p5/api")
	s := d.storm()
	last := s.Events[len(s.Events)-1]
	if s.State != StateRecovered || s.Page.Wanted != PageResolved || last.Kind != EventRecovered || !strings.Contains(last.Text, "all 5 work again") || !strings.Contains(last.Text, "12 min") {
		t.Errorf("it is %s, its page %q, and says %q", s.State, s.Page.Wanted, last.Text)
	}
	d.fails("p5/api")
	if s = d.storm(); s.State != StateOpen || s.Outage != 2 || s.Page.Wanted != PageTriggered {
		t.Errorf("what comes back is told in the storm again, which is %s, its call %q", s.State, s.Page.Wanted)
	}
}

func TestLongAfterAStormAFailureIsItsOwn(t *testing.T) {
	d := stormy(t, 8)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.later(20 * time.Minute)
	d.fails("p8/api")
	if in := d.of("p8"); in.Card.Storm != "" || in.Page.Wanted != PageTriggered {
		t.Errorf("got card %+v, page %q", in.Card, in.Page.Wanted)
	}
}

func TestWhoTakesAStormTakesAllOfIt(t *testing.T) {
	d := stormy(t, 6)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.sweep()
	answer, err := d.desk.Acknowledge(context.Background(), d.storm().ID, "U1")
	if err != nil || !answer.Changed {
		t.Fatal(answer, err)
	}
	for n := 1; n <= 5; n++ {
		if in := d.of(fmt.Sprintf("p%d", n)); in.State != StateAcknowledged || in.Acknowledged.By != "U1" {
			t.Errorf("%s is %s", in.Partner, in.State)
		}
	}
	if s := d.storm(); s.Page.Wanted != PageAcknowledged {
		t.Errorf("its call is %q", s.Page.Wanted)
	}
	if again, err := d.desk.Acknowledge(context.Background(), d.storm().ID, "U2"); err != nil || again.Changed || again.First.By != "U1" {
		t.Errorf("the second hears %+v, %v", again, err)
	}
	d.fails("p6/api")
	if s := d.storm(); s.Page.Wanted != PageAcknowledged || d.of("p6").Page.Wanted != PageNone {
		t.Error("who is awake is called again")
	}
	if _, err := d.desk.Resolve(context.Background(), d.storm().ID, "U1", ""); !errors.Is(err, ErrNoIncident) {
		t.Errorf("a storm was resolved: %v", err)
	}
}

// inHand is a storm of five whose message and cards stand, and that U1 has taken.
func inHand(t *testing.T) *desktop {
	t.Helper()
	d := stormy(t, 10)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.sweep()
	d.stands(d.storm().ID, "9.1")
	d.stands(d.of("p4").ID, "9.4")
	if _, err := d.desk.Acknowledge(context.Background(), d.storm().ID, "U1"); err != nil {
		t.Fatal(err)
	}
	return d
}

// mentions are the lines that mention on-call, of these incidents.
func (d *desktop) mentions(ids ...string) (n int) {
	d.Helper()
	for _, line := range d.lines() {
		if slices.Contains(ids, line.Incident) && line.Mention != "" {
			n++
		}
	}
	return n
}

func TestWhatComesBackInAStormInHandCallsByItself(t *testing.T) {
	for name, apart := range map[string]time.Duration{"long after": 20 * time.Minute, "at once": time.Minute} {
		d := inHand(t)
		d.later(apart)
		d.passes("p4/api", "p4/api")
		d.lines()
		d.fails("p4/api")
		in := d.of("p4")
		if in.State != StateOpen || in.Page.Wanted != PageTriggered || d.mentions(in.ID) != 1 {
			t.Errorf("%s: it is %s, its call %q", name, in.State, in.Page.Wanted)
		}
		if s := d.storm(); s.State != StateAcknowledged || s.Storm.member(in.ID) != nil || s.Page.Wanted != PageAcknowledged {
			t.Errorf("%s: the storm is %s, its call %q, of %+v", name, s.State, s.Page.Wanted, s.Storm.Members)
		}
		d.later(11 * time.Minute)
		d.fails("p4/api")
		d.sweep()
		if n := d.mentions(in.ID); n != 1 {
			t.Errorf("%s: %d reminders", name, n)
		}
	}
}

func TestWhatComesBackByAPersonsWordCallsAtOnce(t *testing.T) {
	d := inHand(t)
	if _, err := d.desk.Overrule(context.Background(), d.of("p4").ID, "U1", Internal); err != nil {
		t.Fatal(err)
	}
	d.passes("p4/api", "p4/api")
	d.fails("p4/api")
	if in := d.of("p4"); in.Verdict.By != "U1" || in.Page.Wanted != PageTriggered {
		t.Errorf("its call is %q, its verdict %+v", in.Page.Wanted, in.Verdict)
	}
}

func TestACardWaitsForNoStormThatItLeft(t *testing.T) {
	d := stormy(t, 8)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	if _, err := d.desk.Acknowledge(context.Background(), d.storm().ID, "U1"); err != nil {
		t.Fatal(err)
	}
	d.passes("p4/api", "p4/api")
	d.effects = nil
	d.fails("p4/api")
	if in := d.of("p4"); in.Card.Storm != "" || d.effectsOf(EffectCard)[in.ID] == 0 {
		t.Errorf("its card waits for ever: %+v", in.Card)
	}
}

func TestManyThatComeBackInAStormInHandAreANewOne(t *testing.T) {
	d := inHand(t)
	first := d.storm().ID
	d.later(10 * time.Minute)
	d.each(1, 4, func(probe string) { d.passes(probe, probe) })
	d.each(1, 4, func(probe string) { d.fails(probe) })
	d.sweep()
	calls := 0
	for _, in := range d.ledger.Incidents {
		if in.Page.Wanted == PageTriggered {
			calls++
			if in.Kind != KindStorm || in.ID == first || len(in.Storm.Members) != 4 {
				t.Errorf("calling: %+v", in)
			}
		}
	}
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

// TestACallLongAfterAStormIsHeard has a failure outlast by days the storm that it was part of, closed by hand.
func TestACallLongAfterAStormIsHeard(t *testing.T) {
	d := inHand(t)
	in := d.of("p4")
	if _, err := d.desk.Resolve(context.Background(), in.ID, "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.ledger.Incidents = slices.DeleteFunc(d.ledger.Incidents, func(s Incident) bool { return s.Kind == KindStorm }) // over for a day
	d.passes("p4/api", "p4/api")
	d.lines()
	d.fails("p4/api")
	if n := d.mentions(in.ID); n != 1 {
		t.Errorf("%d calls are said", n)
	}
}

// TestACallIsMadeAnewWhereEachWasTakenByItself: an alert that PagerDuty knows as acknowledged calls nobody by being sent
// again, so it has to be over before the next.
func TestACallIsMadeAnewWhereEachWasTakenByItself(t *testing.T) {
	d := stormy(t, 6)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.sweep()
	for n := 1; n <= 5; n++ {
		if _, err := d.desk.Acknowledge(context.Background(), d.of(fmt.Sprintf("p%d", n)).ID, "U1"); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.storm(); s.State != StateOpen || s.Page.Wanted != PageResolved {
		t.Errorf("with all of it taken it is %s, its call %q", s.State, s.Page.Wanted)
	}
	d.fails("p6/api")
	d.sweep()
	if s := d.storm(); s.Page.Wanted != PageTriggered {
		t.Errorf("the call for the sixth is %q", s.Page.Wanted)
	}
}

func TestACallForAStormEndsWhereAllOfItIsTheirs(t *testing.T) {
	d := stormy(t, 5)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.sweep()
	for n := 1; n <= 5; n++ {
		if s := d.storm(); s.Page.Wanted != PageTriggered {
			t.Fatalf("the call is %q before the last", s.Page.Wanted)
		}
		if _, err := d.desk.Overrule(context.Background(), d.of(fmt.Sprintf("p%d", n)).ID, "U1", External); err != nil {
			t.Fatal(err)
		}
	}
	if s := d.storm(); s.Page.Wanted != PageResolved || s.State != StateOpen {
		t.Errorf("the call is %q, the storm %s", s.Page.Wanted, s.State)
	}
}

func TestAStormThatNobodyTakesIsBroughtUpAgain(t *testing.T) {
	d := stormy(t, 5)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.stands(d.storm().ID, "9.1")
	d.lines()
	d.later(11 * time.Minute)
	d.sweep()
	lines := slices.DeleteFunc(d.lines(), func(l ThreadLine) bool { return l.Event.Kind != EventReminded })
	if len(lines) != 1 || lines[0].Mention != "S0ONCALL" || lines[0].TS != "9.1" {
		t.Errorf("got %+v", lines)
	}
}

func TestAFewFailuresLeaveNothingBehind(t *testing.T) {
	d := stormy(t, 5)
	d.each(1, 3, func(probe string) { d.fails(probe) })
	d.later(6 * time.Minute)
	d.sweep()
	if len(d.ledger.Incidents) != 3 || d.storm() != nil {
		t.Errorf("left are %+v", d.ledger.Incidents)
	}
	for n := 1; n <= 3; n++ {
		if in := d.of(fmt.Sprintf("p%d", n)); in.Page.Wanted != PageTriggered || in.Card.Storm != "" {
			t.Errorf("%s: %q, %+v", in.Partner, in.Page.Wanted, in.Card)
		}
	}
}

func TestOurNetworkIsNoStorm(t *testing.T) {
	d := stormy(t, 8)
	d.each(1, 8, func(probe string) { d.result(probe, partners.FailConnect, ReachDown) })
	if s := d.storm(); s != nil {
		t.Errorf("got %+v", *s)
	}
}

func TestAStormExplainsNoFigure(t *testing.T) {
	d := stormy(t, 6)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.effects = nil
	m := Measure{Partner: "p6", ID: "p95", Probe: "api", Source: "the probe api", At: d.now, Known: true, Past: true, Text: "p95 is 3 s"}
	if _, err := d.desk.Measured(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	d.wantAsked(EffectWarning)
}

package incidents

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

// told is what was done since it was last asked for, each act in one line.
func (d *desktop) told() []string {
	d.Helper()
	var lines []string
	for _, a := range d.ledger.Acts {
		if a.At.IsZero() || a.Origin == "" || len(a.Reason) > 4*longestActReason || strings.ContainsRune(a.Reason, '\n') {
			d.Errorf("an act is not fit to be kept: %+v", a)
		}
		target := a.Target
		if strings.HasPrefix(target, "sparky-") {
			target = "it"
		}
		lines = append(lines, fmt.Sprintf("%s/%s: %s %s %s: %s", a.Actor, a.Origin, a.Did, a.Partner, target, a.Reason))
	}
	d.ledger.Acts = nil
	return lines
}

func (d *desktop) wantActs(want ...string) {
	d.Helper()
	if diff := cmp.Diff(want, d.told()); diff != "" {
		d.Errorf("what was done (-want +got):\n%s", diff)
	}
}

// as is a context in which somebody does something.
func as(actor string, origin Origin) context.Context {
	return WithDoer(context.Background(), Doer{Actor: actor, Origin: origin})
}

func TestWhatIsDoneToAnIncidentIsNoted(t *testing.T) {
	d := newDesktop(t)
	d.wantActs()
	d.fails("snow/create")
	d.wantActs("/schedule: opened snow it: it answered with server", "/schedule: judged snow it: internal: Looks like theirs.",
		"/schedule: paged snow it: Looks like theirs.")
	ref := d.only().ID
	d.fails("snow/create", "snow/read")
	d.wantActs()

	d.land(EffectTicket, Ref{Incident: ref}, Ticket{Key: "ECO-1"})
	d.land(EffectTicket, Ref{Incident: ref}, Ticket{Key: "ECO-1"})
	d.wantActs("/schedule: ticketed snow it: ")

	for range 2 {
		if _, err := d.desk.Acknowledge(as("U1", ByButton), "ECO-1", "U1"); err != nil {
			t.Fatal(err)
		}
	}
	d.wantActs("U1/button: acknowledged snow it: ")

	if _, err := d.desk.Overrule(as("U2", ByCommand), "ECO-1", "U2", External); err != nil {
		t.Fatal(err)
	}
	d.wantActs("U2/command: overruled snow it: Snow's, by a person's word.", "/command: page ended snow it: Snow's, by a person's word.")
	d.land(EffectPost, Ref{Incident: ref}, PostResult{ID: "p1", Said: 1})
	d.land(EffectPost, Ref{Incident: ref}, PostResult{ID: "p1", Said: 1})
	d.wantActs("/schedule: published snow it: Snow's, by a person's word.")

	d.passes("snow/create", "snow/create", "snow/read", "snow/read")
	d.wantActs("/schedule: recovered snow it: Over: it works again.", "/schedule: post resolved snow it: Over: it works again.")
}

func TestWhatAPersonWroteStandsInTheAudit(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	ref := d.only().ID
	d.told()
	d.ledger.Incidents[0].Post.State = PostProposed
	if _, err := d.desk.Publish(as("U1", ByButton), ref, "U1", "Ticket sync\nis slow."); err != nil {
		t.Fatal(err)
	}
	d.wantActs("U1/button: published snow it: Ticket sync is slow.")
	if _, err := d.desk.Resolve(as("U2", ByTerminal), ref, "U2", "it was a typo\nin the port."); err != nil {
		t.Fatal(err)
	}
	if got := d.told(); len(got) == 0 || got[0] != "U2/terminal: resolved snow it: it was a typo in the port" {
		t.Errorf("what was done: %q", got)
	}
}

// land has an effect end with a result.
func (d *desktop) land(kind string, ref Ref, result any) {
	d.Helper()
	payload, err := json.Marshal(ref)
	if err != nil {
		d.Fatal(err)
	}
	encoded, err := json.Marshal(result)
	if err == nil {
		err = d.desk.Landed(context.Background(), kind, payload, encoded)
	}
	if err != nil {
		d.Fatal(err)
	}
}

func TestMutesAreNotedAsThoseWhoMadeThem(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.told()
	until := d.now.Add(2 * time.Hour)
	mute := Mute{Partner: "snow", Until: until, By: "U1", Reason: "planned\nupgrade"}
	if _, err := d.desk.Mute(as("U1", ByCommand), mute); err != nil {
		t.Fatal(err)
	}
	d.wantActs("U1/command: muted snow snow: until "+stamp(until, d.now)+": planned upgrade", "/command: page ended snow it: Muted: planned upgrade.")
	mute.Probe, mute.Reason = "create", ""
	if _, err := d.desk.Mute(as("U1", ByButton), mute); err != nil {
		t.Fatal(err)
	}
	d.wantActs("U1/button: muted snow snow/create: until " + stamp(until, d.now))
	if _, err := d.desk.Unmute(as("U2", ByHome), "snow", "", "U2"); err != nil {
		t.Fatal(err)
	}
	d.wantActs("U2/home: unmuted snow snow: ", "U2/home: unmuted snow snow/create: ", "/home: paged snow it: Looks like theirs.")
	if _, err := d.desk.Unmute(as("U2", ByHome), "snow", "", "U2"); err != nil {
		t.Fatal(err)
	}
	d.wantActs()
}

func TestAMuteThatEndsByItselfIsLiftedByNobody(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	if _, err := d.desk.Mute(as("U1", ByCommand), Mute{Partner: "snow", Until: d.now.Add(time.Minute), By: "U1"}); err != nil {
		t.Fatal(err)
	}
	d.told()
	d.later(2 * time.Minute)
	if err := d.desk.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	d.wantActs("/schedule: unmuted snow it: The mute has ended.", "/schedule: paged snow it: Looks like theirs.")
}

func TestWhatPeopleDoElsewhereIsNotedAsTheirs(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	ref := d.only().ID
	d.land(EffectTicket, Ref{Incident: ref}, Ticket{Key: "ECO-1", Status: "Open", Priority: "P4"})
	d.told()
	seen := func(s TicketSeen) {
		t.Helper()
		s.Key, s.Moved = "ECO-1", d.now
		for range 2 {
			if err := d.desk.Seen(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen(TicketSeen{Status: "Open", Priority: "P4"})
	d.wantActs()
	seen(TicketSeen{Status: "Open", Priority: "P1"})
	d.wantActs("somebody/jira: changed snow it: In Jira its priority is P1 now.")
	seen(TicketSeen{Status: "In Progress", Begun: true, By: "Chidi Ruiz", Priority: "P1"})
	d.wantActs("Chidi Ruiz/jira: acknowledged snow it: ")
	seen(TicketSeen{Status: "Done", Done: true, By: "Chidi Ruiz", Priority: "P1"})
	d.wantActs("Chidi Ruiz/jira: resolved snow it: ",
		"/jira: page ended snow it: Resolved in Jira while it still fails. The call to on-call is ended, and nothing new is opened while the same failure lasts.")
}

func TestAPostThatWasEditedAndATicketThatIsGone(t *testing.T) {
	d := newDesktop(t)
	d.verdict = Verdict{Word: External, Reason: ReasonAnnounced, Says: "Theirs: they report it."}
	d.fails("snow/create")
	ref := d.only().ID
	d.land(EffectTicket, Ref{Incident: ref}, Ticket{Key: "ECO-1", Status: "Open"})
	d.told()
	for range 2 {
		d.land(EffectPost, Ref{Incident: ref}, PostResult{ID: "1", ByHand: true})
		if err := d.desk.Seen(context.Background(), TicketSeen{Key: "ECO-1", Gone: true}); err != nil {
			t.Fatal(err)
		}
	}
	d.wantActs("somebody/statuspage: changed snow it: The post was edited there, so I leave it as it is.",
		"somebody/jira: changed snow it: The ticket is gone, so I leave it at that.")
}

func TestNothingIsNotedTwiceHoweverLongAnIncidentLives(t *testing.T) {
	d := newDesktop(t)
	for n := range mostEvents {
		d.fails("snow/create")
		d.passes("snow/create", "snow/create")
		opened, ended := 0, 0
		for _, a := range d.ledger.Acts {
			switch a.Did {
			case DidOpen, DidReopen:
				opened++
			case DidEnd:
				ended++
			}
		}
		if opened != 1 || ended != 1 {
			t.Fatalf("in round %d it is noted as opened %d times and as over %d times", n, opened, ended)
		}
		d.told()
	}
	if d.only().Forgotten == 0 {
		t.Error("the incident forgot none of its events, so this showed nothing")
	}
}

func TestOurNetworksIncidentTakesOthersIn(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailConnect, ReachUnknown)
	d.told()
	d.result("okta/org", partners.FailConnect, ReachDown)
	got := strings.Join(d.told(), "\n")
	for _, want := range []string{"/schedule: opened  it: ", "/schedule: folded snow it: This is part of the trouble with our own network"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told:\n%s", want, got)
		}
	}
}

func TestATrialsIncident(t *testing.T) {
	d := newDesktop(t)
	trial := Trial{Run: "r1", Partner: "snow", Version: "v3", At: d.now}
	for range 2 {
		if err := d.desk.Tried(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	d.wantActs("/schedule: opened snow it: The compatibility run of Snow v3 failed. Whether our integration works with that version is not known.")
	trial.Run, trial.Passed = "r2", true
	if err := d.desk.Tried(context.Background(), trial); err != nil {
		t.Fatal(err)
	}
	d.wantActs() // how a run ended is told with the run
}

func TestNobodyIsSparkyUnasked(t *testing.T) {
	if got := DoerOf(context.Background()); got != (Doer{Origin: BySchedule}) {
		t.Errorf("got %+v", got)
	}
	if got := DoerOf(as("U1", ByHome)); got != (Doer{Actor: "U1", Origin: ByHome}) {
		t.Errorf("got %+v", got)
	}
}

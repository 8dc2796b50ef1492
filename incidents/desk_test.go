package incidents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
	"sparky/partners"
)

// memory keeps everything in this process, through JSON as a database would.
type memory struct {
	ledger  Ledger
	effects []Effect
	keys    map[string]bool
	fails   error
}

func (m *memory) Decide(_ context.Context, partner string, decide func(*Ledger) ([]Effect, error)) error {
	if m.fails != nil {
		return m.fails
	}
	var own Ledger
	encoded, err := json.Marshal(m.ledger)
	if err == nil {
		err = json.Unmarshal(encoded, &own)
	}
	if err != nil {
		return err
	}
	all := own
	all.Probes = maps.Clone(own.Probes)
	if partner != "" {
		maps.DeleteFunc(own.Probes, func(_ string, s ProbeState) bool { return s.Partner != partner })
		own.Incidents = slices.DeleteFunc(slices.Clone(own.Incidents), func(i Incident) bool { return i.Kind == KindProbe && i.Partner != partner })
		own.Mutes = slices.DeleteFunc(slices.Clone(own.Mutes), func(x Mute) bool { return x.Partner != partner })
	}
	rest := slices.DeleteFunc(slices.Clone(all.Incidents), func(i Incident) bool { return own.byID(i.ID) != nil })
	others := slices.DeleteFunc(slices.Clone(all.Mutes), func(x Mute) bool { return partner == "" || x.Partner == partner })
	effects, err := decide(&own)
	if err != nil {
		return err
	}
	for _, in := range own.Incidents {
		if partner != "" && in.Partner != "" && in.Partner != partner || slices.ContainsFunc(rest, func(i Incident) bool { return i.ID == in.ID }) {
			return fmt.Errorf("%s may not be changed for %q", in.ID, partner)
		}
	}
	for key, state := range all.Probes {
		if _, shown := own.Probes[key]; !shown && partner != "" && state.Partner != partner {
			if own.Probes == nil {
				own.Probes = map[string]ProbeState{}
			}
			own.Probes[key] = state
		}
	}
	own.Incidents = append(own.Incidents, rest...)
	own.Mutes = append(own.Mutes, others...)
	m.ledger = own
	for _, e := range effects {
		if e.Picture || !m.keys[e.Key] {
			m.effects = append(m.effects, e)
		}
		m.keys[e.Key] = true
	}
	return nil
}

func (m *memory) Incident(_ context.Context, ref string) (Incident, error) {
	for _, in := range m.ledger.Incidents {
		if in.ID == ref || in.Ticket.Key != "" && in.Ticket.Key == ref {
			return in, nil
		}
	}
	return Incident{}, ErrNoIncident
}

// desktop is a desk with everything that it needs, and a clock that the test moves.
type desktop struct {
	*testing.T
	*memory
	desk    *Desk
	now     time.Time
	verdict Verdict
	looks   int
}

func (d *desktop) Gather(_ context.Context, in Incident) Evidence {
	d.looks++
	return Evidence{Incident: in}
}

func probing(id string, probes ...string) partners.Partner {
	p := partners.Partner{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Affects: []string{"Ticket sync"}}
	for _, probe := range probes {
		p.Probes = append(p.Probes, partners.ProbeConfig{ID: probe, Priority: "P4", Every: setting.Duration(5 * time.Minute)})
	}
	return p
}

func newDesktop(t *testing.T, all ...partners.Partner) *desktop {
	t.Helper()
	if len(all) == 0 {
		all = []partners.Partner{probing("snow", "create", "read", "list"), probing("okta", "org"), probing("workday", "workers"), probing("github", "meta"), probing("teams", "card")}
	}
	d := &desktop{T: t, memory: &memory{keys: map[string]bool{}}, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		verdict: Verdict{Word: Internal, Reason: ReasonNotAnnounced, Says: "Looks like theirs.", At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}}
	d.desk = NewDesk(Options{Memory: d.memory, Witness: d, Judge: func(Evidence) Verdict { return d.verdict }, Partners: all,
		Now: func() time.Time { return d.now },
		Rules: Rules{RecoverAfter: 2, ReopenWithin: 30 * time.Minute, LagWindow: 45 * time.Minute, LookEvery: 2 * time.Minute,
			Offices: Offices{Tickets: true, Pager: true, Mention: "S0ONCALL", Public: true}}})
	for _, p := range all {
		for _, probe := range p.Probes {
			d.result(p.ID+"/"+probe.ID, "", ReachFine) // it has worked before
		}
	}
	d.effects = nil
	return d
}

// result is one run of a probe, five minutes after whatever happened last; class is empty for a pass.
func (d *desktop) result(probe string, class partners.FailureClass, reach Reach) Reaction {
	d.Helper()
	partner, id, _ := strings.Cut(probe, "/")
	r := partners.ProbeResult{Partner: partner, Probe: id, At: d.now, Took: time.Second, Class: class}
	if class != "" {
		r.Problem = fmt.Sprintf("it answered with %s", class)
	}
	d.now = d.now.Add(time.Second)
	reaction, err := d.desk.Probed(context.Background(), r, reach)
	if err != nil {
		d.Fatal(err)
	}
	if reaction.Triage {
		if err := d.desk.Triage(context.Background(), reaction.Incident); err != nil {
			d.Fatal(err)
		}
	}
	return reaction
}

func (d *desktop) fails(probes ...string) {
	d.Helper()
	for _, p := range probes {
		d.result(p, partners.FailServer, ReachFine)
	}
}

func (d *desktop) passes(probes ...string) {
	d.Helper()
	for _, p := range probes {
		d.result(p, "", ReachFine)
	}
}

func (d *desktop) later(by time.Duration) { d.now = d.now.Add(by) }

// only is the one incident that there is.
func (d *desktop) only() Incident {
	d.Helper()
	if len(d.ledger.Incidents) != 1 {
		d.Fatalf("there are %d incidents: %+v", len(d.ledger.Incidents), d.ledger.Incidents)
	}
	return d.ledger.Incidents[0]
}

// asked are the kinds of the effects that were asked for since it was last called.
func (d *desktop) asked() []string {
	var kinds []string
	for _, e := range d.effects {
		kinds = append(kinds, e.Kind)
	}
	d.effects = nil
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (d *desktop) wantAsked(want ...string) {
	d.Helper()
	if got := d.asked(); !slices.Equal(got, want) {
		d.Errorf("asked for %q, want %q", got, want)
	}
}

// landed tells the desk where card and ticket stand.
func (d *desktop) landed() {
	d.Helper()
	ref, err := json.Marshal(Ref{Incident: d.only().ID})
	if err != nil {
		d.Fatal(err)
	}
	for kind, result := range map[string]string{
		EffectCard:   `{"channel":"C1","ts":"1.2"}`,
		EffectTicket: `{"key":"ECO-1","url":"https://jira.example/browse/ECO-1","status":"Open"}`,
	} {
		if err := d.desk.Landed(context.Background(), kind, ref, []byte(result)); err != nil {
			d.Fatal(err)
		}
	}
}

func TestTheFirstFailureOpensAnIncident(t *testing.T) {
	d := newDesktop(t)
	r := d.result("snow/create", partners.FailServer, ReachFine)
	in := d.only()
	if in.ID != r.Incident || in.State != StateOpen || in.Priority != "P4" || in.Name != "Snow" || in.Outage != 1 || in.Already {
		t.Errorf("got %+v", in)
	}
	if len(in.Probes) != 1 || in.Probes[0].Last.Problem != "it answered with server" {
		t.Errorf("its probes are %+v", in.Probes)
	}
	d.wantAsked(EffectTicket, EffectPage, EffectCard)
}

func TestAFailureThatLastsAddsNothing(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.asked()
	for range 10 {
		d.later(5 * time.Minute)
		d.fails("snow/create")
	}
	d.wantAsked()
	if f := d.only().Probes[0]; f.Fails != 11 {
		t.Errorf("it failed %d times", f.Fails)
	}
}

func TestProbesOfOnePartnerAreOneIncident(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create", "snow/read", "snow/list")
	if in := d.only(); len(in.Probes) != 3 {
		t.Errorf("its probes are %+v", in.Probes)
	}
	d.fails("okta/org")
	if n := len(d.ledger.Incidents); n != 2 {
		t.Errorf("two partners have %d incidents", n)
	}
}

func TestRecoveryTakesTwoPassesOfEachProbe(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create", "snow/read")
	d.passes("snow/create", "snow/create", "snow/read")
	if in := d.only(); in.State != StateOpen {
		t.Fatalf("it is %s after one pass of the second probe", in.State)
	}
	d.asked()
	d.passes("snow/read")
	in := d.only()
	if in.State != StateRecovered || in.Page.Wanted != PageResolved || in.Ended.IsZero() {
		t.Errorf("got %+v", in)
	}
	d.wantAsked(EffectTicket, EffectPage, EffectCard)
}

func TestAPassBetweenFailuresIsNoRecovery(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	for range 5 {
		d.passes("snow/create")
		d.fails("snow/create")
	}
	if in := d.only(); in.State != StateOpen || in.Outage != 1 {
		t.Errorf("got %s, outage %d", in.State, in.Outage)
	}
}

func TestAFailureSoonAfterARecoveryIsTheSameIncident(t *testing.T) {
	d := newDesktop(t)
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	d.later(29 * time.Minute)
	d.fails("snow/create")
	in := d.only()
	if in.State != StateOpen || in.Outage != 2 || in.Verdict.Word != Internal || in.Page.Wanted != PageTriggered {
		t.Errorf("got %+v", in)
	}
	d.passes("snow/create", "snow/create")
	d.later(31 * time.Minute)
	d.fails("snow/create")
	if n := len(d.ledger.Incidents); n != 2 {
		t.Errorf("half an hour later there are %d incidents", n)
	}
}

func TestAnOutageFromBeforeIsNotNew(t *testing.T) {
	for name, since := range map[string]time.Duration{"never looked": -1, "long ago": 20 * time.Minute, "just now": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			if since < 0 {
				d.ledger.Probes = nil
			} else {
				d.later(since)
			}
			d.fails("snow/create")
			if got, want := d.only().Already, name != "just now"; got != want {
				t.Errorf("already failing: %v, want %v", got, want)
			}
		})
	}
}

func TestWhatWasNotTriedTellsNothing(t *testing.T) {
	d := newDesktop(t)
	d.result("snow/create", partners.FailNotTried, ReachFine)
	if len(d.ledger.Incidents) != 0 {
		t.Errorf("it opened %+v", d.ledger.Incidents)
	}
	d.fails("snow/create")
	d.passes("snow/create")
	d.result("snow/create", partners.FailNotTried, ReachFine)
	d.passes("snow/create")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("it is %s", in.State)
	}
}

func TestAMemoryThatFailsIsSaid(t *testing.T) {
	d := newDesktop(t)
	d.memory.fails = errors.New("disk full")
	_, err := d.desk.Probed(context.Background(), partners.ProbeResult{Partner: "snow", Probe: "create", Class: partners.FailServer}, ReachFine)
	if err == nil || !strings.Contains(err.Error(), "snow/create") || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func TestACertificateThatEndsSoonIsToldOnce(t *testing.T) {
	d := newDesktop(t)
	ends := d.now.AddDate(0, 0, 11)
	warned := func(text string, expires time.Time) {
		t.Helper()
		d.later(5 * time.Minute)
		r := partners.ProbeResult{Partner: "snow", Probe: "create", At: d.now, Warning: text, Expires: expires}
		if _, err := d.desk.Probed(context.Background(), r, ReachFine); err != nil {
			t.Fatal(err)
		}
	}
	warned("ends in 11 days", ends)
	warned("ends in 10 days", ends)
	d.wantAsked(EffectWarning)
	warned("", time.Time{})
	warned("ends in 90 days", ends.AddDate(0, 3, 0))
	d.wantAsked(EffectWarning)
}

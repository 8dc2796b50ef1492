package incidents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sparky/partners"
)

// life is a desk to which anything may happen, and what it has asked for.
type life struct {
	*rapid.T
	*desktop
	deeds     map[string][]byte    // by key
	paged     map[string]PageState // what the pager was sent, by dedup key
	waiting   map[string]Ref       // pages that were not carried out yet
	published map[string]bool      // incidents whose post was
	allowed   map[string]bool      // those with a verdict or a word of a person that lets it
	all       []partners.Partner   // as configured at first
	mode      struct{ controls, approve bool }
}

func newLife(t *testing.T, r *rapid.T) *life {
	all := []partners.Partner{probing("snow", "create", "read"), probing("okta", "org"), probing("workday", "workers")}
	d := newDesktop(t, all...)
	l := &life{T: r, desktop: d, all: all, deeds: map[string][]byte{}, paged: map[string]PageState{}, waiting: map[string]Ref{},
		published: map[string]bool{}, allowed: map[string]bool{}}
	l.mode.controls, l.mode.approve = rapid.Bool().Draw(r, "controls"), rapid.Bool().Draw(r, "approve")
	d.desk.Rules.Offices.Approve = l.mode.approve
	return l
}

func (l *life) must(err error) {
	if err != nil && !errors.Is(err, ErrOver) && !errors.Is(err, ErrNoPost) && !errors.Is(err, ErrNoIncident) {
		l.T.Fatal(err)
	}
}

func (l *life) probes() []string {
	return []string{"snow/create", "snow/read", "okta/org", "workday/workers"}
}

func (l *life) some() (id string) {
	if n := len(l.ledger.Incidents); n > 0 {
		return l.ledger.Incidents[rapid.IntRange(0, n-1).Draw(l.T, "incident")].ID
	}
	return "none"
}

func (l *life) run(probe string, class partners.FailureClass) {
	partner, id, _ := strings.Cut(probe, "/")
	r := partners.ProbeResult{Partner: partner, Probe: id, At: l.now, Took: time.Second, Class: class}
	l.now = l.now.Add(time.Second)
	reach := ReachUnknown
	if l.mode.controls && r.AtNetwork() {
		reach = rapid.SampledFrom([]Reach{ReachFine, ReachDown}).Draw(l.T, "reach")
	}
	reaction, err := l.desk.Probed(context.Background(), r, reach)
	l.must(err)
	if reaction.Triage && rapid.IntRange(0, 9).Draw(l.T, "crash") > 0 {
		l.must(l.desk.Triage(context.Background(), reaction.Incident))
	}
}

// happen lets one thing happen.
func (l *life) happen() {
	ctx := context.Background()
	switch rapid.IntRange(0, 15).Draw(l.T, "what") {
	case 0, 1, 2, 3, 4:
		classes := []partners.FailureClass{"", "", "", partners.FailServer, partners.FailConnect, partners.FailConnect, partners.FailAuth, partners.FailNotTried}
		l.run(rapid.SampledFrom(l.probes()).Draw(l.T, "probe"), rapid.SampledFrom(classes).Draw(l.T, "class"))
	case 5, 6:
		l.later(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour}).Draw(l.T, "later"))
	case 7, 8:
		l.must(l.desk.Sweep(ctx))
		l.swept()
	case 9:
		l.verdict = rapid.SampledFrom([]Verdict{external(), {Word: Internal, Reason: ReasonNotAnnounced, Lean: LeanTheirs},
			{Word: Internal, Reason: ReasonThrottled}, {Word: Unclear, Reason: ReasonPageUnread}, networkVerdict(l.now, "no answer")}).Draw(l.T, "verdict")
		l.verdict.At = l.now
		l.must(l.desk.PageRead(ctx, rapid.SampledFrom([]string{"snow", "okta", "workday"}).Draw(l.T, "page of")))
	case 10:
		partner, probe, _ := strings.Cut(rapid.SampledFrom([]string{"snow/create", "snow/", "okta/"}).Draw(l.T, "target"), "/")
		if rapid.Bool().Draw(l.T, "unmute") {
			_, err := l.desk.Unmute(ctx, partner, probe, "U1")
			l.must(err)
			return
		}
		_, err := l.desk.Mute(ctx, Mute{Partner: partner, Probe: probe, Until: l.now.Add(30 * time.Minute), By: "U1"})
		l.must(err)
	case 11:
		act := rapid.SampledFrom([]func(context.Context, string, string) (Answer, error){l.desk.Acknowledge,
			func(ctx context.Context, ref, by string) (Answer, error) {
				return l.desk.Resolve(ctx, ref, by, "a slip")
			},
			func(ctx context.Context, ref, by string) (Answer, error) {
				return l.desk.Publish(ctx, ref, by, "We are on it.")
			},
			l.desk.Decline}).Draw(l.T, "act")
		_, err := act(ctx, l.some(), "U1")
		l.must(err)
	case 12:
		_, err := l.desk.Overrule(ctx, l.some(), "U1", rapid.SampledFrom([]Word{External, Internal}).Draw(l.T, "word"))
		l.must(err)
	case 13:
		l.desk = NewDesk(l.desk.Options)
	case 14:
		l.carryOut()
	default:
		l.inJira()
	}
}

func (l *life) inJira() {
	id := l.some()
	ref, err := json.Marshal(Ref{Incident: id})
	l.must(err)
	l.must(l.desk.Landed(context.Background(), EffectTicket, ref, []byte(`{"key":"K-`+id+`","status":"Open"}`)))
	l.must(l.desk.Landed(context.Background(), EffectCard, ref, []byte(`{"channel":"C1","ts":"1"}`)))
	seen := rapid.SampledFrom([]TicketSeen{{Status: "Open", Priority: "P4"}, {Status: "Doing", Begun: true}, {Status: "Done", Done: true}, {Gone: true}}).Draw(l.T, "seen")
	seen.Key, seen.Moved = "K-"+id, l.now
	l.must(l.desk.Seen(context.Background(), seen))
}

// carryOut is what the pager does with the pages that wait: an outage that another one has followed is over.
func (l *life) carryOut() {
	for key, ref := range l.waiting {
		in, err := l.Incident(context.Background(), ref.Incident)
		l.must(err)
		wanted := in.Page.Wanted
		if ref.Outage < in.Outage {
			wanted = PageResolved
		}
		if wanted == PageTriggered || l.paged[key] != PageNone {
			l.paged[key] = wanted
		}
	}
	clear(l.waiting)
}

// note takes what was asked for since.
func (l *life) note() {
	for _, e := range l.effects {
		if e.Kind == EffectPage {
			var ref Ref
			l.must(json.Unmarshal(e.Payload, &ref))
			l.waiting[e.Key] = ref
		}
		if e.Picture {
			continue
		}
		if before, ok := l.deeds[e.Key]; ok && !bytes.Equal(before, e.Payload) {
			l.T.Fatalf("%s is to say %s, and was to say %s", e.Key, e.Payload, before)
		}
		l.deeds[e.Key] = e.Payload
	}
	l.effects = nil
}

// holds checks what must hold at every moment.
func (l *life) holds() {
	live, parts := map[string]int{}, map[string]int{}
	for _, in := range l.ledger.Incidents {
		l.holdsOf(in)
		if !in.State.Live() {
			continue
		}
		if live[in.Partner]++; live[in.Partner] > 1 {
			l.T.Fatalf("two live incidents of %q", in.Partner)
		}
		if len(in.FailingProbes()) == 0 {
			l.T.Fatalf("%s is %s, and nothing fails in it", in.ID, in.State)
		}
		for _, f := range in.FailingProbes() {
			if parts[ProbeKey(f.Partner, f.Probe)]++; parts[ProbeKey(f.Partner, f.Probe)] > 1 {
				l.T.Fatalf("%s/%s fails in two live incidents", f.Partner, f.Probe)
			}
		}
	}
}

func (l *life) holdsOf(in Incident) {
	called := in.Page.Wanted == PageTriggered || in.Page.Wanted == PageAcknowledged
	// A mute that has run out wakes with the next sweep.
	wakes := in.State.Active() && in.Verdict.Wakes() && !in.MutedUntil.After(l.now)
	switch {
	case called && !wakes:
		l.T.Fatalf("%s is %s and %s, muted until %v, and on-call is called: %s", in.ID, in.State, in.Verdict.Word, in.MutedUntil, in.Page.Wanted)
	case wakes && in.MutedUntil.IsZero() && in.State == StateOpen && !called:
		l.T.Fatalf("%s is %s and nobody is called: page %q", in.ID, in.Verdict.Word, in.Page.Wanted)
	case !in.State.Live() && (in.Post.State == PostPublished || in.Post.State == PostProposed):
		l.T.Fatalf("%s is %s, and its post %s", in.ID, in.State, in.Post.State)
	case in.State == StateFolded && in.Verdict.By != "":
		l.T.Fatalf("%s was folded against a person's word", in.ID)
	}
	// Only a verdict that it is theirs, or a person, lets customers be told; and once a person was asked, only a person.
	l.allowed[in.ID] = l.allowed[in.ID] || in.Verdict.Word == External
	if in.Post.State == PostPublished && !l.published[in.ID] {
		if !l.allowed[in.ID] || l.mode.approve && in.Post.By == "" {
			l.T.Fatalf("%s was published by %q", in.ID, in.Post.By)
		}
		l.published[in.ID] = true
	}
}

// swept checks what must hold after a sweep: what fails, by a result that is not old, and is not muted, is in an incident.
func (l *life) swept() {
	parts := map[string]bool{}
	for _, in := range l.ledger.Incidents {
		for _, f := range in.FailingProbes() {
			parts[ProbeKey(f.Partner, f.Probe)] = parts[ProbeKey(f.Partner, f.Probe)] || in.State.Live()
		}
	}
	for key, state := range l.ledger.Probes {
		_, muted := l.ledger.mute(state.Partner, state.Probe, l.now)
		if state.Fails > 0 && !muted && l.now.Sub(state.LastRun) < 10*time.Minute && !parts[key] {
			l.T.Fatalf("%s fails, is not muted, and no incident knows of it", key)
		}
	}
}

func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := newLife(t, r)
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			l.happen()
			l.note()
			l.holds()
		}
		l.must(l.desk.Sweep(context.Background()))
		l.note()
		l.holds()
		l.swept()
		for range 2 {
			for _, probe := range l.probes() {
				l.later(time.Minute)
				l.run(probe, "")
			}
		}
		l.note()
		l.holds()
		l.carryOut()
		for _, in := range l.ledger.Incidents {
			if in.State.Live() {
				r.Fatalf("everything passes, and %s is %s", in.ID, in.State)
			}
		}
		for key, state := range l.paged {
			if state != PageResolved {
				r.Fatalf("everything passes, and the page %s is %q", key, state)
			}
		}
	})
}

package incidents

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sparky/partners"
)

// short keeps passes on the short way, in the same memory as the ledger, and notes which.
type short struct {
	*memory
	kept []partners.ProbeResult
	err  error
}

func (s *short) KeepPass(_ context.Context, r partners.ProbeResult) (bool, error) {
	if s.err != nil {
		return false, s.err
	}
	key := ProbeKey(r.Partner, r.Probe)
	after, ok := s.ledger.Probes[key].Steady(r)
	for _, in := range s.ledger.Incidents {
		ok = ok && !(in.State.Live() && Concerns(in.Kind, in.Partner, r.Partner))
	}
	if !ok {
		return false, nil
	}
	if s.ledger.Probes == nil {
		s.ledger.Probes = map[string]ProbeState{}
	}
	s.ledger.Probes[key] = after
	s.kept = append(s.kept, r)
	return true, nil
}

// TestNothingFollowsFromASteadyPass lets anything happen, and decides on each pass that the short way takes in the ledger too:
// nothing but the probe's own state may change by it.
func TestNothingFollowsFromASteadyPass(t *testing.T) {
	taken := 0
	rapid.Check(t, func(r *rapid.T) {
		l := newLife(t, r)
		if rapid.Bool().Draw(r, "storms") {
			l.desk.Rules.Storm = StormRules{Above: 1, Within: 10 * time.Minute}
		}
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			l.happen()
			l.effects = nil
			probe := rapid.SampledFrom(l.probes()).Draw(r, "passing")
			partner, id, _ := strings.Cut(probe, "/")
			pass := partners.ProbeResult{Partner: partner, Probe: id, At: l.now, Took: time.Second}
			way := &short{memory: &memory{ledger: l.ledger}}
			way.ledger.Probes = maps.Clone(l.ledger.Probes)
			kept, err := way.KeepPass(context.Background(), pass)
			l.must(err)
			if !kept {
				continue
			}
			taken++
			l.desk = NewDesk(l.desk.Options) // whatever it knows to be calm, it is to ask
			reaction, err := l.desk.Probed(context.Background(), pass, ReachUnknown)
			l.must(err)
			if reaction != (Reaction{}) || len(l.effects) > 0 || !l.desk.isCalm(probe) {
				r.Fatalf("%+v, %+v follow from a pass", reaction, l.effects)
			}
			if diff := cmp.Diff(remembered(t, way.ledger), remembered(t, l.ledger)); diff != "" {
				r.Fatalf("the short way and the ledger part: %s", diff)
			}
		}
	})
	if taken < 100 {
		t.Errorf("only %d passes went the short way", taken)
	}
}

// remembered is what a ledger says, in an order of its own.
func remembered(t *testing.T, l Ledger) string {
	t.Helper()
	l.Acts, l.Incidents, l.Mutes = nil, slices.Clone(l.Incidents), slices.Clone(l.Mutes)
	slices.SortFunc(l.Incidents, func(a, b Incident) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(l.Mutes, func(a, b Mute) int { return strings.Compare(a.Partner+"/"+a.Probe, b.Partner+"/"+b.Probe) })
	encoded, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestOnlyASteadyPassGoesTheShortWay(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	before := ProbeState{Partner: "snow", Probe: "create", Passes: 3, Since: at.Add(-time.Hour), LastRun: at.Add(-time.Minute), EverPassed: true}
	pass := partners.ProbeResult{Partner: "snow", Probe: "create", At: at, Took: time.Second}
	want := before
	want.Passes, want.LastRun = 4, at.Add(time.Second)
	if after, ok := before.Steady(pass); !ok || !reflect.DeepEqual(after, want) {
		t.Errorf("%+v, %v", after, ok)
	}
	first := ProbeState{Partner: "snow", Probe: "create", Passes: 1, Since: at, LastRun: at.Add(time.Second), EverPassed: true}
	if after, ok := (ProbeState{}).Steady(pass); !ok || !reflect.DeepEqual(after, first) {
		t.Errorf("the first pass: %+v, %v", after, ok)
	}
	failing, warned := before, before
	failing.Fails, failing.Passes, warned.Warned = 1, 0, "2026-12-01"
	warns, fails, untried := pass, pass, pass
	warns.Warning, fails.Class, untried.Class = "it ends soon", partners.FailServer, partners.FailNotTried
	for name, other := range map[string]struct {
		state  ProbeState
		result partners.ProbeResult
	}{"it failed": {failing, pass}, "a warning stands": {warned, pass}, "it warns": {before, warns}, "it fails": {before, fails}, "it was not tried": {before, untried}} {
		if after, ok := other.state.Steady(other.result); ok || !reflect.DeepEqual(after, other.state) {
			t.Errorf("%s: %+v, %v", name, after, ok)
		}
	}
	for _, c := range []struct {
		kind Kind
		of   string
		want bool
	}{{KindProbe, "snow", true}, {KindProbe, "okta", false}, {KindNetwork, "", true}, {KindStorm, "", true}, {KindCompat, "snow", false}} {
		if Concerns(c.kind, c.of, "snow") != c.want {
			t.Errorf("%s of %q concerns: %v", c.kind, c.of, !c.want)
		}
	}
}

// The desk goes the short way once a minute, says that the result is kept, and decides on what the short way refuses.
func TestTheShortWay(t *testing.T) {
	d := newDesktop(t)
	way := &short{memory: d.memory}
	d.desk.Passes = way
	d.desk.calm = map[string]time.Time{}
	for _, kept := range []bool{true, false, false} {
		if reaction := d.result("okta/org", "", ReachFine); reaction.Kept != kept {
			t.Fatalf("%+v", reaction)
		}
	}
	d.later(calmFor)
	if !d.result("okta/org", "", ReachFine).Kept || len(way.kept) != 2 {
		t.Errorf("after a minute: %v", way.kept)
	}
	d.fails("okta/org")
	for range 2 {
		if reaction := d.result("okta/org", "", ReachFine); reaction.Kept || reaction.Incident == "" {
			t.Errorf("what was failing: %+v", reaction)
		}
	}
	if in := d.ledger.Incidents[0]; in.State != StateRecovered {
		t.Errorf("it is %s", in.State)
	}
	d.desk.calm, way.err = map[string]time.Time{}, errors.New("the disk is full")
	_, err := d.desk.Probed(context.Background(), partners.ProbeResult{Partner: "okta", Probe: "org", At: d.now}, ReachFine)
	if !errors.Is(err, way.err) || !strings.Contains(err.Error(), "keeping the result of okta/org") || d.desk.isCalm("okta/org") {
		t.Errorf("%v", err)
	}
}

// overtaken keeps a pass, and before it says so something newer is seen.
type overtaken struct {
	Passes
	newer func()
}

func (o overtaken) KeepPass(ctx context.Context, r partners.ProbeResult) (bool, error) {
	kept, err := o.Passes.KeepPass(ctx, r)
	o.newer()
	return kept, err
}

// A probe that somebody runs beside its schedule may fail while a pass of it waits to be kept with others: the passes after that
// end the incident.
func TestAPassThatAFailureOvertakesMakesNothingCalm(t *testing.T) {
	d := newDesktop(t)
	way := &short{memory: d.memory}
	once := sync.OnceFunc(func() { d.fails("okta/org") })
	d.desk.Passes, d.desk.calm = overtaken{way, once}, map[string]time.Time{}
	if !d.result("okta/org", "", ReachFine).Kept {
		t.Fatal("the pass was not kept")
	}
	d.passes("okta/org")
	d.passes("okta/org")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("it is %s after two passes", in.State)
	}
}

// A decision of which nobody knows whether it was kept may have put the probe into an incident.
func TestAFailureThatMayBeKeptMakesNothingCalm(t *testing.T) {
	d := newDesktop(t)
	d.passes("okta/org")
	d.desk.Memory = lost{d.memory}
	if _, err := d.desk.Probed(t.Context(), partners.ProbeResult{Partner: "okta", Probe: "org", At: d.now, Class: partners.FailServer}, ReachFine); err == nil {
		t.Fatal("the answer was not lost")
	}
	d.desk.Memory = d.memory
	d.passes("okta/org")
	d.passes("okta/org")
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("it is %s after two passes", in.State)
	}
}

// lost decides, and loses the answer.
type lost struct{ Memory }

func (l lost) Decide(ctx context.Context, partner string, decide func(*Ledger) ([]Effect, error)) error {
	return errors.Join(errors.New("the connection is gone"), l.Memory.Decide(ctx, partner, decide))
}

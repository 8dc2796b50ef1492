package incidents

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sparky/partners"
)

// recalls takes a result of so long ago.
func (d *desktop) recalls(probe string, class partners.FailureClass, ago time.Duration) Reaction {
	d.Helper()
	r := partners.ProbeResult{Partner: "snow", Probe: probe, At: d.now.Add(-ago), Took: time.Second, Class: class, Problem: string(class)}
	reaction, err := d.desk.Recalled(context.Background(), r, ReachFine)
	if err != nil {
		d.Fatal(err)
	}
	return reaction
}

func TestWhatBeganWhileNothingCouldBeKeptBeganThen(t *testing.T) {
	d := newDesktop(t)
	d.later(10 * time.Minute)
	if got := d.recalls("create", "", 9*time.Minute); got.Triage {
		t.Errorf("a pass calls for %+v", got)
	}
	if got := d.recalls("create", partners.FailServer, 8*time.Minute); !got.Triage {
		t.Errorf("a failure calls for %+v", got)
	}
	d.recalls("create", partners.FailServer, 3*time.Minute)
	in := d.only()
	began := d.now.Add(-8 * time.Minute)
	if !in.Since.Equal(began) || !in.Opened.Equal(began.Add(time.Second)) || in.Probes[0].Fails != 2 || in.Already {
		t.Errorf("it began %v: %+v", began, in)
	}
	d.wantAsked(EffectTicket, EffectCard)
}

func TestWhatBeganAndEndedMeanwhileLastedAsLongAsItDid(t *testing.T) {
	d := newDesktop(t)
	d.later(20 * time.Minute)
	d.recalls("create", partners.FailServer, 18*time.Minute)
	d.recalls("create", "", 13*time.Minute)
	d.recalls("create", "", 12*time.Minute)
	in := d.only()
	if want := d.now.Add(-12*time.Minute + time.Second); in.State != StateRecovered || !in.Ended.Equal(want) {
		t.Errorf("it is %s, and ended %v, not %v", in.State, in.Ended, want)
	}
	if d.ledger.Incidents[0].Page.Wanted == PageTriggered {
		t.Error("somebody is called for what is over")
	}
}

// TestWhatIsRecalledLate brings results to which newer ones are known: another replica has looked meanwhile.
func TestWhatIsRecalledLate(t *testing.T) {
	d := newDesktop(t)
	d.later(10 * time.Minute)
	d.fails("snow/create")
	opened := d.only()
	d.asked()

	d.recalls("create", partners.FailServer, 9*time.Minute)
	d.recalls("create", "", 7*time.Minute)
	if since := d.only().Since; !since.Equal(d.now.Add(-7*time.Minute + time.Second)) {
		t.Errorf("after the pass that ended the failure before, it began %v", since)
	}
	d.recalls("create", partners.FailServer, 4*time.Minute)
	d.recalls("create", partners.FailServer, 2*time.Minute)
	in := d.only()
	if in.State != StateOpen || in.Probes[0].Fails != 1 || in.Probes[0].Passes != 0 || in.ID != opened.ID {
		t.Errorf("results of before changed it: %+v", in)
	}
	if in.Since.After(d.now.Add(-4*time.Minute)) || in.Since.Before(d.now.Add(-7*time.Minute)) {
		t.Errorf("it began %v, %v ago", in.Since, d.now.Sub(in.Since))
	}
	d.passes("snow/create", "snow/create")
	d.recalls("create", partners.FailServer, time.Minute)
	if in := d.only(); in.State != StateRecovered {
		t.Errorf("an old failure opened it again: %+v", in)
	}
}

func TestTheSameResultTwiceCountsOnce(t *testing.T) {
	d := newDesktop(t)
	d.later(time.Minute)
	d.recalls("create", partners.FailServer, 30*time.Second)
	d.recalls("create", partners.FailServer, 30*time.Second)
	if in := d.only(); in.Probes[0].Fails != 1 {
		t.Errorf("counted %d times", in.Probes[0].Fails)
	}
}

// TestACallIsNeverMadeInThePast: nobody can have answered before it was made, so nobody is reminded of it right away.
func TestACallIsNeverMadeInThePast(t *testing.T) {
	d := calls(t)
	if _, err := d.desk.Overrule(context.Background(), d.only().ID, "U1", Internal); err != nil {
		t.Fatal(err)
	}
	d.passes("snow/create", "snow/create")
	d.lines()
	d.later(25 * time.Minute)
	d.recalls("create", partners.FailServer, 20*time.Minute)
	if in := d.only(); in.Page.Wanted != PageTriggered || !in.Page.Since.Equal(d.now) {
		t.Errorf("at %v its call is %+v", d.now, in.Page)
	}
	d.sweep()
	if n := d.reminders(); n != 0 {
		t.Errorf("%d reminders right after the call", n)
	}
}

func TestAStormsCallIsNeverMadeInThePast(t *testing.T) {
	d := stormy(t, 5)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	for n := 1; n <= 5; n++ {
		if _, err := d.desk.Overrule(context.Background(), d.of(fmt.Sprintf("p%d", n)).ID, "U1", Internal); err != nil {
			t.Fatal(err)
		}
	}
	d.each(1, 5, func(probe string) { d.passes(probe, probe) })
	d.later(25 * time.Minute)
	r := partners.ProbeResult{Partner: "p5", Probe: "api", At: d.now.Add(-20 * time.Minute), Class: partners.FailServer, Problem: "it fails"}
	if _, err := d.desk.Recalled(context.Background(), r, ReachFine); err != nil {
		t.Fatal(err)
	}
	if s := d.storm(); s.Page.Wanted != PageTriggered || !s.Page.Since.Equal(d.now) {
		t.Errorf("at %v its call is %+v", d.now, s.Page)
	}
}

func TestACallOfThePastThatBecameAStormsIsKnownAsThat(t *testing.T) {
	d := stormy(t, 5)
	d.fails("p4/api")
	if _, err := d.desk.Overrule(context.Background(), d.of("p4").ID, "U1", Internal); err != nil {
		t.Fatal(err)
	}
	d.passes("p4/api", "p4/api")
	d.later(20 * time.Minute)
	d.sweep()
	ago := d.now.Add(-10 * time.Minute)
	for _, p := range []string{"p1", "p2", "p3", "p4"} {
		r := partners.ProbeResult{Partner: p, Probe: "api", At: ago, Class: partners.FailServer, Problem: "it fails"}
		if _, err := d.desk.Recalled(context.Background(), r, ReachFine); err != nil {
			t.Fatal(err)
		}
	}
	if in := d.of("p4"); in.Page.Wanted != PageResolved || !in.CalledWithOthers(in.Page.Since) {
		t.Errorf("its call is %+v, its events %+v", in.Page, in.Events)
	}
}

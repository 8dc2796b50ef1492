package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/scheduler"
	"sparky/store"
)

// errGone is how a database that was there ends a statement.
var errGone = fmt.Errorf("store: decide: %w", io.ErrUnexpectedEOF)

func TestWhatIsFoundWhileTheDatabaseIsAwayIsToldAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { d.bring(ctx, slog.New(slog.DiscardHandler)); close(done) }()
		d.net["api.acme.example"] = answering(200, "{}")
		d.finds(t, "api", nil)
		<-time.After(time.Second)

		d.memory.mu.Lock()
		d.memory.fails = errGone
		d.memory.mu.Unlock()
		d.net["api.acme.example"] = answering(500, "{}")
		began := time.Now()
		for range 10 {
			d.finds(t, "api", errHeld)
			<-time.After(time.Minute)
		}
		if waiting, dropped := d.held.counts(); waiting != 10 || dropped != 0 || len(d.memory.live()) != 0 {
			t.Errorf("%d wait, %d are given up, %d incidents", waiting, dropped, len(d.memory.live()))
		}
		if d.looker.looks.Load() != 0 {
			t.Error("it was judged before it was kept")
		}

		d.memory.mu.Lock()
		d.memory.fails = nil
		d.memory.mu.Unlock()
		<-time.After(10 * time.Second)
		live := d.memory.live()
		if len(live) != 1 || !live[0].Since.Equal(began) || live[0].Probes[0].Fails != 10 || live[0].Verdict.Word == "" {
			t.Fatalf("it began %v: %+v", began, live)
		}
		if looks := d.looker.looks.Load(); looks != 1 {
			t.Errorf("it was judged %d times", looks)
		}
		if len(d.results.kept) != 11 {
			t.Errorf("%d results are in the history", len(d.results.kept))
		}
		d.finds(t, "api", nil)
		cancel()
		<-done
	})
}

// errHeld stands for any heldError.
var errHeld = errors.New("held")

// finds runs a probe and holds how that ends.
func (d *duty) finds(t *testing.T, id string, want error) {
	t.Helper()
	_, err := d.Probe(t.Context(), d.partner, reading(id))
	var waits heldError
	if held := errors.As(err, &waits); held != (want != nil) || !held && err != nil {
		t.Errorf("got %v", err)
	}
}

// TestNothingIsSaidOfHostsWhileTheirFailuresWait holds that a breaker is not told beside the incident that says why calls fail.
func TestNothingIsSaidOfHostsWhileTheirFailuresWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		config := Config{Partners: []partners.Partner{d.partner}}
		s := &sparky{config: config, responder: d.responder, breakers: newBreakers(config, setting.NewRedactor(), time.Now, slog.New(slog.DiscardHandler))}
		open := func() {
			s.breakers.moved("acme", httpcall.Breaker{Name: "acme/api", Host: "api.acme.example:443", State: httpcall.BreakerOpen, Why: "it answered 500"})
		}
		d.net["api.acme.example"] = answering(500, "{}")
		open()
		d.memory.fails = errGone
		d.finds(t, "api", errHeld)
		d.memory.fails = nil
		<-time.After(time.Minute)
		open()
		if err := s.lookAtBreakers(t.Context()); err != nil || len(d.memory.asked) > 0 {
			t.Errorf("while a failure waits: %v, asked for %+v", err, d.memory.asked)
		}
		if count, err := d.bringAll(t.Context()); count != 1 || err != nil {
			t.Fatalf("%d told, %v", count, err)
		}
		before := len(d.memory.asked)
		if err := s.lookAtBreakers(t.Context()); err != nil || len(d.memory.asked) > before {
			t.Errorf("beside its incident: %v, asked for %+v", err, d.memory.asked[before:])
		}
		d.memory.ledger.Incidents = nil
		if err := s.lookAtBreakers(t.Context()); err != nil || len(d.memory.asked) != before+1 {
			t.Errorf("without an incident: %v, asked for %+v", err, d.memory.asked[before:])
		}
	})
}

func TestWhatCameFirstIsToldFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errGone
		d.finds(t, "api", errHeld)
		d.memory.fails = nil
		<-time.After(time.Second)
		d.net["api.acme.example"] = answering(200, "{}")
		d.finds(t, "api", errHeld) // behind the failure
		if count, err := d.bringAll(t.Context()); count != 2 || err != nil {
			t.Errorf("%d told, %v", count, err)
		}
		if live := d.memory.live(); len(live) != 1 || live[0].State != incidents.StateRecovered {
			t.Errorf("%+v", live)
		}
	})
}

// One of two replicas is cut off from the database and from the partner, while the other one runs the probes and sees them pass.
func TestWhatIsSeenByOneThatIsCutOffIsLeftToTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errGone
		for range 3 {
			<-time.After(time.Minute)
			d.finds(t, "api", errHeld)
			d.finds(t, "own", errHeld)
		}
		d.memory.fails = nil
		// What it saw last is newer than what the other one did; and "own" nobody else has run, of which the first was kept.
		other := partners.ProbeResult{Partner: "acme", Probe: "api", At: time.Now().Add(-time.Second)}
		oldest, _ := d.held.take()
		d.results.kept = []partners.ProbeResult{other, {Partner: "acme", Probe: "own", At: oldest.result.At, Class: partners.FailServer}}
		count, err := d.bringAll(t.Context())
		if waiting, dropped := d.held.counts(); count != 3 || err != nil || waiting != 0 || dropped != 3 {
			t.Errorf("%d told, %v; %d wait, %d are given up", count, err, waiting, dropped)
		}
		if live := d.memory.live(); len(live) != 1 || len(live[0].Probes) != 1 || live[0].Probes[0].Probe != "own" {
			t.Errorf("incidents %+v", live)
		}
		for _, kept := range d.results.kept[2:] {
			if kept.Probe == "api" {
				t.Errorf("in the history beside what the other one saw: %+v", kept)
			}
		}
	})
}

func TestWhatIsBadlyKeptHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errGone
		d.finds(t, "a", errHeld)
		d.memory.fails = errors.New("a mistake of ours")
		count, err := d.bringAll(t.Context())
		if count != 0 || !errors.Is(err, d.memory.fails) {
			t.Errorf("%d told, %v", count, err)
		}
		if waiting, _ := d.held.counts(); waiting != 0 {
			t.Error("it waits for ever")
		}
	})
}

// What is dropped is said, also where the database goes away again before the rest is told.
func TestWhatIsDroppedIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		mistake := errors.New("a mistake of ours")
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errGone
		d.finds(t, "a", errHeld)
		<-time.After(time.Second)
		d.finds(t, "b", errHeld)
		d.memory.fails, d.responder.results = nil, &fickle{mistake, errGone}
		_, err := d.bringAll(t.Context())
		if waiting, _ := d.held.counts(); waiting != 1 || !errors.Is(err, mistake) || !strings.Contains(err.Error(), "acme/a") || store.Away(err) {
			t.Errorf("%d wait, and of what does not it says %v", waiting, err)
		}
		d.responder.results = &fickle{mistake}
		d.memory.fails = nil
		var lines bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 3*bringEvery)
		defer cancel()
		d.bring(ctx, slog.New(slog.NewTextHandler(&lines, nil)))
		if got := lines.String(); strings.Count(got, "a mistake of ours") != 1 || !strings.Contains(got, "acme/b") {
			t.Errorf("the log is %q", got)
		}
	})
}

// fickle are the errors with which results are kept, one after the other.
type fickle []error

func (f *fickle) SaveResults(context.Context, []partners.ProbeResult) error {
	err := (*f)[0]
	*f = (*f)[1:]
	return err
}

// New Relic had no results of a monitor while the database was away.
func TestMissingDataIsToldAfterwardsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		seen := partners.ProbeConfig{ID: "seen", Kind: partners.KindNewRelic, Monitor: "sign-in"}
		d.held.keep(probed{partner: d.partner, probe: seen, result: partners.ProbeResult{Partner: "acme", Probe: "seen", At: time.Now(),
			Class: partners.FailNotTried, Warning: "New Relic has no results of the monitor sign-in"}})
		if count, err := d.bringAll(t.Context()); count != 1 || err != nil {
			t.Errorf("%d told, %v", count, err)
		}
		if state := d.memory.ledger.Probes["acme/seen data"]; state.Warned == "" || len(d.results.kept) != 1 {
			t.Errorf("nobody is warned: %+v", d.memory.ledger.Probes)
		}
	})
}

// unanswered keeps nothing, and does not say so.
type unanswered struct{}

func (unanswered) SaveResults(ctx context.Context, _ []partners.ProbeResult) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestADatabaseThatDoesNotAnswerIsAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.net["api.acme.example"] = answering(500, "{}")
		d.memory.fails = errGone
		d.finds(t, "api", errHeld)
		d.memory.fails, d.responder.results = nil, unanswered{}
		began := time.Now()
		if count, _ := d.bringAll(t.Context()); count != 0 || time.Since(began) != bringWithin {
			t.Errorf("%d told after %v", count, time.Since(began))
		}
		d.responder.results = d.results
		if count, err := d.bringAll(t.Context()); count != 1 || err != nil || len(d.results.kept) != 1 {
			t.Errorf("%d told, %v", count, err)
		}
	})
}

func TestOnlySoMuchIsHeld(t *testing.T) {
	var h held
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i := range mostHeld + 5 {
		h.keep(probed{result: partners.ProbeResult{At: at.Add(time.Duration(i) * time.Second)}})
	}
	waiting, dropped := h.counts()
	oldest, _ := h.take()
	if waiting != mostHeld || dropped != 5 || !oldest.result.At.Equal(at.Add(5*time.Second)) {
		t.Errorf("%d wait from %v on, %d are given up", waiting, oldest.result.At, dropped)
	}
	h.told(probed{result: partners.ProbeResult{At: at}}) // was given up while it was told
	if again, _ := h.take(); again.result.At != oldest.result.At {
		t.Error("another one was forgotten in its place")
	}
	h.told(oldest)
	if waiting, _ := h.counts(); waiting != mostHeld-1 {
		t.Errorf("%d wait", waiting)
	}
}

func TestWhatIsFoundUnderAnOldLeaseIsNobodys(t *testing.T) {
	lost, cancel := context.WithCancelCause(t.Context())
	cancel(scheduler.ErrFenced)
	cut, end := context.WithCancelCause(t.Context())
	end(errGone)
	for _, c := range []struct {
		name  string
		ctx   context.Context
		err   error
		waits bool
	}{
		{"the database went", t.Context(), errGone, true},
		{"the lease went with it", cut, context.Canceled, true},
		{"another one leads", lost, context.Canceled, false},
		{"another one leads, and the connection went", lost, errGone, false},
		{"the store says so", t.Context(), fmt.Errorf("store: %w", scheduler.ErrFenced), false},
		{"a mistake of ours", t.Context(), errors.New("no id"), false},
	} {
		if got := waits(c.ctx, c.err); got != c.waits {
			t.Errorf("%s: waits %v", c.name, got)
		}
	}
}

func TestAProcessThatWasHeldUpBlamesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		slow := reading("api")
		d.probes.apart = lingering(slow.Timeout.Std() + heldUp + time.Second)
		d.partner.Isolation = partners.IsolationProcess
		_, err := d.Probe(t.Context(), d.partner, slow)
		if err == nil || !strings.Contains(err.Error(), "held up") || len(d.memory.live()) != 0 || len(d.results.kept) != 0 {
			t.Errorf("%v, %+v", err, d.memory.live())
		}
		d.probes.apart = lingering(slow.Timeout.Std())
		if _, err := d.Probe(t.Context(), d.partner, slow); err != nil || len(d.memory.live()) != 1 {
			t.Errorf("%v, %+v", err, d.memory.live())
		}
	})
}

// lingering is a crew whose runs fail after so long.
type lingering time.Duration

func (s lingering) Run(_ context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	return partners.ProbeResult{Partner: p.ID, Probe: c.ID, At: time.Now(), Took: time.Duration(s), Class: partners.FailTimeout}, nil
}

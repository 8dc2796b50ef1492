package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/bot"
	"sparky/commands"
	"sparky/incidents"
	"sparky/store"
)

// ward is a memory, a Slack and a Sparky of which a test says how it is.
type ward struct {
	mu      sync.Mutex
	state   commands.Health // but for its time
	drawn   store.Drawn
	unkept  error
	unread  error
	mute    error
	there   bool // Find finds the message in Slack
	records []bot.Unwell
	direct  []bot.Unwell
	looked  int
	leads   func() // what a Sparky is told when it has taken the lease
}

func (w *ward) facts(context.Context) commands.Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.state
	h.At = time.Now()
	return h
}

// is changes how Sparky is.
func (w *ward) is(change func(*ward)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

func (w *ward) Troubles(context.Context) ([]incidents.Trouble, error) { return nil, nil }

func (w *ward) Drawn(context.Context, string) (store.Drawn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn, w.unread
}

func (w *ward) Record(_ context.Context, effects ...incidents.Effect) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unkept != nil {
		return w.unkept
	}
	for _, e := range effects {
		if !e.Picture || e.Key != bot.HealthKey || e.Kind != bot.EffectHealth {
			return errors.New("it is no picture of Sparky's health")
		}
		w.drawn = store.Drawn{Payload: e.Payload}
		w.records = append(w.records, unwell(e.Payload))
	}
	return nil
}

func (w *ward) Do(_ context.Context, _ string, payload, _ []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mute != nil {
		return nil, w.mute
	}
	w.direct = append(w.direct, unwell(payload))
	return []byte(placeTold), nil
}

func (w *ward) Find(context.Context, string, []byte) ([]byte, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked++
	if !w.there {
		return nil, false, w.mute
	}
	return []byte(placeTold), true, w.mute
}

// placeTold is where the ward's Slack shows what was told.
const placeTold = `{"episode":1,"ill":{"channel":"C1","ts":"1.1"}}`

func unwell(payload []byte) bot.Unwell {
	var u bot.Unwell
	if err := json.Unmarshal(payload, &u); err != nil {
		panic(err)
	}
	return u
}

// said are the episodes as people were told of them: a + for each that began, with what was wrong, a - for each end.
func (w *ward) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, u := range w.records {
		sign := "+"
		if !u.Over.IsZero() {
			sign = "-"
		}
		for _, i := range u.Ill {
			sign += string(i.Kind) + " "
		}
		all = append(all, strings.TrimSpace(sign))
	}
	for range w.direct {
		all = append(all, "aloud")
	}
	return strings.Join(all, ", ")
}

// lead is a Sparky that runs the jobs, with its links up.
func lead() commands.Health {
	return commands.Health{LinksUp: 2, Room: 100, Started: time.Now(), Lease: commands.LeaseHealth{Here: true, Holder: "me"}}
}

// cared has vitals look after the ward while do goes on, in a bubble of time.
func cared(t *testing.T, do func(w *ward, restart func(), pass func(time.Duration))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &ward{state: lead()}
		var ended sync.WaitGroup
		stop := func() {}
		start := func() {
			stop()
			ended.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			v := &vitals{facts: w.facts, memory: w, letter: w, log: slog.New(slog.DiscardHandler),
				patience: usualPatience(), every: vitalsEvery, calm: calmFor, started: time.Now(), led: make(chan struct{}, 1)}
			stop, w.leads = cancel, v.leads
			ended.Go(func() { v.watch(ctx) })
		}
		start()
		do(w, start, func(d time.Duration) { <-time.After(d); synctest.Wait() })
		stop()
		ended.Wait()
	})
}

func linkDown(w *ward) {
	w.state.LinksUp = 0
	w.state.Links = []commands.LinkHealth{{Since: time.Now(), Problem: "the network is unreachable"}}
}

func linkBack(w *ward) { w.state.LinksUp, w.state.Links = 2, nil }

func TestPeopleAreToldOnceAndOnceWhenItIsOver(t *testing.T) {
	cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
		step := func(after time.Duration, want string) {
			t.Helper()
			pass(after)
			if got := w.said(); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		step(time.Hour, "")
		w.is(linkDown)
		step(90*time.Second, "")
		w.is(linkBack)
		step(10*time.Minute, "") // what mends itself is not told
		w.is(linkDown)
		step(2*time.Minute+vitalsEvery, "+link")
		step(time.Hour, "+link")
		w.is(linkBack)
		step(4*time.Minute, "+link")
		w.is(linkDown) // it comes and goes
		step(3*time.Minute, "+link")
		w.is(linkBack)
		back := time.Now()
		step(4*time.Minute+50*time.Second, "+link")
		step(20*time.Second, "+link, -link")
		if over := w.records[1].Over; over.Sub(back) > vitalsEvery || over.Before(back) {
			t.Errorf("it was over %v after it was", over.Sub(back))
		}
		step(24*time.Hour, "+link, -link")
		w.is(linkDown)
		step(3*time.Minute, "+link, -link, +link")
		if a, b := w.records[0].Episode, w.records[2].Episode; a != 1 || b != 2 {
			t.Errorf("the episodes are %d and %d", a, b)
		}
	})
}

func TestARestartTellsNothingAgain(t *testing.T) {
	cared(t, func(w *ward, restart func(), pass func(time.Duration)) {
		w.is(linkDown)
		pass(5 * time.Minute)
		restart()
		pass(time.Hour)
		if got := w.said(); got != "+link" {
			t.Errorf("told %q", got)
		}
		restart()
		w.is(linkBack)
		pass(time.Minute)
		restart()
		pass(10 * time.Minute)
		restart()
		pass(time.Hour)
		if got := w.said(); got != "+link, -link" {
			t.Errorf("told %q", got)
		}
	})
}

func TestWhatComesOnTopIsAddedOnce(t *testing.T) {
	cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
		w.is(linkDown)
		pass(5 * time.Minute)
		w.is(func(w *ward) {
			w.state.Effects = commands.EffectsHealth{Failing: 3, FailingSince: time.Now(), FailingWhy: "Slack is away"}
		})
		pass(time.Hour)
		w.is(func(w *ward) { w.state.Effects = commands.EffectsHealth{} })
		pass(time.Hour)
		w.is(linkBack)
		pass(time.Hour)
		if got := w.said(); got != "+link, +link effects, -link effects" {
			t.Errorf("told %q", got)
		}
		if w.records[1].Episode != w.records[0].Episode {
			t.Error("what came on top is told as another episode")
		}
	})
}

// TestWhatWaitsForAPersonByNowIsNotMended: what was failing when people were told is told as trouble after a while, and
// counts as failing no more. What had waited for a person long before keeps nobody ill.
func TestWhatWaitsForAPersonByNowIsNotMended(t *testing.T) {
	cared(t, func(w *ward, restart func(), pass func(time.Duration)) {
		old := time.Now().Add(-24 * time.Hour)
		began := time.Now()
		w.is(func(w *ward) {
			w.state.Effects = commands.EffectsHealth{Failing: 2, FailingSince: began, FailingWhy: "Jira is away", Refused: 1, RefusedLast: old}
		})
		pass(11 * time.Minute)
		w.is(func(w *ward) { w.state.Effects = commands.EffectsHealth{Refused: 3, RefusedLast: began} })
		pass(30 * time.Minute)
		restart()
		pass(30 * time.Minute)
		if got := w.said(); got != "+effects" {
			t.Errorf("told %q while nothing was mended", got)
		}
		w.is(func(w *ward) { w.state.Effects = commands.EffectsHealth{Refused: 1, RefusedLast: old} })
		pass(10 * time.Minute)
		if got := w.said(); got != "+effects, -effects" {
			t.Errorf("told %q", got)
		}
	})
}

// Of two replicas only the one that runs the jobs speaks, and who takes over goes on where it was.
func TestOneReplicaSpeaks(t *testing.T) {
	cared(t, func(w *ward, restart func(), pass func(time.Duration)) {
		w.is(func(w *ward) { w.state.Lease = commands.LeaseHealth{Holder: "the other"} })
		w.is(linkDown)
		pass(time.Hour)
		if got := w.said(); got != "" {
			t.Errorf("a replica that does not lead tells %q", got)
		}
		w.is(func(w *ward) {
			began := bot.Unwell{Episode: 7, Ill: []commands.Illness{{Kind: commands.IllLink, Since: time.Now()}}, Since: time.Now()}
			w.drawn.Payload, _ = json.Marshal(began)
			w.state.Lease = commands.LeaseHealth{Here: true, Holder: "me"}
		})
		pass(time.Hour)
		if got := w.said(); got != "" {
			t.Errorf("after the takeover it tells %q again", got)
		}
		w.is(linkBack)
		pass(time.Hour)
		if got := w.said(); got != "-link" || w.records[0].Episode != 7 {
			t.Errorf("told %q of episode %d", got, w.records[0].Episode)
		}
	})
}

func lost(w *ward) {
	w.unkept = errors.New("the disk is full")
	w.state.Database = commands.DatabaseHealth{Problem: "nothing can be kept: the disk is full", Since: time.Now()}
}

func kept(w *ward) { w.unkept, w.state.Database = nil, commands.DatabaseHealth{} }

func TestThatNothingCanBeKeptIsToldPastTheQueue(t *testing.T) {
	cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
		pass(time.Hour)
		w.is(lost)
		pass(20 * time.Second)
		if got := w.said(); got != "" {
			t.Errorf("a busy moment is told: %q", got)
		}
		w.is(func(w *ward) { w.mute = errors.New("Slack is away") })
		pass(time.Hour)
		w.is(func(w *ward) { w.mute = nil })
		pass(time.Hour)
		if got := w.said(); got != "aloud" {
			t.Errorf("told %q", got)
		}
		// Without the lease nobody can tell who leads; who did speaks on.
		w.is(func(w *ward) { w.state.Lease = commands.LeaseHealth{} })
		pass(time.Minute)
		w.is(kept)
		w.is(func(w *ward) { w.state.Lease = lead().Lease })
		pass(time.Hour)
		if got := w.said(); got != "+database, -database, aloud" {
			t.Errorf("told %q", got)
		}
		if w.looked != 0 {
			t.Error("a Sparky that has run for long looks for what nobody can have told")
		}
	})
}

// A restart while nothing can be kept finds in Slack what it said before.
func TestARestartWithoutMemoryTellsNothingAgain(t *testing.T) {
	cared(t, func(w *ward, restart func(), pass func(time.Duration)) {
		pass(time.Hour)
		w.is(lost)
		pass(time.Hour)
		w.is(func(w *ward) { w.there = true })
		restart()
		pass(time.Hour)
		if got := w.said(); got != "aloud" || w.looked != 1 {
			t.Errorf("told %q, looked %d times", got, w.looked)
		}
	})
}

// What was told past the queue is remembered as soon as it can be, with its place in Slack, so that whoever comes next ends it.
func TestWhatWasToldAloudIsRememberedForTheNext(t *testing.T) {
	cared(t, func(w *ward, restart func(), pass func(time.Duration)) {
		pass(time.Hour)
		w.is(lost)
		pass(time.Minute)
		w.is(kept)
		pass(2 * vitalsEvery)
		if got := w.said(); got != "+database, aloud" || len(w.records) == 0 || string(w.records[0].Told) != placeTold {
			t.Fatalf("told %q, and it stands at %s", got, w.records[0].Told)
		}
		restart()
		pass(10 * time.Minute)
		if got := w.said(); got != "+database, -database, aloud" || len(w.records) < 2 || w.records[1].Episode != 1 {
			t.Errorf("told %q", got)
		}
	})
}

// What comes on top while nothing can be kept is added to the message that stands in Slack.
func TestWhatWasKeptIsNotToldAgainAloud(t *testing.T) {
	cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
		w.is(linkDown)
		pass(time.Hour)
		w.is(func(w *ward) { w.there = true })
		w.is(lost)
		pass(time.Hour)
		if got := w.said(); got != "+link" || w.looked != 1 {
			t.Errorf("told %q, looked %d times", got, w.looked)
		}
		w.is(kept)
		pass(time.Minute)
		if got := w.said(); got != "+link, +link database" || len(w.records) < 2 || string(w.records[1].Told) != placeTold {
			t.Errorf("told %q", got)
		}
	})
}

func TestNothingIsToldBeforeItIsKnownWhatWas(t *testing.T) {
	cared(t, func(w *ward, _ func(), pass func(time.Duration)) {
		w.is(func(w *ward) { w.unread = errors.New("the database is busy") })
		w.is(linkDown)
		pass(time.Hour)
		if got := w.said(); got != "" {
			t.Errorf("told %q", got)
		}
		w.is(func(w *ward) { w.unread = nil })
		pass(time.Minute)
		if got := w.said(); got != "+link" {
			t.Errorf("told %q", got)
		}
	})
}

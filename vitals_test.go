package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
)

// ailing is a memory that can be made unable to keep anything, and a way to tell people of it that may fail.
type ailing struct {
	mu    sync.Mutex
	words string
	since time.Time
	mute  error
	told  []string
	keys  map[string]bool // of what was told
}

func (a *ailing) fall(words string, mute error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.words, a.since, a.mute = words, time.Now(), mute
}

func (a *ailing) Problem() (string, time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.words, a.since
}

func (a *ailing) Troubles(context.Context) ([]incidents.Trouble, error) {
	return nil, errors.New("cannot be read either")
}

func (a *ailing) Do(_ context.Context, key string, payload, _ []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mute == nil {
		a.told = append(a.told, string(payload))
		if a.keys == nil {
			a.keys = map[string]bool{}
		}
		a.keys[key] = true
	}
	return nil, a.mute
}

func (a *ailing) Find(_ context.Context, key string, _ []byte) ([]byte, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return nil, a.keys[key], nil
}

func (a *ailing) heard() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.told)
}

// TestOneReplicaTellsThatNothingCanBeKept lets three replicas see the same trouble, a moment apart and across the bound of
// two spans in which troubles are one.
func TestOneReplicaTellsThatNothingCanBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &ailing{}
		ctx, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		<-time.After(lossSame - 2*time.Second)
		for i := range 3 {
			<-time.After(time.Second)
			own := &ailing{}
			own.fall("the server does not answer", nil)
			v := vitals{memory: own, alerts: a, log: slog.New(slog.DiscardHandler), leads: func() bool { return i == 1 }}
			ended.Go(func() { v.watch(ctx) })
		}
		<-time.After(lossPatient + 2*lossEvery)
		synctest.Wait()
		if n := a.heard(); n != 1 {
			t.Errorf("told %d times by the one that leads", n)
		}
		<-time.After(time.Hour)
		synctest.Wait()
		if n := a.heard(); n != 1 {
			t.Errorf("told %d times", n)
		}
		cancel()
		ended.Wait()
	})
}

func TestPeopleAreToldOnceThatNothingCanBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &ailing{}
		v := vitals{memory: a, alerts: a, log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		var ended sync.WaitGroup
		ended.Go(func() { v.watch(ctx) })
		pass := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		for i, step := range []struct {
			words string
			mute  error
			lasts time.Duration
			heard int
		}{
			{"a busy moment", nil, 20 * time.Second, 0},
			{"", nil, time.Minute, 0},
			{"the disk is full", errors.New("Slack is away"), time.Hour, 0},
			{"the disk is full", nil, time.Hour, 1},
			{"", nil, time.Minute, 1},
			{"the disk is full", nil, time.Minute, 2},
		} {
			a.fall(step.words, step.mute)
			pass(step.lasts)
			if n := a.heard(); n != step.heard {
				t.Errorf("step %d: told %d times, want %d", i, n, step.heard)
			}
		}
		troubles, err := v.Troubles(t.Context())
		if err != nil || len(troubles) != 1 || !strings.Contains(troubles[0].Problem, "disk is full") {
			t.Errorf("/sparky status says %v, %v", troubles, err)
		}
		cancel()
		ended.Wait()
	})
}

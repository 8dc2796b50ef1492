package probe

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/partners"
)

func TestNew(t *testing.T) {
	for name, config := range map[string]partners.ProbeConfig{
		"no url":         {Kind: partners.KindHTTP},
		"step, no url":   {Kind: partners.KindHTTP, Steps: []partners.HTTPStep{{Method: "GET"}}},
		"no address":     {Kind: partners.KindTCP},
		"no port":        {Kind: partners.KindTLS, Address: "a.example"},
		"no name":        {Kind: partners.KindDNS},
		"another kind":   {Kind: "servicenow.incident"},
		"a wrong type":   {Kind: partners.KindDNS, Name: "a.example", Type: "HINFO"},
		"an empty label": {Kind: partners.KindDNS, Name: "a..example"},
	} {
		config.ID = "sign-in"
		if _, err := New(config, over(nil)); err == nil || !strings.Contains(err.Error(), "sign-in") {
			t.Errorf("%s: got %v, want an error that names the probe", name, err)
		}
	}
}

func TestCleanUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for name, test := range map[string]struct {
			left time.Duration // of the probe's time; 0 where it has no end
			want time.Duration
		}{"much is left": {time.Minute, time.Minute}, "little is left": {time.Second, cleanUpTime}, "no end": {0, cleanUpTime}} {
			ctx, cancel := t.Context(), func() {}
			if test.left > 0 {
				ctx, cancel = context.WithTimeout(ctx, test.left)
			}
			own, done := CleanUp(ctx)
			deadline, ok := own.Deadline()
			if got := deadline.Sub(began); !ok || got != test.want {
				t.Errorf("%s: got %s, want %s", name, got, test.want)
			}
			cancel()
			if own.Err() != nil {
				t.Errorf("%s: it ended with the probe", name)
			}
			done()
		}
	})
}

func TestCleaningUpIsNotMeasured(t *testing.T) {
	watch := &stopwatch{now: time.Now}
	ctx := watch.in(t.Context())
	watch.note(watch.begin)
	watch.note(func(time.Time) { watch.timings.FirstByte, watch.connected = time.Second, true })
	if stands, known := watch.stands(); !stands || !known {
		t.Errorf("got %v, %v for a connection that stands", stands, known)
	}
	own, done := CleanUp(ctx)
	defer done()
	watch.note(watch.begin)
	if _, known := watch.stands(); known {
		t.Error("what is not measured is known")
	}
	if got := watchIn(own).read(time.Minute); got.FirstByte != time.Second {
		t.Errorf("got %+v, want the times of the call before", got)
	}
}

// TestCleaningUpIsBoundedInAll has a run clean up several times: what it does within its time costs it nothing, and nor does what is
// over soon.
func TestCleaningUpIsBoundedInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		watch := &stopwatch{now: time.Now}
		ctx, cancel := context.WithTimeout(watch.in(t.Context()), time.Minute)
		defer cancel()
		clean := func(hangs time.Duration) (got time.Duration) {
			own, done := CleanUp(ctx)
			defer done()
			began := time.Now()
			timer := time.NewTimer(hangs)
			defer timer.Stop()
			select {
			case <-own.Done():
			case <-timer.C:
			}
			return time.Since(began)
		}
		for i, c := range []struct{ hangs, want time.Duration }{
			{30 * time.Second, 30 * time.Second}, {time.Hour, 30 * time.Second}, // both within the minute
			{time.Second, time.Second}, {time.Hour, cleanUpTime}, {time.Second, time.Second}, {time.Hour, 3 * time.Second}, {time.Hour, 0},
		} {
			if got := clean(c.hangs); got != c.want {
				t.Errorf("number %d got %v, want %v", i, got, c.want)
			}
		}
	})
}

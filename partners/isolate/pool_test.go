//go:build unix

package isolate

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

func seconds(n float64) setting.Duration { return setting.Duration(n * float64(time.Second)) }

// newFirm starts a pool with limits that are reached soon.
func newFirm(t *testing.T, limits Limits) *firm {
	t.Helper()
	f := &firm{T: t, log: &journal{}, site: serve(t)}
	if limits.Grace == 0 {
		limits.Grace = 500 * time.Millisecond
	}
	f.pool = NewPool(Options{
		Client: httpcall.New(httpcall.Options{PublicOnly: true}), Now: time.Now, Limits: limits,
		Calls:    func(partners.Partner) Calls { return Calls{Retries: -1} },
		Secrets:  []setting.Secret{setting.NewSecret(secret)},
		Redactor: setting.NewRedactor(setting.NewSecret(secret)),
		Log:      slog.New(slog.NewTextHandler(f.log, nil)),
	})
	t.Cleanup(f.pool.Close)
	return f
}

// patient is a timeout that no run reaches: a program under the race detector takes a second to end.
func patient(c *partners.ProbeConfig) { c.Timeout = seconds(20) }

// TestHostile has modules do each kind of harm. Each is told as what it is, and while it does it a neighbour's probe is
// answered in time.
func TestHostile(t *testing.T) {
	for kind, test := range map[string]struct {
		words  string
		limits Limits
	}{
		"panics":  {"has a mistake in its own code and stopped: no map", Limits{}},
		"crashes": {"the HOSTILE worker broke and ended: panic: aside: [secret]", Limits{}},
		"deaf":    {"the HOSTILE worker ran the probe deaf for longer than it may and did not end it, and was stopped", Limits{}},
		"spins":   {"ran the probe spins for longer than it may", Limits{}},
		"leaks":   {"used more than 128 MB of memory and was stopped", Limits{Memory: 128 << 20}},
		"devours": {"used more than 128 MB of memory and was stopped", Limits{Memory: 128 << 20}},
		"prints":  {"printed more than 1 MB and was stopped", Limits{}},
		"garbage": {"sent what is no answer", Limits{}},
		"lines":   {"sent what is no answer (it says too much)", Limits{}},
		"states":  {"sent what is no answer (it tells of a breaker what none can be)", Limits{}},
		"forges":  {"", Limits{}},
		"hangsup": {"closed the pipe by which it answers", Limits{}},
		"shuts":   {"the HOSTILE worker ", Limits{}}, // it breaks of it, or we see that first
		"knocks":  {"asked for too many connections, and was stopped", Limits{}},
		"leaves":  {"ended by itself", Limits{}},
		"fails":   {"ended by itself (exit status 3)", Limits{}},
		"odd":     {"ää", Limits{}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFirm(t, test.limits)
			f.ask("neighbour", partners.KindHTTP, nil)
			var group sync.WaitGroup
			var result partners.ProbeResult
			group.Go(func() {
				result = f.ask("hostile", kind, func(c *partners.ProbeConfig) {
					if kind != "deaf" && kind != "spins" {
						patient(c)
					}
				})
			})
			for range 3 {
				began := time.Now()
				if got := f.ask("neighbour", partners.KindHTTP, nil); !got.Passed() || time.Since(began) > 5*time.Second {
					t.Errorf("the neighbour: %s %s after %s", got.Class, got.Problem, time.Since(began))
				}
			}
			group.Wait()
			if kind == "forges" {
				return // it may say of itself what it likes, once
			}
			if (kind == "devours" || kind == "leaks") && strings.Contains(result.Problem, "exit status 66") {
				return // the race detector, which is refused memory first, says so in its own way
			}
			if result.Class != partners.FailPanic || !strings.Contains(result.Problem, test.words) {
				t.Errorf("got %s: %q, want %q", result.Class, result.Problem, test.words)
			}
			if result.Partner != "hostile" || result.Probe != kind || strings.Contains(result.Problem+f.log.String(), secret) {
				t.Errorf("got %+v\n%s", result, f.log)
			}
		})
	}
}

// TestHangs is a module that keeps to its time although nobody answers it: that is no mistake of the module.
func TestHangs(t *testing.T) {
	f := newFirm(t, Limits{})
	if got := f.ask("acme", "hangs", nil); got.Class != partners.FailTimeout || got.Took < 300*time.Millisecond {
		t.Errorf("got %+v", got)
	}
	if got := f.ask("acme", "fine", nil); !got.Passed() {
		t.Errorf("after it: %+v", got)
	}
}

// TestRest holds that a worker that fails is started again a little later each time, and what is told meanwhile.
func TestRest(t *testing.T) {
	f := newFirm(t, Limits{Rest: time.Hour, Longest: 3 * time.Hour})
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.pool.options.Now = func() time.Time { return now }
	for _, rest := range []string{"1h0m0s", "2h0m0s", "3h0m0s"} {
		if got := f.ask("acme", "leaves", patient); got.Class != partners.FailPanic {
			t.Fatalf("got %+v", got)
		}
		got := f.ask("acme", "fine", nil)
		if got.Class != partners.FailNotTried || !strings.Contains(got.Problem, "it is started again in "+rest) || !got.At.Equal(now) {
			t.Fatalf("got %+v, want a rest of %s", got, rest)
		}
		now = now.Add(3 * time.Hour)
	}
	if got := f.ask("acme", "fine", nil); !got.Passed() {
		t.Errorf("after the rest: %+v", got)
	}
	now = now.Add(4 * time.Hour)
	f.ask("acme", "leaves", patient)
	if got := f.ask("acme", "fine", nil); !strings.Contains(got.Problem, "failed a moment ago (the last: ended by itself); it is started again in 1h0m0s") {
		t.Errorf("after a long life: %+v", got)
	}
}

// TestAWorkerThatCannotBeStarted holds that a partner which is not watched for want of a worker is not so in silence.
func TestAWorkerThatCannotBeStarted(t *testing.T) {
	f := newFirm(t, Limits{Rest: time.Hour, Longest: 3 * time.Hour})
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.pool.options.Now = func() time.Time { return now }
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	none := files
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	first := f.ask("acme", "fine", nil)
	second := f.ask("acme", "fine", nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if first.Class != partners.FailPanic || !strings.Contains(first.Problem, "starting the ACME worker: ") {
		t.Errorf("got %+v", first)
	}
	if second.Class != partners.FailNotTried || !strings.Contains(second.Problem, "started again in 1h0m0s") {
		t.Errorf("got %+v", second)
	}
	now = now.Add(time.Hour)
	if got := f.ask("acme", "fine", patient); !got.Passed() {
		t.Errorf("when there is room again: %+v", got)
	}
}

// TestBroughtDown is a probe whose worker another one brought down: it says nothing about the partner.
func TestBroughtDown(t *testing.T) {
	f := newFirm(t, Limits{})
	var group sync.WaitGroup
	var innocent partners.ProbeResult
	group.Go(func() { innocent = f.ask("acme", "hangs", func(c *partners.ProbeConfig) { c.Timeout = seconds(30) }) })
	if got := f.ask("acme", "deaf", nil); got.Class != partners.FailPanic {
		t.Errorf("got %+v", got)
	}
	group.Wait()
	if innocent.Class != partners.FailNotTried || !strings.Contains(innocent.Problem, "another probe of this partner brought the worker down") {
		t.Errorf("got %+v", innocent)
	}
}

// TestCalledOff holds that a run ends when nobody waits for it any more.
func TestCalledOff(t *testing.T) {
	f := newFirm(t, Limits{})
	f.ask("acme", "fine", nil)
	ctx, cancel := context.WithCancel(t.Context())
	p := f.partner("acme", "hangs", func(c *partners.ProbeConfig) { c.Timeout = seconds(60) })
	time.AfterFunc(100*time.Millisecond, cancel)
	got, err := f.pool.Run(ctx, p, p.Probes[0])
	if err != nil || got.Class != partners.FailNotTried {
		t.Errorf("got %+v, %v", got, err)
	}
	if got := f.ask("acme", "fine", nil); !got.Passed() {
		t.Errorf("after it: %+v", got)
	}
}

// TestPlaces holds that only so many probes of a partner run side by side.
func TestPlaces(t *testing.T) {
	f := newFirm(t, Limits{AtOnce: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	f.pool.keeper(f.partner("acme", "fine", nil)).places <- struct{}{}
	p := f.partner("acme", "fine", nil)
	got, err := f.pool.Run(ctx, p, p.Probes[0])
	if err != nil || got.Class != partners.FailNotTried {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestUnmade is a probe that cannot be made, which is no failure of the probe.
func TestUnmade(t *testing.T) {
	f := newFirm(t, Limits{})
	p := f.partner("acme", "unmade", nil)
	if got, err := f.pool.Run(t.Context(), p, p.Probes[0]); err == nil || err.Error() != "there is no such probe" || got.Tells() {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestClose holds that nothing is left, and that nothing begins afterwards.
func TestClose(t *testing.T) {
	f := newFirm(t, Limits{})
	f.ask("acme", "fine", nil)
	w := f.pool.keepers["acme"].current
	f.pool.Close()
	select {
	case <-w.gone:
	default:
		t.Error("a worker is left")
	}
	if strings.Contains(f.log.String(), "failed") {
		t.Errorf("the log says %s", f.log)
	}
	for _, partner := range []string{"acme", "other"} {
		p := f.partner(partner, "fine", nil)
		if _, err := f.pool.Run(t.Context(), p, p.Probes[0]); !errors.Is(err, errClosed) {
			t.Errorf("%s: got %v", partner, err)
		}
	}
	f.pool.Close()
}

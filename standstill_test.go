package main

import (
	"errors"
	"testing"
	"time"

	"sparky/partners"
)

func TestStandstill(t *testing.T) {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	for name, c := range map[string]struct {
		pulses     []float64
		began, now float64
		want       bool
	}{
		"runs":                               {[]float64{0, 1, 2, 3}, 0.5, 3.5, false},
		"busy":                               {[]float64{0, 1, 3.5}, 0.5, 4, false},
		"stood still during the run":         {[]float64{0, 1, 13}, 0.5, 13.1, true},
		"its pulse has not come yet":         {[]float64{0, 1}, 0.5, 13, true},
		"stood still before the run":         {[]float64{0, 13, 14}, 13.5, 14.5, false},
		"stood still, and then ran for long": {[]float64{0, 13, 14, 15, 16}, 0.5, 16.5, true},
		"before the first pulse":             {nil, 0.5, 13, false},
	} {
		var s standstill
		for _, pulse := range c.pulses {
			s.beat(at(pulse))
		}
		if got := s.since(at(c.began), at(c.now)); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// TestASuspendedMachineStoodStill has the monotonic clock stand while the wall clock goes on, as Linux has it.
func TestASuspendedMachineStoodStill(t *testing.T) {
	var s standstill
	now := time.Now()
	s.beat(now)
	if gone := s.beat(now.Round(0).Add(8 * time.Hour)); gone != 8*time.Hour {
		t.Errorf("it stood still for %s", gone)
	}
}

func TestARunIsRepeatedOnlyAfterAStandstill(t *testing.T) {
	failed := partners.ProbeResult{Class: partners.FailTimeout, Problem: "no answer"}
	refused := partners.ProbeResult{Class: partners.FailServer, Status: 503}
	slow := partners.ProbeResult{Class: partners.FailSlow, Status: 200}
	for name, c := range map[string]struct {
		still   int // runs in which the process stands still
		results []partners.ProbeResult
		err     error
		runs    int
		class   partners.FailureClass
	}{
		"passes":                            {0, []partners.ProbeResult{{}}, nil, 1, ""},
		"fails":                             {0, []partners.ProbeResult{failed}, nil, 1, partners.FailTimeout},
		"passes, later than it seems":       {1, []partners.ProbeResult{{}, {}}, nil, 2, ""},
		"passes when it is repeated":        {1, []partners.ProbeResult{failed, {}}, nil, 2, ""},
		"fails again":                       {1, []partners.ProbeResult{failed, failed}, nil, 2, partners.FailTimeout},
		"stands still time after time":      {3, []partners.ProbeResult{failed, failed, failed}, nil, 3, partners.FailNotTried},
		"is refused time after time":        {3, []partners.ProbeResult{failed, refused, refused}, nil, 3, partners.FailServer},
		"is slow time after time":           {3, []partners.ProbeResult{slow, slow, slow}, nil, 3, partners.FailNotTried},
		"warns, and stands still each time": {3, []partners.ProbeResult{{}, {}, {Warning: "it ends soon"}}, nil, 3, partners.FailNotTried},
		"cannot be run, and is not asked":   {1, []partners.ProbeResult{{}}, errors.New("no such kind"), 1, ""},
		"fails, and stood still long since": {-1, []partners.ProbeResult{failed}, nil, 1, partners.FailTimeout},
	} {
		var s standstill
		if c.still < 0 {
			s.ended = time.Now().Add(-time.Minute)
		}
		runs := 0
		got, err := s.repeated(func() (partners.ProbeResult, error) {
			runs++
			if runs <= c.still {
				s.ended = time.Now().Add(time.Nanosecond)
			}
			return c.results[runs-1], c.err
		})
		if runs != c.runs || got.Class != c.class || !errors.Is(err, c.err) {
			t.Errorf("%s: ran %d times, %+v, %v", name, runs, got, err)
		}
		if !got.Tells() && got.Warning != "" {
			t.Errorf("%s: it tells nothing, and warns: %+v", name, got)
		}
	}
	var none *standstill
	if none.since(time.Time{}, time.Now()) {
		t.Error("without one, it stood still")
	}
}

package httpcall_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"sparky/internal/httpcall"
)

func TestRefusal(t *testing.T) {
	for name, test := range map[string]struct {
		refusal *httpcall.Refusal
		says    string
		lasts   bool
		wait    time.Duration
	}{
		"with a mend":  {&httpcall.Refusal{What: "the answer was 404", Mend: "check the address", Lasts: true}, "the answer was 404: check the address", true, 0},
		"asks to wait": {&httpcall.Refusal{What: "too many", Wait: time.Minute}, "too many", false, time.Minute},
	} {
		// What repeats calls finds it within other errors, by its methods alone.
		var found interface {
			Permanent() bool
			Refused() bool
			RetryAfter() time.Duration
		}
		if !errors.As(fmt.Errorf("told: %w", test.refusal), &found) || !found.Refused() {
			t.Errorf("%s: it is not known as a refusal", name)
			continue
		}
		if test.refusal.Error() != test.says || found.Permanent() != test.lasts || found.RetryAfter() != test.wait {
			t.Errorf("%s: %q, lasts %t, wait %s", name, test.refusal, found.Permanent(), found.RetryAfter())
		}
	}
}

func TestUnsent(t *testing.T) {
	err := httpcall.Unsent(fmt.Errorf("writing the request: %w", io.ErrShortWrite))
	var refusal *httpcall.Refusal
	if !errors.As(err, &refusal) || refusal.Permanent() || refusal.Status != 0 || !errors.Is(err, io.ErrShortWrite) || err.Error() != "writing the request: short write" {
		t.Errorf("%+v", err)
	}
}

func TestWaitAsked(t *testing.T) {
	now := time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": httpcall.UsualWait, "x": httpcall.UsualWait, "-3": httpcall.UsualWait, "0": httpcall.UsualWait, "5": 5 * time.Second,
		"999999": time.Hour, "99999999999999999999": time.Hour, "Wed, 04 Nov 2026 10:00:07 GMT": 7 * time.Second,
		"Wed, 04 Nov 2026 09:00:00 GMT": httpcall.UsualWait,
	} {
		header := http.Header{"Retry-After": {text}}
		if got := httpcall.WaitAsked(header, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if _, ok := httpcall.RetryAfter(header, now); ok != (want != httpcall.UsualWait) {
			t.Errorf("%q: it says %t", text, ok)
		}
	}
}

// TestFailure holds that whoever repeats calls reads a failure by its methods, and one that knows nothing as unknown.
func TestFailure(t *testing.T) {
	cause := &httpcall.Error{}
	err := fmt.Errorf("told: %w", &httpcall.Failure{Doing: "moving ECO-1", Problem: "Jira has trouble (503)", Status: 503, Undone: true, Wait: time.Minute, Cause: cause})
	var found interface {
		Permanent() bool
		NotSent() bool
		Refused() bool
		RetryAfter() time.Duration
	}
	var below *httpcall.Error
	if !errors.As(err, &found) || found.Permanent() || found.NotSent() || !found.Refused() || found.RetryAfter() != time.Minute || !errors.As(err, &below) ||
		err.Error() != "told: moving ECO-1: Jira has trouble (503)" {
		t.Errorf("%v: %+v", err, found)
	}
	unknown := &httpcall.Failure{Doing: "x", Problem: "y"}
	if unknown.Permanent() || unknown.NotSent() || unknown.Refused() || unknown.RetryAfter() != 0 || unknown.Unwrap() != nil {
		t.Errorf("of unknown outcome, but %+v", unknown)
	}
}

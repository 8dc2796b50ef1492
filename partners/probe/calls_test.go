package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// callsOf runs a probe and gives what it called.
func callsOf(t *testing.T, probe partners.Probe) []partners.Call {
	t.Helper()
	result := Run(t.Context(), "okta", partners.ProbeConfig{ID: "org"}, probe, time.Now)
	return result.Calls
}

func answering(t *testing.T, status int) (string, *httpcall.Client) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) }))
	t.Cleanup(server.Close)
	return server.URL, httpcall.New(httpcall.Options{Retries: -1})
}

// TestCallsAreNoted holds that each call is told by its names, and that those without a name are the probe's own.
func TestCallsAreNoted(t *testing.T) {
	url, client := answering(t, http.StatusTeapot)
	calls := callsOf(t, func(ctx context.Context) (partners.Finding, error) {
		for _, action := range []string{"readOrg", ""} {
			service := map[bool]string{true: "okta-api"}[action != ""]
			if _, err := Do(ctx, client, service, action, httpcall.Request{URL: url}); err != nil {
				return partners.Finding{}, err
			}
		}
		return partners.Finding{}, nil
	})
	if len(calls) != 2 || calls[0].Service != "okta-api" || calls[0].Action != "readOrg" || calls[1].Service != "okta" || calls[1].Action != "org" {
		t.Fatalf("%+v", calls)
	}
	for _, c := range calls {
		if c.Status != http.StatusTeapot || c.Took <= 0 || time.Since(c.At) > time.Minute {
			t.Errorf("%+v", c)
		}
	}
}

// TestACallWithoutAnAnswerHasNoStatus, and one that was never made is none.
func TestACallWithoutAnAnswerHasNoStatus(t *testing.T) {
	url, client := answering(t, http.StatusOK)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	calls := callsOf(t, func(ctx context.Context) (partners.Finding, error) {
		_, first := Do(ctx, client, "a", "dead", httpcall.Request{URL: gone.URL})
		_, second := Do(ctx, client, "a", "never", httpcall.Request{URL: "no address"})
		return partners.Finding{}, fmt.Errorf("%w, %w", first, second)
	})
	if len(calls) != 1 || calls[0].Action != "dead" || calls[0].Status != 0 {
		t.Errorf("%+v", calls)
	}
	if _, err := Do(t.Context(), client, "a", "b", httpcall.Request{URL: url}); err != nil {
		t.Errorf("outside a run: %v", err)
	}
}

// TestCleaningUpIsNotTold holds that the calls that undo what a probe did are none of what it measures.
func TestCleaningUpIsNotTold(t *testing.T) {
	url, client := answering(t, http.StatusOK)
	calls := callsOf(t, func(ctx context.Context) (partners.Finding, error) {
		ctx, cancel := CleanUp(ctx)
		defer cancel()
		_, err := Do(ctx, client, "a", "undo", httpcall.Request{URL: url})
		return partners.Finding{}, err
	})
	if len(calls) != 0 {
		t.Errorf("%+v", calls)
	}
}

// TestCallsAreBounded holds that a probe that calls without end does not fill the memory.
func TestCallsAreBounded(t *testing.T) {
	watch := &stopwatch{now: time.Now}
	for range 3 * mostCalls {
		watch.called(partners.Call{})
	}
	if n := len(watch.madeBy("a", "b")); n != mostCalls {
		t.Errorf("%d calls are kept", n)
	}
}

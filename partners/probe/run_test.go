package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

func TestRunPasses(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	ends := at.AddDate(0, 1, 0)
	got := Run(t.Context(), "acme", partners.ProbeConfig{ID: "sign-in"}, func(context.Context) (partners.Finding, error) {
		return partners.Finding{Warning: "soon", Expires: ends}, nil
	}, func() time.Time { return at })
	if want := (partners.ProbeResult{Partner: "acme", Probe: "sign-in", At: at, Warning: "soon", Expires: ends}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !got.Passed() {
		t.Error("a pass is not told as one")
	}
}

func TestRunKeepsAFailureAsItIs(t *testing.T) {
	failure := partners.Failure{
		Class: partners.FailServer, Problem: "it answered 503", Status: 503, Host: "api.example", Connected: true,
		Edge: "fastly", Excerpt: "no backend", Issuer: "nobody",
	}
	got := Run(t.Context(), "acme", partners.ProbeConfig{ID: "p"}, func(context.Context) (partners.Finding, error) {
		return partners.Finding{Warning: "litter"}, fmt.Errorf("step 2: %w", &failure)
	}, time.Now)
	got.At, got.Took = time.Time{}, 0
	want := partners.ProbeResult{
		Partner: "acme", Probe: "p", Class: partners.FailServer, Problem: "step 2: it answered 503", Status: 503, Host: "api.example",
		Connected: true, Edge: "fastly", Excerpt: "no backend", Issuer: "nobody", Warning: "litter",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if failure.Problem != "it answered 503" {
		t.Error("the probe's own failure was changed")
	}
}

func TestRunSurvivesAPanic(t *testing.T) {
	var nothing map[string]int
	got := Run(t.Context(), "acme", partners.ProbeConfig{ID: "sign-in", Kind: "http"}, func(context.Context) (partners.Finding, error) {
		nothing["a"] = 1
		return partners.Finding{}, nil
	}, time.Now)
	if got.Class != partners.FailPanic {
		t.Errorf("got class %q, want panic", got.Class)
	}
	canned.Says(t, got.Problem, "sign-in", "nil map", "says nothing about the partner")
	if len(got.Problem) > 300 {
		t.Errorf("%q is too long to be read", got.Problem)
	}
}

func TestRunBoundsTheProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := partners.ProbeConfig{ID: "p", Timeout: seconds(3)}
		got := Run(t.Context(), "acme", config, func(ctx context.Context) (partners.Finding, error) {
			<-ctx.Done()
			return partners.Finding{}, fmt.Errorf("waiting: %w", ctx.Err())
		}, time.Now)
		if got.Class != partners.FailTimeout || got.Took != 3*time.Second || got.Connected {
			t.Errorf("got %+v, want a timeout after 3 s", got)
		}
		got = Run(t.Context(), "acme", partners.ProbeConfig{ID: "p"}, func(ctx context.Context) (partners.Finding, error) {
			<-ctx.Done()
			return partners.Finding{}, ctx.Err()
		}, time.Now)
		if got.Took != usualTimeout {
			t.Errorf("without a timeout it took %s", got.Took)
		}
	})
}

func TestARunThatIsCalledOffSaysNothing(t *testing.T) {
	for name, probe := range map[string]func(context.Context) (partners.Finding, error){
		"bare":      func(ctx context.Context) (partners.Finding, error) { return partners.Finding{}, ctx.Err() },
		"a failure": func(context.Context) (partners.Finding, error) { return partners.Finding{}, errors.New("cut") },
		"by HTTP": func(ctx context.Context) (partners.Finding, error) {
			_, err := over(silent).Do(ctx, httpcall.Request{URL: "https://api.example"})
			return partners.Finding{}, err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got := Run(ctx, "acme", partners.ProbeConfig{ID: "p"}, probe, time.Now); got.Class != partners.FailNotTried || got.Tells() {
			t.Errorf("%s: got %+v, want that it says nothing", name, got)
		}
	}
}

func TestRunMeasuresTheParts(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-hold
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	client := httpcall.New(httpcall.Options{})
	t.Cleanup(client.CloseIdleConnections)
	config := httpConfig(partners.HTTPStep{URL: server.URL})
	time.AfterFunc(20*time.Millisecond, func() { close(hold) })
	first := run(t, config, client)
	if !first.Passed() || first.Timings.Connect <= 0 || first.Timings.FirstByte < 10*time.Millisecond {
		t.Errorf("got %+v, want times for the connection and the first byte", first)
	}
	if sum := first.Timings.DNS + first.Timings.Connect + first.Timings.TLS + first.Timings.FirstByte; sum > first.Took {
		t.Errorf("the parts take %s, the whole %s", sum, first.Took)
	}
	if again := run(t, config, client); again.Timings.Connect != 0 || again.Timings.FirstByte <= 0 {
		t.Errorf("got %+v for a connection that stood already", again.Timings)
	}
}

// TestConnectedTellsWhereATimeoutIs has a host that takes the connection and never answers.
func TestConnectedTellsWhereATimeoutIs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	config := httpConfig(partners.HTTPStep{URL: server.URL})
	config.Timeout = 60_000_000 // 60 ms
	got := run(t, config, httpcall.New(httpcall.Options{}))
	if got.Class != partners.FailTimeout || !got.Connected || got.AtNetwork() {
		t.Errorf("got %+v, want a timeout of a connection that stood", got)
	}
	if far := run(t, config, over(failing(dialError(context.DeadlineExceeded)))); far.Class != partners.FailTimeout || far.Connected || !far.AtNetwork() {
		t.Errorf("got %+v, want a timeout on the way there", far)
	}
}

func TestStopwatchIgnoresWhatComesLate(t *testing.T) {
	at := time.Unix(100, 0)
	w := &stopwatch{now: func() time.Time { return at }}
	w.note(w.begin)
	w.note(w.dialling)
	at = at.Add(time.Second)
	w.note(func(at time.Time) { w.dialled(at, nil) })
	if got := w.read(time.Minute); got.Connect != time.Second {
		t.Errorf("got %+v, want a second for the connection", got)
	}
	w.note(w.begin)
	if got := w.read(time.Minute); got.Connect != time.Second {
		t.Error("a hook that was called after the end counted")
	}
	if got := w.read(time.Millisecond); got != (partners.Timings{}) {
		t.Errorf("got %+v, longer than the whole", got)
	}
}

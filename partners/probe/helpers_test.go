package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// network is a network in memory.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(req *http.Request) (*http.Response, error) { return n(req) }

// over is a client on that network, which tries everything once.
func over(n network) *httpcall.Client {
	return httpcall.New(httpcall.Options{Transport: n, Retries: -1})
}

// always gives the same answer to everything.
func always(status int, body string, header ...string) network {
	return func(*http.Request) (*http.Response, error) { return canned.Answer(status, body, header...), nil }
}

// failing gives the same error to everything.
func failing(err error) network {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent never answers.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, context.Cause(req.Context())
}

func dialError(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }

// seconds is a duration of the configuration.
func seconds(n int) setting.Duration { return setting.Duration(time.Duration(n) * time.Second) }

// httpConfig is an http probe of one step.
func httpConfig(step partners.HTTPStep) partners.ProbeConfig {
	return partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Timeout: seconds(10), HTTPStep: step}
}

// run makes a probe and runs it once.
func run(t testing.TB, config partners.ProbeConfig, client *httpcall.Client) partners.ProbeResult {
	t.Helper()
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	return Run(t.Context(), "acme", config, made, time.Now)
}

// failureIn is the *partners.Failure that an error must be.
func failureIn(t testing.TB, err error) *partners.Failure {
	t.Helper()
	var failure *partners.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, want a failure", err)
	}
	return failure
}

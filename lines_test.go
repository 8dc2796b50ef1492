package main

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// always calls every partner by the same client.
func always(client *httpcall.Client) caller {
	return func(partners.Partner) *httpcall.Client { return client }
}

// roundTrip is a network that a function answers for.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestLinesAreAsPatientAsConfigured counts attempts and measures waits by a clock of its own.
func TestLinesAreAsPatientAsConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []time.Duration
		began := time.Now()
		base := httpcall.Options{Jitter: func() float64 { return 0.999 }, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			attempts = append(attempts, time.Since(began).Round(100*time.Millisecond))
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		var moved []string
		l := newLines(base, partners.Partner.Patience, func(partner string, b httpcall.Breaker) {
			moved = append(moved, partner+" "+b.Host+" "+string(b.State)+" "+b.Why)
		})
		p := partners.Partner{ID: "acme", Resilience: &partners.Resilience{Attempts: 3, AttemptTimeout: setting.Duration(20 * time.Second),
			Backoff: partners.Backoff{First: setting.Duration(2 * time.Second), Most: setting.Duration(3 * time.Second)},
			Breaker: partners.Breaker{Requests: 3, Ratio: 100, OpenFor: setting.Duration(time.Minute)}}}
		call := func() error {
			_, err := l.to(p).Do(t.Context(), httpcall.Request{URL: "https://acme.example/feed"})
			return err
		}
		if err := call(); err == nil {
			t.Fatal("nobody answers, and there is no error")
		}
		if len(attempts) != 3 || attempts[1] != 22*time.Second || attempts[2] != 45*time.Second {
			t.Errorf("attempts at %v", attempts)
		}
		if len(moved) != 1 || !strings.HasPrefix(moved[0], "acme acme.example:443 open ") {
			t.Errorf("told %q", moved)
		}
		if err := call(); err == nil || len(attempts) != 3 {
			t.Errorf("behind an open breaker: %v, %d attempts", err, len(attempts))
		}
		<-time.After(time.Minute + time.Second) // of the bubble's time
		if err := call(); err == nil || len(attempts) != 4 {
			t.Errorf("a minute later: %v, %d attempts", err, len(attempts))
		}
	})
}

func TestEveryPartnerHasALineOfItsOwn(t *testing.T) {
	l := newLines(httpcall.Options{}, partners.Partner.Patience, nil)
	one, other := l.to(partners.Partner{ID: "a"}), l.to(partners.Partner{ID: "b"})
	if one == other || one != l.to(partners.Partner{ID: "a"}) {
		t.Error("a client is shared, or made anew")
	}
}

// TestWorkersAreAsPatient holds that a worker is told what the clients here are made of.
func TestWorkersAreAsPatient(t *testing.T) {
	once := partners.Resilience{}
	once.SetDefaults()
	once.Attempts = 1
	many := once
	many.Attempts, many.Breaker.OpenFor = 20, setting.Duration(time.Minute)
	for what, p := range map[string]partners.Partner{
		"the usual": {ID: "a", Probes: []partners.ProbeConfig{{Every: setting.Duration(3 * time.Second)}}},
		"once":      {ID: "b", Resilience: &once}, "often": {ID: "c", Resilience: &many},
	} {
		o, c := patient(httpcall.Options{}, p.ProbePatience()), patientWorker(p)
		if o.Timeout != c.Timeout || o.AttemptTimeout != c.AttemptTimeout || o.Retries != c.Retries || o.MinWait != c.MinWait || o.MaxWait != c.MaxWait || o.Breaker != c.Breaker {
			t.Errorf("%s: %+v here, %+v there", what, o, c)
		}
		if o.Timeout < 30*time.Second || o.Timeout < o.AttemptTimeout*time.Duration(max(o.Retries, 0)+1) || o.Retries == 0 {
			t.Errorf("%s: %+v", what, o)
		}
	}
	if usual := patient(httpcall.Options{}, partners.Partner{}.Patience()); usual.Breaker != (httpcall.BreakerOptions{Requests: 8, Ratio: 0.5, Open: 30 * time.Second}) || usual.Retries != 3 {
		t.Errorf("%+v", usual)
	}
}

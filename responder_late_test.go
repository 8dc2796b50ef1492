package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"sparky/partners"
	"sparky/partners/probe"
)

// TestWhatCannotBeTakenBackIsToldAllTheSame has a partner hang at all that ends what was made there: the run is longer than its
// time by what it gets to clean up, and that is no sign that this machine was held up.
func TestWhatCannotBeTakenBackIsToldAllTheSame(t *testing.T) {
	steps := []partners.HTTPStep{{URL: "https://api.acme.example/a", Method: http.MethodPost}, {URL: "https://api.acme.example/a", Method: http.MethodPatch}}
	for range 3 {
		steps = append(steps, partners.HTTPStep{URL: "https://api.acme.example/a", Method: http.MethodDelete, Always: true})
	}
	for name, c := range map[string]partners.ProbeConfig{
		"an incident": {ID: "create", Kind: partners.KindServiceNowIncident, BaseURL: "https://api.acme.example"},
		"several":     {ID: "create", Kind: partners.KindHTTP, Steps: steps},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDuty()
				d.net["api.acme.example"] = func(r *http.Request) (*http.Response, error) {
					switch r.Method {
					case http.MethodGet:
						return answering(200, `{"result":[]}`)(r)
					case http.MethodPost:
						return answering(201, `{"result":{"sys_id":"a1","number":"INC1"}}`)(r)
					}
					return hanging(r)
				}
				c.SetDefaults()
				began := time.Now()
				result, err := d.Probe(t.Context(), d.partner, c)
				if err != nil || result.Class != partners.FailTimeout || len(d.memory.live()) != 1 {
					t.Errorf("%+v, %v", result, err)
				}
				if took := time.Since(began); took > probe.Within(c)+afterProbe {
					t.Errorf("it took %v, and its job has %v", took, probe.Within(c)+afterProbe)
				}
			})
		})
	}
}

// endless is a crew whose worker was ended, because it ran the probe for longer than it may.
type endless struct{}

func (endless) Run(_ context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	return partners.ProbeResult{Partner: p.ID, Probe: c.ID, At: time.Now(), Took: c.Timeout.Std() + 7*time.Second, Class: partners.FailPanic}, nil
}

// TestAModuleThatNeverEndsIsTold: its run is longer than it may be each time, and that is no sign that this machine was held up.
func TestAModuleThatNeverEndsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDuty()
		d.probes.apart, d.partner.Isolation = endless{}, partners.IsolationProcess
		if _, err := d.Probe(t.Context(), d.partner, reading("api")); err != nil || len(d.memory.live()) != 1 {
			t.Errorf("%v, %+v", err, d.memory.live())
		}
	})
}

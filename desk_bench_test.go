package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/partners"
	"sparky/store"
)

// BenchmarkProbed is what a result costs that opens nothing: one of a probe that is known to take part in nothing, and
// one for which the memory has to be asked, which is once a minute for each probe. A thousand probes every ten seconds are
// a hundred of these a second.
func BenchmarkProbed(b *testing.B) {
	for _, c := range []struct {
		name  string
		later time.Duration // between two results
	}{{"calm", 0}, {"asks-the-store", 2 * time.Minute}} {
		b.Run(c.name, func(b *testing.B) {
			memory, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer memory.Close()
			now := time.Now()
			desk := incidents.NewDesk(incidents.Options{Memory: memory, Now: func() time.Time { return now }, Partners: []partners.Partner{{ID: "acme", Name: "Acme"}}})
			pass := partners.ProbeResult{Partner: "acme", Probe: "api", At: now, Took: time.Second}
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(c.later)
				pass.At = now
				if reaction, err := desk.Probed(b.Context(), pass, incidents.ReachUnknown); err != nil || reaction.Incident != "" {
					b.Fatalf("%+v, %v", reaction, err)
				}
			}
		})
	}
}

// BenchmarkSweep is what looking after a hundred open incidents costs where nothing is due. It comes every five seconds,
// and no other decision is made meanwhile.
func BenchmarkSweep(b *testing.B) {
	memory, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer memory.Close()
	err = memory.Decide(b.Context(), "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
		for i := range 100 {
			l.Incidents = append(l.Incidents, openIncident(i))
		}
		return nil, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	desk := incidents.NewDesk(incidents.Options{Memory: memory, Now: time.Now})
	b.ReportAllocs()
	for b.Loop() {
		if err := desk.Sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerdict is the judging of evidence that has something in every part of it.
func BenchmarkVerdict(b *testing.B) {
	now := time.Now()
	failing := partners.ProbeResult{Partner: "acme", Probe: "api", At: now, Took: time.Second, Class: partners.FailServer, Status: 503, Problem: "it answered 503"}
	page := partners.Status{Kind: "statuspage", Level: partners.Degraded, ReadAt: now, UpdatedAt: now,
		Components: []partners.Component{{Name: "API", Level: partners.Degraded}},
		Incidents:  []partners.PageIncident{{ID: "i", Name: "Errors of the API", Phase: "investigating", Level: partners.Degraded, Began: now, Updated: now, Text: "We look into it."}}}
	evidence := incidents.Evidence{At: now, Page: incidents.PageEvidence{Configured: true, Status: page, Whole: page, LastGood: page},
		Incident: incidents.Incident{ID: "sparky-acme-1", Kind: incidents.KindProbe, Partner: "acme", Name: "Acme", State: incidents.StateOpen,
			Probes: []incidents.Failing{{Partner: "acme", Probe: "api", Since: now, Last: failing, Fails: 1}}},
		Controls: []incidents.Control{{Name: "one.example"}, {Name: "two.example"}},
		History:  []incidents.History{{Partner: "acme", Probe: "api", Runs: 900, Passed: 890, LastPass: now.Add(-time.Minute), Recent: 12}},
		Siblings: []partners.ProbeResult{{Partner: "acme", Probe: "table", At: now}},
		Expiries: []incidents.Expiry{{What: "the certificate of acme.example", At: now.Add(time.Hour)}},
		Notices:  []incidents.Notice{{Title: "The old API ends", Effective: now.Add(24 * time.Hour), Breaking: true}}}
	for range 20 {
		evidence.Others = append(evidence.Others, incidents.Neighbour{Partner: "other", Name: "Other", Probes: 3, PageRead: true})
	}
	rules := incidents.DefaultTriageRules()
	b.ReportAllocs()
	for b.Loop() {
		if v := incidents.Decide(evidence, rules); v.Word != incidents.External {
			b.Fatalf("got %+v", v)
		}
	}
}

// BenchmarkGather is the gathering of evidence out of a memory with a thousand probes, where everybody answers at once.
func BenchmarkGather(b *testing.B) {
	s := newScene()
	memory, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer memory.Close()
	s.w.memory, s.w.news, s.w.keep = memory, memory, memory.SaveStatus
	s.w.partners = s.w.partners[:1]
	var results []partners.ProbeResult
	for i := range 100 {
		p := partners.Partner{ID: otherPartner(i), Name: otherPartner(i)}
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			p.Probes = append(p.Probes, partners.ProbeConfig{ID: id})
			results = append(results, partners.ProbeResult{Partner: p.ID, Probe: id, At: time.Now(), Took: time.Second})
		}
		s.w.partners = append(s.w.partners, p)
	}
	if err := memory.SaveResults(context.WithoutCancel(b.Context()), results); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if e := s.w.Gather(b.Context(), acme()); len(e.Missing) > 0 || len(e.Others) != 100 {
			b.Fatalf("%d others, missing %q", len(e.Others), e.Missing)
		}
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// BenchmarkProbe is the whole way of a probe that passes, from its call to its row in SQLite, but for the network: what it
// costs is measured in processor time, which what else the machine does changes little. Ten run at once, as of a thousand
// probes every ten seconds, or five hundred, as where there are more than the machine can do.
func BenchmarkProbe(b *testing.B) {
	for _, side := range []int{10, 500} {
		b.Run(fmt.Sprint(side, " at once"), func(b *testing.B) { benchProbe(b, side) })
	}
}

func benchProbe(b *testing.B, side int) {
	memory, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer memory.Close()
	all := manyProbes(50, 2*side/10)
	r := benchResponder(memory, all)
	var next atomic.Int64
	run := func(n int) {
		var group sync.WaitGroup
		for range side {
			group.Go(func() {
				for i := next.Add(1); i <= int64(n); i = next.Add(1) {
					p := all[int(i)%len(all)]
					if result, err := r.Probe(b.Context(), p, p.Probes[int(i)/len(all)%len(p.Probes)]); err != nil || !result.Passed() {
						b.Errorf("%+v, %v", result, err)
						return
					}
				}
			})
		}
		group.Wait()
	}
	run(len(all) * len(all[0].Probes)) // the first run of each is another matter
	next.Store(0)
	before, err := ownTime()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	run(b.N)
	b.StopTimer()
	after, err := ownTime()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(us(after-before)/float64(b.N), "cpu-µs/op")
}

// manyProbes are partners with so many probes each.
func manyProbes(count, each int) []partners.Partner {
	var all []partners.Partner
	for i := range count {
		p := partners.Partner{ID: otherPartner(i), Name: otherPartner(i)}
		for n := range each {
			c := partners.ProbeConfig{ID: fmt.Sprint("probe-", n), Kind: partners.KindHTTP, Every: setting.Duration(time.Second), Timeout: setting.Duration(10 * time.Second)}
			c.URL = fmt.Sprintf("http://partner-%d.example/%d", i, n)
			p.Probes = append(p.Probes, c)
		}
		all = append(all, p)
	}
	return all
}

// benchResponder is a responder whose partners answer without a network.
func benchResponder(memory *store.Store, all []partners.Partner) *responder {
	redactor := setting.NewRedactor(setting.NewSecret("xoxb-0123456789"))
	lines := newLines(httpcall.Options{Redactor: redactor, PublicOnly: true, Transport: healthy{}}, partners.Partner.ProbePatience, nil)
	results := memory.Grouped(keptWithin)
	desk := incidents.NewDesk(incidents.Options{Memory: memory, Passes: results, Partners: all, Now: time.Now, Rules: incidents.Rules{RecoverAfter: 2}})
	return &responder{probes: newProbes(lines.to, redactor, time.Now), controls: &controls{now: time.Now}, desk: desk, results: results}
}

// healthy answers as a healthy partner does.
type healthy struct{}

// RoundTrip answers.
func (healthy) RoundTrip(req *http.Request) (*http.Response, error) {
	const body = `{"ok":true}`
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}, "Date": {"Mon, 23 Nov 2026 03:00:00 GMT"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
}

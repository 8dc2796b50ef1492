package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/internal/setting"
	"sparky/partners"
)

// fakeProber answers with what a test has put down for a probe; without that the probe passes.
type fakeProber struct {
	mu     sync.Mutex
	result map[string]partners.ProbeResult
	err    map[string]error
	panics bool
	takes  map[string]time.Duration
	most   int // that ran at a time
	now    int
}

func newFakeProber() *fakeProber {
	return &fakeProber{result: map[string]partners.ProbeResult{}, err: map[string]error{}, takes: map[string]time.Duration{}}
}

func (f *fakeProber) Probe(ctx context.Context, p partners.Partner, probe partners.ProbeConfig) (partners.ProbeResult, error) {
	f.mu.Lock()
	f.now++
	f.most = max(f.most, f.now)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.now--
	}()
	if f.panics {
		panic("index out of range")
	}
	select {
	case <-time.After(f.takes[probe.ID]):
	case <-ctx.Done():
		return partners.ProbeResult{}, fmt.Errorf("probing %s/%s: %w", p.ID, probe.ID, ctx.Err())
	}
	if result, ok := f.result[probe.ID]; ok {
		return result, f.err[probe.ID]
	}
	return passed(p.ID, probe.ID), f.err[probe.ID]
}

func passed(partner, probe string) partners.ProbeResult {
	return partners.ProbeResult{Partner: partner, Probe: probe, At: noon.Add(-2 * time.Minute), Took: 412 * time.Millisecond, Timings: partners.Timings{
		DNS: 3 * time.Millisecond, Connect: 11 * time.Millisecond, TLS: 22 * time.Millisecond, FirstByte: 370 * time.Millisecond}}
}

func refused(partner, probe string) partners.ProbeResult {
	r := passed(partner, probe)
	r.Class, r.Problem, r.Status = partners.FailAuth, "POST /api/now/table/incident was answered with 401: the user or the password is wrong", 401
	r.Excerpt = "User Not Authenticated"
	return r
}

func TestProbeReadAloud(t *testing.T) {
	var talk strings.Builder
	fake := newFakeProber()
	b := newTable()
	b.prober = fake
	say := func(text string) { talk.WriteString(said(ada, text, b.ask(t, ada, text))) }
	say("probe snow")
	say("probe snow/table-api")
	fake.result["create-incident"] = refused("servicenow", "create-incident")
	say("probe servicenow")
	say("probe servicenow create-incident")
	fake.result["create-incident"] = partners.ProbeResult{Class: partners.FailNotTried, Problem: "the last 5 calls to dev12345.service-now.com failed, the next is made in 20 s"}
	warned := passed("servicenow", "table-api")
	warned.Warning = "the certificate of dev12345.service-now.com ends on 12 March"
	fake.result["table-api"] = warned
	say("probe servicenow")
	fake.err["create-incident"] = errors.New("its module did not start")
	say("probe servicenow create-incident")
	for _, text := range []string{"probe", "probe snwo", "probe snow create-incidnt", "probe snow/x", "probe workday", "probe workday login", "probe snow table-api 5"} {
		say(text)
	}
	golden(t, "probe", talk.String())
}

func TestProbeShowsItselfInTheMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeProber()
		fake.takes = map[string]time.Duration{"create-incident": 2 * time.Second, "table-api": time.Second}
		fake.result["table-api"] = refused("servicenow", "table-api")
		b := newTable()
		b.prober = fake
		var shown []string
		began := time.Now()
		reply := b.book().Run(t.Context(), Request{Text: "probe snow", Person: ada, Progress: func(r Reply) {
			if !r.Public {
				t.Errorf("only the asker sees: %s", r.Text)
			}
			shown = append(shown, r.Text)
		}})
		want := []string{"ServiceNow: 2 probes running.", "ServiceNow: 1 of 2 probes failed (table-api), 1 still running."}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("side by side they take %v", took)
		}
		if reply.Text != "ServiceNow: 1 of 2 probes failed (table-api)." || !reply.Failed || !reply.Public {
			t.Errorf("%+v", reply)
		}
	})
}

func TestProbesRunOnlySoManyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeProber()
		p := partners.Partner{ID: "big", Name: "Big"}
		for n := range 20 {
			id := fmt.Sprint("p", n)
			p.Probes = append(p.Probes, partners.ProbeConfig{ID: id, Every: setting.Duration(time.Minute)})
			fake.takes[id] = time.Second
		}
		d := NewDirectory([]partners.Partner{p})
		reply := NewBook(d, nil, Probe(d, fake)).Run(t.Context(), Request{Text: "probe big"})
		if reply.Text != "Big: all 20 probes passed." || fake.most != sideBySide {
			t.Errorf("%s, %d at a time", reply.Text, fake.most)
		}
	})
}

func TestAStoppedProbeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fake := newFakeProber()
		fake.takes = map[string]time.Duration{"create-incident": time.Hour, "table-api": time.Hour}
		b := newTable()
		b.prober = fake
		began := time.Now()
		reply := b.book().Run(ctx, Request{Text: "probe snow", Person: ada})
		if time.Since(began) != time.Second || !reply.Failed || reply.Text != "ServiceNow: 2 of 2 probes could not be run (create-incident and table-api)." {
			t.Errorf("after %v: %s", time.Since(began), reply.Text)
		}
	})
}

func TestAPanicInAProbeIsAResult(t *testing.T) {
	b := newTable()
	fake := newFakeProber()
	fake.panics = true
	b.prober = fake
	reply := b.ask(t, ada, "probe snow/table-api")
	if !reply.Failed || !strings.Contains(plain(reply), "index out of range") {
		t.Errorf("%s\n%s", reply.Text, plain(reply))
	}
}

func TestProbeRecords(t *testing.T) {
	b := newTable()
	fake := newFakeProber()
	fake.result["create-incident"] = refused("servicenow", "create-incident")
	fake.err["table-api"] = errors.New("its module did not start")
	b.prober = fake
	encoded, err := json.Marshal(b.ask(t, ada, "probe snow").Facts)
	want := `[{"partner":"servicenow","probe":"create-incident","at":"2027-03-01T11:58:00Z","passed":false,"class":"auth",` +
		`"problem":"POST /api/now/table/incident was answered with 401: the user or the password is wrong","status":401,"excerpt":"User Not Authenticated","duration":0.412,` +
		`"timings":{"dns":0.003,"connect":0.011,"tls":0.022,"first_byte":0.37}},` +
		`{"partner":"servicenow","probe":"table-api","passed":false,"problem":"its module did not start","duration":0,` +
		`"timings":{"dns":0,"connect":0,"tls":0,"first_byte":0}}]`
	if err != nil || string(encoded) != want {
		t.Errorf("got %s, %v\nwant %s", encoded, err, want)
	}
}

func TestALocalPersonIsNotNamed(t *testing.T) {
	reply := newTable().ask(t, Person{Local: true}, "probe snow")
	if strings.Contains(plain(reply), "Asked by") {
		t.Errorf("a terminal shows who sits at it:\n%s", plain(reply))
	}
}

package probe

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
)

// desk is a service that keeps things: POST makes one, DELETE takes it away.
type desk struct {
	mu     sync.Mutex
	seen   []string
	things map[string]string
	fail   map[string]int // "METHOD /path" to a status
	hang   string         // "METHOD" that never answers
}

func (d *desk) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == d.hang {
		return silent(req)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.things == nil {
		d.things = map[string]string{}
	}
	body := []byte{}
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	call := req.Method + " " + req.URL.EscapedPath()
	d.seen = append(d.seen, call+" "+string(body))
	if status := d.fail[call]; status != 0 {
		return canned.Answer(status, `{"error":"told to fail"}`), nil
	}
	id := "a/7"
	switch {
	case call == "POST /things":
		d.things[id] = string(body)
		return canned.Answer(201, `{"result":{"id":"a/7","rank":12345678901234567,"none":null,"list":[1]}}`), nil
	case req.URL.Path != "/things/"+id || d.things[id] == "":
		return canned.Answer(404, `{"error":"no such thing"}`), nil
	case req.Method == "DELETE":
		delete(d.things, id)
		return canned.Answer(204, ""), nil
	}
	return canned.Answer(200, `{"name":"lamp"}`), nil
}

// steps are create, look, take away.
func steps() []partners.HTTPStep {
	return []partners.HTTPStep{
		{Method: "POST", URL: "https://api.example/things", Body: `{"name":"lamp"}`, Expect: partners.Expect{Status: []int{201}},
			Save: map[string]string{"id": "result.id", "rank": "result.rank"}},
		{URL: "https://api.example/things/{{id}}?rank={{rank}}", Headers: map[string]string{"X-Thing": "{{id}}"},
			Expect: partners.Expect{JSON: map[string]string{"name": "lamp"}}},
		{Method: "DELETE", URL: "https://api.example/things/{{id}}", Body: `{"rank":{{rank}}}`, Always: true},
	}
}

func runSteps(t *testing.T, d *desk, steps []partners.HTTPStep) partners.ProbeResult {
	t.Helper()
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Timeout: seconds(10), Steps: steps}
	return run(t, config, httpcall.New(httpcall.Options{Transport: d, Retries: -1, AttemptTimeout: time.Minute}))
}

func TestSteps(t *testing.T) {
	d := &desk{}
	got := runSteps(t, d, steps())
	if !got.Passed() {
		t.Fatal(got.Problem)
	}
	want := []string{
		`POST /things {"name":"lamp"}`, "GET /things/a%2F7 ", `DELETE /things/a%2F7 {"rank":12345678901234567}`,
	}
	if !slices.Equal(d.seen, want) || len(d.things) != 0 {
		t.Errorf("got %q, left %v", d.seen, d.things)
	}
}

func TestAFailedStepIsCleanedUpAfter(t *testing.T) {
	d := &desk{fail: map[string]int{"GET /things/a%2F7": 500}}
	got := runSteps(t, d, steps())
	if got.Class != partners.FailServer || got.Status != 500 {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "step 2 of 3, GET: api.example answered 500")
	if len(d.things) != 0 {
		t.Errorf("left %v", d.things)
	}
	d = &desk{fail: map[string]int{"GET /things/a%2F7": 403, "DELETE /things/a%2F7": 500}}
	got = runSteps(t, d, steps())
	if got.Class != partners.FailRights {
		t.Errorf("got class %q, want that of the first failure", got.Class)
	}
	canned.Says(t, got.Problem, "step 2 of 3", "cleaning up failed too: step 3 of 3, DELETE: api.example answered 500")
	d = &desk{fail: map[string]int{"DELETE /things/a%2F7": 500}}
	if got = runSteps(t, d, steps()); got.Class != partners.FailServer {
		t.Errorf("got %+v although only the last step failed", got)
	}
}

func TestWhatWasNeverMadeIsNotCleanedUp(t *testing.T) {
	d := &desk{fail: map[string]int{"POST /things": 503}}
	got := runSteps(t, d, steps())
	if got.Class != partners.FailServer || strings.Contains(got.Problem, "cleaning") || len(d.seen) != 1 {
		t.Errorf("got %q after %q", got.Problem, d.seen)
	}
}

func TestCleaningUpHasTimeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{hang: "GET"}
		got := runSteps(t, d, steps())
		if got.Class != partners.FailTimeout || got.Took != 10*time.Second {
			t.Errorf("got %+v, want a timeout after 10 s", got)
		}
		canned.Says(t, got.Problem, "step 2 of 3: GET api.example")
		if len(d.things) != 0 {
			t.Errorf("left %v", d.things)
		}
		d = &desk{hang: "DELETE", fail: map[string]int{"GET /things/a%2F7": 500}}
		if got = runSteps(t, d, steps()); got.Took > 15*time.Second || got.Class != partners.FailServer {
			t.Errorf("got %+v, want an end to cleaning up too", got)
		}
	})
}

// TestCleaningUpAtTheLastMoment leaves the last step less time than it takes, after steps that all passed.
func TestCleaningUpAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		config := partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Timeout: seconds(10), Steps: steps()}
		got := run(t, config, over(func(req *http.Request) (*http.Response, error) {
			select {
			case <-time.After(4 * time.Second):
				return d.RoundTrip(req)
			case <-req.Context().Done():
				return nil, context.Cause(req.Context())
			}
		}))
		if !got.Passed() || got.Took != 12*time.Second || len(d.things) != 0 {
			t.Errorf("got %+v, left %v", got, d.things)
		}
	})
}

func TestACanceledRunCleansUp(t *testing.T) {
	d := &desk{}
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Timeout: seconds(10), Steps: steps()}
	ctx, cancel := context.WithCancel(t.Context())
	client := over(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodGet {
			cancel()
			return silent(req)
		}
		return d.RoundTrip(req)
	})
	made, err := New(config, client)
	if err != nil {
		t.Fatal(err)
	}
	if got := Run(ctx, "acme", config, made, time.Now); got.Class != partners.FailNotTried || len(d.things) != 0 {
		t.Errorf("got %+v, left %v", got, d.things)
	}
}

func TestWhatCannotBeSaved(t *testing.T) {
	for path, words := range map[string]string{
		"result.gone": "nothing stands at result.gone", "result.none": "nothing stands at result.none",
		"result.list": "more than one value", "result": "more than one value",
	} {
		two := steps()[:2]
		two[0].Save = map[string]string{"id": path}
		d := &desk{}
		got := runSteps(t, d, two)
		if got.Class != partners.FailContent || len(d.seen) != 1 {
			t.Errorf("%s: got %+v after %q", path, got, d.seen)
		}
		canned.Says(t, got.Problem, "step 1 of 2", words, "{{id}}")
	}
}

func TestAValueThatCannotBeUsed(t *testing.T) {
	client := over(always(200, `{"id":".."}`))
	config := partners.ProbeConfig{ID: "p", Kind: partners.KindHTTP, Steps: []partners.HTTPStep{
		{URL: "https://api.example/a", Save: map[string]string{"id": "id"}},
		{Method: "DELETE", URL: "https://api.example/a/{{id}}", Always: true},
	}}
	got := run(t, config, client)
	if got.Class != partners.FailRequest {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "step 2 of 2, DELETE", "the url cannot be filled in", "{{id}}")
}

func TestASingleStepIsSentAsItIsWritten(t *testing.T) {
	var body, contentType, query string
	client := over(func(req *http.Request) (*http.Response, error) {
		content, err := io.ReadAll(req.Body)
		body, contentType, query = string(content), req.Header.Get("Content-Type"), req.URL.RawQuery
		return canned.Answer(200, ""), err
	})
	step := partners.HTTPStep{Method: "POST", URL: "https://api.example/x?a={{b}}", Body: ` {"a":"{{b}}"}`, Headers: map[string]string{"X-A": "{{c}}"}}
	if got := run(t, httpConfig(step), client); !got.Passed() {
		t.Fatal(got.Problem)
	}
	if body != step.Body || contentType != "application/json" || query != "a={{b}}" {
		t.Errorf("got %q as %q, query %q", body, contentType, query)
	}
	if _, changed := step.Headers["Content-Type"]; changed {
		t.Error("the configuration was changed")
	}
}

func TestASingleCallIsNamedByMethodAndHost(t *testing.T) {
	d := &desk{fail: map[string]int{"GET /things": 500}}
	got := run(t, httpConfig(partners.HTTPStep{URL: "https://api.example/things"}), over(d.RoundTrip))
	if !strings.HasPrefix(got.Problem, "GET api.example answered 500") {
		t.Errorf("got %q", got.Problem)
	}
}

func TestLatencyIsOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := over(func(req *http.Request) (*http.Response, error) {
			select {
			case <-time.After(3 * time.Second):
			case <-req.Context().Done():
			}
			return canned.Answer(200, "{}"), nil
		})
		config := httpConfig(partners.HTTPStep{URL: "https://api.example", Expect: partners.Expect{MaxLatency: seconds(2)}})
		got := run(t, config, client)
		if got.Class != partners.FailSlow || got.Took != 3*time.Second || !got.Connected {
			t.Errorf("got %+v, want slow after 3 s", got)
		}
		config.Expect.MaxLatency = seconds(3)
		if got := run(t, config, client); !got.Passed() {
			t.Error(got.Problem)
		}
	})
}

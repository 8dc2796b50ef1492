package servicenow

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

const asleep = "<html><head><title>Instance Hibernating page</title></head><body>Your instance is hibernating</body></html>"

func TestIncident(t *testing.T) {
	in := newInstance()
	got := run(t, config(partners.KindServiceNowIncident), in)
	if !got.Passed() || got.Warning != "" {
		t.Fatalf("got %+v", got)
	}
	if in.calls() != "GET POST PATCH GET PATCH" {
		t.Errorf("the calls were %s", in.calls())
	}
	if len(in.rows) != 1 || len(in.open()) != 0 {
		t.Fatalf("left %v of %d", in.open(), len(in.rows))
	}
	row := in.rows[0]
	if !strings.HasPrefix(row["correlation_id"], marker) || len(row["correlation_id"]) < len(marker)+16 || row["state"] != stateClosed ||
		row["close_code"] == "" || row["close_notes"] == "" || !strings.Contains(row["description"], row["correlation_id"]) {
		t.Errorf("wrote %v", row)
	}
	if run(t, config(partners.KindServiceNowIncident), in); in.rows[0]["correlation_id"] == in.rows[1]["correlation_id"] {
		t.Error("two runs have one mark")
	}
}

// TestEveryCallFails has each of the five calls fail in every way, and then lets the next run find a clean table.
func TestEveryCallFails(t *testing.T) {
	ways := map[string]struct {
		answer func() *http.Response
		class  partners.FailureClass
	}{
		"401":   {func() *http.Response { return refusal(401, "User Not Authenticated", "") }, partners.FailAuth},
		"403":   {func() *http.Response { return refusal(403, "Operation Failed", "ACL Exception") }, partners.FailRights},
		"400":   {func() *http.Response { return refusal(400, "Data Policy Exception", "caller is mandatory") }, partners.FailRequest},
		"429":   {func() *http.Response { return reply(429, `{}`, "Retry-After", "30") }, partners.FailThrottled},
		"500":   {func() *http.Response { return reply(500, `{"error":{"message":"Internal"}}`) }, partners.FailServer},
		"503":   {func() *http.Response { return reply(503, "<html>maintenance", "X-Azure-Ref", "1") }, partners.FailServer},
		"sleep": {func() *http.Response { return reply(200, asleep, "Content-Type", "text/html") }, partners.FailContent},
		"page": {func() *http.Response {
			return reply(200, `<html><title>Log in | ServiceNow</title>`, "Content-Type", "text/html")
		}, partners.FailContent},
		"empty": {func() *http.Response { return reply(200, ``) }, partners.FailContent},
		"other": {func() *http.Response { return reply(200, `{"status":"ok"}`) }, partners.FailContent},
		"text":  {func() *http.Response { return reply(201, `{"result":"done"}`) }, partners.FailContent},
	}
	for name, way := range ways {
		for nth := 1; nth <= 5; nth++ {
			t.Run(fmt.Sprintf("%s at call %d", name, nth), func(t *testing.T) {
				in := newInstance()
				in.wrong = func(_ *http.Request, call int) *http.Response {
					if call == nth {
						return way.answer()
					}
					return nil
				}
				got := run(t, config(partners.KindServiceNowIncident), in)
				if got.Class != way.class || got.Host != "dev1.example" || !got.Connected || got.Problem == "" {
					t.Errorf("got %+v", got)
				}
				if open := in.open(); len(open) != 0 {
					t.Errorf("left %v open after %s", open, in.calls())
				}
				in.wrong = nil
				in.now = in.now.Add(time.Hour)
				if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() {
					t.Errorf("the next run: %s", got.Problem)
				}
			})
		}
	}
}

// TestALostAnswerLeavesNothing has the answer to each call lost after it was carried out.
func TestALostAnswerLeavesNothing(t *testing.T) {
	for nth := 1; nth <= 5; nth++ {
		in := newInstance()
		in.lost = nth
		if got := run(t, config(partners.KindServiceNowIncident), in); got.Class != partners.FailReset {
			t.Errorf("call %d: got %+v", nth, got)
		}
		if open := in.open(); len(open) != 0 {
			t.Errorf("call %d: left %v open after %s", nth, open, in.calls())
		}
	}
}

// TestACrashHalfWay stops the process after each call, in that nothing more of the run is carried out, and lets the next
// run clean up.
func TestACrashHalfWay(t *testing.T) {
	for after := 2; after <= 4; after++ {
		in := newInstance()
		in.wrong = func(_ *http.Request, call int) *http.Response {
			if call > after {
				return reply(503, "gone")
			}
			return nil
		}
		got := run(t, config(partners.KindServiceNowIncident), in)
		if got.Passed() || len(in.open()) != 1 {
			t.Fatalf("after %d calls: got %+v, open %v", after, got, in.open())
		}
		canned.Says(t, got.Problem, "INC0000001 could not be closed either, a later run tries again")
		in.wrong = nil
		in.now = in.now.Add(time.Minute)
		if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() || len(in.open()) != 1 {
			t.Errorf("a minute later: got %+v, open %v: it may be another Sparky's", got, in.open())
		}
		in.now = in.now.Add(5 * time.Minute)
		if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() || got.Warning != "" || len(in.open()) != 0 {
			t.Errorf("six minutes later: got %+v, open %v", got, in.open())
		}
	}
}

func TestARunThatRunsOutOfTimeCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			in := newInstance()
			slow := &slowly{instance: in, method: method}
			got := run(t, config(partners.KindServiceNowIncident), slow)
			if got.Class != partners.FailTimeout || got.Took > 15*time.Second {
				t.Errorf("%s: got %+v", method, got)
			}
			if open := in.open(); len(open) != 0 {
				t.Errorf("%s: left %v open after %s", method, open, in.calls())
			}
		}
	})
}

// slowly carries out the first call of a method, and never answers it.
type slowly struct {
	*instance
	method string
	done   bool
}

func (s *slowly) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.instance.RoundTrip(req)
	if req.Method == s.method && !s.done {
		s.done = true
		<-req.Context().Done()
		return nil, context.Cause(req.Context())
	}
	return resp, err
}

func TestACanceledRunCleansUp(t *testing.T) {
	in := newInstance()
	ctx, cancel := context.WithCancel(t.Context())
	in.wrong = func(_ *http.Request, call int) *http.Response {
		if call == 3 {
			cancel()
		}
		return nil
	}
	c := config(partners.KindServiceNowIncident)
	made, err := New(c, httpcall.New(httpcall.Options{Transport: in, Retries: -1}))
	if err != nil {
		t.Fatal(err)
	}
	if got := probe.Run(ctx, "servicenow", c, made, time.Now); got.Class != partners.FailNotTried {
		t.Errorf("got %+v", got)
	}
	if open := in.open(); len(open) != 0 {
		t.Errorf("left %v open after %s", open, in.calls())
	}
}

// TestACreationThatIsCalledOff has the run called off while the instance is about to create the incident, which it does a
// moment after the run looked for it.
func TestACreationThatIsCalledOff(t *testing.T) {
	for _, late := range []time.Duration{0, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			in := newInstance()
			ctx, cancel := context.WithCancel(t.Context())
			c := config(partners.KindServiceNowIncident)
			made, err := New(c, httpcall.New(httpcall.Options{Transport: &calledOff{instance: in, off: cancel, late: late}, Retries: -1}))
			if err != nil {
				t.Fatal(err)
			}
			if got := probe.Run(ctx, "servicenow", c, made, time.Now); got.Class != partners.FailNotTried {
				t.Errorf("got %+v", got)
			}
			<-time.After(late)
			synctest.Wait()
			if open := in.open(); len(open) != 0 {
				t.Errorf("created %v late: left %v open after %s", late, open, in.calls())
			}
		})
	}
}

// calledOff has the run called off once its incident is asked for, and creates it late.
type calledOff struct {
	*instance
	off  context.CancelFunc
	late time.Duration
}

func (c *calledOff) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return c.instance.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	later := req.Clone(context.WithoutCancel(req.Context()))
	later.Body = io.NopCloser(bytes.NewReader(body))
	time.AfterFunc(c.late, func() { _, _ = c.instance.RoundTrip(later) })
	c.off()
	<-req.Context().Done()
	return nil, context.Cause(req.Context())
}

func TestWhatIsWrittenMustStandThere(t *testing.T) {
	for field, rule := range map[string]func(map[string]string){
		"short_description": func(row map[string]string) { row["short_description"] = "EMEA: " + row["short_description"] },
		"description":       func(row map[string]string) { row["description"] = "" },
		"correlation_id":    func(row map[string]string) { row["correlation_id"] = "" },
	} {
		in := newInstance()
		in.rule = rule
		got := run(t, config(partners.KindServiceNowIncident), in)
		if got.Class != partners.FailContent {
			t.Errorf("%s: got %+v", field, got)
		}
		canned.Says(t, got.Problem, "reading the incident back", "another "+field)
		if open := in.open(); len(open) != 0 {
			t.Errorf("%s: left %v open", field, open)
		}
	}
}

func TestAnIncidentThatWillNotClose(t *testing.T) {
	in := newInstance()
	in.rule = func(row map[string]string) { row["state"] = "2" }
	got := run(t, config(partners.KindServiceNowIncident), in)
	if got.Class != partners.FailContent {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, `stays in state "2"`, "could not be closed either")
	in.rule = func(row map[string]string) {
		if row["state"] == "7" {
			row["state"] = "6"
		}
	}
	if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() {
		t.Errorf("resolved in the place of closed: %s", got.Problem)
	}
}

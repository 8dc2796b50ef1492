package servicenow

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"sparky/fixtures/canned"
	"sparky/partners"
)

// put adds an incident that is so old.
func (in *instance) put(correlation, state string, age time.Duration) {
	in.rows = append(in.rows, map[string]string{
		"sys_id": fmt.Sprintf("%032d", 500+len(in.rows)), "number": fmt.Sprintf("INC%07d", 500+len(in.rows)), "state": state, "active": "true",
		"correlation_id": correlation, "sys_created_on": in.now.Add(-age).Format(time.DateTime),
	})
}

func TestSweepTakesOnlyWhatIsOurs(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		in := newInstance()
		in.deaf = deaf
		in.put("", "1", time.Hour)
		in.put("pagerduty-7", "2", time.Hour)
		in.put("sparky-ticket-9", "1", time.Hour)
		in.put(marker+"old", "2", time.Hour)
		in.put(marker+"young", "1", 4*time.Minute)
		in.put(marker+"done", "6", time.Hour)
		if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() {
			t.Fatal(got.Problem)
		}
		if open := strings.Join(in.open(), " "); open != "INC0000500 INC0000501 INC0000502 INC0000504" {
			t.Errorf("deaf %v: open are %s", deaf, open)
		}
		if in.rows[5]["close_notes"] != "" {
			t.Error("an incident that had ended was closed again")
		}
	}
}

func TestSweepTakesAFewAtATime(t *testing.T) {
	in := newInstance()
	for i := range 8 {
		in.put(fmt.Sprint(marker, i), "1", time.Duration(20-i)*time.Hour)
	}
	for _, left := range []int{3, 0} {
		if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() || len(in.open()) != left {
			t.Errorf("got %+v, open %v; want %d", got, in.open(), left)
		}
	}
}

func TestSweepGoesByTheInstancesClock(t *testing.T) {
	in := newInstance()
	in.now = time.Now().UTC().Add(-48 * time.Hour) // their clock is two days behind ours
	in.put(marker+"young", "1", time.Minute)
	if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() || len(in.open()) != 1 {
		t.Errorf("got %+v, open %v", got, in.open())
	}
}

func TestWhatCannotBeSweptIsAWarning(t *testing.T) {
	in := newInstance()
	in.put(marker+"stuck", "1", time.Hour)
	in.wrong = func(req *http.Request, _ int) *http.Response {
		if strings.HasSuffix(req.URL.Path, "500") {
			return refusal(403, "Operation Failed", "")
		}
		return nil
	}
	got := run(t, config(partners.KindServiceNowIncident), in)
	if !got.Passed() {
		t.Fatal(got.Problem)
	}
	canned.Says(t, got.Warning, "INC0000500", "by hand")
}

// TestNoMoreIsMadeThanCanBeClosed has an instance on which nothing can be changed for a day.
func TestNoMoreIsMadeThanCanBeClosed(t *testing.T) {
	in := newInstance()
	in.wrong = func(req *http.Request, _ int) *http.Response {
		if req.Method == http.MethodPatch {
			return refusal(403, "Operation Failed", "aborted by Business Rule")
		}
		return nil
	}
	var got partners.ProbeResult
	for range 288 {
		if got = run(t, config(partners.KindServiceNowIncident), in); got.Class != partners.FailRights {
			t.Fatalf("got %+v", got)
		}
		in.now = in.now.Add(5 * time.Minute)
	}
	if open := in.open(); len(open) > mostSwept+1 {
		t.Errorf("%d incidents are open", len(open))
	}
	canned.Says(t, got.Problem, "INC0000001", "no new one is made until they can be closed: closing the incident: dev1.example answered 403")
	in.wrong = nil
	for range 2 {
		got = run(t, config(partners.KindServiceNowIncident), in)
	}
	if open := in.open(); !got.Passed() || len(open) != 0 {
		t.Errorf("after the mend: got %+v, open %v", got, open)
	}
}

func TestAnEmptyListOfVersionOne(t *testing.T) {
	in := newInstance()
	in.wrong = func(_ *http.Request, call int) *http.Response {
		if call == 1 {
			return refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
		}
		return nil
	}
	if got := run(t, config(partners.KindServiceNowIncident), in); !got.Passed() {
		t.Error(got.Problem)
	}
	in = newInstance()
	in.wrong = func(*http.Request, int) *http.Response { return reply(404, "<html>nothing here") }
	if got := run(t, config(partners.KindServiceNowIncident), in); got.Class != partners.FailNotFound {
		t.Errorf("got %+v", got)
	}
}

func FuzzLitter(f *testing.F) {
	f.Add(`{"correlation_id":"sparky-probe-1","sys_id":"1","state":"1","sys_created_on":"2026-11-22 08:00:00"}`)
	f.Add(`{"correlation_id":{"value":"sparky-probe-1"},"sys_id":7}`)
	f.Add(`[]`)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if !gjson.Valid(text) || len(text) > 1<<16 {
			return
		}
		found := gjson.Parse(text)
		if !litter(found, now) {
			return
		}
		if !strings.HasPrefix(found.Get("correlation_id").String(), marker) || strings.ContainsAny(found.Get("sys_id").String(), "/.?#") {
			t.Fatalf("%s would be closed", text)
		}
	})
}

package pager

import (
	"net"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

func TestWhatAnAnswerMeans(t *testing.T) {
	const good = `{"status":"success","message":"Event processed","dedup_key":"sparky-servicenow-20261102T031200/1"}`
	for name, test := range map[string]struct {
		status    int
		body      string
		header    []string
		text      string // in the error; empty where there is none
		permanent bool
		known     bool
		after     time.Duration
	}{
		"taken":                 {status: 202, body: good},
		"taken for another key": {status: 202, body: `{"status":"success","dedup_key":"x"}`, text: "not PagerDuty's word"},
		"a sign-in page":        {status: 200, body: "<html>Sign in</html>", text: "oncall.events_url"},
		"accepted by a proxy":   {status: 202, body: "", text: "not PagerDuty's word"},
		"a bad event": {status: 400, body: `{"status":"invalid event","errors":["'payload.source' is missing or blank","k3y-of-the-integration is wrong"]}`,
			text: "'payload.source' is missing or blank; [secret] is wrong", permanent: true, known: true},
		"bad without reasons": {status: 400, body: `{"status":"invalid event","message":"Event object is invalid"}`, text: "Event object is invalid", permanent: true, known: true},
		"bad, by a proxy":     {status: 400, body: "<html>", text: "whether a proxy stands in between", permanent: true, known: true},
		"no right":            {status: 401, body: "{}", text: "oncall.routing_key", permanent: true, known: true},
		"forbidden":           {status: 403, text: "events.eu.pagerduty.com", permanent: true, known: true},
		"nothing there":       {status: 404, text: "oncall.events_url", permanent: true, known: true},
		"too many":            {status: 429, body: `{"status":"throttle exceeded"}`, text: "fewer events", known: true, after: httpcall.UsualWait},
		"too many, for 7 s":   {status: 429, header: []string{"Retry-After", "40"}, text: "fewer events", known: true, after: 40 * time.Second},
		"too late":            {status: 408, text: "408"},
		"broken":              {status: 500, text: "500 Internal Server Error"},
		"away":                {status: 503, text: "503"},
	} {
		t.Run(name, func(t *testing.T) {
			p := answering(t, test.status, test.body, test.header...)
			_, err := p.Do(t.Context(), "key", []byte(`{"incident":"`+sample().ID+`","outage":1}`), nil)
			if test.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "k3y") {
				t.Fatalf("got %v, want it to say %q", err, test.text)
			}
			if permanent(err) != test.permanent || known(err) != test.known || later(err) != test.after {
				t.Errorf("%v: permanent %t, known %t, after %s", err, permanent(err), known(err), later(err))
			}
		})
	}
}

func TestPagerDutyAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	in := sample()
	in.Page.Wanted = incidents.PageTriggered
	p := New(Config{EventsURL: "http://" + address, RoutingKey: setting.NewSecret("k3y-of-the-integration")}, quickClient(), &memory{in}, oneSentence)
	_, err = p.Do(t.Context(), "key", []byte(`{"incident":"`+in.ID+`","outage":1}`), nil)
	if !known(err) || permanent(err) {
		t.Errorf("nothing was sent, but the error is %v", err)
	}
}

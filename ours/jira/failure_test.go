package jira

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
	"sparky/internal/httpcall"
)

// wantFailure holds an error to what the dispatcher reads from it, and to words that it must say.
func wantFailure(t *testing.T, err error, want string, says ...string) {
	t.Helper()
	if err == nil || fate(err) != want {
		t.Fatalf("got %v, which is %s, want %s", err, fate(err), want)
	}
	for _, word := range says {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), standin.Token) {
		t.Errorf("%q holds the token", err)
	}
}

// TestOpeningAnIssueThatFails tells, for each way in which Jira may fail, what the dispatcher is to make of it.
func TestOpeningAnIssueThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		fault standin.Fault
		want  string
		says  []string
	}{
		"rate limit":      {standin.Fault{Status: 429, RetryAfter: 17}, "after 17s", []string{"fewer calls (429)"}},
		"no time named":   {standin.Fault{Status: 429}, "after 30s", nil},
		"forbidden":       {standin.Fault{Status: 403}, "permanent", []string{"sparky@acme.example may not", "“Create Issues” in project ECO"}},
		"retired":         {standin.Fault{Status: 410}, "permanent", []string{"retired", "newer Sparky"}},
		"not there":       {standin.Fault{Status: 404}, "permanent", []string{"jira.url", "jira.project"}},
		"trouble":         {standin.Fault{Status: 500}, "unknown", []string{"has trouble (500)"}},
		"unavailable":     {standin.Fault{Status: 503, RetryAfter: 5}, "unknown", []string{"(503)"}},
		"answer lost":     {standin.Fault{Lost: true}, "unknown", []string{"cut before the answer ended"}},
		"dropped":         {standin.Fault{Away: true}, "unknown", nil},
		"somebody's lock": {standin.Fault{Status: 409}, "refused", []string{"somebody else"}},
		"a login page":    {standin.Fault{Status: 200}, "unknown", []string{"not Jira's (text/html)", "jira.url"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{})
			s.SetFault(standin.OpCreate, test.fault)
			err := s.try()
			wantFailure(t, err, test.want, append(test.says, "opening an issue for sparky-servicenow-20261102-0900: ")...)
		})
	}
}

// TestLookingThatFails holds that a failed look is never taken for something that may have been done.
func TestLookingThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		fault standin.Fault
		want  string
	}{
		"trouble":      {standin.Fault{Status: 500}, "refused"},
		"unavailable":  {standin.Fault{Status: 503, RetryAfter: 5}, "after 5s"},
		"answer lost":  {standin.Fault{Lost: true}, "refused"},
		"a login page": {standin.Fault{Status: 200}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, standin.Options{})
			s.draw()
			s.SetFault(standin.OpGet, test.fault)
			s.incident.State = incidents.StateAcknowledged
			wantFailure(t, s.try(), test.want, "looking at an issue (ECO-1)")
			s.ClearFaults()
			s.draw()
			s.wantStatus("In Progress")
		})
	}
}

func TestARevokedToken(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.RefuseToken(true)
	s.incident.State = incidents.StateRecovered
	wantFailure(t, s.try(), "permanent", "(401)", "API token for sparky@acme.example", "id.atlassian.com", "jira.token")
	_, _, err := s.tickets.Find(t.Context(), effectKey, s.payload())
	wantFailure(t, err, "permanent", "(401)")
	_, err = s.client.Watch(t.Context(), []incidents.Ticket{s.ticket()})
	wantFailure(t, err, "permanent", "(401)")
	s.RefuseToken(false)
	s.draw()
	s.wantStatus("Resolved")
}

func TestAProjectThatThereIsNot(t *testing.T) {
	s := newStage(t, standin.Options{}, func(c *Config) { c.Project = "NOPE" })
	wantFailure(t, s.try(), "permanent", "project: Specify a valid project ID or key")
	_, _, err := s.tickets.Find(t.Context(), effectKey, s.payload())
	wantFailure(t, err, "permanent", "'NOPE' does not exist")
}

func TestTheLimitOfTheSite(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.SetLimit(1)
	s.clock.Advance(20 * time.Second)
	if err := s.try(); err != nil {
		t.Fatal(err) // the issue is there; how it stands is seen later
	}
	wantFailure(t, s.try(), "after 40s")
	s.clock.Advance(40 * time.Second)
	if err := s.try(); err != nil {
		t.Fatal(err)
	}
	s.wantStatus("Open")
}

func TestASiteThatIsAway(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.SetAway(true)
	wantFailure(t, s.try(), "unknown")
	s.SetAway(false)
	if _, found, err := s.tickets.Find(t.Context(), effectKey, s.payload()); found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	s.draw()
	s.only()
}

func TestNobodyListens(t *testing.T) {
	s := newStage(t, standin.Options{}, func(c *Config) { c.URL = "http://127.0.0.1:1" })
	wantFailure(t, s.try(), "not sent", "the connection was refused")
	bad := newStage(t, standin.Options{}, func(c *Config) { c.URL = "http://a b" })
	wantFailure(t, bad.try(), "permanent", "jira.url")
}

func TestFieldsThatJiraRefusesAreLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		opts     standin.Options
		change   func(*incidents.Incident)
		attempts int
		note     string
	}{
		"component": {standin.Options{Components: []string{"Okta"}}, nil, 2, "component “ServiceNow” (Component name 'ServiceNow' is not valid)"},
		"assignee": {standin.Options{}, func(i *incidents.Incident) { i.Owner.JiraAssignee = standin.Guest }, 2,
			"assignee “" + standin.Guest + "” (User '" + standin.Guest + "' cannot be assigned issues)"},
		"nobody":   {standin.Options{}, func(i *incidents.Incident) { i.Owner.JiraAssignee = "gone" }, 2, "assignee “gone” (Specify a valid value for assignee)"},
		"priority": {standin.Options{Hidden: []string{"priority"}}, nil, 2, "priority “Low” (Field 'priority' cannot be set"},
		"all of it": {standin.Options{Hidden: []string{"priority", "components", "assignee", "description"}}, nil, 2,
			"description (Field 'description'"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, test.opts)
			if test.change != nil {
				test.change(&s.incident)
			}
			s.draw()
			got := s.only()
			if note := s.kept().Note; !strings.Contains(note, test.note) || s.Calls(standin.OpCreate) != test.attempts {
				t.Errorf("after %d attempts the note is %q", s.Calls(standin.OpCreate), note)
			}
			if name != "all of it" && !strings.Contains(got.Description, "Left out: "+test.note) {
				t.Errorf("the description does not say so: %q", got.Description)
			}
			if !slices.Contains(got.Labels, s.incident.ID) {
				t.Errorf("labels %q", got.Labels)
			}
			s.draw()
			if s.Calls(standin.OpEdit) != 0 {
				t.Error("the text was written again although nothing changed")
			}
		})
	}
}

func TestFieldsThatCannotBeSpared(t *testing.T) {
	for name, test := range map[string]struct {
		opts standin.Options
		says string
	}{
		"the label that finds it": {standin.Options{Hidden: []string{"labels"}}, "labels: Field 'labels' cannot be set"},
		"a field of their own":    {standin.Options{Required: []string{"customfield_10042"}}, "customfield_10042 is required"},
		"beside one that can be":  {standin.Options{Required: []string{"customfield_10042"}, Components: []string{}}, "components: Component name"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, test.opts)
			wantFailure(t, s.try(), "permanent", "(400)", test.says)
			if len(s.Issues()) != 0 || s.Calls(standin.OpCreate) != 1 {
				t.Errorf("%d issues after %d attempts", len(s.Issues()), s.Calls(standin.OpCreate))
			}
		})
	}
}

// TestWordsOfRefusals covers answers that the stand-in does not give.
func TestWordsOfRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   string
		says   string
	}{
		"captcha":     {401, map[string]string{"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, "", "permanent", "in a browser once"},
		"captcha 403": {403, map[string]string{"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, "", "permanent", "in a browser once"},
		"gateway":     {400, map[string]string{"Content-Type": "application/json"}, `{"message":"scope does not match"}`, "permanent", "scope does not match"},
		"odd errors":  {400, map[string]string{"Content-Type": "application/json"}, `{"errors":{"x":{"y":1}}}`, "permanent", "(400): x"},
		"no JSON":     {400, map[string]string{"Content-Type": "application/json"}, `{`, "permanent", "(400)"},
		"a secret":    {400, map[string]string{"Content-Type": "application/json"}, `{"message":"` + standin.Token + `"}`, "permanent", "[secret]"},
		"a long one":  {400, map[string]string{"Content-Type": "application/json"}, `{"message":"` + strings.Repeat("x\\n", 5000) + `"}`, "permanent", "…"},
		"a reset":     {429, map[string]string{"X-RateLimit-Reset": "2000-01-01T00:00Z"}, "", "after 30s", "429"},
		"no key":      {201, map[string]string{"Content-Type": "application/json"}, `{"key":"../x"}`, "unknown", "names no issue"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					rw.Header().Set(name, value)
				}
				rw.WriteHeader(test.status)
				_, _ = rw.Write([]byte(test.body))
			}))
			defer server.Close()
			s := newStage(t, standin.Options{}, func(c *Config) { c.URL = server.URL })
			err := s.try()
			wantFailure(t, err, test.want, test.says)
			if len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("not one short line: %q", err)
			}
		})
	}
}

func TestHowLongToWait(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"seconds":    {http.Header{"Retry-After": {"5"}}, 5 * time.Second},
		"a century":  {http.Header{"Retry-After": {"99999999999"}}, time.Hour},
		"a day":      {http.Header{"Retry-After": {"86400"}}, time.Hour},
		"a reset":    {http.Header{"X-Ratelimit-Reset": {"2026-11-02T09:02Z"}}, 2 * time.Minute},
		"nothing":    {http.Header{}, 30 * time.Second},
		"no numbers": {http.Header{"Retry-After": {"soon"}, "X-Ratelimit-Reset": {"later"}}, 30 * time.Second},
	} {
		if got := wait(test.header, now); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// TestAFailureIsFoundInAChain holds that the network's own word does not hide ours.
func TestAFailureIsFoundInAChain(t *testing.T) {
	err := &httpcall.Failure{Doing: "x", Problem: "y", Lasts: true, Cause: &httpcall.Error{}}
	var cause *httpcall.Error
	if fate(err) != "permanent" || !errors.As(err, &cause) {
		t.Errorf("got %s", fate(err))
	}
}

func TestARevokedTokenOfOnesOwn(t *testing.T) {
	s := newStage(t, standin.Options{DataCenter: true})
	s.RefuseToken(true)
	wantFailure(t, s.try(), "permanent", "(401)", "personal access token", "jira.token")
}

// TestAMoveThatALoginPageAnswers holds that a page of HTML with status 200 does not pass for a move that was made.
func TestAMoveThatALoginPageAnswers(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.SetFault(standin.OpMove, standin.Fault{Status: 200, Times: 1})
	s.incident.State = incidents.StateAcknowledged
	wantFailure(t, s.try(), "unknown", "moving ECO-1 by Start work", "not Jira's")
	s.draw()
	s.wantStatus("In Progress")
}

package jira

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/openapi"
	"sparky/fixtures/world/clock"
	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// stage is a Jira site, and Sparky's side of it.
type stage struct {
	*standin.Site
	t        *testing.T
	clock    *clock.Manual
	client   *Client
	tickets  *Tickets
	comments *Comments
	incident incidents.Incident
	saved    []byte // the result of the ticket's effect
}

// effectKey is the key of the ticket's effect.
const effectKey = "jira.ticket/sparky-servicenow-20261102-0900"

func newStage(t *testing.T, opts standin.Options, change ...func(*Config)) *stage {
	t.Helper()
	time0 := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	manual := clock.NewManual(time0)
	opts.Clock = manual
	site := standin.New(opts)
	server := httptest.NewServer(site.Handler())
	site.SetBaseURL(server.URL)
	config := good()
	config.URL, config.User, config.Token = server.URL, standin.User, setting.NewSecret(standin.Token)
	if opts.DataCenter {
		config.User = ""
	}
	for _, c := range change {
		c(&config)
	}
	auth := httpcall.Auth{Bearer: config.Token}
	if config.User != "" {
		auth = httpcall.Auth{Basic: &httpcall.Basic{User: config.User, Password: config.Token}}
	}
	calls := httpcall.New(httpcall.Options{Retries: -1, AttemptTimeout: 5 * time.Second, Breaker: httpcall.BreakerOptions{Requests: 1 << 30}, Redactor: setting.NewRedactor(config.Token)})
	s := &stage{Site: site, t: t, clock: manual, client: New(config, calls.With("jira", auth)), incident: broken(time0)}
	s.tickets, s.comments = NewTickets(s.client, s, text), NewComments(s.client)
	t.Cleanup(func() {
		s.checkRequests()
		_ = site.Close()
		calls.CloseIdleConnections()
		server.Close()
	})
	return s
}

// broken is an incident as it is when it opens.
func broken(at time.Time) incidents.Incident {
	return incidents.Incident{
		ID: "sparky-servicenow-20261102-0900", Kind: incidents.KindProbe, Partner: "servicenow", Name: "ServiceNow",
		Owner:    incidents.Owner{Team: "Platform", JiraAssignee: standin.Ada, JiraComponent: "ServiceNow"},
		Priority: "P4", State: incidents.StateOpen, Outage: 1, Opened: at, Since: at,
	}
}

// text is a stand-in for incidents.TicketText.
func text(i incidents.Incident) (summary, description string) {
	description = "The probe of " + i.Name + " fails.\n\n- 503 from https://acme.service-now.example/api/now\n- since 09:00"
	if i.Verdict.Says != "" {
		description += "\n\n" + i.Verdict.Says
	}
	return i.Name + ": tickets cannot be created", description
}

// Incident is the one that the stage holds.
func (s *stage) Incident(_ context.Context, id string) (incidents.Incident, error) {
	if id != s.incident.ID {
		return incidents.Incident{}, incidents.ErrNoIncident
	}
	return s.incident, nil
}

func (s *stage) payload() []byte {
	return encode(s.t, incidents.Ref{Incident: s.incident.ID, Outage: s.incident.Outage})
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// try carries out the ticket's effect and keeps its result, as the dispatcher would.
func (s *stage) try() error {
	result, err := s.tickets.Do(s.t.Context(), effectKey, s.payload(), s.saved)
	if err == nil && result != nil {
		s.saved = result
	}
	return err
}

// draw is try where it must succeed, and gives the ticket as the desk sees it.
func (s *stage) draw() incidents.Ticket {
	s.t.Helper()
	s.clock.Advance(time.Second)
	if err := s.try(); err != nil {
		s.t.Fatal(err)
	}
	return s.ticket()
}

// in is draw with the incident in a state.
func (s *stage) in(state incidents.State) incidents.Ticket {
	s.t.Helper()
	s.incident.State = state
	return s.draw()
}

func (s *stage) ticket() incidents.Ticket {
	s.t.Helper()
	var ticket incidents.Ticket
	if err := json.Unmarshal(s.saved, &ticket); err != nil {
		s.t.Fatalf("the result does not decode as a ticket: %v: %s", err, s.saved)
	}
	return ticket
}

// only is the site's one issue.
func (s *stage) only() standin.Issue {
	s.t.Helper()
	all := s.Issues()
	if len(all) != 1 {
		s.t.Fatalf("there are %d issues, want one", len(all))
	}
	return all[0]
}

// wantStatus holds the issue, and what Sparky knows of it, to a status.
func (s *stage) wantStatus(status string) {
	s.t.Helper()
	if got := s.only(); got.Status != status || s.ticket().Status != status {
		s.t.Errorf("the issue is %s and the ticket says %s, want %s; moves: %q", got.Status, s.ticket().Status, status, got.Moves)
	}
}

// byHand lets a person do something in Jira, a minute later.
func (s *stage) byHand(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
}

// description is Jira's own description of its API, nil where it is not here.
var description = sync.OnceValues(func() (*openapi.Checker, error) {
	const file = "../../../shared/data/openapi/jira.json"
	if _, err := os.Stat(file); err != nil {
		return nil, nil
	}
	return openapi.Load(file)
})

// checkRequests holds every request of version 3 that the test made to Jira's own description of its API.
func (s *stage) checkRequests() {
	checker, err := description()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.Journal() {
		if checker == nil || !strings.HasPrefix(e.Path, "/rest/api/3/") {
			continue
		}
		request := openapi.Request{Method: e.Method, Path: e.Path, Header: http.Header{"Content-Type": {e.ContentType}}, Body: e.In}
		if err := checker.Check(request); err != nil {
			s.t.Errorf("Jira's description does not allow %s %s: %v", e.Method, e.Path, err)
		}
	}
}

// fate is what the dispatcher would read from an error.
func fate(err error) string {
	var permanent interface{ Permanent() bool }
	if errors.As(err, &permanent) && permanent.Permanent() {
		return "permanent"
	}
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) && later.RetryAfter() > 0 {
		return "after " + later.RetryAfter().String()
	}
	var unsent interface{ NotSent() bool }
	if errors.As(err, &unsent) && unsent.NotSent() {
		return "not sent"
	}
	var refused interface{ Refused() bool }
	if errors.As(err, &refused) && refused.Refused() {
		return "refused"
	}
	return "unknown"
}

package jira

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
)

func (s *stage) watch(keys ...string) []Seen {
	s.t.Helper()
	var tickets []incidents.Ticket
	for _, key := range keys {
		tickets = append(tickets, incidents.Ticket{Key: key})
	}
	seen, err := s.client.Watch(s.t.Context(), tickets)
	if err != nil {
		s.t.Fatal(err)
	}
	return seen
}

// several opens so many issues.
func (s *stage) several(n int) (keys []string) {
	s.t.Helper()
	for i := range n {
		s.saved, s.incident.ID = nil, fmt.Sprint("sparky-servicenow-", i)
		keys = append(keys, s.draw().Key)
	}
	return keys
}

func TestWhatPeopleDidInJiraIsSeen(t *testing.T) {
	for name, opts := range map[string]standin.Options{"cloud": {SearchLag: 1e12}, "data center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, opts)
			if opts.DataCenter {
				s.incident.Owner.JiraAssignee = "ada"
			}
			s.draw()
			first := s.watch("ECO-1")[0]
			if first.Status != "Open" || first.Done || first.Assignee != "Ada Osei" || first.Priority != "P4" || first.MovedBy != "" || first.Resolution != "" {
				t.Errorf("at first %+v", first)
			}
			s.byHand(s.Assign(standin.Ada, "ECO-1", standin.Chidi))
			s.byHand(s.Reprioritise(standin.Ada, "ECO-1", "High"))
			s.byHand(s.Move(standin.Chidi, "ECO-1", "Start work"))
			s.byHand(s.Move(standin.Chidi, "ECO-1", "Resolved"))
			got := s.watch("ECO-1")[0]
			if got.Status != "Resolved" || !got.Done || got.Assignee != "Chidi Ruiz" || got.AssigneeID == "" || got.Priority != "P2" ||
				got.Resolution != "Done" || got.MovedBy != "Chidi Ruiz" || got.ByUs ||
				!got.Updated.After(first.Updated) || !got.MovedAt.Equal(s.clock.Now().Add(-time.Minute)) {
				t.Errorf("then %+v", got)
			}
			s.byHand(s.Reprioritise(standin.Ada, "ECO-1", "Lowest"))
			if got := s.watch("ECO-1")[0]; got.Priority != "" {
				t.Errorf("a priority that is none of ours is %q", got.Priority)
			}
		})
	}
}

func TestOurOwnMovesAreKnown(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.in(incidents.StateAcknowledged)
	if got := s.watch("ECO-1")[0]; !got.ByUs || got.MovedBy != "Sparky" {
		t.Errorf("%+v", got)
	}
}

func TestManyTicketsAreFewCalls(t *testing.T) {
	s := newStage(t, standin.Options{})
	keys := s.several(120)
	seen := s.watch(append(keys, "", keys[0], "no key")...)
	if len(seen) != 120 || s.Calls(standin.OpBulk) != 2 || s.Calls(standin.OpMyself) != 1 {
		t.Errorf("%d tickets by %d calls", len(seen), s.Calls(standin.OpBulk))
	}
	for n, one := range seen {
		if one.Key != keys[n] {
			t.Fatalf("number %d is %s, want %s", n, one.Key, keys[n])
		}
	}
	if got := s.watch(); got != nil {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestADeletedTicketHidesNoOther(t *testing.T) {
	for name, opts := range map[string]standin.Options{"cloud": {}, "data center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, opts)
			s.several(3)
			s.byHand(s.Delete(standin.Ada, "ECO-2"))
			seen := s.watch("ECO-1", "ECO-2", "ECO-3")
			if len(seen) != 3 || seen[0].Gone || !seen[1].Gone || seen[1].Key != "ECO-2" || seen[2].Gone {
				t.Errorf("%+v", seen)
			}
		})
	}
}

// TestAnIssueThatWasMovedToAnotherProject covers a key that Jira knows as another one's former key.
func TestAnIssueThatWasMovedToAnotherProject(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		moved := `{"id":"1","key":"OPS-7","fields":{"status":{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}}}}`
		switch r.URL.Path {
		case "/rest/api/3/myself":
			_, _ = rw.Write([]byte(`{"accountId":"x"}`))
		case "/rest/api/3/issue/bulkfetch":
			_, _ = rw.Write([]byte(`{"issues":[` + moved + `]}`))
		case "/rest/api/3/issue/ECO-1":
			_, _ = rw.Write([]byte(moved))
		default:
			http.NotFound(rw, r)
		}
	}))
	defer server.Close()
	s := newStage(t, standin.Options{}, func(c *Config) { c.URL = server.URL })
	if got := s.watch("ECO-1"); len(got) != 1 || got[0].Key != "ECO-1" || got[0].Gone || got[0].Status != "In Progress" {
		t.Errorf("%+v", got)
	}
}

// TestAProjectThatCannotBeSeenIsNotDeleted holds that missing rights are told as such.
func TestAProjectThatCannotBeSeenIsNotDeleted(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.several(1)
	s.client.config.Project = "SECRET"
	_, err := s.client.Watch(t.Context(), []incidents.Ticket{{Key: "ECO-99"}})
	wantFailure(t, err, "permanent", "(404)", "may browse the project")
}

func TestWatchingThatFails(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.several(1)
	for status, want := range map[int]string{403: "permanent", 429: "after 30s", 500: "refused"} {
		s.SetFault(standin.OpBulk, standin.Fault{Status: status})
		_, err := s.client.Watch(t.Context(), []incidents.Ticket{{Key: "ECO-1"}})
		wantFailure(t, err, want)
	}
}

// TestDataCenterEndToEnd is the whole life of an issue on a Jira of one's own: version 2, plain text, users by name.
func TestDataCenterEndToEnd(t *testing.T) {
	s := newStage(t, standin.Options{DataCenter: true})
	s.incident.Owner.JiraAssignee = "ada"
	if ticket := s.draw(); ticket.Assignee != "Ada Osei" {
		t.Errorf("%+v", ticket)
	}
	if got := s.only(); got.Document != nil || got.Description != "The probe of ServiceNow fails.\n\n- 503 from https://acme.service-now.example/api/now\n- since 09:00" {
		t.Errorf("it says %q, %s", got.Description, got.Document)
	}
	result, found, err := s.tickets.Find(t.Context(), effectKey, s.payload())
	if err != nil || !found {
		t.Fatalf("not found: %s, %v", result, err)
	}
	if _, err := s.comments.Do(t.Context(), commentKey, s.said("It is over."), nil); err != nil {
		t.Fatal(err)
	}
	if _, found := s.find(commentKey); !found {
		t.Error("the comment is not found")
	}
	s.in(incidents.StateAcknowledged)
	s.byHand(s.Move(standin.Chidi, "ECO-1", "Wait for vendor"))
	if ticket := s.in(incidents.StateRecovered); !ticket.ByHand {
		t.Error("a person's move is not known")
	}
	s.wantStatus("Pending")
}

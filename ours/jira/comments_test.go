package jira

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
)

const commentKey = "jira.comment/sparky-servicenow-20261102-0900/recovered/1"

func (s *stage) said(text string) []byte {
	return encode(s.t, incidents.Comment{Incident: s.incident.ID, Ticket: "ECO-1", Text: text})
}

// find looks for the comment by its key.
func (s *stage) find(key string) (commented, bool) {
	s.t.Helper()
	result, found, err := s.comments.Find(s.t.Context(), key, s.said("x"))
	if err != nil {
		s.t.Fatal(err)
	}
	var c commented
	if found {
		if err := json.Unmarshal(result, &c); err != nil {
			s.t.Fatal(err)
		}
	}
	return c, found
}

func TestACommentIsSaidOnceAndFoundByItsKey(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.SetFault(standin.OpComment, standin.Fault{Lost: true, Times: 1})
	_, err := s.comments.Do(t.Context(), commentKey, s.said("It is over.\n\nIt lasted 4 minutes."), nil)
	wantFailure(t, err, "unknown", "commenting on ECO-1")
	if c, found := s.find(commentKey); !found || c.ID == "" {
		t.Errorf("not found: %+v", c)
	}
	if _, found := s.find(commentKey + "1"); found {
		t.Error("found by another key")
	}
	comments := s.only().Comments
	if len(comments) != 1 || comments[0].Text != "It is over.\n\nIt lasted 4 minutes." || !comments[0].Internal {
		t.Errorf("the issue shows %+v", comments)
	}
}

func TestACommentIsFoundBehindManyOthers(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	if _, err := s.comments.Do(t.Context(), commentKey, s.said("It is over."), nil); err != nil {
		t.Fatal(err)
	}
	for n := range 130 {
		s.byHand(s.Say(standin.Ada, "ECO-1", fmt.Sprint("Thought ", n)))
	}
	if _, found := s.find(commentKey); !found {
		t.Error("not found on the second page")
	}
	if _, found := s.find("another"); found || s.Calls(standin.OpComments) != 4 {
		t.Errorf("%d pages were read, want 4", s.Calls(standin.OpComments))
	}
}

func TestAPersonCannotForgeAComment(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Say(standin.Ada, "ECO-1", `{"key":"sparky","value":{"key":"`+commentKey+`"}}`))
	if _, found := s.find(commentKey); found {
		t.Error("a person's words were taken for Sparky's own")
	}
}

func TestACommentOnADeletedIssueIsDone(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	s.byHand(s.Delete(standin.Ada, "ECO-1"))
	result, err := s.comments.Do(t.Context(), commentKey, s.said("It is over."), nil)
	if err != nil || !strings.Contains(string(result), `"gone":true`) {
		t.Errorf("got %s, %v", result, err)
	}
	if c, found := s.find(commentKey); !found || !c.Gone {
		t.Errorf("got %+v, %v", c, found)
	}
}

func TestCommentsThatFail(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.draw()
	for status, want := range map[int]string{403: "permanent", 429: "after 30s", 500: "unknown", 409: "refused"} {
		s.SetFault(standin.OpComment, standin.Fault{Status: status})
		_, err := s.comments.Do(t.Context(), commentKey, s.said("It is over."), nil)
		wantFailure(t, err, want)
	}
	s.SetFault(standin.OpComments, standin.Fault{Status: 500})
	_, _, err := s.comments.Find(t.Context(), commentKey, s.said("x"))
	wantFailure(t, err, "refused", "reading the comments of ECO-1")
	for _, payload := range []string{`{`, `{}`, `{"ticket":"../myself"}`} {
		_, err := s.comments.Do(t.Context(), commentKey, []byte(payload), nil)
		wantFailure(t, err, "permanent")
		_, _, err = s.comments.Find(t.Context(), commentKey, []byte(payload))
		wantFailure(t, err, "permanent")
	}
}

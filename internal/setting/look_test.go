package setting

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestFindings(t *testing.T) {
	for name, c := range map[string]struct {
		finding Finding
		state   string
		problem string
		mend    string
	}{
		"well":             {Well("GET %s", "project/ECO"), FoundWell, "", ""},
		"untried":          {Open("nothing", "send a test event"), FoundOpen, "", "send a test event"},
		"wrong":            {Wrong("GET", "no such project", "correct jira.project"), FoundWrong, "no such project", "correct jira.project"},
		"a failure":        {Failed("GET", errors.New("nobody answers: down; up; start it"), "look"), FoundWrong, "nobody answers: down; up", "start it"},
		"without its mend": {Failed("GET", errors.New("it answered 500"), "look at it again"), FoundWrong, "it answered 500", "look at it again"},
	} {
		if c.finding.State() != c.state || c.finding.Problem != c.problem || c.finding.Mend != c.mend {
			t.Errorf("%s: %s, %+v", name, c.finding.State(), c.finding)
		}
	}
	if tried := Well("GET %s", "project/ECO").Tried; tried != "GET project/ECO" {
		t.Errorf("tried is %q", tried)
	}
}

func TestSharedIsAskedOnce(t *testing.T) {
	asked := 0
	list := Shared(func(context.Context) (int, error) {
		asked++
		return 7, errors.New("and a reason")
	})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := list(t.Context()); got != 7 || err == nil {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
	group.Wait()
	if asked != 1 {
		t.Errorf("it was asked %d times", asked)
	}
}

// Who waits for an answer that another asks for does so within its own time.
func TestSharedWaitsWithinItsOwnTime(t *testing.T) {
	asking, answer := make(chan struct{}), make(chan struct{})
	list := Shared(func(context.Context) (int, error) {
		close(asking)
		<-answer
		return 1, nil
	})
	var group sync.WaitGroup
	group.Go(func() {
		if got, err := list(t.Context()); got != 1 || err != nil {
			t.Errorf("the first got %d, %v", got, err)
		}
	})
	<-asking
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := list(over); !errors.Is(err, context.Canceled) {
		t.Errorf("the second got %v", err)
	}
	close(answer)
	group.Wait()
}

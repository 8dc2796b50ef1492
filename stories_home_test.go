package main

import (
	"encoding/json"
	"strings"
	"testing"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// App Home, as people have it open while things happen.

func TestHomeStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"App Home follows what happens while it is open":      homeFollows,
		"App Home stays on the page that somebody has chosen": homeStays,
		"App Home is known again after a restart, by the tab": homeAfterARestart,
		"App Home is drawn again once Slack takes it":         homeOnceSlackTakesIt,
	})
}

// opensHome is somebody who opens the tab and sees all of the words.
func (s *story) opensHome(user string, words ...string) {
	s.Helper()
	_, err := s.slack.OpenHome(user)
	s.hold(err)
	s.homeShows(user, words...)
}

// homeShows waits until the tab of a person shows all of the words.
func (s *story) homeShows(user string, words ...string) {
	s.Helper()
	seen := ""
	err := s.slack.Wait(s.ctx, "App Home", func() bool {
		home, ok := s.slack.Home(user)
		seen = strings.Join(texts(home.Blocks), "\n")
		return ok && holdsAll(seen, words)
	})
	if err != nil {
		s.Fatalf("the Home of %s with %q: %v\nit shows:\n%s\nthe log:\n%s", user, words, err, seen, s.logs.tail())
	}
}

// homeLacks tells that the tab of a person shows none of the words.
func (s *story) homeLacks(user string, words ...string) {
	s.Helper()
	home, _ := s.slack.Home(user)
	for _, word := range words {
		if seen := strings.Join(texts(home.Blocks), "\n"); strings.Contains(seen, word) {
			s.Errorf("the Home of %s shows %q:\n%s", user, word, seen)
		}
	}
}

// choosesInHome picks a part of the dashboard from the tab's filter.
func (s *story) choosesInHome(user, place string) {
	s.Helper()
	home, _ := s.slack.Home(user)
	_, err := s.slack.Press(slack.Press{User: user, View: "home", ActionID: filterOf(home.Blocks), Value: "1:" + place})
	s.hold(err)
}

// filterOf is the action_id of the list in a tab.
func filterOf(blocks json.RawMessage) (id string) {
	visit(blocks, func(element map[string]any) {
		if element["type"] == "static_select" {
			id, _ = element["action_id"].(string)
		}
	})
	return id
}

// outage has GitHub's page tell of one.
func (s *story) outage() {
	s.Helper()
	_, err := s.world.Partners.Post(vendors.GitHub, vendors.Outage{Component: "Actions", Title: "Jobs do not start", Impact: vendors.Critical})
	s.hold(err)
}

func homeFollows(s *story) {
	s.watching().allOperational()
	s.opensHome("ada", "None of 5 partners needs a look", "Sparky itself is well", "Coming changes")
	s.outage()
	s.homeShows("ada", "1 of 5 partners needs a look", "Jobs do not start")
	s.hold(s.world.Partners.ResolveAll(vendors.GitHub))
	s.homeShows("ada", "None of 5 partners needs a look")
	if _, ok := s.slack.Home("ben"); ok {
		s.Error("a tab that nobody opened was drawn")
	}
}

func homeStays(s *story) {
	s.watching().allOperational()
	s.opensHome("ada", "Workday")
	s.opensHome("chidi", "Workday")
	s.choosesInHome("ada", "dashboard of servicenow")
	s.homeShows("ada", "Behind it stand our features: Ticket sync")
	s.homeLacks("ada", "Workday* operational")
	s.outage()
	s.homeShows("chidi", "Jobs do not start", "The others")
	s.homeShows("ada", "1 of 5 partners needs a look", "Behind it stand our features: Ticket sync")
	s.homeLacks("ada", "Jobs do not start")
	s.opensHome("ada", "Behind it stand our features: Ticket sync")
}

func homeAfterARestart(s *story) {
	p := s.watching()
	p.allOperational()
	s.opensHome("ada", "Workday")
	s.choosesInHome("ada", "dashboard of servicenow")
	s.homeShows("ada", "Behind it stand our features: Ticket sync")
	p.stop()
	s.start()
	s.linked()
	s.opensHome("ada", "Behind it stand our features: Ticket sync")
	s.outage()
	s.homeShows("ada", "1 of 5 partners needs a look", "Behind it stand our features: Ticket sync")
}

func homeOnceSlackTakesIt(s *story) {
	s.watching().allOperational()
	s.excuse("internal_error")
	s.slack.SetFault("views.publish", slack.Fault{Error: "internal_error", Times: 1})
	_, err := s.slack.OpenHome("ada")
	s.hold(err)
	s.homeShows("ada", "None of 5 partners needs a look")
}

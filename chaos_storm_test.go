package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"sparky/fixtures/world/atlassian"
	"sparky/fixtures/world/github"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// storm is what goes on in the world while the program is killed.
type storm struct {
	*siege
	chance *rand.Rand
	betas  int
	last   time.Time // when the last beta was announced
	did    map[string]int
}

// newStorm is a storm with a chance of its own, drawn from the given one.
func newStorm(s *siege, chance *rand.Rand) storm {
	return storm{siege: s, chance: rand.New(rand.NewPCG(chance.Uint64(), 1)), did: map[string]int{}}
}

// betaEvery is how often at most a beta is announced: each begins a run, a message and mostly a ticket, and an announcement
// is one of many that a partner makes.
const betaEvery = 15 * time.Second

// rage lets things happen until ctx is done.
func (s *storm) rage(ctx context.Context) {
	for ctx.Err() == nil {
		what, do := s.draw()
		s.did[what]++
		do(vendors.IDs()[s.chance.IntN(len(vendors.IDs()))])
		select {
		case <-time.After(300*time.Millisecond + time.Duration(s.chance.Int64N(int64(1500*time.Millisecond)))):
		case <-ctx.Done():
		}
	}
}

// draw is what happens next.
func (s *storm) draw() (string, func(partner string)) {
	switch n := s.chance.IntN(100); {
	case n < 40:
		return "outages begun or ended", s.turn
	case n < 50:
		return "announcements", s.announce
	case n < 55 && time.Since(s.last) > betaEvery:
		s.last = time.Now()
		return "betas", s.beta
	case n < 75:
		return "clicks", s.click
	default:
		return "lost answers", s.lose
	}
}

// turn breaks the partner's API, or heals it. Okta's own page tells of it at once.
func (s *storm) turn(partner string) {
	if s.world.Partners.APIBroken(partner).How != vendors.APIWorking {
		s.heal(partner)
		return
	}
	if partner == vendors.Okta {
		_, err := s.world.Partners.Post(partner, vendors.Outage{Impact: vendors.Critical})
		s.check(err)
	}
	s.check(s.world.Partners.BreakAPI(partner, vendors.APIBreak{How: vendors.APIError, Status: http.StatusInternalServerError}))
}

func (s *storm) heal(partner string) {
	s.check(s.world.Partners.Heal(partner))
	s.check(s.world.Partners.ResolveAll(partner))
}

// check is hold for what does not run on the test's own goroutine.
func (s *storm) check(err error) {
	if err != nil {
		s.Errorf("the storm: %v", err)
	}
}

func (s *storm) announce(partner string) {
	_, err := s.world.Partners.AnnounceFeature(partner)
	s.check(err)
}

// beta announces a version that nobody has tried.
func (s *storm) beta(partner string) {
	if partner == vendors.GitHub {
		partner = vendors.ServiceNow
	}
	s.betas++
	_, err := s.world.Partners.AnnounceVersion(partner, fmt.Sprintf("v%d", 10+s.betas))
	s.check(err)
}

// click presses Acknowledge on one of the newest cards; that there is none is no news.
func (s *storm) click(string) {
	cards := slices.DeleteFunc(s.slack.Messages(slack.Alerts), func(m slack.Message) bool { return m.ThreadTS != "" && m.ThreadTS != m.TS })
	if len(cards) == 0 {
		return
	}
	newest := cards[len(cards)-1-s.chance.IntN(min(len(cards), 3))]
	if d, err := s.slack.ClickLabel("ada", slack.Alerts, newest.TS, "Acknowledge"); err == nil {
		_ = d // whether anybody is there to hear it is chance too
	}
}

// lose lets the answer to the next thing that is done somewhere be lost.
func (s *storm) lose(string) {
	switch s.chance.IntN(8) {
	case 0:
		s.world.Jira.SetFault(jira.OpCreate, jira.Fault{Lost: true, Times: 1})
	case 1:
		s.world.Jira.SetFault(jira.OpComment, jira.Fault{Lost: true, Times: 1})
	case 2:
		s.world.Jira.SetFault(jira.OpMove, jira.Fault{Lost: true, Times: 1})
	case 3:
		s.world.Pager.SetFault(pagerduty.Fault{Lost: true, Times: 1})
	case 4:
		s.world.Public.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	case 5:
		s.world.Actions.SetFault(github.Fault{Op: github.OpDispatch, Lost: true, Times: 1})
	case 6:
		s.slack.SetFault("chat.update", slack.Fault{Lost: true, Times: 1})
	default:
		s.slack.SetFault("chat.postMessage", slack.Fault{Lost: true, Times: 1})
	}
}

// calm ends everything that the storm began.
func (s *storm) calm() {
	for _, partner := range vendors.IDs() {
		s.heal(partner)
	}
	s.world.Jira.ClearFaults()
	s.slack.ClearFaults()
	s.world.Pager.SetFault(pagerduty.Fault{})
	s.world.Public.SetFault(atlassian.Fault{})
	s.world.Actions.SetFault(github.Fault{})
}

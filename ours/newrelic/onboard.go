package newrelic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Plan is what a partner is to have in New Relic.
type Plan struct {
	Partner  string // its id
	Name     string // for people
	Reach    string // an address of the partner's that anybody may call, for the monitor; empty for no monitor
	Alerts   []Alert
	Windows  map[string]time.Duration // over how long an alert is counted, by its name; 15 minutes where it is not named
	Location string                   // where the monitor runs, such as US_EAST_1
}

// Step is one thing that was looked at.
type Step struct {
	What string // dashboard, alert policy, alert condition, monitor
	Name string
	Did  Did
}

// Did is what was done to a thing.
type Did string

// What can be done. In a dry run nothing is, and created and updated mean that it would be.
const (
	Created   Did = "created"
	Updated   Did = "updated"
	Unchanged Did = "unchanged"
)

// onboarding is one run.
type onboarding struct {
	*Graph
	plan Plan
	dry  bool
	say  func(Step)
	wait func(ctx context.Context) bool
}

// Onboard makes the dashboard, the alert conditions and the monitor of a partner, or makes them what they are to be. Each is
// looked for by its name first, so that a second run changes nothing; what a person made of them in New Relic stays until
// the configuration changes. say is told of each as soon as it is done. With dry nothing is changed.
func (g *Graph) Onboard(ctx context.Context, plan Plan, dry bool, say func(Step)) error {
	o := onboarding{Graph: g, plan: plan, dry: dry, say: say, wait: oneSecond}
	for _, part := range []struct {
		what string
		do   func(context.Context) error
	}{{"the dashboard", o.dashboard}, {"the alert conditions", o.conditions}, {"the monitor", o.monitor}} {
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s of %s: %w", part.what, plan.Name, err)
		}
	}
	return nil
}

// title is the name of what Sparky makes for the partner.
func (p Plan) title() string { return "Sparky: " + p.Name }

// mark tells a state of what Sparky makes from another: it stands in the thing itself, in a place for people.
func mark(wanted any) string {
	body, err := json.Marshal(wanted)
	if err != nil {
		panic("a thing of New Relic: " + err.Error()) // a mistake in our own types
	}
	sum := sha256.Sum256(body)
	return "sparky " + hex.EncodeToString(sum[:6])
}

// described is a description with the mark of its state at the end.
func described(words, mark string) string { return words + " [" + mark + "]" }

// entity is a dashboard or monitor as a search shows it.
type entity struct {
	GUID   string `json:"guid"`
	Name   string `json:"name"`
	Parent string `json:"dashboardParentGuid"`
	Tags   []tag  `json:"tags"`
}

type tag struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

const entityQuery = `query($query: String) {
	actor { entitySearch(query: $query) { results { entities { guid name tags { key values } ... on DashboardEntityOutline { dashboardParentGuid } } } } }
}`

// find is the entity of that name; nil where there is none. Pages of dashboards are entities too, and are passed over.
func (o onboarding) find(ctx context.Context, kind, name string) (*entity, error) {
	var data struct {
		Actor struct {
			Search struct {
				Results struct {
					Entities []entity `json:"entities"`
				} `json:"results"`
			} `json:"entitySearch"`
		} `json:"actor"`
	}
	query := fmt.Sprintf("name = %s AND type = %s AND accountId = %d", quoted(name), quoted(kind), o.account)
	if err := o.ask(ctx, entityQuery, map[string]any{"query": query}, &data); err != nil {
		return nil, err
	}
	for _, e := range data.Actor.Search.Results.Entities {
		if e.Name == name && e.Parent == "" {
			return &e, nil
		}
	}
	return nil, nil
}

// written writes an entity, waits until the search shows one that is new, and says what was done. The search has the step's
// word for it in capitals.
func (o onboarding) written(ctx context.Context, step Step, mutation string, variables map[string]any) error {
	if !o.dry {
		var data map[string]struct {
			Errors refusals `json:"errors"`
		}
		if err := o.ask(ctx, mutation, variables, &data); err != nil {
			return err
		}
		for _, result := range data {
			if err := result.Errors.err(); err != nil {
				return err
			}
		}
		if step.Did == Created {
			if err := o.settle(ctx, strings.ToUpper(step.What), step.Name); err != nil {
				return err
			}
		}
	}
	o.say(step)
	return nil
}

// mostWaits is how often a search is repeated for what was just made.
const mostWaits = 30

// settle waits until what was made is found, so that the next run finds it too and does not make it twice.
func (o onboarding) settle(ctx context.Context, kind, name string) error {
	for range mostWaits {
		found, err := o.find(ctx, kind, name)
		if err != nil || found != nil {
			return err
		}
		if !o.wait(ctx) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%s was made, and New Relic's search does not show it yet; run this again in a few minutes, not sooner", name)
}

func oneSecond(ctx context.Context) bool {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// refusals are the errors of a mutation that went through as a request.
type refusals []struct {
	Description string `json:"description"`
	Type        string `json:"type"`
}

func (r refusals) err() error {
	var all []string
	for _, one := range r {
		all = append(all, short(one.Type+": "+one.Description))
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New("New Relic refused it: " + strings.Join(all, "; "))
}

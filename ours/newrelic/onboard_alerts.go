package newrelic

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	findPolicy = `query($account: Int!, $name: String) { actor { account(id: $account) { alerts {
	policiesSearch(searchCriteria: {name: $name}) { policies { id name } } } } } }`
	createPolicy = `mutation($account: Int!, $name: String!) {
	alertsPolicyCreate(accountId: $account, policy: {name: $name, incidentPreference: PER_CONDITION}) { id }
}`
	findConditions = `query($account: Int!, $policy: ID, $cursor: String) { actor { account(id: $account) { alerts {
	nrqlConditionsSearch(searchCriteria: {policyId: $policy}, cursor: $cursor) { nextCursor nrqlConditions { id name description } } } } } }`
	createCondition = `mutation($account: Int!, $policy: ID!, $condition: AlertsNrqlConditionStaticInput!) {
	alertsNrqlConditionStaticCreate(accountId: $account, policyId: $policy, condition: $condition) { id }
}`
	updateCondition = `mutation($account: Int!, $id: ID!, $condition: AlertsNrqlConditionUpdateStaticInput!) {
	alertsNrqlConditionStaticUpdate(accountId: $account, id: $id, condition: $condition) { id }
}`
)

// The parts of a condition, as NerdGraph takes them.
type (
	conditionInput struct {
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Enabled     bool        `json:"enabled"`
		NRQL        nrqlInput   `json:"nrql"`
		Terms       []termInput `json:"terms"`
		Signal      signalInput `json:"signal"`
		CloseAfter  int         `json:"violationTimeLimitSeconds"`
	}
	nrqlInput struct {
		Query string `json:"query"`
	}
	termInput struct {
		Operator    string  `json:"operator"`
		Priority    string  `json:"priority"`
		Threshold   float64 `json:"threshold"`
		Duration    int     `json:"thresholdDuration"` // seconds
		Occurrences string  `json:"thresholdOccurrences"`
	}
	signalInput struct {
		Window int    `json:"aggregationWindow"` // seconds
		Method string `json:"aggregationMethod"`
		Timer  int    `json:"aggregationTimer"` // seconds
	}
)

// condition is what is known of one that is there.
type condition struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// conditions makes the partner's policy and what is in it. A partner without a limit needs none.
func (o onboarding) conditions(ctx context.Context) error {
	if len(o.plan.Alerts) == 0 {
		return nil
	}
	policy, err := o.policy(ctx)
	if err != nil {
		return err
	}
	there, err := o.inPolicy(ctx, policy)
	if err != nil {
		return err
	}
	for _, a := range o.plan.Alerts {
		if err := o.condition(ctx, policy, a, there[a.Name]); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

// policy is the id of the partner's policy; empty where a dry run would make it.
func (o onboarding) policy(ctx context.Context) (string, error) {
	var found struct {
		Actor struct {
			Account struct {
				Alerts struct {
					Search struct {
						Policies []condition `json:"policies"`
					} `json:"policiesSearch"`
				} `json:"alerts"`
			} `json:"account"`
		} `json:"actor"`
	}
	variables := map[string]any{"account": o.account, "name": o.plan.title()}
	if err := o.ask(ctx, findPolicy, variables, &found); err != nil {
		return "", err
	}
	for _, p := range found.Actor.Account.Alerts.Search.Policies {
		if p.Name == o.plan.title() {
			o.say(Step{"alert policy", p.Name, Unchanged})
			return p.ID, nil
		}
	}
	var made struct {
		Policy condition `json:"alertsPolicyCreate"`
	}
	if !o.dry {
		if err := o.ask(ctx, createPolicy, variables, &made); err != nil {
			return "", err
		}
	}
	o.say(Step{"alert policy", o.plan.title(), Created})
	return made.Policy.ID, nil
}

// mostPages bounds a search whose cursor never ends.
const mostPages = 100

// inPolicy are the policy's conditions by their names.
func (o onboarding) inPolicy(ctx context.Context, policy string) (map[string]condition, error) {
	all := map[string]condition{}
	if policy == "" {
		return all, nil
	}
	var cursor *string
	for range mostPages {
		var page struct {
			Actor struct {
				Account struct {
					Alerts struct {
						Search struct {
							Next       *string     `json:"nextCursor"`
							Conditions []condition `json:"nrqlConditions"`
						} `json:"nrqlConditionsSearch"`
					} `json:"alerts"`
				} `json:"account"`
			} `json:"actor"`
		}
		if err := o.ask(ctx, findConditions, map[string]any{"account": o.account, "policy": policy, "cursor": cursor}, &page); err != nil {
			return nil, err
		}
		search := page.Actor.Account.Alerts.Search
		for _, c := range search.Conditions {
			all[c.Name] = c
		}
		if search.Next == nil || *search.Next == "" {
			return all, nil
		}
		cursor = search.Next
	}
	return nil, fmt.Errorf("the policy %s has more than %d pages of conditions", policy, mostPages)
}

func (o onboarding) condition(ctx context.Context, policy string, a Alert, there condition) error {
	wanted := o.plan.condition(a)
	state := mark(wanted)
	wanted.Description = described("Kept by sparky onboard "+o.plan.Partner+".", state)
	did, mutation := Created, createCondition
	variables := map[string]any{"account": o.account, "condition": wanted}
	switch {
	case there.ID == "":
		variables["policy"] = policy
	case strings.Contains(there.Description, state):
		o.say(Step{"alert condition", a.Name, Unchanged})
		return nil
	default:
		did, mutation = Updated, updateCondition
		variables["id"] = there.ID
	}
	if !o.dry {
		var ignored map[string]any
		if err := o.ask(ctx, mutation, variables, &ignored); err != nil {
			return err
		}
	}
	o.say(Step{"alert condition", a.Name, did})
	return nil
}

const (
	usualWindow = 15 * time.Minute
	// The bounds of a window, as documented for NRQL conditions.
	leastWindow, mostWindow = time.Minute, 6 * time.Hour
	closeAfter              = 24 * time.Hour
	// Probes come minutes apart, so a window is looked at once nothing more has come for this long.
	windowTimer = time.Minute
)

// condition is how New Relic is to watch the alert by itself.
func (p Plan) condition(a Alert) conditionInput {
	window := usualWindow
	if own, ok := p.Windows[a.Name]; ok {
		window = min(max(own, leastWindow), mostWindow)
	}
	seconds := int(window.Seconds())
	term := termInput{Operator: "ABOVE", Priority: "CRITICAL", Duration: seconds, Occurrences: "AT_LEAST_ONCE"}
	if a.Above != nil {
		term.Threshold = *a.Above
	} else {
		term.Operator, term.Threshold = "BELOW", *a.Below
	}
	if a.Severity == SeverityWarning {
		term.Priority = "WARNING"
	}
	return conditionInput{Name: a.Name, Enabled: true, NRQL: nrqlInput{a.NRQL}, Terms: []termInput{term},
		Signal: signalInput{Window: seconds, Method: "EVENT_TIMER", Timer: int(windowTimer.Seconds())}, CloseAfter: int(closeAfter.Seconds())}
}

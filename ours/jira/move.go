package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sparky/incidents"
	"sparky/internal/httpcall"
)

// want is where in its workflow an incident wants its issue.
type want string

const (
	wantOpen  want = "open again"   // anywhere but at the end
	wantBegun want = "acknowledged" // where Config's acknowledging transition leads
	wantDone  want = "resolved"     // at the end
)

func wanted(state incidents.State) want {
	switch state {
	case incidents.StateOpen:
		return wantOpen
	case incidents.StateAcknowledged:
		return wantBegun
	default:
		return wantDone
	}
}

// transition is a move that Jira offers for an issue as it stands.
type transition struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	To     status `json:"to"`
	Fields map[string]struct {
		Required bool    `json:"required"`
		Allowed  []named `json:"allowedValues"`
	} `json:"fields"`
}

func (t transition) is(name string) bool { return strings.EqualFold(t.Name, name) }

// begun tells that a status is the one to which the acknowledging transition leads.
func (t *Tickets) begun(k kept, at status) bool {
	return !at.done() && (k.Begun != "" && at.ID == k.Begun || strings.EqualFold(at.Name, t.client.config.Transitions.Acknowledge))
}

// solved tells that a status is an end: the one to which the resolving transition leads, or any that Jira counts as done.
func (t *Tickets) solved(k kept, at status) bool {
	return at.done() || k.Solved != "" && at.ID == k.Solved || strings.EqualFold(at.Name, t.client.config.Transitions.Resolve)
}

// known tells that a status is one of those in which Sparky leaves issues.
func (t *Tickets) known(k kept, at status) bool {
	return at.ID == k.Initial || t.begun(k, at) || k.Solved != "" && at.ID == k.Solved ||
		strings.EqualFold(at.Name, t.client.config.Transitions.Resolve)
}

func (t *Tickets) reached(k kept, at status, want want) bool {
	switch want {
	case wantDone:
		return t.solved(k, at)
	case wantBegun:
		return t.begun(k, at)
	default:
		return !t.solved(k, at)
	}
}

// move takes an issue to where it is wanted: in one step, or over one status between, because some workflows let only
// what was begun be resolved, and only what was reopened begin.
func (t *Tickets) move(ctx context.Context, k *kept, now status, want want) error {
	for range 3 {
		if t.reached(*k, now, want) {
			return nil
		}
		options, err := t.client.transitions(ctx, k.Key)
		if err != nil {
			return err
		}
		t.learn(k, options)
		next, ok := t.choose(*k, now, want, options)
		if !ok {
			return t.noWay(k.Key, now, want, options)
		}
		if err := t.client.transit(ctx, k.Key, next); err != nil {
			return err
		}
		now = next.To
		k.leave(now)
	}
	if t.reached(*k, now, want) {
		return nil
	}
	return &httpcall.Failure{Doing: "moving " + k.Key, Lasts: true, Problem: fmt.Sprintf("three steps of its workflow led to %s, but it is to be %s; "+
		"check jira.transitions", now.Name, want)}
}

// learn notes where the transitions lead that the configuration names.
func (t *Tickets) learn(k *kept, options []transition) {
	if begin, ok := byName(options, t.client.config.Transitions.Acknowledge); ok {
		k.Begun = begin.To.ID
	}
	if resolve, ok := byName(options, t.client.config.Transitions.Resolve); ok {
		k.Solved = resolve.To.ID
	}
}

// byName is the transition of that name, or else one that leads to the status of that name.
func byName(options []transition, name string) (transition, bool) {
	for _, matches := range []func(transition) bool{
		func(o transition) bool { return o.is(name) },
		func(o transition) bool { return strings.EqualFold(o.To.Name, name) },
	} {
		if at := slices.IndexFunc(options, matches); at >= 0 {
			return options[at], true
		}
	}
	return transition{}, false
}

// choose is the next step to where an issue is wanted; ok is false where Jira offers none.
func (t *Tickets) choose(k kept, now status, want want, options []transition) (transition, bool) {
	names := t.client.config.Transitions
	begin, canBegin := byName(options, names.Acknowledge)
	switch {
	case want == wantDone:
		if resolve, ok := byName(options, names.Resolve); ok {
			return resolve, true
		}
		return begin, canBegin && !t.begun(k, now)
	case want == wantBegun && canBegin:
		return begin, true
	case t.solved(k, now):
		return reopening(k, options)
	default:
		return transition{}, false
	}
}

// reopening is the transition that leads back from the end: to where the issue began where there is a choice, else to
// what is not begun yet.
func reopening(k kept, options []transition) (transition, bool) {
	back := slices.DeleteFunc(slices.Clone(options), func(o transition) bool { return o.To.done() || o.To.ID == k.Solved })
	for _, matches := range []func(transition) bool{
		func(o transition) bool { return o.To.ID == k.Initial },
		func(o transition) bool { return strings.Contains(strings.ToLower(o.Name), "reopen") },
		func(o transition) bool { return o.To.Category.Key == "new" },
		func(transition) bool { return true },
	} {
		if at := slices.IndexFunc(back, matches); at >= 0 {
			return back[at], true
		}
	}
	return transition{}, false
}

func (t *Tickets) noWay(key string, now status, want want, options []transition) error {
	offers := "no transition at all to " + t.client.account()
	if len(options) > 0 {
		var names []string
		for _, o := range options {
			names = append(names, fmt.Sprintf("%s (to %s)", o.Name, o.To.Name))
		}
		offers = strings.Join(names, ", ")
	}
	setting := "jira.transitions.resolve"
	if want == wantBegun {
		setting = "jira.transitions.acknowledge"
	}
	mend := "; name one of them as " + setting + ", or change the workflow"
	if want == wantOpen || len(options) == 0 {
		mend = "; the workflow needs a transition for that, open to " + t.client.account()
	}
	return &httpcall.Failure{Doing: "moving " + key, Lasts: true, Problem: fmt.Sprintf("it is to be %s, but from %s Jira offers %s%s",
		want, now.Name, t.client.shown(offers), mend)}
}

// transitions are the moves that Jira offers for an issue, with what their screens ask for.
func (c *Client) transitions(ctx context.Context, key string) ([]transition, error) {
	var offered struct {
		Transitions []transition `json:"transitions"`
	}
	err := c.do(ctx, request{doing: "asking how " + key + " can be moved", method: http.MethodGet, path: "issue/" + key + "/transitions",
		query: url.Values{"expand": {"transitions.fields"}}}, &offered)
	return offered.Transitions, err
}

// transit makes a move. One that Jira does not offer any more, because somebody moved the issue meanwhile, is to be tried
// anew from the look at it.
func (c *Client) transit(ctx context.Context, key string, by transition) error {
	body := map[string]any{"transition": map[string]string{"id": by.ID}}
	if resolution, ok := by.resolution(); ok {
		body["fields"] = map[string]any{"resolution": map[string]string{"name": resolution}}
	}
	err := c.do(ctx, request{doing: "moving " + key + " by " + by.Name, method: http.MethodPost, path: "issue/" + key + "/transitions",
		body: body, needs: "Transition Issues", writes: true}, nil)
	var f *httpcall.Failure
	if errors.As(err, &f) && f.Status == http.StatusBadRequest && len(faultsOf(err)) == 0 {
		f.Lasts, f.Undone = false, true
	}
	return err
}

// resolution is the one to give where a transition's screen has the field.
func (t transition) resolution() (string, bool) {
	field, ok := t.Fields["resolution"]
	if !ok || len(field.Allowed) == 0 || !t.To.done() && !field.Required {
		return "", false
	}
	for _, usual := range []string{"Done", "Fixed", "Resolved", "Completed"} {
		for _, allowed := range field.Allowed {
			if strings.EqualFold(allowed.Name, usual) {
				return allowed.Name, true
			}
		}
	}
	return field.Allowed[0].Name, true
}

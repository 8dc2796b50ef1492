package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
)

// Lag is how long after an issue was made Jira Cloud's search may not show it yet. Atlassian names no bound, only that
// the search is eventually consistent; it is seconds as a rule, and this is many times that. A route for tickets must
// settle for its timeout plus Lag.
const Lag = 30 * time.Second

// Incidents gives incidents as they stand.
type Incidents interface {
	Incident(ctx context.Context, id string) (incidents.Incident, error)
}

// Text makes an incident's summary, one line, and its description, plain text.
type Text func(incidents.Incident) (summary, description string)

// Tickets carries out incidents.EffectTicket: it keeps the issue of an incident as the incident wants it, and leaves it
// alone from when a person has moved it.
type Tickets struct {
	client    *Client
	incidents Incidents
	text      Text
}

// NewTickets is a performer of tickets on that site.
func NewTickets(client *Client, of Incidents, text Text) *Tickets {
	return &Tickets{client: client, incidents: of, text: text}
}

// kept is the result of a ticket's effect: what incidents decodes as a Ticket, and what this package needs again.
type kept struct {
	incidents.Ticket
	// Left is the id of the status in which Sparky left it or agreed with it; empty where that is not known.
	Left     string `json:"left,omitempty"`
	LeftDone bool   `json:"left_done,omitempty"` // Left is the end of the workflow
	Outage   int    `json:"outage,omitempty"`    // which of the incident's outages that was for
	Initial  string `json:"initial,omitempty"`   // the id of the status in which it was made
	Begun    string `json:"begun,omitempty"`     // of the status to which the acknowledging transition leads
	Solved   string `json:"solved,omitempty"`    // of the status to which the resolving transition leads
	MovedBy  string `json:"moved_by,omitempty"`  // the person because of whom ByHand holds
	Gone     bool   `json:"gone,omitempty"`      // a person deleted it
	Note     string `json:"note,omitempty"`      // what Jira did not take
	// Unwritten is the fingerprint of the text that Jira would not take, so that it is not asked to again.
	Unwritten string `json:"unwritten,omitempty"`
}

// see notes how an issue stands.
func (k *kept) see(found issue) {
	k.Status, k.Assignee = found.Fields.Status.Name, found.assignee()
}

// leave notes the status in which it is left.
func (k *kept) leave(at status) {
	k.Status, k.Left, k.LeftDone = at.Name, at.ID, at.done()
}

// Do opens the incident's issue, or brings the one of the previous result to where the incident wants it: begun, done, or
// open again. An issue that a person moved is only looked at. The result decodes as incidents.Ticket.
func (t *Tickets) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	i, err := t.incident(ctx, key, payload)
	if err != nil {
		return nil, err
	}
	if len(previous) == 0 || string(previous) == "null" {
		return t.open(ctx, i)
	}
	var k kept
	if err := json.Unmarshal(previous, &k); err != nil || k.Key == "" {
		return nil, &httpcall.Failure{Doing: "keeping ticket " + key, Lasts: true,
			Problem: fmt.Sprintf("its issue is stored as %.100q, which names none", previous)}
	}
	if err := t.bring(ctx, &k, i); err != nil {
		return nil, err
	}
	return json.Marshal(k)
}

// Find looks for the incident's issue by the label that names the incident. The newest ones may not be found yet: see Lag.
func (t *Tickets) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	ref, err := readRef(key, payload)
	if err != nil {
		return nil, false, err
	}
	found, err := t.client.search(ctx, "looking for the issue of "+ref.Incident, "project = "+quote(t.client.config.Project)+
		" AND labels = "+quote(label(ref.Incident))+" ORDER BY created ASC")
	if err != nil || len(found) == 0 {
		return nil, false, err
	}
	k := kept{Ticket: incidents.Ticket{Key: found[0].Key, URL: t.client.url(found[0].Key)}}
	k.see(found[0])
	result, err := json.Marshal(k)
	return result, err == nil, err
}

func readRef(key string, payload []byte) (incidents.Ref, error) {
	var ref incidents.Ref
	if err := json.Unmarshal(payload, &ref); err != nil || ref.Incident == "" {
		return ref, &httpcall.Failure{Doing: "keeping ticket " + key, Lasts: true,
			Problem: fmt.Sprintf("its incident is stored as %.100q, which names none", payload)}
	}
	return ref, nil
}

// incident is the one that an effect is of. Nothing was sent yet when it fails.
func (t *Tickets) incident(ctx context.Context, key string, payload []byte) (incidents.Incident, error) {
	ref, err := readRef(key, payload)
	if err != nil {
		return incidents.Incident{}, err
	}
	i, err := t.incidents.Incident(ctx, ref.Incident)
	if errors.Is(err, incidents.ErrNoIncident) {
		return i, &httpcall.Failure{Doing: "keeping ticket " + key, Problem: "incident " + ref.Incident + " is not known any more", Lasts: true, Cause: err}
	}
	if err != nil {
		return i, &httpcall.Failure{Doing: "reading incident " + ref.Incident, Problem: err.Error(), Unsent: true, Cause: err}
	}
	return i, nil
}

// open makes the issue, and brings it to where the incident stands by now. An incident that turned out to be part of
// another one before it had an issue gets none: its result is nil.
func (t *Tickets) open(ctx context.Context, i incidents.Incident) ([]byte, error) {
	if i.State == incidents.StateFolded {
		return nil, nil
	}
	k, err := t.create(ctx, i)
	if err != nil {
		return nil, err
	}
	found, err := t.client.look(ctx, k.Key)
	if err != nil && wanted(i.State) == wantOpen {
		return json.Marshal(k) // it is there and open, which is all that is wanted; the rest is seen at the next look
	}
	if err != nil {
		return nil, opened(k, err)
	}
	k.see(found)
	k.leave(found.Fields.Status)
	k.Initial, k.Outage = found.Fields.Status.ID, i.Outage
	if found.Fields.Priority != nil {
		// By this a person's change is known, however soon it comes.
		k.Priority = t.client.ours(found.Fields.Priority.Name)
	}
	if want := wanted(i.State); !t.reached(k, found.Fields.Status, want) {
		if err := t.move(ctx, &k, found.Fields.Status, want); err != nil {
			return nil, opened(k, err)
		}
	} else if options, err := t.client.transitions(ctx, k.Key); err == nil {
		t.learn(&k, options)
	}
	return json.Marshal(k)
}

// opened is a failure after an issue was opened. Said as it is, it could mean that nothing was done, and a second issue
// would be opened; as an unknown outcome it leads to Find.
func opened(k kept, err error) error {
	return opaque{fmt.Sprintf("issue %s was opened, but then: %v", k.Key, err)}
}

// bring makes an issue what the incident wants.
func (t *Tickets) bring(ctx context.Context, k *kept, i incidents.Incident) error {
	if k.Gone {
		return nil
	}
	found, err := t.client.look(ctx, k.Key)
	if err != nil && t.client.gone(ctx, err) {
		k.Gone, k.ByHand = true, true
		return nil
	}
	if err != nil {
		return err
	}
	k.see(found)
	if k.ByHand {
		return nil
	}
	want := wanted(i.State)
	if err := t.judge(ctx, k, found, i); err != nil || k.ByHand {
		return err
	}
	k.Outage = i.Outage
	if err := t.move(ctx, k, found.Fields.Status, want); err != nil {
		return err
	}
	return t.redraw(ctx, k, found, i)
}

// judge finds out whether a person moved the issue since Sparky left it. Somebody who begins work on it has acknowledged
// it, which takes nothing out of Sparky's hands.
func (t *Tickets) judge(ctx context.Context, k *kept, found issue, i incidents.Incident) error {
	now, want := found.Fields.Status, wanted(i.State)
	if now.ID == k.Left {
		return nil
	}
	who, _, moved := found.lastChange("status")
	if !moved {
		k.leave(now)
		return nil
	}
	me, err := t.client.whoami(ctx)
	if err != nil {
		return err
	}
	var agreed bool
	if who.account() == me.account() {
		// An earlier attempt whose answer was lost; or a person who shares the account with Sparky, whose moves are
		// known only by their leading where Sparky would not have gone. Where the failure has come back since, it would
		// have gone anywhere but to the end.
		again := k.LeftDone && i.Outage > k.Outage && !t.solved(*k, now)
		agreed = k.Left == "" || again || t.known(*k, now) || t.reached(*k, now, want)
	} else {
		agreed = t.begun(*k, now) && !k.LeftDone
	}
	if !agreed {
		k.ByHand, k.MovedBy = true, who.shown()
		return nil
	}
	k.leave(now)
	return nil
}

// redraw gives the issue the incident's present text, unless a person has edited it.
func (t *Tickets) redraw(ctx context.Context, k *kept, found issue, i incidents.Incident) error {
	summary, description := t.words(i, k.Note)
	wrote := fingerprint(summary, description)
	if k.Unwritten == wrote || t.client.shows(found, summary, description) {
		return nil
	}
	for _, field := range []string{"summary", "description"} {
		who, _, changed := found.lastChange(field)
		if !changed {
			continue
		}
		me, err := t.client.whoami(ctx)
		if err != nil {
			return err
		}
		if who.account() != me.account() {
			return nil
		}
	}
	err := t.client.do(ctx, request{doing: "writing the text of " + k.Key, method: http.MethodPut, path: "issue/" + k.Key, writes: true,
		needs: "Edit Issues", body: map[string]any{"fields": map[string]any{"summary": summary, "description": t.client.text(description)}}}, nil)
	if status := statusOf(err); status == http.StatusBadRequest || status == http.StatusForbidden {
		// A site that does not let issues be edited still has the ticket and its comments.
		k.Unwritten = wrote
		return nil
	}
	return err
}

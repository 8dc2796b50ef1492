package pager

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Source remembers incidents.
type Source interface {
	// Incident is the incident of that ID as it stands now.
	Incident(ctx context.Context, id string) (incidents.Incident, error)
}

// Pager carries out effects of kind incidents.EffectPage, whose payload is an incidents.Ref, with PagerDuty's Events API
// v2. An alert is known there by a dedup_key made of the incident's ID and the number of its outage: a person is called
// once for each outage, and an event that is sent twice is one more line in the alert's log. So nothing needs to be
// looked up before an event is repeated, and every drawing sends what is wanted then.
type Pager struct {
	endpoint string
	key      setting.Secret
	redactor setting.Redactor
	client   *httpcall.Client
	source   Source
	summary  func(incidents.Incident) string
}

// New is a Pager for the provider pagerduty. summary is one plain sentence: what is wrong, and whose it is. With the
// provider slack there is nothing to send, so there is no Pager: who is configured there is mentioned in the thread of
// the incident's card.
func New(config Config, client *httpcall.Client, source Source, summary func(incidents.Incident) string) *Pager {
	return &Pager{
		endpoint: strings.TrimRight(config.EventsURL, "/") + "/v2/enqueue",
		key:      config.RoutingKey,
		redactor: setting.NewRedactor(config.RoutingKey),
		client:   client,
		source:   source,
		summary:  summary,
	}
}

// Result is how an outage stands at PagerDuty, as it is remembered. It decodes as incidents.PageResult.
type Result struct {
	incidents.PageResult
	Key string `json:"dedup_key"`
}

// Do brings PagerDuty to what the incident's Page wants. Of an outage for which nothing was ever sent, neither an
// acknowledgement nor an end is sent. An outage that another one has followed is over.
func (p *Pager) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	ref, err := refOf(key, payload)
	if err != nil {
		return nil, err
	}
	in, err := p.source.Incident(ctx, ref.Incident)
	if err != nil {
		return nil, httpcall.Unsent(fmt.Errorf("calling on-call for %s: %w", ref.Incident, err))
	}
	outage := cmp.Or(ref.Outage, in.Outage)
	wanted := in.Page.Wanted
	if outage < in.Outage {
		wanted = incidents.PageResolved
	}
	dedup := dedupKey(in.ID, outage)
	action := actionFor(wanted, len(previous) > 0)
	if action == "" {
		return encode(Result{Key: dedup})
	}
	if err := p.send(ctx, p.event(in, dedup, action)); err != nil {
		return nil, fmt.Errorf("sending PagerDuty the %s of %s: %w", action, in.ID, err)
	}
	return encode(Result{PageResult: incidents.PageResult{Done: wanted}, Key: dedup})
}

// Find is asked where the first event of an outage was sent and no answer came. The Events API cannot be read, so it says
// that something may stand there: Do then sends what is wanted, whatever that is by then, and PagerDuty ignores what
// does not concern an open alert. Taking it for absent would leave somebody called for a failure that ended meanwhile.
func (p *Pager) Find(_ context.Context, key string, payload []byte) ([]byte, bool, error) {
	ref, err := refOf(key, payload)
	if err != nil {
		return nil, false, err
	}
	result, err := encode(Result{Key: dedupKey(ref.Incident, ref.Outage)})
	return result, true, err
}

// actionFor is the event that brings an alert to the wanted state, empty where there is none to send. begun tells that
// something was sent before, or may have been.
func actionFor(wanted incidents.PageState, begun bool) string {
	switch wanted {
	case incidents.PageTriggered:
		return "trigger"
	case incidents.PageAcknowledged:
		if begun {
			return "acknowledge"
		}
	case incidents.PageResolved:
		if begun {
			return "resolve"
		}
	}
	return ""
}

func refOf(key string, payload []byte) (incidents.Ref, error) {
	var ref incidents.Ref
	if err := json.Unmarshal(payload, &ref); err != nil || ref.Incident == "" {
		return ref, &httpcall.Refusal{What: fmt.Sprintf("effect %s names no incident", key), Lasts: true,
			Mend: "this is a mistake in Sparky, please report it"}
	}
	return ref, nil
}

func encode(r Result) ([]byte, error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("keeping how %s stands at PagerDuty: %w", r.Key, err)
	}
	return encoded, nil
}

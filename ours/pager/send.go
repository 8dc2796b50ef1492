package pager

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
)

// send hands PagerDuty the event, and returns nil once PagerDuty has said that it is taken.
func (p *Pager) send(ctx context.Context, e event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return httpcall.Unsent(fmt.Errorf("writing the event: %w", err))
	}
	answer, err := p.client.Do(ctx, httpcall.Request{
		Method: http.MethodPost,
		URL:    p.endpoint,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
		Body:   body,
		Replay: true, // PagerDuty knows it again by its dedup_key
	})
	if err != nil {
		return err
	}
	return p.judge(answer, e.DedupKey)
}

// said is an answer in PagerDuty's own words.
type said struct {
	Status   string   `json:"status"`
	Message  string   `json:"message"`
	DedupKey string   `json:"dedup_key"`
	Errors   []string `json:"errors"`
}

// judge tells what an answer means (developer.pagerduty.com, "Events API v2 overview", response codes).
func (p *Pager) judge(answer httpcall.Response, dedup string) error {
	var words said
	readable := json.Unmarshal(answer.Body, &words) == nil
	switch {
	case answer.Status == http.StatusAccepted && readable && words.Status == "success" && words.DedupKey == dedup:
		return nil
	case answer.Status == http.StatusTooManyRequests:
		return &httpcall.Refusal{What: "PagerDuty asks for fewer events", Wait: httpcall.WaitAsked(answer.Header, time.Now())}
	case answer.Status == http.StatusBadRequest && readable:
		return &httpcall.Refusal{Lasts: true, What: "PagerDuty does not take it: " + p.words(words),
			Mend: "check oncall.routing_key in sparky.yaml; it is the integration key of an Events API v2 integration"}
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusNotFound:
		return &httpcall.Refusal{Lasts: true, What: fmt.Sprintf("the answer was %d %s", answer.Status, http.StatusText(answer.Status)),
			Mend: "check oncall.events_url (accounts of the EU have https://events.eu.pagerduty.com) and oncall.routing_key in sparky.yaml"}
	case answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusRequestTimeout:
		return &httpcall.Refusal{Lasts: true, What: fmt.Sprintf("the answer was %d %s", answer.Status, http.StatusText(answer.Status)),
			Mend: "check oncall.events_url in sparky.yaml, and whether a proxy stands in between"}
	case answer.Status < 300:
		return fmt.Errorf("the answer was %d, but not PagerDuty's word that the event is taken; check oncall.events_url in sparky.yaml", answer.Status)
	default:
		return fmt.Errorf("the answer was %d %s", answer.Status, http.StatusText(answer.Status))
	}
}

// words are what PagerDuty says, on one line, without our key.
func (p *Pager) words(s said) string {
	text := strings.Join(s.Errors, "; ")
	if text == "" {
		text = s.Message
	}
	return plaintext.Line(p.redactor.Redact(text), 500)
}

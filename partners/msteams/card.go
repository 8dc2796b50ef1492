// Package msteams makes the probe of Microsoft Teams: a card that is posted by a workflow's webhook. Its address is a
// secret as a whole, so that nothing of it but the host is ever told. It knows nothing of what a failure leads to.
package msteams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

const doing = "posting a card to Teams"

// card is the probe of one webhook.
type card struct {
	client *httpcall.Client
	config partners.ProbeConfig
	host   string
	now    func() time.Time
}

// New is the probe of a configuration of kind msteams.card. A pass says that Microsoft took the card, with 202; whether
// the flow behind the webhook then posts it, nobody tells the caller. An error says what cannot be used although it was
// validated.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	if config.Kind != partners.KindTeamsCard {
		return nil, fmt.Errorf("probe %s: %q is no kind of Teams probe", config.ID, config.Kind)
	}
	// The error of url.Parse would tell the address.
	address, err := url.Parse(config.Webhook.Reveal())
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("probe %s: url is not an address; copy the whole address of the workflow's webhook, it begins with https://", config.ID)
	}
	return card{client: client, config: config, host: strings.ToLower(address.Hostname()), now: time.Now}.run, nil
}

func (c card) run(ctx context.Context) (partners.Finding, error) {
	body, err := c.message()
	if err != nil {
		return partners.Finding{}, fmt.Errorf("%s: writing it: %w", doing, err)
	}
	answer, err := probe.Do(ctx, c.client, "msteams", "postAdaptiveCard", httpcall.Request{
		Method: http.MethodPost, URL: c.config.Webhook.Reveal(), Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	})
	if err != nil {
		return partners.Finding{}, c.unanswered(ctx, err)
	}
	if failure := c.judge(answer); failure != nil {
		failure.Problem += c.retired()
		return partners.Finding{}, failure
	}
	return partners.Finding{}, nil
}

// unanswered is a call without an answer. The words are made anew, because the error's own tell the path.
func (c card) unanswered(ctx context.Context, err error) *partners.Failure {
	failure := probe.Understand(ctx, err)
	reason := "no answer came"
	var call *httpcall.Error
	if errors.As(err, &call) {
		reason = call.Reason()
	}
	if failure.Issuer != "" {
		reason += "; it was issued by " + failure.Issuer
	}
	failure.Host = c.host
	failure.Problem = doing + ": " + c.host + ": " + c.clean(reason) + c.retired()
	return failure
}

// judge reads the answer: 202 of a workflow; 200 of the connectors before it, which said in the body what went wrong.
func (c card) judge(answer httpcall.Response) *partners.Failure {
	body := strings.TrimSpace(string(answer.Body))
	var failure *partners.Failure
	switch {
	case answer.Status == http.StatusAccepted:
		return nil
	case answer.Status == http.StatusOK && (body == "" || body == "1"):
		return nil
	case answer.Status == http.StatusOK && bytes.Contains(answer.Body, []byte("HTTP error 429")):
		failure = probe.Fail(partners.FailThrottled, doing, answer, "answered 200 and passes on that Teams asks us to slow down")
	case answer.Status == http.StatusOK:
		failure = probe.Fail(partners.FailContent, doing, answer, "answered 200, but not that it took the card")
	default:
		failure = probe.Judge(doing, answer, http.StatusAccepted)
		failure.Problem += c.mend(answer.Status)
	}
	failure.Problem = c.clean(failure.Problem)
	failure.Excerpt = c.clean(probe.Excerpt(answer))
	return failure
}

// mend is what a status means for a workflow's webhook.
func (card) mend(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ". For a webhook the credential is its address: copy it from the workflow once more, whole"
	case http.StatusNotFound, http.StatusGone:
		return ". The workflow was deleted or turned off, or its owner left; look for it in Power Automate"
	case http.StatusBadRequest:
		return ". Is the workflow's trigger still the one for webhook requests?"
	}
	return ""
}

// retired says that an address is of a kind that Microsoft has ended, which explains any failure. Sources: Power
// Automate's move of webhooks off logic.azure.com by 30 November 2025, and the end of Office 365 connectors.
func (c card) retired() string {
	const move = ". Copy the new address from the workflow in Power Automate; it is on environment.api.powerplatform.com"
	switch {
	case within(c.host, "logic.azure.com"):
		return ". The address is on logic.azure.com, where webhooks ended on 30 November 2025" + move
	case within(c.host, "webhook.office.com"), within(c.host, "outlook.office.com"):
		return ". The address is that of an Office 365 connector, which Microsoft has ended; make a workflow in their place" + move
	}
	return ""
}

func within(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// shortestSecret is how long a part of the address must be to be taken out of texts: names of routes are shorter, ids and
// signatures longer.
const shortestSecret = 16

// clean takes the webhook's address out of a text, whole and in parts: Microsoft's own errors repeat them.
func (c card) clean(text string) string {
	secret := c.config.Webhook.Reveal()
	address, err := url.Parse(secret)
	if err != nil {
		return text
	}
	parts := []string{secret, address.RequestURI(), address.RawQuery, address.Path}
	parts = append(parts, strings.Split(address.EscapedPath(), "/")...)
	for pair := range strings.SplitSeq(address.RawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		parts = append(parts, value)
	}
	for _, values := range address.Query() {
		parts = append(parts, values...)
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	for _, part := range parts {
		if len(part) >= shortestSecret {
			text = strings.ReplaceAll(text, part, setting.Hidden)
		}
	}
	return text
}

// message is the card. People read what is posted in Teams, so it says what it is for and that nothing is to be done.
func (c card) message() ([]byte, error) {
	return json.Marshal(map[string]any{
		"type": "message",
		"attachments": []any{map[string]any{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"contentUrl":  nil,
			"content": map[string]any{
				"$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
				"type":    "AdaptiveCard",
				"version": "1.4",
				"body": []any{
					textBlock("Sparky checks that cards arrive here", "bolder"),
					textBlock("Nothing is to be done. Sent "+c.now().UTC().Format("2 January 2006 15:04:05 MST")+" by the probe "+c.config.ID+".", "default"),
				},
			},
		}},
	})
}

func textBlock(text, weight string) map[string]any {
	return map[string]any{"type": "TextBlock", "text": text, "weight": weight, "wrap": true}
}

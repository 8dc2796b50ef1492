package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// maxPages bounds how many pages of messages are followed: at 100 messages a page more than maxEntries.
const maxPages = 60

// message is a serviceUpdateMessage of Microsoft Graph (v1.0, admin/serviceAnnouncement/messages).
type message struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Start          string   `json:"startDateTime"`
	Modified       string   `json:"lastModifiedDateTime"`
	ActionRequired string   `json:"actionRequiredByDateTime"`
	Category       string   `json:"category"`
	Severity       string   `json:"severity"`
	MajorChange    bool     `json:"isMajorChange"`
	Tags           []string `json:"tags"`
	Services       []string `json:"services"`
	Body           struct {
		Content string `json:"content"`
	} `json:"body"`
	Details []struct{ Name, Value string } `json:"details"`
}

func messagesDocument(raw []json.RawMessage) document {
	d := document{title: "Microsoft 365 message center", format: "m365-messages", items: len(raw)}
	for _, item := range raw {
		var m message
		if json.Unmarshal(item, &m) != nil || m.ID == "" {
			d.skipped++
			continue
		}
		d.entries = append(d.entries, m.entry())
	}
	return d
}

func (m message) entry() entry {
	e := entry{
		id:    m.ID,
		title: plainLine(m.Title),
		body:  bodyText(m.Body.Content),
		link:  "https://admin.microsoft.com/Adminportal/Home#/MessageCenter/:/messages/" + url.PathEscape(m.ID),
		tags:  m.tags(),
	}
	e.published, _ = parseDate(m.Start)
	if day, ok := parseDate(m.ActionRequired); ok {
		e.deadline = day.Format("2006-01-02")
	}
	return e
}

// tags are the message's own words for what it is, with spaces where Graph runs them together.
func (m message) tags() []string {
	var tags []string
	switch m.Category {
	case "planForChange":
		tags = append(tags, "plan for change")
	case "preventOrFixIssue":
		tags = append(tags, "prevent or fix issue")
	case "stayInformed":
		tags = append(tags, "stay informed")
	default:
		tags = append(tags, m.Category)
	}
	if m.Severity != "" && m.Severity != "normal" {
		tags = append(tags, m.Severity)
	}
	if m.MajorChange {
		tags = append(tags, "major change")
	}
	tags = append(tags, m.Tags...)
	return append(tags, m.Services...)
}

// readMessages reads all pages of the message centre. The caller carries the sign-in.
func (r *Reader) readMessages(ctx context.Context, src partners.Source, prev partners.Validators) (partners.Reading, error) {
	next := src.URL
	if next == "" {
		address, err := url.JoinPath(r.addresses.Graph, "v1.0/admin/serviceAnnouncement/messages")
		if err != nil {
			return partners.Reading{}, fmt.Errorf("the address of Microsoft Graph %q is no address: %w", r.addresses.Graph, err)
		}
		next = address
	}
	raw, more, err := r.allMessages(ctx, next)
	if err != nil {
		return partners.Reading{}, err
	}
	hash := messagesHash(raw)
	if hash == prev.BodyHash {
		return partners.Reading{NotModified: true, Validators: prev, Format: "m365-messages"}, nil
	}
	d := messagesDocument(raw)
	if err := d.readable(); err != nil {
		return partners.Reading{}, err
	}
	if more {
		d.repaired = append(d.repaired, fmt.Sprintf("there are more than %d pages of messages, of which those were read", maxPages))
	}
	reading := d.reading(src.Name())
	reading.Validators = partners.Validators{BodyHash: hash}
	return reading, nil
}

// allMessages follows the pages from the first on, never to another host, and tells whether there are more than
// maxPages.
func (r *Reader) allMessages(ctx context.Context, first string) (raw []json.RawMessage, more bool, err error) {
	seen, size := map[string]bool{}, 0
	next := first
	for page := 0; next != "" && page < maxPages; page++ {
		if !sameHost(first, next) {
			return nil, false, fmt.Errorf("Microsoft Graph points for the next page to another host, %s; it was not followed, since the sign-in would go there", shown(next))
		}
		if seen[next] {
			return nil, false, fmt.Errorf("Microsoft Graph points for the next page to one that was read already: %s", shown(next))
		}
		seen[next] = true
		values, link, err := r.messagePage(ctx, next)
		if err != nil {
			return nil, false, err
		}
		for _, v := range values {
			size += len(v)
		}
		if size > 2*maxDocument {
			return nil, false, fmt.Errorf("the pages of messages have more than the %d MB together that are read", 2*maxDocument>>20)
		}
		raw, next = append(raw, values...), link
	}
	return raw, next != "", nil
}

// messagePage is one page of messages, and the address of the next.
func (r *Reader) messagePage(ctx context.Context, address string) ([]json.RawMessage, string, error) {
	resp, err := r.call(ctx, httpcall.Request{URL: address, Header: http.Header{"Accept": {"application/json"}}})
	if err != nil {
		return nil, "", err
	}
	var page struct {
		Value *[]json.RawMessage `json:"value"`
		Next  string             `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(resp.Body, &page); err != nil || page.Value == nil {
		return nil, "", fmt.Errorf("reading the messages at %s: this is no list of Graph's messages: got %s", shown(address), whatCame(string(resp.Body)))
	}
	return *page.Value, page.Next, nil
}

// messagesHash is of the messages alone: the address of a next page holds a token that is new each time.
func messagesHash(raw []json.RawMessage) string {
	parts := make([]string, len(raw))
	for i, item := range raw {
		parts[i] = string(item)
	}
	return digest(parts...)
}

// errNoMessages says what a saved document must be to be read as messages.
var errNoMessages = errors.New("it is not Graph's answer to GET /v1.0/admin/serviceAnnouncement/messages, which has the key value")

// parseMessages reads a saved answer of Graph.
func parseMessages(text string) (document, error) {
	var page struct {
		Value *[]json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal([]byte(text), &page); err != nil || page.Value == nil {
		return document{}, fmt.Errorf("got %s; %w", whatCame(strings.TrimSpace(text)), errNoMessages)
	}
	return messagesDocument(*page.Value), nil
}

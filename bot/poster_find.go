package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// How far Find looks: back to Message.Since by our clock, less what that may be ahead of Slack's (a clock that was set
// wrong, and an hour of summer time on top), or findBack where that is not known; at most findPages pages of findPage
// messages (docs.slack.dev, conversations.history recommends at most 200).
const (
	findBack  = 7 * 24 * time.Hour
	clockSkew = 25 * time.Hour
	findPage  = 200
	findPages = 50
)

// Find looks whether the message stands in Slack already, by the key in its metadata. One that stands there as it was
// drawn earlier is drawn anew first, so that found means done. Not found means that it is not there; an error that
// nobody could look.
func (p *Poster) Find(ctx context.Context, key string, m Message) (result []byte, found bool, err error) {
	posted, found, err := p.find(ctx, key, m)
	if err != nil || !found {
		return nil, false, unseen(err)
	}
	result, err = json.Marshal(posted)
	return result, err == nil, err
}

func (p *Poster) find(ctx context.Context, key string, m Message) (Posted, bool, error) {
	channel, err := p.channels.id(ctx, m.Channel)
	if err != nil {
		return Posted{}, false, err
	}
	message, found, err := p.look(ctx, channel, m, key)
	if err != nil || !found {
		return Posted{}, false, err
	}
	posted, meta := Posted{channel, message.Timestamp}, metadata(key, m)
	if message.Metadata.EventPayload["drawing"] == meta.EventPayload["drawing"] {
		return posted, true, nil
	}
	_, err = p.edit(ctx, posted, m, meta)
	if uneditable(slackCode(err)) {
		// What stands there is not what was to be shown and never will be: Do posts it anew.
		return Posted{}, false, nil
	}
	return posted, err == nil, err
}

// look reads the channel, or the thread, from its newest message back.
func (p *Poster) look(ctx context.Context, channel string, m Message, key string) (slack.Message, bool, error) {
	doing := "looking for an earlier message in " + m.Channel
	since, week := m.Since, time.Now().Add(-findBack)
	switch {
	case since.IsZero():
		since = week.Add(clockSkew)
	case !p.since.IsZero() && p.since.Before(since) && week.Before(since):
		since = p.since
		if since.Before(week) {
			since = week
		}
	}
	since = since.Add(-clockSkew)
	oldest := strconv.FormatInt(since.Unix(), 10) + ".000000"
	cursor, newest, found := "", slack.Message{}, false
	for range findPages {
		messages, next, err := p.page(ctx, channel, m.Thread, oldest, cursor)
		if err != nil {
			return newest, false, understood(doing, m.Channel, err)
		}
		for _, message := range messages {
			if carries(message, key) && (!found || newer(message.Timestamp, newest.Timestamp)) {
				newest, found = message, true
			}
		}
		// The history comes newest first, a thread oldest first: only the former can be left early.
		if next == "" || found && m.Thread == "" {
			return newest, found, nil
		}
		if next == cursor {
			return newest, false, errors.New(doing + ": Slack gives the same page again and again")
		}
		cursor = next
	}
	return newest, false, errors.New(doing + ": too many messages to look through")
}

func (p *Poster) page(ctx context.Context, channel, thread, oldest, cursor string) ([]slack.Message, string, error) {
	if thread != "" {
		messages, _, next, err := p.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: findPage, Inclusive: true, IncludeAllMetadata: true})
		return messages, next, err
	}
	page, err := p.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: findPage, Inclusive: true, IncludeAllMetadata: true})
	if err != nil {
		return nil, "", err
	}
	return page.Messages, page.ResponseMetaData.NextCursor, nil
}

func carries(message slack.Message, key string) bool {
	return message.Metadata.EventType == effectEvent && message.Metadata.EventPayload["key"] == key
}

// newer compares two timestamps of messages: seconds, a dot, six digits.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// plainText is all that a message says, as markup in one text, for when its blocks cannot be sent. It stays below the
// limit of chat.update.
func plainText(m Message) string {
	lines := []string{cutMarkup(m.Text, maxFallback/2)}
	var tree []any
	if err := json.Unmarshal(m.Blocks, &tree); err != nil {
		return lines[0]
	}
	for _, block := range tree {
		lines = append(lines, textsIn(block)...)
	}
	var b strings.Builder
	left := maxFallback
	for i, line := range lines {
		if i > 0 && line == m.Text {
			continue
		}
		if left -= size(line) + 1; left < 0 {
			b.WriteString(more(len(lines)-i, "lines that Slack would not show"))
			break
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSpace(b.String())
}

// textsIn are the lines of text in a block, its buttons left out: without blocks there is nothing to press.
func textsIn(block any) []string {
	switch node := block.(type) {
	case []any:
		var lines []string
		for _, child := range node {
			lines = append(lines, textsIn(child)...)
		}
		return lines
	case map[string]any:
		text, isText := node["text"].(string)
		switch {
		case isText && node["type"] == "mrkdwn":
			return strings.Split(text, "\n")
		case isText:
			return []string{escape(text)}
		case node["type"] == "actions":
			return nil
		}
		return append(textsIn(node["text"]), textsIn(node["elements"])...)
	}
	return nil
}

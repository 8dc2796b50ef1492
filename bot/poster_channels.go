package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// relistAfter is how old the list of channels must be before a name that is not in it is looked up again:
// conversations.list allows some 20 calls a minute, and a big workspace takes many of them.
const relistAfter = time.Minute

// maxListPages bounds one reading of the list: 100,000 channels.
const maxListPages = 100

// channels finds the ids of channels that people know by name.
type channels struct {
	api   *slack.Client
	turn  chan struct{} // held by who reads or changes what follows
	ids   map[string]string
	asked time.Time
}

func newChannels(api *slack.Client) *channels {
	return &channels{api: api, turn: make(chan struct{}, 1), ids: map[string]string{}}
}

// id is the channel's id: what does not begin with # is one already. A name that Slack does not know, or that Sparky
// cannot see, is a refusal with its mend.
func (c *channels) id(ctx context.Context, channel string) (string, error) {
	name, named := strings.CutPrefix(strings.TrimSpace(channel), "#")
	if !named {
		if channel == "" {
			return "", &refusal{doing: "finding a channel", permanent: true, err: errors.New("the message names none")}
		}
		return channel, nil
	}
	name = strings.ToLower(name)
	doing := "finding #" + name
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return "", given(ctx, doing)
	}
	if id, ok := c.ids[name]; ok {
		return id, nil
	}
	if c.asked.IsZero() || time.Since(c.asked) >= relistAfter {
		if err := c.list(ctx, doing); err != nil {
			return "", err
		}
	}
	if id, ok := c.ids[name]; ok {
		return id, nil
	}
	return "", &refusal{doing: doing, code: "channel_not_found", permanent: true, err: errors.New("no such channel in Slack's list"),
		mend: fmt.Sprintf("create #%s, or correct slack.channels in sparky.yaml; a private channel must have Sparky as a member (/invite @Sparky)", name)}
}

// forget drops a name whose id turned out to be dead, so that the next message looks it up anew.
func (c *channels) forget(ctx context.Context, channel string) {
	name, named := strings.CutPrefix(channel, "#")
	if !named {
		return
	}
	select {
	case c.turn <- struct{}{}:
		delete(c.ids, strings.ToLower(name))
		<-c.turn
	case <-ctx.Done():
	}
}

// list reads all channels that Sparky can see. Without the scope for private ones it makes do with the public.
func (c *channels) list(ctx context.Context, doing string) error {
	ids, err := c.read(ctx, "public_channel", "private_channel")
	if slackCode(err) == "missing_scope" {
		ids, err = c.read(ctx, "public_channel")
	}
	if err != nil {
		return readOnly(understood(doing, "", err))
	}
	c.ids, c.asked = ids, time.Now()
	return nil
}

func (c *channels) read(ctx context.Context, types ...string) (map[string]string, error) {
	ids := map[string]string{}
	params := slack.GetConversationsParameters{Types: types, Limit: 1000}
	for range maxListPages {
		page, next, err := c.api.GetConversationsContext(ctx, &params)
		if err != nil {
			return nil, err
		}
		// Archived ones too: that the channel is archived tells a person more than that it is not there.
		for _, channel := range page {
			ids[strings.ToLower(channel.Name)] = channel.ID
		}
		if next == "" || next == params.Cursor {
			break
		}
		params.Cursor = next
	}
	return ids, nil
}

// readOnly is an error of a call that changes nothing at Slack: whatever became of it, it may be made again.
func readOnly(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*refusal](err); ok {
		return err
	}
	return harmless{err}
}

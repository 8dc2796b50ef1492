package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// effectEvent is the type of the metadata by which a message of ours is found again.
const effectEvent = "sparky_effect"

// Message is a message to post or to draw anew.
type Message struct {
	Channel string          // an id, or a name with its #
	Text    string          // markup; what notifications and screen readers say
	Blocks  json.RawMessage // a list of blocks; empty for none
	Thread  string          // the ts of the message that it answers
	Since   time.Time       // when it was first asked for, as far back as Find must look; zero is findBack ago
	Rings   string          // the id of a person who is to hear of it, where the message mentions them; everybody else it names
}

// Posted is where a message stands.
type Posted struct {
	Channel string `json:"channel"` // an id
	TS      string `json:"ts"`
}

// Poster puts messages into Slack: a second apart in each channel, findable by a key, and each of them once. Its errors
// say by methods how to go on: NotSent() true where nothing happened and no look is needed, RetryAfter() where Slack
// asked for time, Permanent() true where a person has to mend something, which the error's text names. An error with
// none of them is an outcome that must be looked up by Find.
type Poster struct {
	api      *slack.Client
	log      *slog.Logger
	pace     *pace
	channels *channels
	naming   *naming
	since    time.Time // see Since
}

// NewPoster is a poster over an API made by NewAPI.
func NewPoster(api *slack.Client, log *slog.Logger) *Poster {
	return &Poster{api: api, log: log, pace: newPace(), channels: newChannels(api), naming: &naming{NewNames(api, time.Now, log)}}
}

// Since is the poster that looks for messages at least as far back as that moment, and a week at most: what is asked for now
// may have been posted since then. The zero moment asks for nothing.
func (p *Poster) Since(moment time.Time) *Poster {
	further := *p
	further.since = moment
	return &further
}

// Do posts the message, or edits the one that the previous result names, and returns where it stands, as JSON. A
// message that cannot be edited any more (deleted, too old for the workspace's rules, posted by an earlier
// installation) is posted anew.
func (p *Poster) Do(ctx context.Context, key string, m Message, previous []byte) ([]byte, error) {
	meta := metadata(key, m)
	if present(previous) {
		var stood Posted
		if err := json.Unmarshal(previous, &stood); err != nil || stood.TS == "" || stood.Channel == "" {
			return nil, &refusal{doing: "editing message " + key, permanent: true,
				err: fmt.Errorf("its place is stored as %.100q, which is not one", previous)}
		}
		posted, err := p.edit(ctx, stood, m, meta)
		if !uneditable(slackCode(err)) {
			return encoded(posted, err)
		}
		if posted, err = p.redraw(ctx, stood, key, m, meta); err != nil || posted.TS != "" {
			return encoded(posted, err)
		}
		p.log.Warn("a message can no longer be edited and is posted anew", "key", key, "channel", m.Channel, "reason", slackCode(err))
	}
	return encoded(p.post(ctx, m, meta))
}

// redraw edits the message that an earlier attempt, whose answer was lost, has posted in the place of one that is gone.
// Where there is none that can be edited, the place that it returns is empty.
func (p *Poster) redraw(ctx context.Context, gone Posted, key string, m Message, meta *slack.SlackMetadata) (Posted, error) {
	channel, err := p.channels.id(ctx, m.Channel)
	if err != nil {
		return Posted{}, err
	}
	message, found, err := p.look(ctx, channel, m, key)
	if err != nil || !found || !newer(message.Timestamp, gone.TS) {
		return Posted{}, err
	}
	posted, err := p.edit(ctx, Posted{channel, message.Timestamp}, m, meta)
	if uneditable(slackCode(err)) {
		return Posted{}, nil
	}
	return posted, err
}

// Say posts a message that nobody needs to find again: an answer to a person.
func (p *Poster) Say(ctx context.Context, m Message) (Posted, error) { return p.post(ctx, m, nil) }

// Redraw edits a message that Say posted.
func (p *Poster) Redraw(ctx context.Context, at Posted, m Message) error {
	_, err := p.edit(ctx, at, m, nil)
	return err
}

// Whisper shows a message in a channel to one person only. Sparky must be in that channel.
func (p *Poster) Whisper(ctx context.Context, user string, m Message) error {
	_, err := p.send(ctx, outgoing{m: m, doing: "answering in " + m.Channel, turn: p.pace.post, held: p.pace.holdPost,
		call: func(channel string, options ...slack.MsgOption) (Posted, error) {
			ts, err := p.api.PostEphemeralContext(ctx, channel, user, options...)
			return Posted{channel, ts}, err
		}})
	return err
}

func (p *Poster) post(ctx context.Context, m Message, meta *slack.SlackMetadata) (Posted, error) {
	m = p.naming.message(ctx, m)
	return p.send(ctx, outgoing{m: m, meta: meta, doing: "posting to " + m.Channel, turn: p.pace.post, held: p.pace.holdPost,
		call: func(channel string, options ...slack.MsgOption) (Posted, error) {
			id, ts, err := p.api.PostMessageContext(ctx, channel, options...)
			return Posted{id, ts}, err
		}})
}

// edit draws the message anew. Doing that twice gives the same message, so an unknown outcome needs no look.
func (p *Poster) edit(ctx context.Context, at Posted, m Message, meta *slack.SlackMetadata) (Posted, error) {
	place := m.Channel
	m.Channel, m.Thread, m.Text = at.Channel, "", p.naming.text(ctx, m.Text, "")
	_, err := p.send(ctx, outgoing{m: m, meta: meta, doing: "editing a message in " + place,
		turn: func(ctx context.Context, doing, _ string) error { return p.pace.edit(ctx, doing) },
		held: func(_ string, d time.Duration) { p.pace.holdEdit(d) },
		call: func(channel string, options ...slack.MsgOption) (Posted, error) {
			id, ts, _, err := p.api.UpdateMessageContext(ctx, channel, at.TS, options...)
			return Posted{id, ts}, err
		}})
	return at, readOnly(err)
}

// outgoing is one call that shows a message.
type outgoing struct {
	m     Message
	meta  *slack.SlackMetadata
	doing string
	turn  func(ctx context.Context, doing, channel string) error
	held  func(channel string, d time.Duration)
	call  func(channel string, options ...slack.MsgOption) (Posted, error)
}

// send waits for its turn and makes the call. Blocks that Slack refuses are logged with Slack's pointers and sent once
// more as plain text, because a plain message is better than none.
func (p *Poster) send(ctx context.Context, o outgoing) (Posted, error) {
	channel, err := p.channels.id(ctx, o.m.Channel)
	if err != nil {
		return Posted{}, err
	}
	posted, err := p.once(ctx, o, channel)
	if refusedBlocks(slackCode(err)) && len(o.m.Blocks) > 0 {
		p.log.Error("Slack refused the layout of a message; it goes out as plain text", "channel", o.m.Channel, "error", err)
		o.m.Text, o.m.Blocks = plainText(o.m), nil
		posted, err = p.once(ctx, o, channel)
	}
	if slackCode(err) == "channel_not_found" {
		p.channels.forget(ctx, o.m.Channel)
	}
	return posted, err
}

func (p *Poster) once(ctx context.Context, o outgoing, channel string) (Posted, error) {
	options, err := optionsOf(o.m, o.meta)
	if err != nil {
		return Posted{}, &refusal{doing: o.doing, permanent: true, err: err}
	}
	if err := o.turn(ctx, o.doing, channel); err != nil {
		return Posted{}, err
	}
	posted, err := o.call(channel, options...)
	if err == nil && posted.TS == "" {
		// slack-go takes {"ok":false} without a reason for a success.
		err = errors.New("the answer names no message")
	}
	if err = understood(o.doing, o.m.Channel, err); err != nil {
		if limited, ok := errors.AsType[*refusal](err); ok {
			o.held(channel, limited.after)
		}
		return Posted{}, err
	}
	return posted, nil
}

// optionsOf is the message in slack-go's terms. Links in it grow no previews.
func optionsOf(m Message, meta *slack.SlackMetadata) ([]slack.MsgOption, error) {
	options := []slack.MsgOption{slack.MsgOptionText(cutMarkup(m.Text, maxFallback), false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if len(m.Blocks) > 0 {
		var raw []json.RawMessage
		if err := json.Unmarshal(m.Blocks, &raw); err != nil {
			return nil, fmt.Errorf("the blocks of the message: %w", err)
		}
		blocks := make([]slack.Block, len(raw))
		for i, r := range raw {
			blocks[i] = drawnBlock{r}
		}
		options = append(options, slack.MsgOptionBlocks(blocks...))
	}
	if m.Thread != "" {
		options = append(options, slack.MsgOptionTS(m.Thread))
	}
	if meta != nil {
		options = append(options, slack.MsgOptionMetadata(*meta))
	}
	return options, nil
}

// drawnBlock is a block as it was drawn, which slack-go would decode only to encode it again.
type drawnBlock struct{ json.RawMessage }

// BlockType implements slack.Block; nothing asks for it on the way out.
func (drawnBlock) BlockType() slack.MessageBlockType { return "" }

// ID implements slack.Block, as BlockType does.
func (drawnBlock) ID() string { return "" }

// metadata carries the key, and a fingerprint of what was drawn under it.
func metadata(key string, m Message) *slack.SlackMetadata {
	sum := sha256.Sum256(slices.Concat([]byte(m.Text), []byte{0}, m.Blocks))
	return &slack.SlackMetadata{EventType: effectEvent, EventPayload: map[string]any{"key": key, "drawing": hex.EncodeToString(sum[:8])}}
}

func present(result []byte) bool {
	result = bytes.TrimSpace(result)
	return len(result) > 0 && !bytes.Equal(result, []byte("null"))
}

func encoded(posted Posted, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(posted)
}

// uneditable are the refusals of chat.update after which no edit will ever succeed.
func uneditable(code string) bool {
	return code == "message_not_found" || code == "cant_update_message" || code == "edit_window_closed" || code == "is_inactive"
}

// refusedBlocks are the refusals that the blocks alone are to blame for.
func refusedBlocks(code string) bool {
	return code == "invalid_blocks" || code == "invalid_blocks_format" || code == "msg_blocks_too_long"
}

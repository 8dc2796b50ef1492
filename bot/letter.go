package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sparky/changes"
	"sparky/commands"
)

// Letter carries out the effects of one kind by posting what their payload says. What was recorded is a fact, not a
// drawing: it is drawn when it is posted, so that the days left are those of that day.
type Letter struct {
	poster  *Poster
	channel string
	draw    func(ctx context.Context, payload []byte) (sheetOfPaper, error)
}

// sheetOfPaper is what a letter says, and where.
type sheetOfPaper struct {
	reply   commands.Reply
	since   time.Time // when it was first asked for
	channel string    // empty: the letter's own
	thread  string    // the ts of the message under which it stands, empty for none
	rings   string    // the id of a person who is mentioned in it and is to hear of it; empty for nobody
	late    bool      // it holds no longer, so that nothing is to be said
}

// Digests posts changes.Digest payloads.
func Digests(poster *Poster, channel string, now commands.Clock) Letter {
	return letter(poster, channel, func(d changes.Digest) (commands.Reply, time.Time) {
		return digestReply(d, now()), d.At
	})
}

// Notices posts changes.SourceNotice payloads.
func Notices(poster *Poster, channel string) Letter {
	return letter(poster, channel, func(n changes.SourceNotice) (commands.Reply, time.Time) {
		return noticeReply(n), n.Since
	})
}

// Redacted is the letter with every text and address in it passed through redact.
func (l Letter) Redacted(redact func(string) string) Letter {
	draw := l.draw
	l.draw = func(ctx context.Context, payload []byte) (sheetOfPaper, error) {
		sheet, err := draw(ctx, payload)
		sheet.reply = sheet.reply.Redacted(redact)
		return sheet, err
	}
	return l
}

func letter[T any](poster *Poster, channel string, draw func(T) (commands.Reply, time.Time)) Letter {
	return Letter{poster, channel, func(_ context.Context, payload []byte) (sheetOfPaper, error) {
		fact, err := read[T](payload)
		if err != nil {
			return sheetOfPaper{}, err
		}
		reply, since := draw(fact)
		return sheetOfPaper{reply: reply, since: since}, nil
	}}
}

// read decodes a payload. One that cannot be read never will be.
func read[T any](payload []byte) (T, error) {
	var fact T
	if err := json.Unmarshal(payload, &fact); err != nil {
		return fact, &refusal{doing: "reading what is to be posted", permanent: true, err: err}
	}
	return fact, nil
}

// Do posts the letter, or edits the message in which it stands already.
func (l Letter) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	message, err := l.message(ctx, payload)
	if err != nil || message == nil {
		return nil, drawing(key, err)
	}
	return l.poster.Do(ctx, key, *message, previous)
}

// Find looks whether the letter stands in its channel.
func (l Letter) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	message, err := l.message(ctx, payload)
	if err != nil {
		return nil, false, unseen(drawing(key, err))
	}
	if message == nil {
		return nil, true, nil
	}
	return l.poster.Find(ctx, key, *message)
}

func drawing(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("drawing %s: %w", key, err)
}

// message is the letter as the poster takes it; nil where nothing is to be said any more.
func (l Letter) message(ctx context.Context, payload []byte) (*Message, error) {
	sheet, err := l.draw(ctx, payload)
	if err != nil || sheet.late {
		return nil, err
	}
	drawn := render(sheet.reply)
	blocks, err := json.Marshal(drawn.Blocks)
	if err != nil {
		return nil, fmt.Errorf("encoding the blocks: %w", err)
	}
	if sheet.channel == "" {
		sheet.channel = l.channel
	}
	return &Message{Channel: sheet.channel, Text: drawn.Text, Blocks: blocks, Thread: sheet.thread, Since: sheet.since, Rings: sheet.rings}, nil
}

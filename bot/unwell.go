package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sparky/commands"
)

// EffectHealth is the kind of the effect whose payload is an Unwell, and HealthKey its key: it is one picture, of the
// newest episode.
const (
	EffectHealth = "slack.health"
	HealthKey    = "sparky/health"
)

// Unwell is an episode in which Sparky itself was not well, as people are told of it.
type Unwell struct {
	Episode int                `json:"episode"` // they are numbered from 1; 0 is none
	Ill     []commands.Illness `json:"ill"`     // all that was wrong in it, in the order in which it began
	Since   time.Time          `json:"since"`
	Over    time.Time          `json:"over,omitzero"` // zero while it lasts
	// Told is what UnwellLetter gave of telling it where that was past the queue, which knows nothing of it; nil else.
	Told json.RawMessage `json:"told,omitempty"`
}

// UnwellLetter tells people of an episode in two messages: that Sparky is not well, and that this is over. Where the first
// could not be posted before it was over, one message says both.
type UnwellLetter struct {
	ill, over, both Letter
}

// Unwells posts Unwell payloads.
func Unwells(poster *Poster, channel string) UnwellLetter {
	draw := func(reply func(Unwell) commands.Reply) Letter {
		return letter(poster, channel, func(h Unwell) (commands.Reply, time.Time) { return reply(h), h.Since })
	}
	return UnwellLetter{ill: draw(illReply), over: draw(overReply), both: draw(bothReply)}
}

// Redacted is the letter with every text in it passed through redact.
func (l UnwellLetter) Redacted(redact func(string) string) UnwellLetter {
	return UnwellLetter{l.ill.Redacted(redact), l.over.Redacted(redact), l.both.Redacted(redact)}
}

// unwellTold is where an episode was told.
type unwellTold struct {
	Episode int             `json:"episode"`
	Ill     json.RawMessage `json:"ill,omitempty"` // a Posted
	Over    json.RawMessage `json:"over,omitempty"`
}

// Do posts what is not told yet of the episode, or edits its message where more is wrong than that says.
func (l UnwellLetter) Do(ctx context.Context, _ string, payload, previous []byte) ([]byte, error) {
	h, err := read[Unwell](payload)
	if err != nil {
		return nil, fmt.Errorf("drawing how Sparky itself is: %w", err)
	}
	told := l.before(h, previous)
	switch {
	case h.Over.IsZero():
		told.Ill, err = l.ill.Do(ctx, h.key(), payload, told.Ill)
	case told.Ill == nil:
		told.Ill, err = l.both.Do(ctx, h.key(), payload, nil)
		told.Over = told.Ill
	case told.Over == nil:
		told.Over, err = l.over.Do(ctx, h.overKey(), payload, nil)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(told)
}

// Find looks whether the episode was told. One that is over, of which only the beginning stands there, is told by
// drawing that anew.
func (l UnwellLetter) Find(ctx context.Context, _ string, payload []byte) ([]byte, bool, error) {
	h, err := read[Unwell](payload)
	if err != nil {
		return nil, false, unseen(fmt.Errorf("drawing how Sparky itself is: %w", err))
	}
	told := unwellTold{Episode: h.Episode}
	if !h.Over.IsZero() {
		at, found, err := l.over.Find(ctx, h.overKey(), payload)
		if err != nil {
			return nil, false, err
		}
		if found {
			told.Ill, told.Over = at, at
			return foundAt(told)
		}
	}
	draw := l.ill
	if !h.Over.IsZero() {
		draw = l.both
	}
	at, found, err := draw.Find(ctx, h.key(), payload)
	if err != nil || !found {
		return nil, false, err
	}
	told.Ill = at
	if !h.Over.IsZero() {
		told.Over = at
	}
	return foundAt(told)
}

func foundAt(told unwellTold) ([]byte, bool, error) {
	encoded, err := json.Marshal(told)
	return encoded, err == nil, err
}

// before is what was told of this episode already. What was told of another is of no use here.
func (l UnwellLetter) before(h Unwell, previous []byte) unwellTold {
	for _, result := range [][]byte{previous, h.Told} {
		var told unwellTold
		if present(result) && json.Unmarshal(result, &told) == nil && told.Episode == h.Episode {
			return told
		}
	}
	return unwellTold{Episode: h.Episode}
}

func (h Unwell) key() string     { return HealthKey + "/" + strconv.Itoa(h.Episode) }
func (h Unwell) overKey() string { return h.key() + "/over" }

func illReply(h Unwell) commands.Reply {
	lines := []commands.Line{{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: "I am not well myself.", Strong: true},
		{Text: " Since "}, commands.At(h.Since), {Text: ":"}}}}
	text := "I am not well myself"
	for n, illness := range h.Ill {
		words := trimmed(illness.Words)
		if n == 0 {
			text += ": " + words
		}
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: begun(words) + "."}}})
		if illness.Mend != "" {
			lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: begun(trimmed(illness.Mend)) + ".", Faint: true}}})
		}
	}
	lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{
		{Text: "What was to be done is kept, and goes on by itself. How it is now: ", Faint: true}, {Text: "/sparky status", Code: true}}})
	return commands.Reply{Text: text + ".", Sections: []commands.Section{{Lines: lines}}}
}

func overReply(h Unwell) commands.Reply {
	took := lasted(h)
	return commands.Reply{Text: "I am well again, after " + took + ".", Sections: []commands.Section{{Lines: []commands.Line{
		{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: "I am well again", Strong: true}, {Text: ", after " + took + "."}}},
	}}}}
}

func bothReply(h Unwell) commands.Reply {
	took := lasted(h)
	lines := []commands.Line{{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: "I am well again", Strong: true}, {Text: ". For " + took + ", since "},
		commands.At(h.Since), {Text: ", I was not:"}}}}
	for _, illness := range h.Ill {
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: begun(trimmed(illness.Words)) + "."}}})
	}
	return commands.Reply{Text: "I am well again. For " + took + " I was not.", Sections: []commands.Section{{Lines: lines}}}
}

// trimmed is a text without the stop at its end.
func trimmed(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }

// begun is a sentence with a capital at its beginning.
func begun(text string) string {
	first, length := utf8.DecodeRuneInString(text)
	if first == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(first)) + text[length:]
}

func lasted(h Unwell) string { return commands.Age(max(h.Over.Sub(h.Since), 10*time.Second)) }

package bot

import (
	"context"
	"fmt"
	"time"

	"sparky/commands"
)

// EffectTrouble is the kind of the effects whose payload is a Trouble. Each is a picture: one message, edited when it is over.
const EffectTrouble = "slack.trouble"

// Trouble is something that Sparky cannot do until a person has mended something.
type Trouble struct {
	Problem string    `json:"problem"`
	Since   time.Time `json:"since"`
	Told    time.Time `json:"told,omitzero"`    // when people were to be told
	System  string    `json:"system,omitempty"` // what refuses: the part of an effect's kind before its dot
	Cause   string    `json:"cause,omitempty"`  // what is the same in the problems of all that it holds up
	Effect  string    `json:"effect,omitempty"` // the key of the first that it held up
	Over    time.Time `json:"over,omitzero"`    // since when nothing waits for it any more; zero while something does
}

// TroubleLetter tells people of a Trouble in one message, which says when it is over. Where that could not be posted before it
// was over, nothing is said.
type TroubleLetter struct{ letter Letter }

// Troubles posts Trouble payloads.
func Troubles(poster *Poster, channel string) TroubleLetter {
	return TroubleLetter{letter(poster, channel, func(t Trouble) (commands.Reply, time.Time) {
		if t.Over.IsZero() {
			return troubleReply(t), t.Since
		}
		return mendedReply(t), t.Since
	})}
}

// Redacted is the letter with every text in it passed through redact.
func (l TroubleLetter) Redacted(redact func(string) string) TroubleLetter {
	return TroubleLetter{l.letter.Redacted(redact)}
}

// Do posts the message, or edits it as it is to be now.
func (l TroubleLetter) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	t, err := read[Trouble](payload)
	if err != nil {
		return nil, drawing(key, err)
	}
	if !t.Over.IsZero() && !present(previous) {
		return nil, nil
	}
	return l.letter.Do(ctx, key, payload, previous)
}

// Find looks whether the message stands in its channel.
func (l TroubleLetter) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	return l.letter.Find(ctx, key, payload)
}

func troubleReply(t Trouble) commands.Reply {
	return commands.Reply{Text: stopped("I cannot do something until somebody lends a hand: " + t.Problem), Sections: []commands.Section{{Lines: []commands.Line{
		{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: "I cannot do something until somebody lends a hand.", Strong: true}}},
		{Indent: true, Pieces: []commands.Piece{{Text: t.Problem}}},
		{Indent: true, Pieces: []commands.Piece{{Text: "Nothing is lost: it is kept, and goes on by itself once this is mended. What still waits: ", Faint: true}, {Text: "/sparky status", Code: true}}},
	}}}}
}

func mendedReply(t Trouble) commands.Reply {
	took := commands.Age(max(t.Over.Sub(t.Since), 10*time.Second))
	return commands.Reply{Text: stopped(fmt.Sprintf("It works again, after %s: %s", took, t.Problem)), Sections: []commands.Section{{Lines: []commands.Line{
		{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: "It works again", Strong: true}, {Text: ", after " + took + ". What waited for it went on by itself."}}},
		{Indent: true, Pieces: []commands.Piece{{Text: "What it was: " + t.Problem, Faint: true}}},
	}}}}
}

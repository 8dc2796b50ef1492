package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sparky/commands"
	"sparky/incidents"
)

// Incidents tells how an incident stands. Its error wraps incidents.ErrNoIncident where there is none of that id.
type Incidents interface {
	Incident(ctx context.Context, id string) (incidents.Incident, error)
}

// Cards draws incidents.EffectCard: the one message of an incident in the channel, as the incident stands when it is
// drawn. The result tells where it stands; it decodes as Posted and as incidents.Card. Where Jira is false no issue is
// ever opened, and none is promised.
func Cards(poster *Poster, channel string, known Incidents, now commands.Clock, jira bool) Letter {
	return Letter{poster, channel, func(ctx context.Context, payload []byte) (sheetOfPaper, error) {
		ref, err := read[incidents.Ref](payload)
		if err != nil {
			return sheetOfPaper{}, err
		}
		i, err := howItStands(ctx, known, ref.Incident)
		if err != nil {
			return sheetOfPaper{}, err
		}
		return sheetOfPaper{reply: cardReply(i, now(), jira), since: i.Opened, thread: i.Card.Thread}, nil
	}}
}

// Threads says incidents.EffectThread: a line in the thread of the incident's card, where that stands now, with the
// mention of a user group where one is called.
func Threads(poster *Poster, known Incidents) Letter {
	return Letter{poster, "", func(ctx context.Context, payload []byte) (sheetOfPaper, error) {
		line, err := read[incidents.ThreadLine](payload)
		if err != nil {
			return sheetOfPaper{}, err
		}
		i, err := howItStands(ctx, known, line.Incident)
		if err != nil {
			return sheetOfPaper{}, err
		}
		if line.Event.Kind == incidents.EventReminded && !i.Unanswered() {
			return sheetOfPaper{late: true}, nil // somebody took it, or it is over, before the reminder could be said
		}
		if line.Event.Kind == incidents.EventReminded && i.RemindedAfter(line.Event.At) {
			return sheetOfPaper{late: true}, nil // they waited for Slack, and the newest says it all
		}
		if line.Event.Kind == incidents.EventPaged && i.CalledWithOthers(line.Event.At) {
			return sheetOfPaper{late: true}, nil // the storm's thread says it, once for all
		}
		// A card that somebody deleted was posted anew, and what happened belongs under the new one.
		if i.Card.TS != "" && i.Card.Channel != "" {
			line.Channel, line.TS = i.Card.Channel, i.Card.Root()
		}
		if line.TS == "" || line.Channel == "" {
			return sheetOfPaper{}, &refusal{doing: "answering under the card of " + line.Incident, err: errors.New("the card does not stand yet")}
		}
		if rings := line.Event.Kind == incidents.EventPaged || line.Event.Kind == incidents.EventReminded; i.Card.Thread != "" && !rings {
			line.Event.Text = i.Name + ": " + line.Event.Text // the thread is that of many
		}
		return sheetOfPaper{reply: threadReply(line), since: line.Event.At, channel: line.Channel, thread: line.TS, rings: line.Rings}, nil
	}}
}

// howItStands is how an incident stands. Nothing was posted where that fails.
func howItStands(ctx context.Context, known Incidents, id string) (incidents.Incident, error) {
	i, err := known.Incident(ctx, id)
	if err != nil {
		return i, &refusal{doing: fmt.Sprintf("asking how incident %q stands", id), permanent: errors.Is(err, incidents.ErrNoIncident), err: err}
	}
	return i, nil
}

// threadReply is one thing that happened, with who did it.
func threadReply(t incidents.ThreadLine) commands.Reply {
	line := commands.Line{Mark: eventMark(t.Event.Kind)}
	if t.Mention != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: "@" + t.Mention, Person: t.Mention}, commands.Piece{Text: " "})
	}
	line.Pieces = append(line.Pieces, eventPieces(t.Event)...)
	return inOneSentence(commands.Reply{Sections: []commands.Section{{Lines: []commands.Line{line}}}}, eventPieces(t.Event))
}

// eventPieces is what happened. Where the sentence names who did it, the name becomes the mention; else it follows.
func eventPieces(e incidents.Event) []commands.Piece {
	text := brief(e.Text, 2000)
	if text == "" {
		text = string(e.Kind)
	}
	if e.By == "" {
		return []commands.Piece{{Text: text}}
	}
	before, after, named := strings.Cut(text, e.By)
	switch {
	case named && userID.MatchString(e.By):
		return []commands.Piece{{Text: before}, personOf(e.By), {Text: after}}
	case named:
		return []commands.Piece{{Text: text}}
	}
	if what, said := strings.CutSuffix(text, ", by a person's word."); said {
		return []commands.Piece{{Text: what + ", says "}, personOf(e.By), {Text: "."}}
	}
	// “Muted: planned upgrade.” reads best with the name behind its first words.
	if end := strings.IndexAny(text, ".:"); end > 0 && wordsOfPeople(e.Kind) && len(strings.Fields(text[:end])) <= 3 {
		return []commands.Piece{{Text: text[:end] + " by "}, personOf(e.By), {Text: text[end:]}}
	}
	return []commands.Piece{{Text: text + " — "}, personOf(e.By)}
}

// wordsOfPeople tells that what happened is said by what was done, so that who did it can follow.
func wordsOfPeople(kind incidents.EventKind) bool {
	return kind == incidents.EventAcknowledged || kind == incidents.EventMuted || kind == incidents.EventClosed || kind == incidents.EventPublished
}

func eventMark(kind incidents.EventKind) commands.Mark {
	switch kind {
	case incidents.EventOpened, incidents.EventJoined, incidents.EventReopened:
		return commands.MarkBad
	case incidents.EventRecovered:
		return commands.MarkGood
	case incidents.EventMuted:
		return commands.MarkMuted
	case incidents.EventPaged, incidents.EventReminded:
		return commands.MarkWarn
	}
	return commands.MarkNone
}

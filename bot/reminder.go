package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sparky/changes"
	"sparky/commands"
)

// Announced tells what is still to come: the partner's entries that take effect on a day or later, with who handled them.
type Announced interface {
	Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error)
}

// Reminders posts changes.Reminder payloads. What somebody handled since the reminder was recorded, or the partner moved,
// is shown as it stands now.
func Reminders(poster *Poster, channel string, known Announced, now commands.Clock) Letter {
	return Letter{poster, channel, func(ctx context.Context, payload []byte) (sheetOfPaper, error) {
		r, err := read[changes.Reminder](payload)
		if err != nil {
			return sheetOfPaper{}, err
		}
		entries, err := known.Upcoming(ctx, r.Partner, changes.Date(r.At.UTC().Format(time.DateOnly)))
		if err != nil {
			// Nothing was posted yet.
			return sheetOfPaper{}, &refusal{doing: "asking how what comes from " + r.Partner + " stands", err: err}
		}
		return sheetOfPaper{reply: reminderReply(r, entries, now()), since: r.At}, nil
	}}
}

// reminded is an item of a reminder as it stands when the message is drawn.
type reminded struct {
	changes.ReminderItem
	entry changes.Entry // zero where it is not known any more
}

func (r reminded) moved() bool { return r.entry.Effective != "" && r.entry.Effective != r.Effective }

// undated tells that the partner took its date back.
func (r reminded) undated() bool { return r.entry.Key != "" && r.entry.Effective == "" }

// by is the day from which the change holds.
func (r reminded) by() changes.Date {
	if r.moved() {
		return r.entry.Effective
	}
	return r.Effective
}

// reminderReply says what comes, by when, how many days are left, what they say, whose it is, and where it stands.
func reminderReply(r changes.Reminder, entries []changes.Entry, now time.Time) commands.Reply {
	byID := map[string]changes.Entry{}
	for _, e := range entries {
		byID[e.ID()] = e
	}
	var items []reminded
	open := 0
	for _, item := range r.Items {
		known := reminded{item, byID[item.ID]}
		items = append(items, known)
		if !known.entry.IsHandled() {
			open++
		}
	}
	reply := commands.Reply{Text: reminderSentence(r, items, now), Title: reminderTitle(r, items, now)}
	if open > 0 {
		reply.Sections = append(reply.Sections, commands.Section{Lines: []commands.Line{ownerLine(r)}})
	}
	for _, item := range items {
		part := commands.Section{Lines: reminderLines(item, now)}
		if item.entry.Effective != "" && item.by().DaysFrom(now) >= 0 {
			part.Buttons = []commands.Button{commands.HandledButton(item.entry)}
		}
		reply.Sections = append(reply.Sections, part)
	}
	reply.Sections = append(reply.Sections, commands.Section{Lines: []commands.Line{reminderClosing(r)}})
	return reply
}

// reminderTitle counts what comes, and says how near the first of it is.
func reminderTitle(r changes.Reminder, items []reminded, now time.Time) string {
	n := len(items) + r.Folded
	if len(items) == 0 {
		return r.Name + ": a date comes near"
	}
	when := commands.DaysLeft(items[0].by(), now)
	if items[0].undated() {
		when = "without a date now"
	}
	if n == 1 {
		return fmt.Sprintf("%s: a change %s", r.Name, when)
	}
	return fmt.Sprintf("%s: %d changes come near, the first %s", r.Name, n, when)
}

// reminderSentence is the notification: whose change it is, what it is, and when.
func reminderSentence(r changes.Reminder, items []reminded, now time.Time) string {
	text := reminderTitle(r, items, now) + "."
	if len(items) == 0 {
		return text
	}
	first := items[0]
	text += " " + strings.TrimRight(clipRunes(first.Title, 120), ".")
	if day := commands.Day(first.by()); !strings.Contains(first.Title, day) {
		text += ", " + day
	}
	return text + "."
}

// ownerLine says whose it is, and mentions their group where there is one.
func ownerLine(r changes.Reminder) commands.Line {
	team, group := clipRunes(r.Team, 80), commands.Piece{Text: "@" + r.Group, Person: r.Group}
	switch {
	case team != "" && r.Group != "":
		return commands.Line{Pieces: []commands.Piece{{Text: "This is with "}, {Text: team, Strong: true}, {Text: ", "}, group, {Text: "."}}}
	case r.Group != "":
		return commands.Line{Pieces: []commands.Piece{{Text: "This is with "}, group, {Text: "."}}}
	case team != "":
		return commands.Line{Pieces: []commands.Piece{{Text: "This is with "}, {Text: team, Strong: true}, {Text: "."}}}
	}
	return commands.Line{Pieces: []commands.Piece{{Text: "No team is named for " + r.Name + " yet; owner in sparky.yaml is the place for it."}}}
}

func reminderLines(item reminded, now time.Time) []commands.Line {
	indented := func(pieces ...commands.Piece) commands.Line { return commands.Line{Indent: true, Pieces: pieces} }
	first := commands.Line{Mark: itemMark(changes.Item{Kinds: item.Kinds}), Pieces: []commands.Piece{
		{Text: clipRunes(item.Title, 200), Link: item.Link, Strong: true},
		{Text: " (" + commands.KindWords(item.Kinds, item.BetaVersion, item.Title) + ")"}}}
	when := reminderWhen(item, now)
	lines := []commands.Line{first, indented(commands.Piece{Text: when, Strong: !item.entry.IsHandled()})}
	if item.entry.IsHandled() {
		first.Mark = commands.MarkGood
		by := commands.HandledBy(item.entry.Handled, now)
		by[0].Text = "H" + by[0].Text[1:]
		lines[0] = first
		return append(lines, indented(append(by, commands.Piece{Text: "."})...))
	}
	if item.Summary != "" {
		lines = append(lines, indented(commands.Piece{Text: "They say: ", Faint: true}, commands.Piece{Text: clipRunes(item.Summary, 500)}))
	}
	return lines
}

// reminderWhen says by when, and how many days are left.
func reminderWhen(item reminded, now time.Time) string {
	day, left := commands.Day(item.by()), commands.DaysLeft(item.by(), now)
	switch days := item.by().DaysFrom(now); {
	case item.undated():
		return fmt.Sprintf("Its date, %s, was taken back; none is named now.", day)
	case item.moved():
		return fmt.Sprintf("Moved from %s to %s, %s.", commands.Day(item.Effective), day, left)
	case days == 0:
		return fmt.Sprintf("From today, %s.", day)
	case days < 0:
		return fmt.Sprintf("Since %s, %s.", day, left)
	case days == 1:
		return fmt.Sprintf("By %s: that is tomorrow.", day)
	default:
		return fmt.Sprintf("By %s: %d days are left.", day, days)
	}
}

// reminderClosing counts what was folded and says where all of it is.
func reminderClosing(r changes.Reminder) commands.Line {
	all := commands.Piece{Text: "/sparky upcoming " + r.Partner, Code: true}
	if r.Folded == 0 {
		return commands.Line{Pieces: []commands.Piece{{Text: "Everything that is coming: ", Faint: true}, all}}
	}
	return commands.Line{Pieces: []commands.Piece{{Text: fmt.Sprintf("And %d more: ", r.Folded)}, all}}
}

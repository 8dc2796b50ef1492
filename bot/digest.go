package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/changes"
	"sparky/commands"
)

// digestReply is what a digest says: what needs action first, each with its day and the days left; then betas; then the
// rest, folded. The first sentence alone tells whether anybody must do something.
func digestReply(d changes.Digest, now time.Time) commands.Reply {
	attention, rest := splitDigest(d)
	reply := commands.Reply{Text: digestSentence(d, attention, now), Title: d.Name + ": " + digestTitle(d, attention)}
	if len(attention) > 0 {
		reply.Sections = append(reply.Sections, commands.Section{Lines: itemLines(attention, now), Buttons: tryButtons(d.Partner, attention)})
	}
	if len(rest) > 0 {
		heading := ""
		if len(attention) > 0 {
			heading = "Also new"
		}
		reply.Sections = append(reply.Sections, commands.Section{Heading: heading, Lines: itemLines(rest, now), Buttons: tryButtons(d.Partner, rest)})
	}
	reply.Sections = append(reply.Sections, commands.Section{Lines: []commands.Line{digestClosing(d)}})
	return reply
}

// mostTried is how many versions of a digest have a button.
const mostTried = 4

// tryButtons try our integration against the versions on offer.
func tryButtons(partner string, items []changes.Item) []commands.Button {
	var buttons []commands.Button
	for _, item := range items {
		if item.Version == "" || len(buttons) == mostTried || slices.ContainsFunc(buttons, func(b commands.Button) bool {
			return strings.EqualFold(b.Command, "compat "+partner+" "+item.Version)
		}) {
			continue
		}
		buttons = append(buttons, commands.CompatButton(partner, item.Version, "Run compatibility tests"))
	}
	if len(buttons) > 1 {
		for i := range buttons {
			buttons[i].Label += ": " + brief(strings.TrimPrefix(buttons[i].Command, "compat "+partner+" "), 30)
		}
	}
	return buttons
}

// splitDigest takes apart what needs a look and what is only good to know.
func splitDigest(d changes.Digest) (attention, rest []changes.Item) {
	for _, item := range d.Items {
		if needsAttention(item) || item.Before != nil {
			attention = append(attention, item)
		} else {
			rest = append(rest, item)
		}
	}
	return attention, rest
}

func needsAttention(item changes.Item) bool {
	return changes.Entry{Kinds: item.Kinds}.NeedsAttention()
}

func digestTitle(d changes.Digest, attention []changes.Item) string {
	switch {
	case len(attention) == 1 && d.Total() == 1 && attention[0].Before != nil:
		return "an announcement changed"
	case len(attention) == 1:
		return "1 change needs a look"
	case len(attention) > 1:
		return fmt.Sprintf("%d changes need a look", len(attention))
	case d.Total() == 1 && isBeta(d.Items[0]):
		return "a beta is on offer"
	case d.Total() == 1:
		return "1 new entry"
	default:
		return fmt.Sprintf("%d new entries", d.Total())
	}
}

func isBeta(item changes.Item) bool { return changes.Entry{Kinds: item.Kinds}.Is(changes.Beta) }

// digestSentence is the notification: whose news it is, how much of it, and the first thing to know.
func digestSentence(d changes.Digest, attention []changes.Item, now time.Time) string {
	text := d.Name + ": " + digestTitle(d, attention) + "."
	if len(d.Items) == 0 {
		return text
	}
	first := d.Items[0]
	text += " " + strings.TrimRight(clipRunes(first.Title, 120), ".")
	if first.Effective != "" {
		day := commands.Day(first.Effective)
		if !strings.Contains(first.Title, day) {
			text += ", " + day
		}
		text += " (" + commands.DaysLeft(first.Effective, now) + ")"
	}
	return text + "."
}

func itemLines(items []changes.Item, now time.Time) []commands.Line {
	var lines []commands.Line
	for _, item := range items {
		first := commands.Line{Mark: itemMark(item)}
		first.Pieces = append(first.Pieces,
			commands.Piece{Text: clipRunes(item.Title, 200), Link: item.Link, Strong: true},
			commands.Piece{Text: " (" + itemKinds(item) + ")"})
		lines = append(lines, first)
		if when := itemWhen(item, now); when != "" {
			lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: when, Strong: needsAttention(item)}}})
		}
		if item.Summary != "" {
			lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: item.Summary}}})
		}
	}
	return lines
}

func itemMark(item changes.Item) commands.Mark {
	switch {
	case needsAttention(item):
		return commands.MarkWarn
	case isBeta(item):
		return commands.MarkPlanned
	default:
		return commands.MarkNone
	}
}

func itemKinds(item changes.Item) string {
	return commands.KindWords(item.Kinds, item.BetaVersion, item.Title)
}

// itemWhen says from when the change holds, and what an edit changed.
func itemWhen(item changes.Item, now time.Time) string {
	if item.Before == nil {
		if item.Effective == "" {
			return ""
		}
		word := "From"
		if item.Effective.DaysFrom(now) < 0 {
			word = "Since"
		}
		return fmt.Sprintf("%s %s, %s.", word, commands.Day(item.Effective), commands.DaysLeft(item.Effective, now))
	}
	before, after := item.Before.Effective, item.Effective
	left := ""
	if after != "" {
		left = ", " + commands.DaysLeft(after, now)
	}
	switch {
	case before != "" && after != "" && before != after:
		return fmt.Sprintf("Moved from %s to %s%s.", commands.Day(before), commands.Day(after), left)
	case before == "" && after != "":
		return fmt.Sprintf("It has a date now: %s%s.", commands.Day(after), left)
	case before != "" && after == "":
		return fmt.Sprintf("Its date, %s, was taken back; none is named now.", commands.Day(before))
	default:
		was := changes.Item{Kinds: item.Before.Kinds}
		return fmt.Sprintf("Edited: it was %s, and is %s now.", itemKinds(was), itemKinds(changes.Item{Kinds: item.Kinds}))
	}
}

// digestClosing counts what was folded and says where all of it is.
func digestClosing(d changes.Digest) commands.Line {
	more := d.Total() - len(d.Items)
	all := commands.Piece{Text: "/sparky changelog " + d.Partner, Code: true}
	if more == 0 {
		return commands.Line{Pieces: []commands.Piece{{Text: "All of it: ", Faint: true}, all}}
	}
	var counts []string
	for _, k := range []changes.Kind{changes.Removal, changes.Breaking, changes.Deprecation, changes.Security, changes.Beta, changes.New, changes.Fix, changes.Other} {
		if n := d.Folded[k]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, kindNoun(k, n)))
		}
	}
	text := fmt.Sprintf("And %d more (%s): ", more, strings.Join(counts, ", "))
	return commands.Line{Pieces: []commands.Piece{{Text: text}, all}}
}

// kindNoun is what n entries of a kind are called.
func kindNoun(k changes.Kind, n int) string {
	switch k {
	case changes.Removal, changes.Deprecation, changes.Beta:
		if n > 1 {
			return string(k) + "s"
		}
	case changes.Fix:
		if n > 1 {
			return "fixes"
		}
	}
	return string(k)
}

// noticeReply tells that a changelog cannot be read, or that it can again.
func noticeReply(n changes.SourceNotice) commands.Reply {
	if n.Problem == "" {
		after := ""
		if lasted := n.Until.Sub(n.Since); lasted >= 10*time.Second {
			// A shorter age is a moment, "just now", and no length of time.
			after = " after " + commands.Age(lasted)
		}
		text := fmt.Sprintf("%s: its changelog is read again%s. Nothing was missed that it still lists.", n.Name, after)
		return commands.Reply{Text: text, Sections: []commands.Section{{Lines: []commands.Line{
			{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: text}}},
			{Indent: true, Pieces: []commands.Piece{{Text: n.Source, Faint: true}}},
		}}}}
	}
	text := n.Name + ": I cannot read one of its changelogs, so I may miss what it announces."
	lines := []commands.Line{{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: text, Strong: true}}}}
	if !strings.Contains(n.Problem, n.Source) {
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: n.Source}}})
	}
	last := commands.Line{Pieces: []commands.Piece{{Text: "It was never read well. "}}}
	if !n.LastOK.IsZero() {
		last.Pieces = []commands.Piece{{Text: "It was last read well "}, commands.At(n.LastOK), {Text: ". "}}
	}
	last.Indent = true
	last.Pieces = append(last.Pieces, commands.Piece{Text: "I keep trying, and say here when it works."})
	lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: n.Problem}}}, last)
	return commands.Reply{Text: text, Sections: []commands.Section{{Lines: lines}}}
}

// clipRunes cuts a text that is too long for where it stands.
func clipRunes(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

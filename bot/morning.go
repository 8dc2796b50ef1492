package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
)

// Mornings posts changes.Morning payloads: what could wait, by partner.
func Mornings(poster *Poster, channel string, now commands.Clock) Letter {
	return letter(poster, channel, func(m changes.Morning) (commands.Reply, time.Time) {
		since := now()
		if len(m.Items) > 0 {
			since = m.Items[0].At
		}
		return morningReply(m, now()), since
	})
}

// morningLines is how many lines of a partner's are shown.
const morningLines = 8

// quietNews is what a morning has of one partner.
type quietNews struct {
	id, name           string
	warnings, sources  int
	entries            int
	urgent, after, new []commands.Line // what goes on, what is over, what was announced
}

// morningReply counts what came since the last morning, and lists it by partner.
func morningReply(m changes.Morning, now time.Time) commands.Reply {
	all := quietly(m, now)
	reply := commands.Reply{Text: morningSentence(all), Title: "What could wait until this morning"}
	for _, one := range all {
		lines := slices.Concat(one.urgent, one.after, one.new)
		part := commands.Section{Heading: clipRunes(one.name, 80) + ": " + one.counts(), Lines: atMost(lines, morningLines)}
		if one.entries > 0 {
			part.Lines = append(part.Lines, commands.Line{Pieces: []commands.Piece{{Text: "All of it: ", Faint: true}, {Text: "/sparky changelog " + one.id, Code: true}}})
		}
		reply.Sections = append(reply.Sections, part)
	}
	last := "Nothing of this called anybody. What cannot wait is told at once."
	if m.More > 0 {
		last = fmt.Sprintf("And %d more, which found no room here. ", m.More) + last
	}
	reply.Sections = append(reply.Sections, commands.Section{Lines: []commands.Line{faintLine(last)}})
	return reply
}

// quietly sorts what a morning holds by partner, in the order in which they came. What cannot be read is left out: it was
// written by another Sparky.
func quietly(m changes.Morning, now time.Time) []*quietNews {
	var all []*quietNews
	of := func(id, name string) *quietNews {
		for _, one := range all {
			if one.id == id {
				return one
			}
		}
		all = append(all, &quietNews{id: id, name: name})
		return all[len(all)-1]
	}
	for _, item := range m.Items {
		switch item.Kind {
		case incidents.EffectWarning:
			var w incidents.Warning
			if json.Unmarshal(item.Payload, &w) == nil {
				of(w.Partner, w.Name).warned(w, item.At)
			}
		case changes.EffectNotice:
			var n changes.SourceNotice
			if json.Unmarshal(item.Payload, &n) == nil {
				of(n.Partner, n.Name).unread(n)
			}
		case changes.EffectDigest:
			var d changes.Digest
			if json.Unmarshal(item.Payload, &d) == nil {
				of(d.Partner, d.Name).announced(d, now)
			}
		}
	}
	return all
}

func (q *quietNews) warned(w incidents.Warning, at time.Time) {
	q.warnings++
	line := commands.Line{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: brief(trimmed(w.Text), 300) + " ("}, commands.At(at), {Text: ")."}}}
	if w.Over {
		line.Mark = commands.MarkGood
		q.after = append(q.after, line)
		return
	}
	q.urgent = append(q.urgent, line)
}

func (q *quietNews) unread(n changes.SourceNotice) {
	q.sources++
	source := brief(n.Source, 200)
	if n.Problem == "" {
		q.after = append(q.after, commands.Line{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: source + " could not be read for " + strings.Replace(commands.Age(n.Until.Sub(n.Since)), "just now", "a moment", 1) + ", and is read again."}}})
		return
	}
	q.urgent = append(q.urgent, commands.Line{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: source + " cannot be read, since "}, commands.At(n.Since), {Text: ": " + brief(n.Problem, 200)}}})
}

func (q *quietNews) announced(d changes.Digest, now time.Time) {
	q.entries += d.Total()
	for _, item := range d.Items {
		line := commands.Line{Indent: true, Pieces: []commands.Piece{{Text: clipRunes(item.Title, 160), Link: item.Link}, {Text: " (" + itemKinds(item) + ")"}}}
		if when := itemWhen(item, now); when != "" {
			line.Pieces = append(line.Pieces, commands.Piece{Text: " " + when})
		}
		q.new = append(q.new, line)
	}
}

// counts says how much there is of each.
func (q *quietNews) counts() string {
	var parts []string
	for _, one := range []struct {
		n    int
		noun string
	}{{q.warnings, "warning"}, {q.sources, "changelog that could not be read"}, {q.entries, "announcement"}} {
		switch {
		case one.n == 1:
			parts = append(parts, "1 "+one.noun)
		case one.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", one.n, strings.Replace(one.noun+"s", "changelog that could not be reads", "changelogs that could not be read", 1)))
		}
	}
	return strings.Join(parts, ", ")
}

// morningSentence is the notification: of whom there is something, and how much.
func morningSentence(all []*quietNews) string {
	var parts []string
	for n, one := range all {
		if n == 4 {
			parts = append(parts, fmt.Sprintf("and %d partners more", len(all)-n))
			break
		}
		parts = append(parts, clipRunes(one.name, 60)+": "+one.counts())
	}
	return "What could wait until this morning. " + strings.Join(parts, "; ") + "."
}

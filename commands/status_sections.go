package commands

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sparky/changes"
	"sparky/partners"
)

// Most that a status answer lists of anything before it counts the rest.
const mostListed = 5

func (v partnerView) incidentSections(now time.Time) []Section {
	var sections []Section
	incidents := Section{Heading: "Incidents on its page"}
	for _, i := range v.status.Incidents {
		if i.Resolved {
			continue
		}
		incidents.Lines = append(incidents.Lines, incidentLines(i, now)...)
	}
	if len(incidents.Lines) > 0 {
		sections = append(sections, incidents)
	}
	windows := Section{Heading: "Maintenance"}
	for _, w := range v.status.Windows {
		windows.Lines = append(windows.Lines, windowLine(w))
	}
	if len(windows.Lines) > 0 {
		sections = append(sections, windows)
	}
	return sections
}

func incidentLines(i partners.PageIncident, now time.Time) []Line {
	mark := markOf(i.Level)
	if !i.Open() {
		mark = MarkNone
	}
	first := Line{Mark: mark, Pieces: []Piece{{Text: i.Name, Link: i.Link, Strong: true}}}
	if i.Phase != "" {
		first.Pieces = append(first.Pieces, Piece{Text: ", " + i.Phase})
	}
	if !i.Began.IsZero() {
		first.Pieces = append(first.Pieces, Piece{Text: ", since "}, At(i.Began))
	}
	if !i.Updated.IsZero() {
		first.Pieces = append(first.Pieces, Piece{Text: ", updated " + ago(i.Updated, now)})
	}
	if i.Stale {
		first.Pieces = append(first.Pieces, Piece{Text: "; too old to count"})
	}
	lines := []Line{first}
	if i.Text != "" {
		lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: shorten(i.Text, 240)}}})
	}
	return lines
}

func windowLine(w partners.PageWindow) Line {
	line := Line{Mark: MarkPlanned, Pieces: []Piece{{Text: w.Name, Link: w.Link, Strong: true}}}
	if w.InProgress {
		line.Pieces = append(line.Pieces, Piece{Text: ", in progress"})
	}
	if !w.From.IsZero() {
		line.Pieces = append(line.Pieces, Piece{Text: ", from "}, At(w.From))
	}
	if !w.Until.IsZero() {
		line.Pieces = append(line.Pieces, Piece{Text: " to "}, At(w.Until))
	}
	return line
}

// shorten cuts a text at a word.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	cut := most
	for i := most; i > most/2; i-- {
		if runes[i] == ' ' {
			cut = i
			break
		}
	}
	return string(runes[:cut]) + "…"
}

func coming(partner string, upcoming []changes.Entry, now time.Time) ([]Section, []ChangelogRecord) {
	records := []ChangelogRecord{}
	section := Section{Heading: "Coming"}
	upcoming = changes.Once(upcoming)
	for i, e := range upcoming {
		records = append(records, NewChangelogRecord(e))
		if i < mostListed {
			section.Lines = append(section.Lines, upcomingLine(e, now))
		}
	}
	if more := len(upcoming) - mostListed; more > 0 {
		section.Lines = append(section.Lines, Say(fmt.Sprintf("and %d more: /sparky upcoming %s", more, partner)))
	}
	if len(upcoming) == 0 {
		return nil, records
	}
	return []Section{section}, records
}

func sourcesOf(p partners.Partner, states map[string]changes.SourceState, now time.Time) ([]Section, []SourceFact) {
	section := Section{Heading: "Changelogs"}
	facts := []SourceFact{}
	for _, source := range p.Changelog {
		state, tried := states[source.Name()]
		if !tried {
			continue
		}
		facts = append(facts, SourceFact{Source: source.Name(), ReadAt: state.ReadAt, Problem: state.Problem})
		line := Line{Mark: MarkGood, Pieces: []Piece{{Text: hostAndPath(source), Link: source.Link()}}}
		switch {
		case state.Problem != "":
			line.Mark = MarkUnknown
			text := ": " + state.Problem
			if !state.ReadAt.IsZero() {
				text += "; last read " + ago(state.ReadAt, now)
			}
			line.Pieces = append(line.Pieces, Piece{Text: text})
		default:
			line.Pieces = append(line.Pieces, Piece{Text: ", read " + ago(state.ReadAt, now)})
		}
		if state.Moved != "" {
			line.Pieces = append(line.Pieces, Piece{Text: "; it moved to " + state.Moved + ": please change the configuration"})
		}
		section.Lines = append(section.Lines, line)
	}
	if len(section.Lines) == 0 {
		return nil, facts
	}
	return []Section{section}, facts
}

// hostAndPath is a source's address without its scheme. It is not cut here: of a secret that is cut, what is left would
// be known for one no more.
func hostAndPath(s partners.Source) string {
	name := s.Name()
	for _, scheme := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(name, scheme); ok {
			name = rest
		}
	}
	return name
}

func capitalise(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func (v partnerView) troubledComponents() string {
	var names []string
	for _, c := range v.status.Components {
		if c.Level != partners.Operational {
			names = append(names, fmt.Sprintf("%s (%s)", c.Name, c.Level))
		}
	}
	return list(names)
}

// affected is what of ours stands behind a partner.
func affected(p partners.Partner) (Section, bool) {
	if len(p.Affects) == 0 {
		return Section{}, false
	}
	line := Say("Behind it stand our features: " + list(p.Affects) + ".")
	if p.Owner.Team != "" {
		line.Pieces = append(line.Pieces, Piece{Text: " Owned by " + p.Owner.Team + "."})
	}
	return Section{Lines: []Line{line}}, true
}

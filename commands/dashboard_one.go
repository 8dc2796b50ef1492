package commands

import (
	"context"
	"fmt"
	"time"
)

// one is all that is known of one partner.
func (c dashboardCommand) one(ctx context.Context, b board) Reply {
	var t tile
	for _, known := range b.tiles {
		if known.partner.ID == b.show.partner.ID {
			t = known
		}
	}
	if err := c.days(ctx, []tile{t}); err != nil {
		return fault("what our probes saw", err)
	}
	states, err := c.Pages.SourceStates(ctx, t.partner.ID)
	if err != nil {
		return fault("the state of its changelogs", err)
	}
	reply := b.reply()
	reply.Sections = append(reply.Sections, b.top(1)...)
	reply.Sections = append(reply.Sections, b.first()...)
	for n, section := range t.sections(b.now) {
		if n == 0 {
			section.Lines = append(section.Lines, c.about(t)...)
		}
		reply.Sections = append(reply.Sections, section)
	}
	reply.Sections = append(reply.Sections, Section{Buttons: c.deeds(t)})
	if probes := t.probeLines(b.now); len(probes) > 0 {
		reply.Sections = append(reply.Sections, Section{Heading: "Our probes", Lines: probes})
	}
	reply.Sections = append(reply.Sections, fleeting(t.page.incidentSections(b.now))...)
	reply.Sections = append(reply.Sections, c.runSections(b, t.partner.ID)...)
	reply.Sections = append(reply.Sections, c.comingSections(b, 2*mostComing)...)
	sources, _ := sourcesOf(t.partner, states, b.now)
	reply.Sections = append(reply.Sections, fleeting(sources)...)
	reply.Sections = append(reply.Sections, b.foot([]tile{t})...)
	return reply
}

// about is what of ours stands behind the partner.
func (c dashboardCommand) about(t tile) []Line {
	section, ok := affected(t.partner)
	if !ok {
		return nil
	}
	return []Line{indented(section.Lines[0])}
}

// probeLines are a line for each probe with its last day, and below what is wrong with it.
func (t tile) probeLines(now time.Time) []Line {
	var lines []Line
	for _, v := range t.own.probes {
		line := Line{Mark: v.mark(now), Pieces: v.result(now)}
		line.Pieces[0].Strong = true
		if v.done {
			line.Pieces = append(line.Pieces, Piece{Text: ", "}, fleetingAt(v.last.End()))
		}
		if v.muted {
			line.Pieces = append(line.Pieces, Piece{Text: ", muted"})
		}
		if day := overADay(v.day, "p95 "); day != "" {
			line.Pieces = append(line.Pieces, Piece{Text: "; " + day + " " + sparkline(v.steps), Fleeting: true})
		}
		lines = append(lines, line)
		for _, detail := range []string{v.last.Problem, v.last.Warning} {
			if detail != "" {
				lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: capitalise(sentence(shorten(detail, 300))), Fleeting: true}}})
			}
		}
	}
	return lines
}

// fleeting are the sections with all of their lines as what changes by itself: they tell ages.
func fleeting(sections []Section) []Section {
	for _, s := range sections {
		for _, line := range s.Lines {
			for i := range line.Pieces {
				line.Pieces[i].Fleeting = true
			}
		}
	}
	return sections
}

// illOnBoard is what is wrong with Sparky itself, the gravest first.
func illOnBoard(h Health) Section {
	section := Section{Heading: "Sparky itself is not well"}
	for _, ill := range h.Ill {
		section.Lines = append(section.Lines, Line{Mark: MarkBad, Pieces: []Piece{{Text: capitalise(shorten(ill.Words, 300)) + ", since "}, At(ill.Since),
			{Text: ". " + capitalise(sentence(shorten(ill.Mend, 300)))}}})
	}
	return section
}

// healthLine is how Sparky itself is, in a line of small print.
func healthLine(h Health, now time.Time) Line {
	words := "Sparky itself is well"
	switch {
	case !h.Well():
		words = "Sparky itself is not well"
	case h.Problem != "":
		words = "Sparky itself has a problem just now: " + trimStop(shorten(h.Problem, 200))
	}
	line := Line{Pieces: []Piece{{Text: words, Faint: true}}}
	say := func(p Piece) {
		p.Faint, p.Fleeting = true, true
		line.Pieces = append(line.Pieces, p)
	}
	say(Piece{Text: fmt.Sprintf(": %s to Slack up, %s with %d failing and %d late", plural(h.LinksUp, "link"), plural(h.Jobs.Count, "job"), h.Jobs.Failing, h.Jobs.Overdue)})
	if !h.Jobs.LastEnd.IsZero() {
		say(Piece{Text: ", the last ended "})
		say(At(h.Jobs.LastEnd))
	}
	switch {
	case h.Effects.Due == 0 && h.Effects.Failing == 0 && h.Effects.Refused == 0:
		say(Piece{Text: "; nothing waits to be done"})
	case !h.Effects.Oldest.IsZero():
		say(Piece{Text: fmt.Sprintf("; %s to be done, the first since ", plural(h.Effects.Due+h.Effects.Failing+h.Effects.Refused, "thing"))})
		say(At(h.Effects.Oldest))
	default:
		say(Piece{Text: fmt.Sprintf("; %s to be done", plural(h.Effects.Due+h.Effects.Failing+h.Effects.Refused, "thing"))})
	}
	if !h.Started.IsZero() {
		say(Piece{Text: ". Running since "})
		say(sinceAt(h.Started, now))
	}
	if h.Version != "" {
		say(Piece{Text: ", version " + shorten(h.Version, 60)})
	}
	say(Piece{Text: "."})
	return line
}

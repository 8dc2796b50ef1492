package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/incidents"
)

// How much room a page of the dashboard has, and how much of it partners take: one that needs a look more than one line
// of those that do not, and each further incident of it again. Fifty partners of which ten need a look are one page.
const (
	pageRoom     = 84
	roomOfLook   = 4
	roomOfOther  = 1
	roomOfMuted  = 3 // that needs no look, with the way to end it
	roomOfExtra  = 3
	mostOfOne    = 5 // incidents of one partner that are drawn
	pickAtMost   = 100
	pickedByMost = 150 // characters of a command that a list can carry
)

// many is a page of all partners, or of those that need a look.
func (c dashboardCommand) many(ctx context.Context, b board) Reply {
	shown := b.tiles
	if b.show.what == showLook {
		shown = slices.DeleteFunc(slices.Clone(shown), func(t tile) bool { return !t.look })
	}
	pages := paged(shown)
	b.show.page = min(b.show.page, len(pages))
	page := pages[b.show.page-1]
	if err := c.days(ctx, page); err != nil {
		return fault("what our probes saw", err)
	}
	reply := b.reply()
	reply.Sections = append(reply.Sections, b.top(len(pages))...)
	if b.show.page == 1 {
		reply.Sections = append(reply.Sections, b.first()...)
	}
	reply.Sections = append(reply.Sections, b.partners(page)...)
	if b.show.page == 1 {
		reply.Sections = append(reply.Sections, c.runSections(b, "")...)
		reply.Sections = append(reply.Sections, c.comingSections(b, mostComing)...)
	}
	reply.Sections = append(reply.Sections, b.foot(page)...)
	if len(pages) > 1 {
		reply.Sections = append(reply.Sections, Section{Buttons: b.turns(len(pages))})
	}
	return reply
}

// paged are the tiles by page, at least one page.
func paged(tiles []tile) [][]tile {
	pages := [][]tile{nil}
	room := pageRoom
	for _, t := range tiles {
		need := roomOfOther
		switch {
		case !t.look && len(t.own.mutes) > 0:
			need = roomOfMuted
		case t.look:
			need = roomOfLook + roomOfExtra*max(0, min(len(t.incidents()), mostOfOne)-1)
		}
		if need > room && len(pages[len(pages)-1]) > 0 {
			pages, room = append(pages, nil), pageRoom
		}
		pages[len(pages)-1] = append(pages[len(pages)-1], t)
		room -= need
	}
	return pages
}

// incidents are all live ones of the partner, those of what fails now first.
func (t tile) incidents() []incidents.Incident { return slices.Concat(t.own.incidents, t.own.trials) }

// reply says in one sentence how all partners are.
func (b board) reply() Reply {
	look, muted, counts := 0, 0, map[string]int{}
	for _, t := range b.tiles {
		counts[t.count]++
		if len(t.own.mutes) > 0 {
			muted++
		}
		if t.look {
			look++
		}
	}
	title := fmt.Sprintf("%d of %s need a look", look, plural(len(b.tiles), "partner"))
	switch {
	case len(b.tiles) == 0:
		title = "No partner is configured"
	case look == 0 && len(b.tiles) == 1:
		title = "The partner needs no look"
	case look == 0:
		title = fmt.Sprintf("None of %d partners needs a look", len(b.tiles))
	case look == 1:
		title = fmt.Sprintf("1 of %s needs a look", plural(len(b.tiles), "partner"))
	}
	if muted > 0 {
		title += fmt.Sprintf(", %d %s muted", muted, map[bool]string{true: "is", false: "are"}[muted == 1])
	}
	reply := Reply{Title: title, Text: title + ". " + summary(counts), Failed: look > 0 || len(b.network.Lines) > 0}
	if len(b.network.Lines) > 0 {
		reply.Title = "Our own network is down"
		reply.Text = reply.Title + ". " + reply.Text
	}
	asOf := At(b.asOf())
	asOf.Fleeting, asOf.Faint = true, true
	reply.Sections = []Section{{Lines: []Line{{Pieces: []Piece{{Text: "As of ", Faint: true}, asOf, {Text: ". " + summary(counts), Faint: true}}}}}}
	return reply
}

// top is the filter, and the way to other pages.
func (b board) top(pages int) []Section {
	look := 0
	for _, t := range b.tiles {
		if t.look {
			look++
		}
	}
	pick := &Pick{Label: "Show", Chosen: b.show.command(1)}
	at := func(what string) string { return showing{what: what}.command(1) }
	pick.Groups = []PickGroup{{Label: "Partners", Options: []Button{
		{Label: fmt.Sprintf("All partners (%d)", len(b.tiles)), Command: at(showAll)},
		{Label: fmt.Sprintf("Need a look (%d)", look), Command: at(showLook)}}}}
	byName := slices.Clone(b.tiles)
	slices.SortStableFunc(byName, func(x, y tile) int { return compareFold(x.partner.Name, y.partner.Name) })
	for group := range slices.Chunk(byName, pickAtMost) {
		one := PickGroup{Label: "One partner"}
		if len(byName) > pickAtMost {
			one.Label = shorten(group[0].partner.Name, 25) + " to " + shorten(group[len(group)-1].partner.Name, 25)
		}
		for _, t := range group {
			if command := (showing{what: showOne, partner: t.partner}).command(1); len(command) < pickedByMost {
				one.Options = append(one.Options, Button{Label: t.partner.Name, Command: command})
			}
		}
		if len(one.Options) > 0 {
			pick.Groups = append(pick.Groups, one)
		}
	}
	top := Section{Pick: pick}
	if pages > 1 {
		top.Buttons = b.turns(pages)
	}
	top.Buttons = append(top.Buttons, Button{Label: "Refresh", Command: b.show.command(b.show.page)})
	return []Section{top}
}

// turns are the ways to the pages beside this one.
func (b board) turns(pages int) []Button {
	var turns []Button
	if b.show.page > 1 {
		turns = append(turns, Button{Label: fmt.Sprintf("Back to %d of %d", b.show.page-1, pages), Command: b.show.command(b.show.page - 1)})
	}
	if b.show.page < pages {
		turns = append(turns, Button{Label: fmt.Sprintf("Next: %d of %d", b.show.page+1, pages), Command: b.show.command(b.show.page + 1)})
	}
	return turns
}

// first is what comes before all partners: what ails Sparky itself, and our own network.
func (b board) first() []Section {
	var sections []Section
	if b.health != nil && len(b.health.Ill) > 0 {
		sections = append(sections, illOnBoard(*b.health))
	}
	sections = append(sections, b.notes...)
	if len(b.network.Lines) > 0 {
		sections = append(sections, b.network)
	}
	return sections
}

// partners are those of a page: those that need a look each with all that is known, the others a line each.
func (b board) partners(page []tile) []Section {
	var sections []Section
	rest := []Section{{}}
	for _, t := range page {
		if t.look {
			sections = append(sections, t.sections(b.now)...)
			continue
		}
		last := &rest[len(rest)-1]
		last.Lines = append(last.Lines, t.compact(b.now))
		if len(t.own.mutes) > 0 {
			last.Buttons = []Button{UnmuteButton(t.partner.ID, t.own.mutes)}
			rest = append(rest, Section{})
		}
	}
	if len(sections) > 0 {
		rest[0].Heading = "The others"
	}
	for _, s := range rest {
		if len(s.Lines) > 0 {
			sections = append(sections, s)
		}
	}
	if len(page) == 0 && b.show.what == showLook {
		sections = append(sections, Section{Lines: []Line{{Mark: MarkGood, Pieces: []Piece{{Text: "No partner needs a look now."}}}}})
	}
	return sections
}

// foot is how old what is shown is, and how Sparky itself is.
func (b board) foot(page []tile) []Section {
	foot := Section{}
	if line, ok := agesLine(page); ok {
		foot.Lines = append(foot.Lines, line)
	}
	if b.health != nil {
		foot.Lines = append(foot.Lines, healthLine(*b.health, b.now))
	}
	if len(foot.Lines) == 0 {
		return nil
	}
	return []Section{foot}
}

// agesLine says from when to when the pages of what is shown were read, and our probes ran.
func agesLine(page []tile) (Line, bool) {
	var read, ran span
	for _, t := range page {
		read.add(t.page.record.Status.ReadAt)
		for _, v := range t.own.probes {
			if v.done {
				ran.add(v.last.End())
			}
		}
	}
	line := Line{}
	say := func(what string, s span) {
		if s.to.IsZero() {
			return
		}
		line.Pieces = append(line.Pieces, Piece{Text: what, Faint: true}, clockAt(s.from))
		if s.to.Sub(s.from) >= time.Minute {
			line.Pieces = append(line.Pieces, Piece{Text: " to ", Faint: true, Fleeting: true}, clockAt(s.to))
		}
		line.Pieces = append(line.Pieces, Piece{Text: ". ", Faint: true})
	}
	say("Status pages read ", read)
	say("Probes last ran ", ran)
	if n := len(line.Pieces); n > 0 {
		line.Pieces[n-1].Text = "."
	}
	return line, len(line.Pieces) > 0
}

// span is from the first to the last of some moments.
type span struct{ from, to time.Time }

func (s *span) add(t time.Time) {
	if t.IsZero() {
		return
	}
	if s.from.IsZero() || t.Before(s.from) {
		s.from = t
	}
	if t.After(s.to) {
		s.to = t
	}
}

// clockAt is a moment that changes by itself.
func clockAt(t time.Time) Piece {
	p := At(t)
	p.Faint, p.Fleeting = true, true
	return p
}

package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// mostProbes is how many probes of a partner its line names.
const mostProbes = 4

// sinceAt is a moment that something has lasted since: the day alone, once that is what people would say.
func sinceAt(t, now time.Time) Piece {
	p := At(t)
	if now.Sub(t) > 24*time.Hour {
		p.Show, p.Text = ShowDay, t.UTC().Format("2 Jan 2006")
	}
	return p
}

// headline is the partner with what is to be said of it first, and since when that is so.
func (t tile) headline(now time.Time) Line {
	line := Line{Mark: t.line.Mark, Pieces: []Piece{{Text: t.partner.Name, Strong: true}}}
	say := func(pieces ...Piece) { line.Pieces = append(line.Pieces, pieces...) }
	failing, muted, warned := t.own.named(MarkBad, now), t.own.named(MarkMuted, now), t.own.named(MarkWarn, now)
	switch t.count {
	case "with an open incident":
		say(Piece{Text: ": " + failsNow(t.own.incidents[0], t.own)})
		say(sincePieces(t.own.incidents[0], now)...)
	case "failing our probes":
		say(Piece{Text: ": " + ourProbes(failing, "fails", "fail")})
	case "muted":
		say(Piece{Text: ": " + ourProbes(muted, "fails", "fail") + " and " + isAre(muted) + " muted"})
	case "with a warning":
		say(Piece{Text: ": " + ourProbes(warned, "passes", "pass") + " with a warning"})
	case "unknown":
		say(Piece{Text: " unknown"}, Piece{Text: ": " + shorten(strings.TrimPrefix(strings.TrimPrefix(flat(t.line), t.partner.Name), " unknown: "), 200), Fleeting: true})
	default:
		say(Piece{Text: " " + string(t.page.status.Level)})
		if headline := t.page.headline(); headline != "" {
			say(Piece{Text: ": " + shorten(headline, 120)})
		}
		if !t.page.record.Since.IsZero() {
			say(Piece{Text: " since "}, sinceAt(t.page.record.Since, now))
		}
	}
	return line
}

// sincePieces are since when a failure has lasted, as far as is known.
func sincePieces(i incidents.Incident, now time.Time) []Piece {
	if i.Already {
		return []Piece{{Text: ", since before I first looked, "}, sinceAt(i.Since, now)}
	}
	return []Piece{{Text: ", since "}, sinceAt(i.Since, now)}
}

// sections are the partner with all that the dashboard knows of it, and a section for each further incident.
func (t tile) sections(now time.Time) []Section {
	first := Section{Lines: []Line{t.headline(now)}}
	all := t.incidents()
	if len(t.own.incidents) > 0 {
		lead := all[0]
		if len(t.own.mutes) > 0 {
			lead.MutedUntil = time.Time{} // the mute has a line of its own below, with who and why
		}
		first.Lines = append(first.Lines, incidentOnBoard(lead, now).Lines[1:]...)
		first.Buttons = IncidentButtons(all[0], now)
		all = all[1:]
	}
	first.Lines = append(first.Lines, indented(t.pageLine(now)))
	if pieces := t.probePieces(mostProbes, now); len(pieces) > 0 {
		pieces[0].Text = capitalise(pieces[0].Text)
		first.Lines = append(first.Lines, Line{Indent: true, Pieces: append(pieces, t.dayPieces()...)})
	}
	if pieces := t.certPieces(now); len(pieces) > 0 {
		pieces[0].Text = capitalise(pieces[0].Text)
		first.Lines = append(first.Lines, Line{Indent: true, Pieces: append(pieces, Piece{Text: "."})})
	}
	for _, line := range heldLines(t.own.held) {
		first.Lines = append(first.Lines, indented(line))
	}
	for _, m := range t.own.mutes {
		first.Lines = append(first.Lines, indented(muteOnBoard(m, targetWords(t.partner.Name, m.Probe), now)))
	}
	first.Buttons = t.withUnmute(first.Buttons, now)
	sections := []Section{first}
	for n, i := range all {
		if n == mostOfOne-1 {
			sections = append(sections, Section{Lines: []Line{{Indent: true, Pieces: []Piece{{Text: fmt.Sprintf("and %s more: ", plural(len(all)-n, "incident"))}, {Text: "/sparky incidents", Code: true}}}}})
			break
		}
		sections = append(sections, incidentOnBoard(i, now))
	}
	return sections
}

// indented is a line that belongs to the one above, which has the mark of both.
func indented(line Line) Line {
	line.Mark, line.Indent = MarkNone, true
	return line
}

// compact is the partner in one line.
func (t tile) compact(now time.Time) Line {
	line := t.headline(now)
	if len(t.own.mutes) > 0 {
		line = t.quietly(line)
	}
	if pieces := t.probePieces(mostProbes, now); len(pieces) > 0 {
		line.Pieces = append(append(line.Pieces, Piece{Text: "; "}), pieces...)
		line.Pieces = append(line.Pieces, t.sparkPieces()...)
	}
	if pieces := t.certPieces(now); len(pieces) > 0 {
		line.Pieces = append(append(line.Pieces, Piece{Text: "; "}), pieces...)
	}
	if n := len(t.own.held); n > 0 {
		line.Pieces = append(line.Pieces, Piece{Text: fmt.Sprintf("; calls to %s are held back", plural(n, "host"))})
	}
	return line
}

// pageLine is what the partner says of itself, and when it was read.
func (t tile) pageLine(now time.Time) Line {
	v := t.page
	switch {
	case !v.configured:
		return Say("No status page of theirs is configured.")
	case v.status.Level == partners.Unknown:
		line := Line{Pieces: []Piece{{Text: "Their page cannot tell: "}, {Text: sentence(shorten(v.status.Problem, 200)), Fleeting: true}}}
		if good := v.record.LastGood; !good.ReadAt.IsZero() {
			line.Pieces = append(line.Pieces, Piece{Text: " Last seen " + string(good.Level) + " "}, fleetingAt(good.ReadAt), Piece{Text: "."})
		}
		return line
	}
	text := "Their page says " + string(v.status.Level)
	if headline := v.headline(); headline != "" {
		text += " (" + shorten(headline, 120) + ")"
	}
	line := Line{Pieces: []Piece{{Text: text}}}
	if !v.record.Since.IsZero() {
		line.Pieces = append(line.Pieces, Piece{Text: " since "}, sinceAt(v.record.Since, now))
	}
	return Line{Pieces: append(line.Pieces, Piece{Text: ", read "}, fleetingAt(v.status.ReadAt), Piece{Text: "."})}
}

// fleetingAt is a moment that the next reading moves.
func fleetingAt(t time.Time) Piece {
	p := At(t)
	p.Fleeting = true
	return p
}

// probePieces are the last result of each probe; none where there is no probe.
func (t tile) probePieces(most int, now time.Time) []Piece {
	probes := t.own.probes
	if len(probes) == 0 {
		return nil
	}
	last := t.own.lastRun()
	if last.IsZero() {
		return []Piece{{Text: "our " + pluralWord(len(probes), "probe") + " did not run yet"}}
	}
	word := "passed "
	if slices.ContainsFunc(probes, func(v probeView) bool { return !v.done || !v.last.Passed() }) {
		word = "ran "
	}
	ran := fleetingAt(last)
	if now.Sub(last) < 24*time.Hour {
		ran.Show, ran.Text = ShowClock, last.UTC().Format("15:04")+" UTC"
	}
	pieces := []Piece{{Text: "our " + pluralWord(len(probes), "probe") + " " + word}, ran, {Text: ": "}}
	// What does not pass is named first.
	ordered := slices.Clone(probes)
	slices.SortStableFunc(ordered, func(x, y probeView) int { return urgencyOf(x.mark(now)) - urgencyOf(y.mark(now)) })
	for n, v := range ordered {
		if n == most {
			pieces = append(pieces, Piece{Text: fmt.Sprintf(" and %d more", len(ordered)-most)})
			break
		}
		if n > 0 {
			pieces = append(pieces, Piece{Text: ", "})
		}
		pieces = append(pieces, v.result(now)...)
	}
	return pieces
}

// result is the newest result in a few words.
func (v probeView) result(now time.Time) []Piece {
	name := Piece{Text: shorten(v.config.ID, 60)}
	switch {
	case !v.done:
		return []Piece{name, {Text: " did not run yet"}}
	case v.old(now):
		return []Piece{name, {Text: " last ran "}, fleetingAt(v.last.End())}
	case !v.last.Tells():
		return []Piece{name, {Text: " was not tried"}}
	case v.last.Passed() && v.last.Warning != "":
		return []Piece{name, {Text: " with a warning"}}
	case v.last.Passed():
		return []Piece{name, {Text: " in " + Took(v.last.Took), Fleeting: true}}
	default:
		return []Piece{name, {Text: fmt.Sprintf(" failed (%s)", v.last.Class)}}
	}
}

// dayPieces are the last day of all probes together.
func (t tile) dayPieces() []Piece {
	var whole partners.ProbeStats
	for _, v := range t.own.probes {
		whole.Runs, whole.Passed, whole.P95 = whole.Runs+v.day.Runs, whole.Passed+v.day.Passed, max(whole.P95, v.day.P95)
	}
	slowest := "p95 "
	if len(t.own.probes) > 1 {
		slowest = "p95 up to "
	}
	day := overADay(whole, slowest)
	if day == "" {
		return nil
	}
	return append([]Piece{{Text: "; " + day, Fleeting: true}}, t.sparkPieces()...)
}

// sparkPieces are the last day as a sparkline.
func (t tile) sparkPieces() []Piece {
	var steps []partners.ProbeStats
	for _, v := range t.own.probes {
		steps = together(steps, v.steps)
	}
	if line := sparkline(steps); line != "" {
		return []Piece{{Text: " " + line, Fleeting: true}}
	}
	return nil
}

// certPieces are how the partner's certificate stands; none where nothing of it can be certified.
func (t tile) certPieces(now time.Time) []Piece {
	if t.cert.At.IsZero() {
		if len(t.own.probes) == 0 {
			return nil
		}
		return []Piece{{Text: "not certified yet"}}
	}
	pieces := []Piece{{Text: "certified "}, sinceAt(t.cert.At, now)}
	if !t.cert.Passed() {
		pieces[0].Text = fmt.Sprintf("not certified, %s failed ", plural(t.cert.Count(partners.ItemFailed), "item"))
	}
	if t.outdated != "" {
		pieces = append(pieces, Piece{Text: ", out of date: " + t.outdated})
	}
	return pieces
}

// incidentOnBoard is an incident with what people ask first, and its buttons.
func incidentOnBoard(i incidents.Incident, now time.Time) Section {
	i.Name = shorten(oneSpaced(i.Name), longestName)
	section := incidentSection(i, nil, now)
	section.Lines[0].Pieces = append(section.Lines[0].Pieces[:1:1], sincePieces(i, now)...)
	section.Lines[3] = handsOnBoard(i)
	for n := range section.Lines {
		if n > 0 {
			section.Lines[n].Indent = true
		}
	}
	return section
}

// handsOnBoard is who has the incident in hand, since when.
func handsOnBoard(i incidents.Incident) Line {
	switch {
	case i.Closed != nil && i.State == incidents.StateClosed:
		return Line{Indent: true, Pieces: []Piece{{Text: "Resolved by "}, Who(i.Closed.By), {Text: ", "}, At(i.Closed.At), {Text: ", but not over yet."}}}
	case i.Acknowledged != nil:
		return Line{Indent: true, Pieces: []Piece{{Text: "Acknowledged by "}, Who(i.Acknowledged.By), {Text: ", "}, At(i.Acknowledged.At), {Text: "."}}}
	}
	return handsLine(i, i.Since)
}

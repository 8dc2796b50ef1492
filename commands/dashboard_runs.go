package commands

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sparky/changes"
	"sparky/incidents"
)

// Most of what is coming, and most compatibility runs, that the dashboard shows of all partners.
const (
	mostComing  = 8
	mostRuns    = 6
	mostButtons = 3 // of those with a button each
)

// comingSections are what is announced, the soonest first, with the way to say that it is dealt with.
func (c dashboardCommand) comingSections(b board, most int) []Section {
	entries := changes.Once(b.coming)
	if len(entries) == 0 {
		return []Section{{Heading: "Coming changes", Lines: []Line{Say("Nothing is announced.")}}}
	}
	sections := []Section{{Heading: "Coming changes"}}
	buttons := mostButtons
	for n, e := range entries {
		last := &sections[len(sections)-1]
		if n == most {
			more := Line{Pieces: []Piece{{Text: fmt.Sprintf("and %d more: ", len(entries)-most)}, {Text: strings.TrimSpace("/sparky upcoming " + b.show.partner.ID), Code: true}}}
			last.Lines = append(last.Lines, more)
			break
		}
		line := upcomingLine(e, b.now)
		if p, ok := c.directory.Find(e.Partner); ok && b.show.what != showOne {
			line.Pieces = append([]Piece{{Text: shorten(oneSpaced(p.Name), longestName) + ": "}}, line.Pieces...)
		}
		last.Lines = append(last.Lines, line)
		if e.Effective != "" && !e.IsHandled() && buttons > 0 {
			buttons--
			last.Buttons = []Button{HandledButton(e)}
			sections = append(sections, Section{})
		}
	}
	return slices.DeleteFunc(sections, func(s Section) bool { return len(s.Lines) == 0 })
}

// runSections are the compatibility runs that are under way, the last verdict of each version, and what was announced and
// not tried. partner limits them to one; empty is all.
func (c dashboardCommand) runSections(b board, partner string) []Section {
	sections := []Section{{Heading: "Compatibility runs"}}
	buttons := mostButtons
	add := func(line Line, button *Button) {
		last := &sections[len(sections)-1]
		last.Lines = append(last.Lines, line)
		if button != nil && buttons > 0 && c.more.Workflows {
			buttons--
			last.Buttons = []Button{*button}
			sections = append(sections, Section{})
		}
	}
	runs := lastRuns(b.runs, partner)
	for n, run := range runs {
		if n == mostRuns {
			add(Say(fmt.Sprintf("and %s more", plural(len(runs)-n, "version"))), nil)
			break
		}
		add(runOnBoard(run), b.again(run))
	}
	untried := c.untried(b, partner)
	for n, e := range untried {
		if n == mostRuns {
			add(Say(fmt.Sprintf("and %s more that nobody has tried", plural(len(untried)-n, "version"))), nil)
			break
		}
		name := shorten(oneSpaced(c.directory.nameOf(e.Partner)), longestName)
		version := e.APIVersion()
		add(Line{Mark: MarkUnknown, Pieces: []Piece{{Text: name + " " + version, Strong: true}, {Text: " is announced, and nobody has tried it yet."}}},
			new(CompatButton(e.Partner, version, "Run compatibility tests")))
	}
	return slices.DeleteFunc(sections, func(s Section) bool { return len(s.Lines) == 0 })
}

// lastRuns are the newest run of each version: those under way, then those that say bad news or none, then good news.
func lastRuns(all []changes.Run, partner string) []changes.Run {
	known := map[string]bool{}
	var runs []changes.Run
	for _, r := range all {
		if partner != "" && r.Partner != partner {
			continue
		}
		if key := r.Partner + "\x00" + strings.ToLower(r.Version); !known[key] {
			known[key] = true
			runs = append(runs, r)
		}
	}
	rank := func(r changes.Run) int {
		switch {
		case r.State.Live():
			return 0
		case r.State == changes.RunPassed:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(runs, func(x, y changes.Run) int { return cmp.Compare(rank(x), rank(y)) })
	return runs
}

// again is the button that tries the version once more; nil where that is under way, needless, or stands beside the
// version's incident already.
func (b board) again(run changes.Run) *Button {
	if run.State.Live() || run.State == changes.RunPassed || run.Again != "" {
		return nil
	}
	for _, t := range b.tiles {
		for _, i := range t.own.trials {
			if i.Partner == run.Partner && i.Trial != nil && strings.EqualFold(i.Trial.Version, run.Version) {
				return nil
			}
		}
	}
	return new(CompatButton(run.Partner, run.Version, "Run again"))
}

// runOnBoard is a run in one line.
func runOnBoard(r changes.Run) Line {
	line := Line{Mark: MarkPlanned, Pieces: []Piece{{Text: shorten(oneSpaced(r.Name), longestName) + " " + r.Version, Strong: true}}}
	say := func(pieces ...Piece) { line.Pieces = append(line.Pieces, pieces...) }
	trial := incidents.Trial{}
	if r.State == changes.RunFailed {
		trial = r.Trial()
	}
	switch {
	case r.State == changes.RunAsked && r.Reason != "":
		say(Piece{Text: " is about to be tried: " + trimStop(shorten(r.Reason, 200))})
	case r.State.Live():
		say(Piece{Text: " is being tried since "}, At(r.Asked))
		if r.Total > 0 {
			say(Piece{Text: fmt.Sprintf(", %d of %d steps done", r.Done, r.Total)})
		}
	case r.State == changes.RunPassed:
		line.Mark = MarkGood
		say(Piece{Text: " works with our integration, tried "}, At(r.Ended))
	case r.State == changes.RunFailed && !trial.Unheard() && trial.Different():
		line.Mark = MarkWarn
		say(Piece{Text: " does not work with our integration, tried "}, At(r.Ended))
	case r.State == changes.RunFailed:
		line.Mark = MarkUnknown
		say(Piece{Text: ": the run failed, so nobody knows whether our integration works with it, tried "}, At(r.Ended))
	default:
		line.Mark = MarkUnknown
		say(Piece{Text: ": the run came to no verdict, tried "}, At(r.Ended))
	}
	if r.URL != "" {
		say(Piece{Text: ". "}, Piece{Text: "The run", Link: r.URL})
	}
	return line
}

// untried are the announced versions that can be tried and were not, one entry each.
func (c dashboardCommand) untried(b board, partner string) []changes.Entry {
	if !c.more.Workflows {
		return nil
	}
	tried := map[string]bool{}
	for _, r := range b.runs {
		tried[r.Partner+"\x00"+strings.ToLower(r.Version)] = true
	}
	var untried []changes.Entry
	for _, e := range b.coming {
		p, ok := c.directory.Find(e.Partner)
		if !ok || p.Compat == nil || partner != "" && e.Partner != partner {
			continue
		}
		version := e.APIVersion() // it reads the whole announcement
		key := e.Partner + "\x00" + strings.ToLower(version)
		if version == "" || tried[key] {
			continue
		}
		tried[key] = true
		untried = append(untried, e)
	}
	return untried
}

// deeds are what can be done about a partner at any time.
func (c dashboardCommand) deeds(t tile) []Button {
	p := t.partner
	var deeds []Button
	if len(p.Probes) > 0 {
		deeds = append(deeds, Button{Label: "Probe now", Command: "probe " + p.ID})
	}
	if len(t.own.mutes) == 0 && len(p.Probes) > 0 {
		deeds = append(deeds, Button{Label: "Mute", Command: "mute " + p.ID + " " + askWord})
	}
	if p.Compat != nil && c.more.Workflows {
		deeds = append(deeds, Button{Label: "Run compatibility tests", Command: "compat " + p.ID})
	}
	if len(p.Probes) > 0 {
		deeds = append(deeds, Button{Label: "Show the chart", Command: "status " + p.ID + " --chart"})
	}
	if c.Certificates != nil && len(p.Probes) > 0 {
		deeds = append(deeds, Button{Label: "Certify", Command: "certify " + p.ID})
	}
	return deeds
}

func compareFold(x, y string) int { return cmp.Compare(strings.ToLower(x), strings.ToLower(y)) }

func pluralWord(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

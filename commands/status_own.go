package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// ProbeFacts is what the status command asks of the memory about our probes.
type ProbeFacts interface {
	// LastResults are the newest results, by partner and probe.
	LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error)
	// ProbeSeries are the results of some probes of a partner together, from one moment to another, and those of each step
	// between them, oldest first and without gaps. A probe that never ran has none.
	ProbeSeries(ctx context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (partners.ProbeStats, []partners.ProbeStats, error)
	// EachSeries is the same of many probes, each by itself, by partner and probe. One that never ran may be missing.
	EachSeries(ctx context.Context, probes map[string][]string, from, to time.Time, step time.Duration) (map[string]map[string]partners.ProbeSeries, error)
}

// seen is what we know of all partners beside their own word, read once for one answer.
type seen struct {
	results   map[string]map[string]partners.ProbeResult // nil: nothing of this kind is remembered here
	incidents []incidents.Incident
	mutes     []incidents.Mute
}

// look reads what is seen; refusal is the answer where it cannot be read.
func (s statusCommand) look(ctx context.Context) (all seen, refusal *Reply) {
	failed := func(what string, err error) (seen, *Reply) {
		reply := fault(what, err)
		return seen{}, &reply
	}
	var err error
	if s.Probes != nil {
		if all.results, err = s.Probes.LastResults(ctx); err != nil {
			return failed("what our probes saw", err)
		}
	}
	if s.Incidents == nil {
		return all, nil
	}
	if all.incidents, err = s.Incidents.Incidents(ctx, true, time.Time{}); err != nil {
		return failed("the incidents", err)
	}
	if all.mutes, err = s.Incidents.Mutes(ctx); err != nil {
		return failed("what is muted", err)
	}
	return all, nil
}

// network is the incident of our own network, nil where there is none.
func (s seen) network() *incidents.Incident {
	at := slices.IndexFunc(s.incidents, func(i incidents.Incident) bool { return i.Kind == incidents.KindNetwork })
	if at < 0 {
		return nil
	}
	return &s.incidents[at]
}

// own is what we know of one partner ourselves.
type own struct {
	probes    []probeView
	incidents []incidents.Incident // live, of what fails now
	trials    []incidents.Incident // live, of versions that our integration does not work with
	mutes     []incidents.Mute
	held      []incidents.Circuit // hosts to which calls are held back
}

// lastDay adds the last day of all probes of what is shown, read at once.
func (s statusCommand) lastDay(ctx context.Context, shown []view) error {
	asked := map[string][]string{}
	for _, v := range shown {
		for _, probe := range v.own.probes {
			asked[v.partner.ID] = append(asked[v.partner.ID], probe.config.ID)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	now := s.now()
	series, err := s.Probes.EachSeries(ctx, asked, now.Add(-24*time.Hour), now, sparkStep)
	if err != nil {
		return fmt.Errorf("over the last day: %w", err)
	}
	for _, v := range shown {
		for i := range v.own.probes {
			probe := &v.own.probes[i]
			day := series[v.partner.ID][probe.config.ID]
			probe.day, probe.steps = day.Whole, day.Steps
		}
	}
	return nil
}

// newest puts together what is seen of a partner, without the last day of its probes.
func (s statusCommand) newest(p partners.Partner, all seen) own {
	var o own
	now := s.now()
	for _, i := range all.incidents {
		switch {
		case i.Partner != p.ID:
		case i.Kind == incidents.KindProbe:
			o.incidents = append(o.incidents, i)
		case i.Kind == incidents.KindCompat && i.Trial != nil:
			o.trials = append(o.trials, i)
		}
	}
	for _, m := range all.mutes {
		if m.Partner == p.ID && now.Before(m.Until) {
			o.mutes = append(o.mutes, m)
		}
	}
	if s.Probes == nil {
		return o
	}
	for _, config := range p.Probes {
		last, done := all.results[p.ID][config.ID]
		view := probeView{config: config, last: last, done: done}
		view.muted = slices.ContainsFunc(o.mutes, func(m incidents.Mute) bool { return m.Covers(p.ID, config.ID, now) })
		view.ourNetwork = all.network() != nil && last.AtNetwork()
		o.probes = append(o.probes, view)
	}
	return o
}

// probeView is how one probe of ours does.
type probeView struct {
	config     partners.ProbeConfig
	last       partners.ProbeResult
	done       bool // it has run
	muted      bool
	ourNetwork bool // it failed because our own network is down
	day        partners.ProbeStats
	steps      []partners.ProbeStats // of the day, sparkStep long
}

// sparkStep is what one bar of a sparkline stands for: a day of them fits beside other words on a phone.
const sparkStep = 2 * time.Hour

// defaultEvery is how often a probe runs where nothing is configured.
const defaultEvery = 5 * time.Minute

// old tells that the newest result says nothing of now: two runs have been missed.
func (v probeView) old(now time.Time) bool {
	most := 2*v.config.Every.Or(defaultEvery) + v.config.Timeout.Std() + time.Minute
	return v.done && now.Sub(v.last.End()) > most
}

// mark is how the probe stands.
func (v probeView) mark(now time.Time) Mark {
	switch {
	case !v.done || v.old(now) || !v.last.Tells() || v.ourNetwork:
		return MarkUnknown
	case !v.last.Passed() && v.muted:
		return MarkMuted
	case !v.last.Passed():
		return MarkBad
	case v.last.Warning != "":
		return MarkWarn
	default:
		return MarkGood
	}
}

// words are what the newest result says.
func (v probeView) words(now time.Time) string {
	switch {
	case !v.done:
		return "has not run yet"
	case !v.last.Tells():
		return "was not tried " + ago(v.last.End(), now)
	case v.last.Passed():
		return fmt.Sprintf("passed %s in %s", ago(v.last.End(), now), Took(v.last.Took))
	default:
		return fmt.Sprintf("failed %s (%s)", ago(v.last.End(), now), v.last.Class)
	}
}

// lines are the probe with its last day, and below what is wrong with it.
func (v probeView) lines(now time.Time) []Line {
	text := " " + v.words(now)
	if v.old(now) {
		text += ", which is too long ago to count"
	}
	if v.muted {
		text += ", muted"
	}
	if day := overADay(v.day, "p95 "); day != "" {
		text += "; " + day
	}
	lines := []Line{{Mark: v.mark(now), Pieces: []Piece{{Text: v.config.ID, Strong: true}, {Text: text}}}}
	for _, detail := range []string{v.last.Problem, v.last.Warning} {
		if detail != "" {
			lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: capitalise(sentence(shorten(detail, 300)))}}})
		}
	}
	return lines
}

// named are the ids of the probes that stand so.
func (o own) named(mark Mark, now time.Time) []string {
	var ids []string
	for _, v := range o.probes {
		if v.mark(now) == mark {
			ids = append(ids, v.config.ID)
		}
	}
	return ids
}

// passes tells whether the newest result of the probe with that id is a pass.
func (o own) passes(id string) bool {
	return slices.ContainsFunc(o.probes, func(v probeView) bool { return v.config.ID == id && v.done && v.last.Passed() })
}

// summary is all probes in one sentence; empty where there are none.
func (o own) summary(now time.Time) string {
	if len(o.probes) == 0 {
		return ""
	}
	var whole partners.ProbeStats
	var last time.Time
	var steps []partners.ProbeStats
	failing, passing := []string(nil), 0
	for _, v := range o.probes {
		whole.Runs, whole.Passed = whole.Runs+v.day.Runs, whole.Passed+v.day.Passed
		whole.P95 = max(whole.P95, v.day.P95)
		steps = together(steps, v.steps)
		if v.done && v.last.End().After(last) {
			last = v.last.End()
		}
		switch {
		case v.done && v.last.Passed():
			passing++
		case v.done && v.last.Tells():
			failing = append(failing, fmt.Sprintf("%s (%s)", v.config.ID, v.last.Class))
		}
	}
	text := o.counted(passing, failing, last, now)
	slowest := "p95 "
	if len(o.probes) > 1 {
		slowest = "p95 up to "
	}
	if day := overADay(whole, slowest); day != "" {
		text += "; " + day
	}
	if line := sparkline(steps); line != "" {
		return text + " " + line
	}
	return text + "."
}

func (o own) counted(passing int, failing []string, last, now time.Time) string {
	all := len(o.probes)
	switch {
	case all == 1:
		return "Our probe " + o.probes[0].config.ID + " " + o.probes[0].words(now)
	case last.IsZero():
		return fmt.Sprintf("Our %d probes have not run yet", all)
	case passing == all:
		return fmt.Sprintf("Our %d probes pass, the last ran %s", all, ago(last, now))
	case len(failing) == 1:
		return fmt.Sprintf("1 of our %d probes fails: %s; the last ran %s", all, failing[0], ago(last, now))
	case len(failing) > 0:
		return fmt.Sprintf("%d of our %d probes fail: %s; the last ran %s", len(failing), all, some(failing), ago(last, now))
	case passing == 0:
		return fmt.Sprintf("Our %d probes tell nothing now; the last ran %s", all, ago(last, now))
	default:
		return fmt.Sprintf("%d of our %d probes pass, the others tell nothing now; the last ran %s", passing, all, ago(last, now))
	}
}

// sections are all probes and all mutes.
func (o own) sections(p partners.Partner, now time.Time) []Section {
	var sections []Section
	probes, muted := Section{Heading: "Our probes"}, Section{Heading: "Muted"}
	for _, v := range o.probes {
		probes.Lines = append(probes.Lines, v.lines(now)...)
		if v.day.Runs > 0 && len(probes.Buttons) == 0 {
			probes.Buttons = []Button{{Label: "Show the chart", Command: "status " + p.ID + " --chart"}}
		}
	}
	for _, m := range o.mutes {
		muted.Lines = append(muted.Lines, muteLine(m, targetWords(p.Name, m.Probe), now))
	}
	for _, s := range []Section{probes, muted} {
		if len(s.Lines) > 0 {
			sections = append(sections, s)
		}
	}
	return sections
}

package commands

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"sparky/incidents"
	"sparky/partners"
)

// Prober runs probes. It may be called by several goroutines at a time.
type Prober interface {
	// Probe runs one probe now and returns soon after ctx is done. Its error is that the probe could not be run at all; a
	// probe that failed is a result.
	Probe(ctx context.Context, partner partners.Partner, probe partners.ProbeConfig) (partners.ProbeResult, error)
}

// sideBySide is how many probes of a partner run at a time: a partner may be slow because of us.
const sideBySide = 8

// Probe is the command that runs a partner's probes now.
func Probe(directory *Directory, prober Prober) Command {
	c := probeCommand{directory, prober}
	return Command{
		Name:     "probe",
		Args:     "<partner> [probe]",
		Short:    "run a partner's probes now",
		Examples: []string{"probe " + firstID(directory), "probe " + firstTarget(directory)},
		Role:     Operator,
		Run:      c.run,
	}
}

type probeCommand struct {
	directory *Directory
	prober    Prober
}

// ran is a probe that was asked to run, and how that went so far.
type ran struct {
	probe  partners.ProbeConfig
	over   bool
	result partners.ProbeResult
	err    error // it could not be run
}

func (c probeCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return refuse(fmt.Sprintf("Which partner's probes? Say it like /sparky probe %s.", firstID(c.directory)))
	}
	wanted, rest, refusal := c.directory.takeTarget(call.Args)
	if refusal != nil {
		return *refusal
	}
	switch {
	case len(rest) > 0 && wanted.probe != "":
		return excess(rest)
	case len(rest) > 0:
		return noProbe(wanted.partner, rest[0])
	case len(wanted.partner.Probes) == 0:
		return noProbe(wanted.partner, "")
	}
	if refusal := call.did(ctx, incidents.DidProbe, wanted.partner.ID, wanted.typed()); refusal != nil {
		return *refusal
	}
	var runs []ran
	for _, probe := range wanted.partner.Probes {
		if wanted.probe == "" || probe.ID == wanted.probe {
			runs = append(runs, ran{probe: probe})
		}
	}
	c.runAll(ctx, wanted.partner, runs, func() {
		if call.Progress != nil {
			call.Progress(probeReply(call.Person, wanted.partner, runs))
		}
	})
	return probeReply(call.Person, wanted.partner, runs)
}

// runAll runs the probes side by side and calls show at the beginning and after each result but the last one.
func (c probeCommand) runAll(ctx context.Context, p partners.Partner, runs []ran, show func()) {
	type outcome struct {
		at     int
		result partners.ProbeResult
		err    error
	}
	outcomes := make(chan outcome)
	slots := make(chan struct{}, sideBySide)
	var group sync.WaitGroup
	for i, r := range runs {
		group.Go(func() {
			slots <- struct{}{}
			result, err := c.runOne(ctx, p, r.probe)
			<-slots
			outcomes <- outcome{i, result, err}
		})
	}
	show()
	for left := len(runs); left > 0; left-- {
		o := <-outcomes
		runs[o.at].over, runs[o.at].result, runs[o.at].err = true, o.result, o.err
		if left > 1 {
			show()
		}
	}
	group.Wait()
}

// runOne turns a panic into an error: it would end the whole process from here.
func (c probeCommand) runOne(ctx context.Context, p partners.Partner, probe partners.ProbeConfig) (result partners.ProbeResult, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("running %s/%s broke inside Sparky: %v", p.ID, probe.ID, r)
		}
	}()
	return c.prober.Probe(ctx, p, probe)
}

// probeReply is the answer as far as it is known.
func probeReply(person Person, p partners.Partner, runs []ran) Reply {
	reply := Reply{Public: true, Text: probeSentence(p, runs)}
	reply.Title = trimStop(reply.Text)
	section := Section{Lines: []Line{}}
	records := make([]ProbeRecord, 0, len(runs))
	for _, r := range runs {
		section.Lines = append(section.Lines, r.lines()...)
		if r.over {
			records = append(records, newProbeRecord(p, r))
			reply.Failed = reply.Failed || r.err != nil || !r.result.Passed()
		}
	}
	if !person.Local {
		section.Lines = append(section.Lines, Line{Pieces: []Piece{{Text: "Asked by "}, actor(person), {Text: "."}}})
	}
	reply.Sections, reply.Facts = []Section{section}, records
	return reply
}

// probeSentence is the answer in one sentence: what failed, or else what is left.
func probeSentence(p partners.Partner, runs []ran) string {
	var failed, untold []string
	over := 0
	for _, r := range runs {
		if r.over {
			over++
		}
		switch {
		case !r.over:
		case r.err != nil || !r.result.Tells():
			untold = append(untold, r.probe.ID)
		case !r.result.Passed():
			failed = append(failed, r.probe.ID)
		}
	}
	var parts []string
	if len(failed) > 0 {
		parts = append(parts, shareOf(failed, len(runs), "failed"))
	}
	if len(untold) > 0 {
		parts = append(parts, shareOf(untold, len(runs), "could not be run"))
	}
	if len(parts) == 0 && over > 0 {
		parts = append(parts, passedOf(runs, over))
	}
	switch left := len(runs) - over; {
	case over == 0:
		parts = append(parts, plural(left, "probe")+" running")
	case left > 0:
		parts = append(parts, fmt.Sprintf("%d still running", left))
	}
	return p.Name + ": " + strings.Join(parts, ", ") + "."
}

// shareOf says which of all probes did so.
func shareOf(ids []string, all int, did string) string {
	if all == 1 {
		return ids[0] + " " + did
	}
	return fmt.Sprintf("%d of %d probes %s (%s)", len(ids), all, did, some(ids))
}

func passedOf(runs []ran, over int) string {
	switch {
	case len(runs) == 1:
		return runs[0].probe.ID + " passed"
	case over < len(runs):
		return fmt.Sprintf("%d of %d probes passed", over, len(runs))
	case over == 2:
		return "both probes passed"
	default:
		return fmt.Sprintf("all %d probes passed", over)
	}
}

// lines are the result of one probe: what came of it, and below how long its parts took.
func (r ran) lines() []Line {
	name := Piece{Text: r.probe.ID, Strong: true}
	switch {
	case !r.over:
		return []Line{{Pieces: []Piece{name, {Text: ": running …"}}}}
	case r.err != nil:
		return []Line{{Mark: MarkUnknown, Pieces: []Piece{name, {Text: ": could not be run: " + sentence(shorten(r.err.Error(), 300))}}}}
	}
	result := r.result
	var lines []Line
	switch {
	case !result.Tells():
		return []Line{{Mark: MarkUnknown, Pieces: []Piece{name, {Text: ": not tried: " + sentence(shorten(result.Problem, 300))}}}}
	case !result.Passed():
		lines = []Line{{Mark: MarkBad, Pieces: []Piece{name, {Text: fmt.Sprintf(" failed (%s): %s", result.Class, sentence(shorten(result.Problem, 600)))}}}}
		if result.Excerpt != "" {
			lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: "It answered: “" + shorten(result.Excerpt, 300) + "”"}}})
		}
	default:
		lines = []Line{{Mark: MarkGood, Pieces: []Piece{name, {Text: " passed"}}}}
	}
	if result.Warning != "" {
		if result.Passed() {
			lines[0].Mark = MarkWarn
		}
		lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: "Warning: " + sentence(shorten(result.Warning, 300))}}})
	}
	return append(lines, Line{Indent: true, Pieces: []Piece{{Text: capitalise(timings(result))}}})
}

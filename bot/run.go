package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
)

// Runs carries out effects of kind incidents.EffectRun: the one message of a compatibility run, drawn as the run and the
// incident that came of it stand now.
func Runs(poster *Poster, channel string, runs KnownRuns, known Incidents, now commands.Clock) Letter {
	return Letter{poster, channel, func(ctx context.Context, payload []byte) (sheetOfPaper, error) {
		ref, err := read[incidents.Ref](payload)
		if err != nil {
			return sheetOfPaper{}, err
		}
		run, err := runs.Run(ctx, ref.Run)
		if err != nil {
			// Nothing was posted yet.
			return sheetOfPaper{}, &refusal{doing: "asking how compatibility run " + ref.Run + " stands", err: err, permanent: errors.Is(err, changes.ErrNoRun)}
		}
		in, err := known.Incident(ctx, incidents.TrialIncident(run.Partner, run.Version))
		if err != nil && !errors.Is(err, incidents.ErrNoIncident) {
			return sheetOfPaper{}, &refusal{doing: "asking for the incident of compatibility run " + ref.Run, err: err}
		}
		return sheetOfPaper{reply: runReply(run, in, now()), since: run.Asked}, nil
	}}
}

// KnownRuns gives compatibility runs as they stand.
type KnownRuns interface {
	Run(ctx context.Context, id string) (changes.Run, error)
}

// How much of a run its message shows.
const (
	runCases = 6
	runJobs  = 4
	runLog   = 6
)

// runReply is the message of a compatibility run. in is the version's incident, zero where there is none.
func runReply(r changes.Run, in incidents.Incident, now time.Time) commands.Reply {
	ours := in.Trial != nil && in.Trial.Run == r.ID
	headline := runHeadline(r)
	if mended(r, in) {
		headline = mendedHeadline(r)
	}
	reply := commands.Reply{Text: strings.ReplaceAll(headline, "`", "")}
	reply.Sections = append(reply.Sections, commands.Section{Lines: append([]commands.Line{
		{Mark: runMark(r, in), Pieces: spelled(headline, true)}}, runWhen(r, now)...)})
	if lines := runFindings(r); len(lines) > 0 {
		reply.Sections = append(reply.Sections, commands.Section{Lines: lines})
	}
	facts := commands.Section{Lines: runFacts(r)}
	if ours || r.State == changes.RunPassed && in.State.Active() {
		facts.Lines = append(facts.Lines, runIncident(r, in)...)
	}
	facts.Buttons = runButtons(r, in)
	reply.Sections = append(reply.Sections, facts)
	return reply
}

// runHeadline says by itself whether our integration works with the version.
func runHeadline(r changes.Run) string {
	name := brief(r.Name, 60) + " " + brief(r.Version, 60)
	switch r.State {
	case changes.RunAsked:
		return name + ": our integration is about to be tried against it."
	case changes.RunQueued:
		return name + ": the compatibility run waits for its turn at GitHub."
	case changes.RunRunning:
		return name + ": our integration is being tried against it."
	case changes.RunPassed:
		return name + ": our integration works with it."
	case changes.RunFailed:
		return name + failedHeadline(r.Trial())
	}
	return name + ": no verdict, the compatibility run did not come to an end."
}

// failedHeadline says what of a version breaks us, or that nobody knows whether it does.
func failedHeadline(t incidents.Trial) string {
	if t.Unheard() {
		text := ": the compatibility run could not carry out all of its checks, so nobody knows whether our integration works with it"
		if len(t.Report.Cases) > 0 && t.Report.Cases[0].Message != "" {
			text += ": " + strings.TrimSuffix(brief(t.Report.Cases[0].Message, 160), ".")
		}
		return text + "."
	}
	if !t.Different() {
		if step := t.FailedStep(); step != "" {
			return ": the compatibility run failed in step " + brief(step, 120) + ", so nobody knows whether our integration works with it."
		}
		return ": the compatibility run failed, so nobody knows whether our integration works with it."
	}
	text := ": our integration does not work with it"
	if len(t.Report.Cases) > 0 && t.Report.Cases[0].Message != "" {
		text += ": " + strings.TrimSuffix(brief(t.Report.Cases[0].Message, 160), ".")
	}
	return text + "."
}

func runMark(r changes.Run, in incidents.Incident) commands.Mark {
	switch {
	case r.State == changes.RunPassed, mended(r, in):
		return commands.MarkGood
	case r.State == changes.RunFailed && in.Closed != nil && !in.State.Active():
		return commands.MarkNone
	case r.State == changes.RunFailed:
		return commands.MarkWarn
	case r.State == changes.RunNoVerdict:
		return commands.MarkUnknown
	}
	return commands.MarkPlanned
}

// runWhen says by when it matters, and how the run goes on.
func runWhen(r changes.Run, now time.Time) []commands.Line {
	var lines []commands.Line
	if e := r.Entry; e != nil && e.Effective != "" && r.State != changes.RunPassed {
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{
			{Text: fmt.Sprintf("It takes effect on %s, %s.", commands.Day(e.Effective), commands.DaysLeft(e.Effective, now))}}})
	}
	switch {
	case r.State == changes.RunRunning && r.Doing != "":
		text := "Now: " + brief(r.Doing, 150)
		if r.Total > 0 {
			text += fmt.Sprintf(" (%d of %d steps done)", r.Done, r.Total)
		}
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: text}}})
	case r.State == changes.RunAsked && r.Reason != "":
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: brief(r.Reason, 300)}}})
	case r.State == changes.RunNoVerdict:
		text := brief(r.Reason, 300)
		if r.Again != "" {
			text += " It is tried once more."
		}
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: text}}})
	}
	return lines
}

// runFindings are what broke: the checks that failed, and the jobs and steps.
func runFindings(r changes.Run) []commands.Line {
	if r.Outcome == nil || r.State != changes.RunFailed {
		return nil
	}
	var lines []commands.Line
	told := false
	if report := r.Outcome.Report; report != nil && report.Failures > 0 {
		lines = append(lines, commands.Say(report.Counted()+":"))
		var cases []commands.Line
		for _, c := range report.Cases {
			pieces := []commands.Piece{{Text: brief(c.Name, 120), Strong: true}}
			if c.Message != "" {
				pieces, told = spelled(brief(c.Message, 240), false), true // it names the call, as the check's name does
			}
			cases = append(cases, commands.Line{Indent: true, Pieces: pieces})
		}
		lines = append(lines, atMost(cases, runCases)...)
	}
	var jobs []commands.Line
	for _, j := range r.Outcome.Failed {
		pieces := []commands.Piece{{Text: "Failed job: "}, {Text: brief(j.Name, 100), Link: address(j.URL)}}
		if len(j.Steps) > 0 {
			pieces = append(pieces, commands.Piece{Text: ", step “" + brief(strings.Join(j.Steps, "”, “"), 200) + "”"})
		}
		jobs = append(jobs, commands.Line{Pieces: pieces})
		if !told {
			for _, logged := range j.Log[max(0, len(j.Log)-runLog):] {
				jobs = append(jobs, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: brief(logged, 200), Code: true}}})
			}
			told = len(j.Log) > 0
		}
	}
	lines = append(lines, atMost(jobs, runJobs+runLog)...)
	for _, note := range r.Outcome.Notes {
		lines = append(lines, faintLine(brief(note, 200)))
	}
	return lines
}

// runFacts are where the run is, and why there is one.
func runFacts(r changes.Run) []commands.Line {
	var lines []commands.Line
	if link := address(r.URL); link != "" {
		lines = append(lines, commands.Line{Pieces: []commands.Piece{{Text: "The run at GitHub", Link: link}}})
	}
	why := commands.Line{}
	switch e := r.Entry; {
	case e != nil && r.By == "":
		why.Pieces = []commands.Piece{{Text: "Because of: "}, {Text: brief(e.Title, 200), Link: address(e.Link)}}
	case r.By != "":
		why.Pieces = []commands.Piece{{Text: "Asked by "}, personOf(r.By), {Text: "."}}
	default:
		return lines
	}
	if r.Attempt > 1 {
		why.Pieces = append(why.Pieces, commands.Piece{Text: " (the second attempt; the first came to no verdict)"})
	}
	return append(lines, why)
}

// runIncident is the incident that came of a run that failed, or that one which passed may settle.
func runIncident(r changes.Run, in incidents.Incident) []commands.Line {
	ticket := commands.Piece{Text: brief(in.Ticket.Key, 40), Link: address(in.Ticket.URL)}
	if in.Ticket.Key == "" {
		ticket = commands.Piece{Text: "A ticket"}
	}
	if r.State == changes.RunPassed {
		return []commands.Line{{Pieces: []commands.Piece{ticket, {Text: " is open because an earlier run failed. Resolve it if this settles it."}}}}
	}
	if in.Ticket.Key == "" {
		ticket.Text = "Its ticket is on its way"
	}
	first := commands.Line{Pieces: []commands.Piece{ticket, {Text: ", " + in.Priority}}}
	if team := brief(in.Owner.Team, 80); team != "" {
		first.Pieces = append(first.Pieces, commands.Piece{Text: ", with " + team})
	}
	first.Pieces = append(first.Pieces, commands.Piece{Text: "."})
	lines := []commands.Line{first}
	if in.Green != nil {
		lines = append(lines, commands.Line{Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: "A later run passed. "}, {Text: "See it", Link: address(in.Green.URL)}}})
	}
	if in.Acknowledged != nil && in.Closed == nil {
		lines = append(lines, deedLine("Acknowledged by ", *in.Acknowledged, ""))
	}
	if in.Closed != nil {
		lines = append(lines, deedLine("Resolved by ", *in.Closed, ""))
	}
	return lines
}

// runButtons are what can be done about a run as it stands.
func runButtons(r changes.Run, in incidents.Incident) []commands.Button {
	again := commands.CompatButton(r.Partner, r.Version, "Run again")
	settle := commands.Button{Label: "Resolve", Command: "resolve " + in.ID + askFirst}
	switch {
	case r.State == changes.RunPassed && in.State.Active():
		settle.Primary = true
		return []commands.Button{settle}
	case r.State == changes.RunNoVerdict && r.Again == "":
		return []commands.Button{again}
	case r.State != changes.RunFailed:
		return nil
	}
	var buttons []commands.Button
	if in.Trial != nil && in.Trial.Run == r.ID && in.State == incidents.StateOpen {
		buttons = append(buttons, commands.Button{Label: "Acknowledge", Command: "ack " + in.ID, Primary: true})
	}
	buttons = append(buttons, again)
	if in.Green != nil && in.State.Active() {
		buttons = append(buttons, settle)
	}
	return buttons
}

package bot

import (
	"fmt"
	"strings"
	"time"

	"sparky/commands"
	"sparky/incidents"
)

// How much of an incident its card shows. Together with the lengths given to brief it stays far enough below maxText
// that the buttons are never what is folded.
const (
	cardProbes  = 8
	longProblem = 500 // of the first problem, whose end is what to do
	nextProblem = 240 // of each further one
	cardPoints  = 8
	longestSeen = 400 // of an address
)

// cardReply is the alert message of an incident as it stands: the first line says what is wrong and whose it is, then come
// where it is worked on and what can be done, in sight on a phone without a scroll, and under these what failed, the verdict
// with its evidence, and what our customers would be told where a person decides that.
func cardReply(i incidents.Incident, now time.Time, jira bool) commands.Reply {
	if i.Kind == incidents.KindStorm {
		return stormReply(i, now)
	}
	reply := inOneSentence(commands.Reply{}, headline(i))
	first := commands.Section{Lines: []commands.Line{{Mark: cardMark(i, now), Pieces: headline(i)}}}
	reply.Sections = append(reply.Sections, first)
	if i.State == incidents.StateFolded {
		first.Lines = append(first.Lines, foldedLine(i), referenceLine(i, jira))
		reply.Sections[0] = first
		return reply
	}
	reply.Sections = append(reply.Sections, commands.Section{Lines: factLines(i, now, jira), Buttons: lifeButtons(i, now)})
	reply.Sections = append(reply.Sections, commands.Section{Lines: failureLines(i)}, verdictSection(i, now))
	if i.Post.State == incidents.PostProposed {
		reply.Sections = append(reply.Sections, proposal(i))
	}
	return reply
}

func cardMark(i incidents.Incident, now time.Time) commands.Mark {
	switch {
	case i.State == incidents.StateRecovered:
		return commands.MarkGood
	case i.State == incidents.StateFolded, i.State == incidents.StateUnwatched:
		return commands.MarkNone
	case i.MutedUntil.After(now):
		return commands.MarkMuted
	case i.State == incidents.StateClosed:
		return commands.MarkWarn
	case i.Verdict.Word == incidents.External && i.Verdict.Reason == incidents.ReasonPlanned:
		return commands.MarkPlanned
	}
	return commands.MarkBad
}

// failureLines say what each probe saw, those that fail first.
func failureLines(i incidents.Incident) []commands.Line {
	if i.Kind == incidents.KindNetwork {
		return partnerLines(i)
	}
	var lines []commands.Line
	over := i.State == incidents.StateRecovered
	for _, ended := range []bool{false, true} {
		for _, p := range i.Probes {
			if (p.Over && !over) == ended {
				lines = append(lines, probeLine(i, p, ended, len(lines) == 0))
			}
		}
	}
	return atMost(lines, cardProbes)
}

func probeLine(i incidents.Incident, p incidents.Failing, ended, first bool) commands.Line {
	line := commands.Line{Indent: true, Pieces: []commands.Piece{{Text: brief(p.Probe, 60), Code: true}}}
	if i.State == incidents.StateRecovered {
		return pastLine(line, p)
	}
	if ended {
		line.Pieces = append(line.Pieces, commands.Piece{Text: " passes again"})
		return line
	}
	if p.Since.Sub(i.Since) >= time.Minute {
		line.Pieces = append(line.Pieces, commands.Piece{Text: " since "}, commands.At(p.Since))
	}
	most := nextProblem
	if first {
		most = longProblem
	}
	problem := brief(p.Last.Problem, most)
	if problem == "" {
		problem = string(p.Last.Class)
	}
	if problem != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: ": " + problem})
	}
	return line
}

// partnerLines are the partners that are out of reach, each with how many of its probes.
func partnerLines(i incidents.Incident) []commands.Line {
	var names []string
	failed := map[string]int{}
	for _, p := range i.Probes {
		if failed[p.Partner] == 0 {
			names = append(names, p.Partner)
		}
		failed[p.Partner]++
	}
	verb := "get no answer"
	if i.State == incidents.StateRecovered {
		verb = "got no answer"
	}
	var lines []commands.Line
	for _, name := range names {
		text := fmt.Sprintf(": %d probes %s", failed[name], verb)
		if failed[name] == 1 {
			text = ": 1 probe " + strings.Replace(verb, "get ", "gets ", 1)
		}
		lines = append(lines, commands.Line{Indent: true, Pieces: []commands.Piece{{Text: brief(name, 60), Code: true}, {Text: text}}})
	}
	return atMost(lines, cardProbes)
}

func atMost(lines []commands.Line, most int) []commands.Line {
	if rest := len(lines) - most; rest > 0 {
		return append(lines[:most:most], commands.Line{Indent: true, Pieces: []commands.Piece{{Text: fmt.Sprintf("and %d more", rest)}}})
	}
	return lines
}

// verdictSection is whose it is, why, and what would change that, with the buttons by which a person knows better.
func verdictSection(i incidents.Incident, now time.Time) commands.Section {
	v, over := i.Verdict, i.State == incidents.StateRecovered || i.State == incidents.StateUnwatched
	if over {
		return settled(v)
	}
	if v.Word == "" {
		return commands.Section{Lines: []commands.Line{commands.Say("I am looking at their status page, our own network and the other probes. Whose it is will stand here in a few seconds.")}}
	}
	says := commands.Line{Pieces: []commands.Piece{{Text: "Verdict"}}}
	if !v.At.IsZero() {
		says.Pieces = append(says.Pieces, commands.Piece{Text: ", "}, commands.At(v.At))
	}
	says.Pieces = append(says.Pieces, commands.Piece{Text: ": "}, commands.Piece{Text: string(v.Word), Strong: true})
	if v.By != "" {
		says.Pieces = append(says.Pieces, commands.Piece{Text: ", decided by "}, personOf(v.By), commands.Piece{Text: "."})
	} else {
		says.Pieces = append(append(says.Pieces, commands.Piece{Text: ". "}), withMoments(brief(v.Says, 400), v.Moments, false)...)
	}
	part := commands.Section{Lines: []commands.Line{says}, Buttons: verdictButtons(i, now)}
	var points []commands.Line
	for _, p := range v.Points {
		line := commands.Line{Indent: true, Pieces: withMoments(brief(p.Text, 240), v.Moments, false)}
		if link := address(p.Link); link != "" {
			line.Pieces = append(line.Pieces, commands.Piece{Text: " "}, commands.Piece{Text: "See it", Link: link})
		}
		points = append(points, line)
	}
	part.Lines = append(part.Lines, atMost(points, cardPoints)...)
	if !i.State.Active() {
		return part
	}
	if v.Would != "" && v.By == "" {
		part.Lines = append(part.Lines, commands.Line{Pieces: withMoments(brief(v.Would, 300), v.Moments, true)})
	}
	if len(v.Missing) > 0 {
		unseen := "What I could not see. " + brief(begun(strings.Join(v.Missing, "; ")), 300)
		part.Lines = append(part.Lines, commands.Line{Pieces: withMoments(unseen, v.Moments, true)})
	}
	return part
}

func faintLine(text string) commands.Line {
	return commands.Line{Pieces: []commands.Piece{{Text: text, Faint: true}}}
}

// address is an address that can become a link and is short enough, written as Slack wants it.
func address(link string) string {
	if target, ok := linkTarget(link); !ok || size(target.text) > longestSeen {
		return ""
	}
	return link
}

// factLines are what stands beside the verdict: where it is worked on, what hangs on it, what our customers are told, and what
// people did.
func factLines(i incidents.Incident, now time.Time, jira bool) []commands.Line {
	lines := []commands.Line{referenceLine(i, jira)}
	if len(i.Affects) > 0 {
		verb := "Affects: "
		if !i.State.Live() {
			verb = "Affected: "
		}
		lines = append(lines, commands.Say(verb+brief(strings.Join(i.Affects, ", "), 300)))
	}
	if post := postPieces(i); len(post) > 0 {
		lines = append(lines, commands.Line{Pieces: post})
	}
	if i.Already && i.Kind == incidents.KindProbe {
		lines = append(lines, commands.Say("It failed already when I first looked, so it may be older."))
	}
	if i.Outage > 1 {
		lines = append(lines, commands.Line{Pieces: []commands.Piece{{Text: "The " + commands.Ordinal(i.Outage) + " time since "}, commands.At(i.Opened)}})
	}
	if i.State == incidents.StateRecovered {
		lines = append(lines, commands.Line{Pieces: []commands.Piece{{Text: "From "}, commands.At(i.Since), {Text: " to "}, commands.At(i.Ended)}})
	}
	if i.Acknowledged != nil {
		lines = append(lines, deedLine("Acknowledged by ", *i.Acknowledged, ""))
	}
	if i.Closed != nil {
		after := ""
		if i.State == incidents.StateClosed {
			after = " Nothing new opens until it works again."
		}
		lines = append(lines, deedLine("Closed by hand by ", *i.Closed, after))
	}
	if i.MutedUntil.After(now) && i.State.Live() {
		muted := commands.Line{Pieces: []commands.Piece{{Text: "Muted"}}}
		if by := mutedBy(i); by != "" {
			muted.Pieces = append(muted.Pieces, commands.Piece{Text: " by "}, personOf(by))
		}
		lines = append(lines, commands.Line{Pieces: append(muted.Pieces, commands.Piece{Text: " until "}, commands.At(i.MutedUntil), commands.Piece{Text: ". I go on probing, and say no more about it until then."})})
	}
	return lines
}

// mutedBy is who quieted the incident last; empty where nobody did it by a press or a word about this very incident.
func mutedBy(i incidents.Incident) string {
	for n := len(i.Events) - 1; n >= 0; n-- {
		if e := i.Events[n]; e.Kind == incidents.EventMuted {
			return e.By
		}
	}
	return ""
}

// referenceLine is the line of references: Jira, priority, owner, the partner's page.
func referenceLine(i incidents.Incident, jira bool) commands.Line {
	var parts [][]commands.Piece
	if i.Ticket.Key == "" {
		if jira && i.State.Active() {
			parts = append(parts, []commands.Piece{{Text: "The Jira issue is being opened"}})
		}
	} else {
		ticket := []commands.Piece{{Text: "Jira: "}, {Text: brief(i.Ticket.Key, 40), Link: address(i.Ticket.URL)}}
		status := i.Ticket.Status
		if status == "" && i.Outage > 1 && i.State.Active() && !i.Ticket.ByHand {
			status = "being opened again"
		}
		if about := join(", ", status, i.Ticket.Assignee); about != "" {
			ticket = append(ticket, commands.Piece{Text: " (" + brief(about, 80) + ")"})
		}
		parts = append(parts, ticket)
	}
	if about := join(" · ", i.Priority, i.Owner.Team); about != "" {
		parts = append(parts, []commands.Piece{{Text: brief(about, 100)}})
	}
	if page := address(i.PageURL); page != "" {
		parts = append(parts, []commands.Piece{{Text: "their status page", Link: page}})
	}
	line := commands.Line{}
	for n, part := range parts {
		if n > 0 {
			line.Pieces = append(line.Pieces, commands.Piece{Text: " · "})
		}
		line.Pieces = append(line.Pieces, part...)
	}
	return line
}

// join joins the texts that are not empty.
func join(between string, texts ...string) string {
	var kept []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, between)
}

func deedLine(what string, d incidents.Deed, after string) commands.Line {
	return commands.Line{Pieces: []commands.Piece{{Text: what}, personOf(d.By), {Text: ", "}, commands.At(d.At), {Text: "." + after}}}
}

// foldedLine says where a folded incident goes on: in the words of what happened, where there are any.
func foldedLine(i incidents.Incident) commands.Line {
	for n := len(i.Events) - 1; n >= 0; n-- {
		if e := i.Events[n]; e.Kind == incidents.EventFolded && strings.TrimSpace(e.Text) != "" {
			return commands.Say(brief(e.Text, 300))
		}
	}
	return commands.Line{Pieces: []commands.Piece{{Text: "It goes on there: "}, {Text: brief(i.FoldedInto, 120), Code: true}}}
}

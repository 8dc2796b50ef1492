package commands

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

// IncidentFacts is what commands ask of the memory about incidents and mutes.
type IncidentFacts interface {
	// Incidents are the live ones, or, where live is false, all that have ended since or are live. Newest first.
	Incidents(ctx context.Context, live bool, since time.Time) ([]incidents.Incident, error)
	// Mutes are those that hold now.
	Mutes(ctx context.Context) ([]incidents.Mute, error)
}

// mostIncidents is how many incidents an answer draws with their buttons; more than that are counted.
const mostIncidents = 12

// Incidents is the command that lists the open incidents.
func Incidents(facts IncidentFacts, directory *Directory, now Clock) Command {
	c := incidentsCommand{facts, directory, now}
	return Command{
		Name:     "incidents",
		Short:    "what is broken now, whose it is, and who has it",
		Examples: []string{"incidents"},
		Run:      c.run,
	}
}

type incidentsCommand struct {
	facts     IncidentFacts
	directory *Directory
	now       Clock
}

func (c incidentsCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) > 0 {
		return excess(call.Args)
	}
	live, err := c.facts.Incidents(ctx, true, time.Time{})
	if err != nil {
		return fault("the incidents", err)
	}
	mutes, err := c.facts.Mutes(ctx)
	if err != nil {
		return fault("what is muted", err)
	}
	now := c.now()
	reply := incidentsReply(live, mutes, now)
	if len(mutes) > 0 {
		reply.Sections = append(reply.Sections, mutedSection(c.directory, mutes, now))
	}
	return reply
}

func incidentsReply(live []incidents.Incident, mutes []incidents.Mute, now time.Time) Reply {
	live = slices.Clone(live)
	slices.SortStableFunc(live, func(a, b incidents.Incident) int { return cmp.Compare(rank(a), rank(b)) })
	reply := Reply{Text: countIncidents(live), Failed: len(live) > 0}
	reply.Title = strings.TrimSuffix(reply.Text, ".")
	records := make([]IncidentRecord, 0, len(live))
	for i, in := range live {
		records = append(records, NewIncidentRecord(in))
		if i < mostIncidents {
			reply.Sections = append(reply.Sections, incidentSection(in, mutes, now))
		}
	}
	if more := len(live) - mostIncidents; more > 0 {
		reply.Sections = append(reply.Sections, Section{Lines: []Line{Say(fmt.Sprintf("and %d more; the alerts channel has them all", more))}})
	}
	if len(live) == 0 {
		reply.Title = "Incidents"
		reply.Sections = []Section{{Lines: []Line{{Mark: MarkGood, Pieces: []Piece{{Text: reply.Text}}}}}}
	}
	reply.Facts = records
	return reply
}

// rank puts our own network first, because it explains the others, and what a person has closed last.
func rank(i incidents.Incident) int {
	switch {
	case i.Kind == incidents.KindNetwork:
		return 0
	case i.State == incidents.StateClosed:
		return 2
	default:
		return 1
	}
}

func countIncidents(live []incidents.Incident) string {
	open, closed := 0, 0
	for _, i := range live {
		if i.State.Active() {
			open++
		} else {
			closed++
		}
	}
	text := "No incident is open."
	switch {
	case open == 1:
		text = "1 incident is open."
	case open > 1:
		text = fmt.Sprintf("%d incidents are open.", open)
	}
	if closed > 0 {
		text = fmt.Sprintf("%s, %d resolved by hand but not over yet.", strings.TrimSuffix(text, "."), closed)
	}
	return text
}

// incidentSection is an incident with all that people ask about it, and its buttons.
func incidentSection(i incidents.Incident, mutes []incidents.Mute, now time.Time) Section {
	first := Line{Mark: markOfIncident(i), Pieces: append([]Piece{{Text: what(i), Strong: true}}, since(i, now)...)}
	second := Line{Indent: true, Pieces: []Piece{keyPiece(i)}}
	if i.Priority != "" {
		second.Pieces = append(second.Pieces, Piece{Text: ", " + i.Priority})
	}
	if i.Ticket.Assignee != "" {
		second.Pieces = append(second.Pieces, Piece{Text: ", assigned to " + i.Ticket.Assignee})
	}
	if len(i.Affects) > 0 {
		second.Pieces = append(second.Pieces, Piece{Text: ", affects " + list(i.Affects)})
	}
	if i.Outage > 1 {
		second.Pieces = append(second.Pieces, Piece{Text: fmt.Sprintf(", broken for the %s time", Ordinal(i.Outage))})
	}
	why := verdictLine(i.Verdict)
	if i.Kind == incidents.KindCompat && i.Trial != nil {
		why = trialLine(*i.Trial, now)
	}
	section := Section{Lines: []Line{first, second, why, handsLine(i, now)}}
	if line, ok := mutedLine(i, mutes, now); ok {
		section.Lines = append(section.Lines, line)
	}
	if line, ok := postLine(i); ok {
		section.Lines = append(section.Lines, line)
	}
	section.Buttons = unmuting(IncidentButtons(i, now), i, mutes, now)
	return section
}

func markOfIncident(i incidents.Incident) Mark {
	if i.State.Active() && i.Kind != incidents.KindCompat {
		return MarkBad
	}
	return MarkWarn
}

// mutedLine says until when the incident's partner, or a probe of it, is muted; ok is false where none is.
func mutedLine(i incidents.Incident, mutes []incidents.Mute, now time.Time) (line Line, ok bool) {
	if i.Kind == incidents.KindCompat {
		return Line{}, false // a mute is about what fails now
	}
	for _, m := range mutes {
		if m.Partner == i.Partner && i.Partner != "" && now.Before(m.Until) {
			line = muteLine(m, targetWords(i.Name, m.Probe), now)
			line.Mark, line.Indent = MarkNone, true
			return line, true
		}
	}
	if now.Before(i.MutedUntil) {
		return Line{Indent: true, Pieces: []Piece{{Text: "Muted until "}, At(i.MutedUntil), {Text: "."}}}, true
	}
	return Line{}, false
}

// mutedSection is all that is muted.
func mutedSection(directory *Directory, mutes []incidents.Mute, now time.Time) Section {
	section := Section{Heading: "Muted"}
	for _, m := range mutes {
		name := m.Partner
		if p, ok := directory.Find(m.Partner); ok {
			name = p.Name
		}
		section.Lines = append(section.Lines, muteLine(m, targetWords(name, m.Probe), now))
	}
	return section
}

// ProbeAgain is the button that runs again what fails; ok is false where that is no probe, but an alert of New Relic's.
func ProbeAgain(i incidents.Incident) (again Button, ok bool) {
	failing := i.FailingProbes()
	again = Button{Label: "Probe again", Command: "probe " + i.Partner}
	probes := slices.DeleteFunc(slices.Clone(failing), func(f incidents.Failing) bool { return strings.HasPrefix(f.Probe, incidents.AlertPrefix) })
	if len(failing) == 1 && len(probes) == 1 {
		again.Command += " " + probes[0].Probe
	}
	return again, len(probes) > 0 || len(failing) == 0
}

// IncidentButtons are what a person can do about an incident as it stands, the most needed first. Each carries the
// command that could be typed.
func IncidentButtons(i incidents.Incident, now time.Time) []Button {
	if !i.State.Live() {
		return nil
	}
	var buttons []Button
	if i.State == incidents.StateOpen {
		buttons = append(buttons, Button{Label: "Acknowledge", Command: "ack " + i.ID})
	}
	if i.Post.State == incidents.PostProposed && i.State.Active() {
		buttons = append(buttons, Button{Label: "Publish", Command: "publish " + i.ID},
			Button{Label: "Don't publish", Command: "decline " + i.ID})
	}
	if i.Kind == incidents.KindCompat && i.Trial != nil {
		return append(buttons, CompatButton(i.Partner, i.Trial.Version, "Run again"), Button{Label: "Resolve", Command: "resolve " + i.ID + " " + askWord})
	}
	if i.Partner != "" {
		if again, ok := ProbeAgain(i); ok {
			buttons = append(buttons, again)
		}
		if i.MutedUntil.After(now) {
			buttons = append(buttons, UnmuteButton(i.Partner, nil))
		} else {
			buttons = append(buttons, MuteButton(i))
		}
	}
	if !i.State.Active() || i.Kind == incidents.KindNetwork {
		return buttons
	}
	if i.Verdict.Word != incidents.External {
		buttons = append(buttons, TheirsButton(i))
	}
	if i.Verdict.Word != incidents.Internal {
		buttons = append(buttons, OursButton(i, now))
	}
	return buttons
}

// Ordinal is 2nd, 3rd, 11th.
func Ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

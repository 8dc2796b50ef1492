package commands

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sparky/incidents"
)

// AuditFacts is who did what.
type AuditFacts interface {
	// Acts are those that the query asks for, the newest first.
	Acts(ctx context.Context, query incidents.ActQuery) ([]incidents.Act, error)
}

// mostActs is how many acts one answer shows.
const mostActs = 20

// Audit is the command that tells who did what, and why, with what Sparky did by itself. What is older is behind a button.
func Audit(directory *Directory, facts AuditFacts) Command {
	id := firstID(directory)
	return Command{
		Name:     "audit",
		Args:     "[partner] [--before 2026-11-20]",
		Short:    "who did what, when and why",
		Examples: []string{"audit", "audit " + id, "audit " + id + " --before 2026-11-20"},
		Role:     Operator,
		Run:      auditCommand{directory, facts}.run,
	}
}

type auditCommand struct {
	directory *Directory
	facts     AuditFacts
}

func (c auditCommand) run(ctx context.Context, call Call) Reply {
	args, query, refusal := takeBefore(call.Args)
	if refusal != nil {
		return *refusal
	}
	title := "Audit"
	if len(args) > 0 {
		p, rest, refusal := c.directory.Take(args)
		if refusal != nil {
			return *refusal
		}
		if len(rest) > 0 {
			return excess(rest)
		}
		query.Partner, title = p.ID, "Audit of "+p.Name
	}
	query.Limit = mostActs + 1 // the one more tells that there is more
	acts, err := c.facts.Acts(ctx, query)
	if err != nil {
		return fault("who did what", err)
	}
	return c.reply(title, query, acts)
}

// takeBefore takes --before and what follows it out of the arguments: a day, or the number that a button sends.
func takeBefore(args []string) (rest []string, query incidents.ActQuery, refusal *Reply) {
	rest, value, given := takeOption(args, "before")
	if !given {
		return args, query, nil
	}
	day, err := time.Parse(time.DateOnly, value)
	if err == nil {
		query.Until = day
		return rest, query, nil
	}
	if query.Before, err = strconv.ParseInt(value, 10, 64); err != nil || query.Before <= 0 {
		reply := refuse(fmt.Sprintf("Before which day? %q is none; write it like --before 2026-11-20.", clip(value)))
		return nil, query, &reply
	}
	return rest, query, nil
}

func (c auditCommand) reply(title string, query incidents.ActQuery, acts []incidents.Act) Reply {
	more := len(acts) > mostActs
	acts = acts[:min(len(acts), mostActs)]
	reply := Reply{Title: title, Text: title + ": nothing was done that I know of.", Facts: acts}
	if len(acts) == 0 {
		reply.Facts = []incidents.Act{}
		reply.Sections = []Section{{Lines: []Line{Say("Nothing was done that I know of. What was done is kept for 400 days.")}}}
		return reply
	}
	reply.Text = fmt.Sprintf("%s: %s, the newest first.", title, plural(len(acts), "entry"))
	section := Section{}
	for _, a := range acts {
		section.Lines = append(section.Lines, c.line(a, query.Partner == ""))
	}
	if more {
		words := strings.TrimSpace("audit " + query.Partner)
		section.Buttons = []Button{{Label: "Older", Command: fmt.Sprintf("%s --before %d", words, acts[len(acts)-1].ID)}}
	}
	reply.Sections = []Section{section}
	return reply
}

// line is one act: when, who, what, to what, by which way, and why. named adds whose it is.
func (c auditCommand) line(a incidents.Act, named bool) Line {
	words, known := deedWords()[a.Did]
	if !known {
		words.did = string(a.Did)
	}
	pieces := []Piece{At(a.At), {Text: "  "}, Who(a.Actor), {Text: " " + words.did}}
	name := c.directory.nameOf(a.Partner)
	switch target := c.target(a); {
	case words.ofPartner:
		pieces = append(pieces, Piece{Text: " " + name, Strong: true})
	case target != "":
		pieces = append(pieces, Piece{Text: " "}, Piece{Text: shorten(target, longestAsked), Code: true})
		if named && a.Partner != "" && a.Partner != target {
			pieces = append(pieces, Piece{Text: " (" + name + ")"})
		}
	}
	if way := wayWords(a); way != "" {
		pieces = append(pieces, Piece{Text: " " + way, Faint: true})
	}
	if a.Reason != "" {
		pieces = append(pieces, timed(": "+shorten(a.Reason, longestReason), a.At)...)
	}
	return Line{Pieces: pieces}
}

// target is what people call that which was acted on.
func (c auditCommand) target(a incidents.Act) string {
	switch {
	case a.Ticket != "":
		return a.Ticket
	case a.Did == incidents.DidRefuse && a.Origin != incidents.ByButton && a.Origin != incidents.ByHome:
		return "/sparky " + a.Target
	default:
		return a.Target
	}
}

// wayWords are by which way a person did something; empty for Sparky.
func wayWords(a incidents.Act) string {
	if a.Actor == "" {
		return ""
	}
	switch a.Origin {
	case incidents.ByCommand:
		return "by command"
	case incidents.ByButton:
		return "by button"
	case incidents.ByMessage:
		return "by message"
	case incidents.ByHome:
		return "in App Home"
	case incidents.ByTerminal:
		return "in a terminal"
	case incidents.InJira:
		return "in Jira"
	case incidents.OnStatusPage:
		return "on the status page"
	}
	return ""
}

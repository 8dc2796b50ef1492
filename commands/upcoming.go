package commands

import (
	"context"
	"fmt"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// UpcomingFacts is what the upcoming command asks of the memory.
type UpcomingFacts interface {
	Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error)
	SourceStates(ctx context.Context, partner string) (map[string]changes.SourceState, error)
}

// Upcoming is the command that lists announced changes by the day from which they hold.
func Upcoming(directory *Directory, facts UpcomingFacts, now Clock) Command {
	u := upcomingCommand{directory, facts, now}
	return Command{
		Name:     "upcoming",
		Args:     "[partner]",
		Short:    "announced breaking changes, retirements and betas, by date",
		Examples: []string{"upcoming", "upcoming " + firstID(directory)},
		Run:      u.run,
	}
}

type upcomingCommand struct {
	directory *Directory
	facts     UpcomingFacts
	now       Clock
}

func (u upcomingCommand) run(ctx context.Context, call Call) Reply {
	partner, title := "", "Coming changes"
	asked := u.directory.All()
	if len(call.Args) > 0 {
		p, rest, refusal := u.directory.Take(call.Args)
		if refusal != nil {
			return *refusal
		}
		if len(rest) > 0 {
			return excess(rest)
		}
		partner, title, asked = p.ID, "Coming changes of "+p.Name, []partners.Partner{p}
	}
	now := u.now()
	entries, err := u.facts.Upcoming(ctx, partner, changes.Date(now.UTC().Format(time.DateOnly)))
	if err != nil {
		return fault("what is coming", err)
	}
	unread, err := unreadSources(ctx, u.facts, asked)
	if err != nil {
		return fault("the state of the changelogs", err)
	}
	reply := u.reply(title, entries, partner == "", now)
	if len(entries) == 0 && len(unread) > 0 {
		reply.Text, reply.Sections = title+": nothing is announced in what I could read.", nil
	}
	return withUnread(reply, unread)
}

func (u upcomingCommand) reply(title string, entries []changes.Entry, named bool, now time.Time) Reply {
	dated, undated := Section{Heading: "By date"}, Section{Heading: "Announced without a date"}
	records := make([]ChangelogRecord, 0, len(entries))
	for _, e := range entries {
		records = append(records, NewChangelogRecord(e))
		line := upcomingLine(e, now)
		if named {
			if p, ok := u.directory.Find(e.Partner); ok {
				line.Pieces = append([]Piece{{Text: p.Name + ": "}}, line.Pieces...)
			}
		}
		if e.Effective != "" {
			dated.Lines = append(dated.Lines, line)
		} else {
			undated.Lines = append(undated.Lines, line)
		}
	}
	reply := Reply{Title: title, Facts: records}
	for _, s := range []Section{dated, undated} {
		if len(s.Lines) > 0 {
			reply.Sections = append(reply.Sections, s)
		}
	}
	switch {
	case len(entries) == 0:
		reply.Text = title + ": nothing is announced."
		reply.Sections = []Section{{Lines: []Line{Say(reply.Text)}}}
	case len(dated.Lines) > 0:
		first := entries[0]
		reply.Text = fmt.Sprintf("%s: %d with a date, the next %s (%s).", title, len(dated.Lines), DaysLeft(first.Effective, now), shorten(first.Title, 80))
	default:
		reply.Text = fmt.Sprintf("%s: %d without a date.", title, len(undated.Lines))
	}
	return reply
}

func upcomingLine(e changes.Entry, now time.Time) Line {
	line := Line{Mark: markOfEntry(e)}
	if e.Effective != "" {
		line.Pieces = append(line.Pieces, Piece{Text: Day(e.Effective) + ", " + DaysLeft(e.Effective, now) + ": "})
	}
	line.Pieces = append(line.Pieces, Piece{Text: shorten(e.Title, 120), Link: e.Link, Strong: true})
	detail := " (" + KindWords(e.Kinds, e.BetaVersion, e.Title) + ")"
	line.Pieces = append(line.Pieces, Piece{Text: detail})
	return line
}

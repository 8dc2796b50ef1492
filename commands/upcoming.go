package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// UpcomingFacts is what the upcoming command asks of the memory.
type UpcomingFacts interface {
	Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error)
	sourceFacts
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
	args, within := takeSpan(call.Args)
	if len(args) > 0 {
		p, rest, refusal := u.directory.Take(args)
		if refusal != nil && lengthLike.MatchString(args[0]) {
			return excess(args)
		}
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
	entries = due(changes.Once(entries), now, within)
	reply := u.reply(title, entries, partner == "", !call.Person.Local, now, within)
	if len(entries) == 0 && len(unread) > 0 {
		reply.Text, reply.Sections = title+": nothing is announced in what I could read.", nil
	}
	return withUnread(reply, unread)
}

// due are those of the entries that hold from a day within the span; all of them where it is 0.
func due(entries []changes.Entry, now time.Time, within time.Duration) []changes.Entry {
	if within == 0 {
		return entries
	}
	last := changes.Date(now.Add(within).UTC().Format(time.DateOnly))
	return slices.DeleteFunc(slices.Clone(entries), func(e changes.Entry) bool { return e.Effective == "" || e.Effective > last })
}

// Most entries that have a button, of those that are not handled and of those that are: the soonest. One takes as much
// room as a dozen lines without.
const (
	mostToHandle = 8
	mostHandled  = 4
)

// reply lists the entries, which are those of the span where that is not 0. named adds whose they are; pressed adds buttons.
func (u upcomingCommand) reply(title string, entries []changes.Entry, named, pressed bool, now time.Time, within time.Duration) Reply {
	reply := Reply{Title: title}
	records := make([]ChangelogRecord, 0, len(entries))
	dated, undated := []Section{{Heading: "By date"}}, Section{Heading: "Announced without a date"}
	buttons := map[bool]int{false: mostToHandle, true: mostHandled}
	for _, e := range entries {
		records = append(records, NewChangelogRecord(e))
		line := upcomingLine(e, now)
		if named {
			if p, ok := u.directory.Find(e.Partner); ok {
				line.Pieces = append([]Piece{{Text: p.Name + ": "}}, line.Pieces...)
			}
		}
		if e.Effective == "" {
			undated.Lines = append(undated.Lines, line)
			continue
		}
		last := &dated[len(dated)-1]
		last.Lines = append(last.Lines, line)
		if handled := e.IsHandled(); pressed && buttons[handled] > 0 {
			buttons[handled]--
			last.Buttons = []Button{HandledButton(e)}
			dated = append(dated, Section{})
		}
	}
	for _, s := range append(dated, undated) {
		if len(s.Lines) > 0 {
			reply.Sections = append(reply.Sections, s)
		}
	}
	reply.Facts, reply.Text = records, title+": "+upcomingSentence(entries, now, within)
	if len(entries) == 0 {
		reply.Sections = []Section{{Lines: []Line{Say(reply.Text)}}}
	}
	return reply
}

// upcomingSentence counts what is coming, within the span where it is not 0, and says what of it is the next that somebody has to
// look at.
func upcomingSentence(entries []changes.Entry, now time.Time, within time.Duration) string {
	span := ""
	if within > 0 {
		span = " in the next " + spanWords(within)
	}
	withDate, handled := 0, 0
	var next *changes.Entry
	for i, e := range entries {
		switch {
		case e.Effective == "":
			continue
		case e.IsHandled():
			handled++
		case next == nil:
			next = &entries[i]
		}
		withDate++
	}
	switch {
	case len(entries) == 0 && within > 0:
		return "nothing is announced for the next " + spanWords(within) + "."
	case len(entries) == 0:
		return "nothing is announced."
	case withDate == 0:
		return fmt.Sprintf("%d without a date.", len(entries))
	case next == nil:
		return fmt.Sprintf("%d with a date%s, all of it handled.", withDate, span)
	}
	also := ""
	if handled > 0 {
		also = fmt.Sprintf(", %d handled", handled)
	}
	return fmt.Sprintf("%d with a date%s%s, the next %s (%s).", withDate, span, also, DaysLeft(next.Effective, now), shorten(next.Title, 80))
}

func upcomingLine(e changes.Entry, now time.Time) Line {
	line := Line{Mark: markOfEntry(e)}
	if e.IsHandled() {
		line.Mark = MarkGood
	}
	if e.Effective != "" {
		line.Pieces = append(line.Pieces, Piece{Text: Day(e.Effective) + ", " + DaysLeft(e.Effective, now) + ": "})
	}
	line.Pieces = append(line.Pieces, Piece{Text: shorten(e.Title, 120), Link: e.Link, Strong: true})
	detail := " (" + KindWords(e.Kinds, e.BetaVersion, e.Title) + ")"
	line.Pieces = append(line.Pieces, Piece{Text: detail})
	if e.IsHandled() {
		line.Pieces = append(append(line.Pieces, Piece{Text: ", "}), HandledBy(e.Handled, now)...)
	}
	return line
}

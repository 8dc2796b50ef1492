package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// Handler keeps of which announcements people say that they are dealt with, by changes.Entry.ID. The errors of both wrap
// changes.ErrNoEntry and ErrPassed; with the latter the entry is there all the same.
type Handler interface {
	Handle(ctx context.Context, id string, deed incidents.Deed) (changes.Handling, error)
	Unhandle(ctx context.Context, id string, now time.Time) (changes.Handling, error)
}

// The labels of the buttons that send these commands.
const (
	handledLabel   = "Handled"
	unhandledLabel = "Not handled after all"
)

// Handled is the command behind the button “Handled”: no reminder of the announcement comes any more.
func Handled(directory *Directory, handler Handler, now Clock) Command {
	h := handledCommand{directory, now, func(ctx context.Context, id string, person Person) (changes.Handling, error) {
		return handler.Handle(ctx, id, incidents.Deed{By: byOf(person), At: now()})
	}, handledReply, handledAlready}
	return Command{
		Name: "handled", Args: "<id>", Short: "say that a coming change is dealt with, so that no reminder comes",
		Examples: []string{"handled " + exampleEntry(directory)}, Role: Operator, Hidden: true, Run: h.run,
	}
}

// Unhandled is the command behind the button “Not handled after all”.
func Unhandled(directory *Directory, handler Handler, now Clock) Command {
	h := handledCommand{directory, now, func(ctx context.Context, id string, _ Person) (changes.Handling, error) {
		return handler.Unhandle(ctx, id, now())
	}, unhandledReply, unhandledAlready}
	return Command{
		Name: "unhandled", Args: "<id>", Short: "take it back that a coming change is dealt with",
		Examples: []string{"unhandled " + exampleEntry(directory)}, Role: Operator, Hidden: true, Run: h.run,
	}
}

// exampleEntry stands in examples.
func exampleEntry(d *Directory) string { return firstID(d) + "-0123456789abcdef" }

type handledCommand struct {
	directory *Directory
	now       Clock
	do        func(ctx context.Context, id string, person Person) (changes.Handling, error)
	done      func(a announcement, person Person, done changes.Handling) Reply
	already   func(a announcement, done changes.Handling) Reply
}

func (h handledCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return refuse("Which one? /sparky upcoming lists what is coming, with a button for it.")
	}
	if len(call.Args) > 1 {
		return excess(call.Args[1:])
	}
	id := refOf(call.Args[0])
	done, err := h.do(ctx, id, call.Person)
	a := announcement{done.Entry, h.directory.nameOf(done.Entry.Partner), h.now()}
	switch {
	case errors.Is(err, changes.ErrNoEntry):
		return refuse(fmt.Sprintf("I know no announcement %q with a date, so nothing was changed. What is coming: /sparky upcoming.", clip(id)))
	case errors.Is(err, changes.ErrPassed):
		return refuse(fmt.Sprintf("%s: its date, %s, has passed, so it is closed already and nothing was changed.", a.short(), Day(a.Effective)))
	case err != nil:
		return refuse(fmt.Sprintf("I could not change whether that is handled: %v. Please try again in a minute.", err))
	case !done.Changed:
		return h.already(a, done)
	}
	return h.done(a, call.Person, done)
}

// announcement is an entry to be spoken of.
type announcement struct {
	changes.Entry
	name string // of its partner
	now  time.Time
}

// short names it in a sentence without markup.
func (a announcement) short() string {
	return fmt.Sprintf("“%s” (%s)", trimStop(shorten(a.Title, 120)), a.name)
}

// between is its title with whose it is and its day, between other words.
func (a announcement) between(before []Piece, after ...Piece) []Piece {
	return append(append(before, Piece{Text: trimStop(shorten(a.Title, 120)), Link: a.Link, Strong: true},
		Piece{Text: fmt.Sprintf(" (%s, %s, %s)", a.name, Day(a.Effective), DaysLeft(a.Effective, a.now))}), after...)
}

// reply is an answer about it, with the button that suits how it is now.
func (a announcement) reply(text string, lines ...Line) Reply {
	return Reply{Text: text, Sections: []Section{{Lines: lines, Buttons: []Button{HandledButton(a.Entry)}}}, Facts: NewChangelogRecord(a.Entry)}
}

func handledReply(a announcement, person Person, _ changes.Handling) Reply {
	reply := a.reply(fmt.Sprintf("%s marked %s as handled.", actorText(person), a.short()),
		Line{Mark: MarkGood, Pieces: a.between([]Piece{actor(person), {Text: " marked "}}, Piece{Text: " as handled."})},
		Line{Indent: true, Pieces: []Piece{{Text: "I bring it up no more. Should its date move, I say so all the same."}}})
	reply.Public = true
	return reply
}

// handledAlready says who was first. Nothing was changed, so only the asker hears it.
func handledAlready(a announcement, done changes.Handling) Reply {
	deed := done.Entry.Handled
	when := " as handled " + onDay(deed.At, a.now) + "."
	return a.reply(fmt.Sprintf("Nothing was changed: %s marked %s%s", whoText(deed.By), a.short(), when),
		Line{Pieces: a.between([]Piece{{Text: "Nothing was changed: "}, Who(deed.By), {Text: " marked "}}, Piece{Text: when})})
}

func unhandledReply(a announcement, person Person, done changes.Handling) Reply {
	second := Line{Indent: true, Pieces: []Piece{{Text: againText(a)}}}
	if byOf(person) != done.Before.By {
		second.Pieces = append([]Piece{Who(done.Before.By), {Text: " had marked it " + onDay(done.Before.At, a.now) + ". "}}, second.Pieces...)
	}
	reply := a.reply(fmt.Sprintf("%s took it back: %s is not handled after all.", actorText(person), a.short()),
		Line{Mark: MarkWarn, Pieces: a.between([]Piece{actor(person), {Text: " took it back: "}}, Piece{Text: " is not handled after all."})}, second)
	reply.Public = true
	return reply
}

func unhandledAlready(a announcement, _ changes.Handling) Reply {
	return a.reply("Nothing was changed: nobody has marked "+a.short()+" as handled.",
		Line{Pieces: a.between([]Piece{{Text: "Nothing was changed: nobody has marked "}}, Piece{Text: " as handled."})})
}

// againText says which reminders still come.
func againText(a announcement) string {
	var days []string
	for _, m := range a.Ahead(a.now) {
		days = append(days, fmt.Sprint(m))
	}
	switch {
	case len(days) == 0:
		return "Its date is too near for another reminder."
	case days[len(days)-1] == "1" && len(days) == 1:
		return "I bring it up again the day before."
	default:
		return fmt.Sprintf("I bring it up again %s days before.", and(days))
	}
}

// HandledButton marks the entry as handled, or takes that back where somebody has.
func HandledButton(e changes.Entry) Button {
	if e.IsHandled() {
		return Button{Label: unhandledLabel, Command: "unhandled " + e.ID()}
	}
	return Button{Label: handledLabel, Command: "handled " + e.ID()}
}

// HandledBy is who handled something and when, as it follows other words: "handled by ada on 3 March".
func HandledBy(deed incidents.Deed, now time.Time) []Piece {
	return []Piece{{Text: "handled by "}, Who(deed.By), {Text: " " + onDay(deed.At, now)}}
}

// onDay is a day of the past in UTC, without its year where that is this one.
func onDay(at, now time.Time) string {
	if at.UTC().Year() == now.UTC().Year() {
		return "on " + at.UTC().Format("2 January")
	}
	return "on " + at.UTC().Format("2 January 2006")
}

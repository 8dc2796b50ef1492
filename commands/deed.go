package commands

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
)

// deed is a command that does one thing to one incident, which is named by its Jira key or its id.
type deed struct {
	name  string // of the command
	try   string // what could not be done where it fails: "acknowledge"
	facts IncidentFacts
	now   Clock
	do    func(ctx context.Context, call Call, ref, by string) (incidents.Answer, error)
	// did says between the person and the incident what was done: "acknowledged".
	did string
	// was says what the one who was first did, by how the incident stands.
	was func(incidents.Incident) string
	// follows are what comes of it, as sentences.
	follows func(incidents.Incident) []string
	// words tells that words may follow the incident.
	words bool
	// ask is the form that is shown first where that is asked for, or why there is nothing to ask. May be nil.
	ask func(incidents.Incident) (*Form, *Reply)
	// check tells what is wrong with that form once it was filled in. May be nil.
	check func(Call) map[string]string
}

// plainly is a deed that takes nothing but the incident.
func plainly(do func(ctx context.Context, ref, by string) (incidents.Answer, error)) func(context.Context, Call, string, string) (incidents.Answer, error) {
	return func(ctx context.Context, _ Call, ref, by string) (incidents.Answer, error) { return do(ctx, ref, by) }
}

func (d deed) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return d.which(ctx)
	}
	if len(call.Args) > 1 && !d.words {
		return excess(call.Args[1:])
	}
	ref := refOf(call.Args[0])
	switch {
	case call.Form != nil && d.check != nil:
		wrong := d.check(call)
		if refusal := problems(wrong, slices.Sorted(maps.Keys(wrong))...); refusal != nil {
			return *refusal
		}
	case call.Ask && d.ask != nil:
		return d.asks(ctx, ref)
	}
	answer, err := d.do(ctx, call, ref, byOf(call.Person))
	switch {
	case errors.Is(err, incidents.ErrNoIncident):
		return d.unknown(ctx, ref)
	case errors.Is(err, incidents.ErrOver):
		return d.over(ref, answer.Incident)
	case errors.Is(err, incidents.ErrNoPost):
		return d.nothingWaits(ref)
	case errors.Is(err, incidents.ErrNoVerdict):
		return refuse(fmt.Sprintf("%s is about a version that our integration does not work with yet: whose it is is no question, so nothing was changed.", clip(ref)))
	case err != nil:
		return refuse(fmt.Sprintf("I could not %s %s: %v. Please try again in a minute.", d.try, clip(ref), err))
	case !answer.Changed:
		return d.already(answer)
	}
	return d.done(call.Person, answer)
}

func (d deed) nothingWaits(ref string) Reply {
	return refuse(fmt.Sprintf("There is nothing of %s that waits to be published, so nothing was changed.", clip(ref)))
}

// askedFor is how long an incident is known that is over, when its form is asked for.
const askedFor = 7 * setting.Day

// asks shows the form instead of doing anything.
func (d deed) asks(ctx context.Context, ref string) Reply {
	all, err := d.facts.Incidents(ctx, false, d.now().Add(-askedFor))
	if err != nil {
		return fault("the incidents", err)
	}
	at := slices.IndexFunc(all, func(i incidents.Incident) bool {
		return strings.EqualFold(i.ID, ref) || ref != "" && strings.EqualFold(i.Ticket.Key, ref)
	})
	if at < 0 {
		return d.unknown(ctx, ref)
	}
	i := all[at]
	form, answer := d.ask(i)
	if answer != nil {
		return *answer
	}
	form.Command = d.name + " " + i.ID
	return typedInstead(form, fmt.Sprintf("Nothing was changed yet for %s, %s.", keyOf(i), what(i)), d.name+" "+keyOf(i))
}

// refOf is the key in what a person typed, who may have copied a whole address of Jira's, or the end of a sentence.
func refOf(word string) string {
	word = strings.Trim(word, "<>.,;:!?()\"'`")
	if _, key, ok := strings.Cut(word, "/browse/"); ok {
		word, _, _ = strings.Cut(key, "?")
	}
	return word
}

func (d deed) done(person Person, answer incidents.Answer) Reply {
	i := answer.Incident
	line := Line{Mark: MarkGood, Pieces: []Piece{actor(person), {Text: " " + d.did + " "}, keyPiece(i), {Text: ", " + what(i) + "."}}}
	section := Section{Lines: []Line{line}}
	if follows := d.follows(i); len(follows) > 0 {
		section.Lines = append(section.Lines, Line{Indent: true, Pieces: []Piece{{Text: strings.Join(follows, " ")}}})
	}
	return Reply{
		Text:     fmt.Sprintf("%s %s %s, %s.", actorText(person), d.did, keyOf(i), what(i)),
		Sections: []Section{section}, Facts: NewIncidentRecord(i), Public: true, Told: true,
	}
}

// already says who was first. Nothing was changed, so only the asker hears it.
func (d deed) already(answer incidents.Answer) Reply {
	i, first := answer.Incident, answer.First
	begins := "Nothing was changed for "
	line := Line{Pieces: []Piece{{Text: begins}, keyPiece(i)}}
	text := begins + keyOf(i)
	if first == (incidents.Deed{}) {
		const rest = ": it was so already."
		text += rest
		line.Pieces = append(line.Pieces, Piece{Text: rest})
	} else {
		rest := " " + d.was(i)
		if i.Closed != nil && *i.Closed == first {
			rest = " resolved it"
		}
		if !first.At.IsZero() {
			rest += " " + ago(first.At, d.now())
		}
		text += ": " + whoText(first.By) + rest + "."
		line.Pieces = append(line.Pieces, Piece{Text: ": "}, Who(first.By), Piece{Text: rest + "."})
	}
	return Reply{Text: text, Sections: []Section{{Lines: []Line{line}}}, Facts: NewIncidentRecord(i)}
}

// over says how the incident ended.
func (d deed) over(ref string, i incidents.Incident) Reply {
	switch {
	case i.State == incidents.StateClosed && i.Closed != nil:
		return d.already(incidents.Answer{First: *i.Closed, Incident: i})
	case i.ID == "":
		return refuse(fmt.Sprintf("%s is over already, so nothing was changed.", clip(ref)))
	}
	return refuse(fmt.Sprintf("%s is over already, so nothing was changed: %s%s.", keyOf(i), what(i), ending(i, d.now())))
}

// ending is how an incident that is over came to its end.
func ending(i incidents.Incident, now time.Time) string {
	switch {
	case i.State == incidents.StateFolded:
		return ", which turned out to be part of " + i.FoldedInto
	case i.State == incidents.StateUnwatched:
		return ", which ended " + ago(i.Ended, now) + " when its probes were taken out of the configuration"
	case i.Kind == incidents.KindCompat && i.Closed != nil:
		return ", resolved " + ago(i.Ended, now)
	case !i.Ended.IsZero():
		return fmt.Sprintf(", recovered %s after %s", ago(i.Ended, now), lengthOf(i.Lasted(now)))
	}
	return ""
}

// unknown says which incident was probably meant.
func (d deed) unknown(ctx context.Context, ref string) Reply {
	text := fmt.Sprintf("I know no incident %q.", clip(ref))
	live, err := d.facts.Incidents(ctx, true, time.Time{})
	switch {
	case err != nil:
		text += fmt.Sprintf(" Which there are I could not read: %v.", err)
	case len(live) == 0:
		text += " None is open."
	default:
		if near, ok := nearestIncident(ref, live); ok {
			text += fmt.Sprintf(" Did you mean %s (%s)?", keyOf(near), what(near))
		}
		text += " Open: " + keys(live) + "."
	}
	return refuse(text)
}

// nearestIncident is the one that was probably meant: a mistyped key, the number of one alone, or its partner.
func nearestIncident(ref string, live []incidents.Incident) (incidents.Incident, bool) {
	var names []string
	byName := map[string]incidents.Incident{}
	for _, i := range live {
		_, number, _ := strings.Cut(i.Ticket.Key, "-")
		if ref != "" && (fold(ref) == fold(i.Partner) || fold(ref) == fold(i.Name) || ref == number) {
			return i, true
		}
		for _, name := range []string{strings.ToLower(i.Ticket.Key), strings.ToLower(i.ID)} {
			names = append(names, name)
			byName[name] = i
		}
	}
	near := setting.Nearest(ref, names)
	return byName[near], near != ""
}

func keys(live []incidents.Incident) string {
	names := make([]string, len(live))
	for n, i := range live {
		names[n] = fmt.Sprintf("%s (%s)", keyOf(i), i.Name)
	}
	return list(names)
}

// which refuses a command that names no incident, and says which there are.
func (d deed) which(ctx context.Context) Reply {
	live, err := d.facts.Incidents(ctx, true, time.Time{})
	if err != nil {
		return fault("the incidents", err)
	}
	if len(live) == 0 {
		return refuse(fmt.Sprintf("No incident is open, so there is nothing to %s.", d.try))
	}
	return refuse(fmt.Sprintf("Which incident? Say it like /sparky %s %s. Open: %s.", d.name, keyOf(live[0]), keys(live)))
}

// exampleKey stands in examples where no incident is known.
const exampleKey = "ECO-12"

package commands

import (
	"context"
	"fmt"
	"slices"

	"sparky/incidents"
)

// Unmuter ends mutes.
type Unmuter interface {
	// Unmute ends the mutes of a partner, or of one probe of it, and returns those that were ended.
	Unmute(ctx context.Context, partner, probe, by string) ([]incidents.Mute, error)
}

// Unmute is the command that ends a mute before its time.
func Unmute(directory *Directory, desk Unmuter, facts IncidentFacts, now Clock) Command {
	u := unmuteCommand{directory, desk, facts, now}
	return Command{
		Name:     "unmute",
		Args:     "<partner>[/probe]",
		Short:    "hear of failures again before a mute ends",
		Examples: []string{"unmute " + firstID(directory), "unmute " + firstTarget(directory)},
		Role:     Operator,
		Run:      u.run,
	}
}

type unmuteCommand struct {
	directory *Directory
	desk      Unmuter
	facts     IncidentFacts
	now       Clock
}

func (u unmuteCommand) run(ctx context.Context, call Call) Reply {
	if len(call.Args) == 0 {
		return u.which(ctx)
	}
	wanted, rest, refusal := u.directory.takeTarget(call.Args)
	if refusal != nil {
		return *refusal
	}
	if len(rest) > 0 {
		return excess(rest)
	}
	lifted, err := u.desk.Unmute(ctx, wanted.partner.ID, wanted.probe, byOf(call.Person))
	if err != nil {
		return refuse(fmt.Sprintf("I could not end the mute of %s: %v. Please try again in a minute.", wanted.name(), err))
	}
	if len(lifted) == 0 {
		return u.nothing(ctx, wanted)
	}
	return u.done(call.Person, wanted.partner.Name, lifted)
}

func (u unmuteCommand) done(person Person, name string, lifted []incidents.Mute) Reply {
	section := Section{}
	var names []string
	for _, m := range lifted {
		names = append(names, targetWords(name, m.Probe))
		line := Line{Mark: MarkGood, Pieces: []Piece{
			actor(person), {Text: " ended the mute of "}, {Text: targetWords(name, m.Probe), Strong: true},
			{Text: ", which "}, Who(m.By), {Text: " had set until "}, At(m.Until), {Text: "."},
		}}
		section.Lines = append(section.Lines, line)
	}
	section.Lines = append(section.Lines, Line{Indent: true, Pieces: []Piece{{Text: "What fails from now on, or fails still, opens its incident."}}})
	return Reply{
		Text:     fmt.Sprintf("%s ended the mute of %s.", actorText(person), some(names)),
		Sections: []Section{section}, Facts: lifted, Public: true,
	}
}

// nothing says that there was no such mute, and names the one of the whole partner where that is what keeps quiet.
func (u unmuteCommand) nothing(ctx context.Context, wanted target) Reply {
	line := Say(fmt.Sprintf("%s is not muted, so nothing was changed.", wanted.name()))
	// The answer holds without the other mutes too.
	mutes, err := u.facts.Mutes(ctx)
	if err != nil {
		mutes = nil
	}
	at := slices.IndexFunc(mutes, func(m incidents.Mute) bool {
		return wanted.probe != "" && m.Partner == wanted.partner.ID && m.Probe == "" && u.now().Before(m.Until)
	})
	if at >= 0 {
		line = Line{Pieces: []Piece{{Text: fmt.Sprintf("Not %s alone is muted, but all of %s, until ", wanted.name(), wanted.partner.Name)}, At(mutes[at].Until),
			{Text: fmt.Sprintf(". To end that: /sparky unmute %s.", wanted.partner.ID)}}}
	}
	return Reply{Text: flat(line), Sections: []Section{{Lines: []Line{line}}}, Facts: []incidents.Mute{}}
}

// which refuses a command that names nothing, and says what is muted.
func (u unmuteCommand) which(ctx context.Context) Reply {
	mutes, err := u.facts.Mutes(ctx)
	if err != nil {
		return fault("what is muted", err)
	}
	if len(mutes) == 0 {
		return refuse("Nothing is muted.")
	}
	var names []string
	for _, m := range mutes {
		names = append(names, targetWords(m.Partner, m.Probe))
	}
	return refuse(fmt.Sprintf("Which one? Say it like /sparky unmute %s. Muted: %s.", names[0], list(names)))
}

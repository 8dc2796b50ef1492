package commands

import (
	"context"
	"fmt"
	"slices"

	"sparky/incidents"
)

// Troubles tells which effects wait for a person to mend something.
type Troubles interface {
	Troubles(ctx context.Context) ([]incidents.Trouble, error)
}

// waiting is a problem, and how much waits until somebody mends it.
type waiting struct {
	incidents.Trouble
	effects int
}

// troubleSection says what Sparky itself cannot do until a person mends it, each problem once.
func (s statusCommand) troubleSection(ctx context.Context) []Section {
	if s.Troubles == nil {
		return nil
	}
	section := Section{Heading: "Sparky needs a hand"}
	troubles, err := s.Troubles.Troubles(ctx)
	if err != nil {
		section.Lines = []Line{Say(fmt.Sprintf("I could not read whether something waits for a person: %v.", err))}
		return []Section{section}
	}
	if len(troubles) == 0 {
		return nil
	}
	const most = 5
	problems := byProblem(troubles)
	for i, w := range problems {
		if i == most {
			section.Lines = append(section.Lines, Say(fmt.Sprintf("and %d more", len(problems)-most)))
			break
		}
		last := ", tried " + plural(w.Attempts, "time") + "."
		if w.effects > 1 {
			last = fmt.Sprintf("; it holds up %d messages.", w.effects)
		}
		section.Lines = append(section.Lines, Line{Mark: MarkWarn, Pieces: []Piece{
			{Text: sentence(w.Problem) + " Waiting since "}, At(w.Since), {Text: last},
		}})
	}
	return []Section{section}
}

// byProblem puts together what waits for the same thing, in the order of what has waited longest.
func byProblem(troubles []incidents.Trouble) []waiting {
	var problems []waiting
	for _, t := range troubles {
		at := slices.IndexFunc(problems, func(w waiting) bool { return w.Problem == t.Problem })
		if at < 0 {
			problems = append(problems, waiting{t, 1})
			continue
		}
		problems[at].effects++
	}
	return problems
}

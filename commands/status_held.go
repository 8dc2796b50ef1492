package commands

import (
	"fmt"
	"time"

	"sparky/incidents"
)

// Breakers tells to which hosts of a partner calls are held back now, because too many of them failed.
type Breakers interface {
	Breakers(partner string) []incidents.Circuit
}

// BreakerFact is a host to which calls are held back, for machines.
type BreakerFact struct {
	Host  string    `json:"host"`
	State string    `json:"state"` // open, or half-open where the next call is let through
	Since time.Time `json:"since"`
	Why   string    `json:"why,omitempty"`
}

func breakerFacts(held []incidents.Circuit) []BreakerFact {
	var facts []BreakerFact
	for _, c := range held {
		state := "open"
		if c.Trying {
			state = "half-open"
		}
		facts = append(facts, BreakerFact{c.Host, state, c.Since, c.Why})
	}
	return facts
}

// heldSection is the hosts to which calls are held back, none where all are made.
func heldSection(held []incidents.Circuit) []Section {
	if len(held) == 0 {
		return nil
	}
	return []Section{{Heading: "Calls that are held back", Lines: heldLines(held)}}
}

// heldLines are the hosts, a line each, and how many more there are.
func heldLines(held []incidents.Circuit) []Line {
	var lines []Line
	for i, c := range held {
		if i == mostListed {
			return append(lines, Say(fmt.Sprintf("and to %d hosts more", len(held)-mostListed)))
		}
		lines = append(lines, heldLine(c))
	}
	return lines
}

// heldLine is one host: since when, why, and what happens next.
func heldLine(c incidents.Circuit) Line {
	text := ""
	if c.Why != "" {
		text = ", because too many failed (" + shorten(c.Why, 200) + ")"
	}
	next := "; one is let through now and then."
	if c.Trying {
		next = "; the next one is let through."
	}
	return Line{Mark: MarkWarn, Pieces: []Piece{{Text: "Calls to "}, {Text: c.Host, Strong: true}, {Text: " have been held back since "}, At(c.Since), {Text: text + next}}}
}

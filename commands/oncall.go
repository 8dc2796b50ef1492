package commands

import (
	"context"
	"fmt"
	"strings"
)

// OncallFacts tells who is called when somebody must look at an incident.
type OncallFacts interface {
	// Who is whom or what, each in words that can follow “This would call”, who is called first coming first.
	Who() []string
}

// OncallRecord is who would be called, for machines.
type OncallRecord struct {
	Configured bool   `json:"configured"`
	Who        string `json:"who,omitempty"`
}

// Oncall is the command that tells who would be called. facts is nil where nobody is configured.
func Oncall(facts OncallFacts) Command {
	return Command{
		Name:     "oncall",
		Short:    "who would be called",
		Examples: []string{"oncall"},
		Run: func(_ context.Context, call Call) Reply {
			if len(call.Args) > 0 {
				return excess(call.Args)
			}
			if facts == nil {
				return nobodyOnCall()
			}
			return whoIsOnCall(facts.Who())
		},
	}
}

func whoIsOnCall(who []string) Reply {
	called := Section{Lines: []Line{{Pieces: []Piece{{Text: "An incident would call", Strong: true}}}}}
	for _, one := range who {
		called.Lines = append(called.Lines, Line{Indent: true, Pieces: []Piece{{Text: capitalise(trimStop(one))}}})
	}
	all := trimStop(strings.Join(who, ", and "))
	return Reply{
		Title: "Who is called",
		Text:  fmt.Sprintf("An incident would call: %s.", all),
		Sections: []Section{called, {Lines: []Line{
			{Pieces: []Piece{{Text: "Called", Strong: true}, {Text: " where it is ours, or where nobody can tell whose it is."}}},
			{Pieces: []Piece{{Text: "Not called", Strong: true}, {Text: " where the partner announces it, where we are only asked to slow down, and while it is muted."}}},
		}}},
		Facts: OncallRecord{Configured: true, Who: all},
	}
}

func nobodyOnCall() Reply {
	text := "Nobody would be called: no on-call is configured."
	return Reply{
		Title: "Who is called", Text: text,
		Sections: []Section{{Lines: []Line{
			{Mark: MarkWarn, Pieces: []Piece{{Text: text}}},
			Say("Incidents are told in the alerts channel all the same. To have somebody called, add oncall to sparky.yaml: PagerDuty, or a user group in Slack."),
		}}},
		Facts: OncallRecord{},
	}
}

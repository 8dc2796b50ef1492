package commands

import (
	"context"
	"fmt"
)

// OncallFacts tells who is called when somebody must look at an incident.
type OncallFacts interface {
	// Who is whom or what, in words that can follow “This would call”.
	Who() string
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

func whoIsOnCall(who string) Reply {
	return Reply{
		Text: fmt.Sprintf("An incident would call: %s.", trimStop(who)),
		Sections: []Section{{Lines: []Line{
			{Pieces: []Piece{{Text: "An incident would call: "}, {Text: trimStop(who), Strong: true}, {Text: "."}}},
			Say("That happens where it is ours, or where nobody can tell whose it is. Where the partner announces the trouble itself, " +
				"where we are only asked to slow down, and while it is muted, nobody is called."),
		}}},
		Facts: OncallRecord{Configured: true, Who: who},
	}
}

func nobodyOnCall() Reply {
	text := "Nobody would be called: no on-call is configured."
	return Reply{
		Text: text,
		Sections: []Section{{Lines: []Line{
			{Mark: MarkWarn, Pieces: []Piece{{Text: text}}},
			Say("Incidents are told in the alerts channel all the same. To have somebody called, add oncall to sparky.yaml: PagerDuty, or a user group in Slack."),
		}}},
		Facts: OncallRecord{},
	}
}

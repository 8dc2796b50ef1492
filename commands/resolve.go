package commands

import (
	"context"

	"sparky/incidents"
)

// Resolver closes an incident for a person.
type Resolver interface {
	// Resolve closes the incident with that Jira key or id. Its errors wrap incidents.ErrNoIncident and ErrOver.
	Resolve(ctx context.Context, ref, by string) (incidents.Answer, error)
}

// Resolve is the command with which a person closes an incident.
func Resolve(desk Resolver, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "resolve", try: "resolve", facts: facts, now: now, do: desk.Resolve, did: "resolved",
		was: always("resolved it"), follows: resolveFollows,
	}
	return Command{
		Name:     "resolve",
		Args:     "<KEY>",
		Short:    "close an incident and everything that hangs on it",
		Examples: []string{"resolve " + exampleKey},
		Role:     Operator,
		Run:      d.run,
	}
}

func resolveFollows(i incidents.Incident) []string {
	var follows []string
	if i.Kind == incidents.KindCompat {
		follows = append(follows, "Should another compatibility run of it fail, it is opened again.")
	}
	if i.Page.Wanted == incidents.PageResolved {
		follows = append(follows, "The call to on-call ends.")
	}
	if len(i.FailingProbes()) > 0 {
		follows = append(follows, "It still fails; while it does, nothing new opens for it.")
	}
	if i.Post.State == incidents.PostPublished {
		follows = append(follows, "Our public page goes on telling of it until it works again, or somebody closes it there.")
	}
	return follows
}

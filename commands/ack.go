package commands

import (
	"context"

	"sparky/incidents"
)

// Acknowledger takes an incident in hand for a person.
type Acknowledger interface {
	// Acknowledge takes the incident with that Jira key or id. Its errors wrap incidents.ErrNoIncident and ErrOver; with
	// the latter the answer holds the incident all the same.
	Acknowledge(ctx context.Context, ref, by string) (incidents.Answer, error)
}

// Ack is the command with which a person takes an incident in hand.
func Ack(desk Acknowledger, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "ack", try: "acknowledge", facts: facts, now: now, do: plainly(desk.Acknowledge), did: "acknowledged",
		was: always("acknowledged it"), follows: ackFollows,
	}
	return Command{
		Name:     "ack",
		Args:     "<KEY>",
		Short:    "take an incident in hand, so that everybody knows who has it",
		Examples: []string{"ack " + exampleKey},
		Role:     Operator,
		Run:      d.run,
	}
}

// always is the same words for every incident.
func always(words string) func(incidents.Incident) string {
	return func(incidents.Incident) string { return words }
}

func ackFollows(i incidents.Incident) []string {
	var follow []string
	if i.Ticket.Key != "" {
		follow = append(follow, "Its Jira issue")
	}
	if i.Page.Wanted == incidents.PageAcknowledged {
		follow = append(follow, "the call to on-call")
	}
	switch len(follow) {
	case 0:
		return nil
	case 1:
		return []string{capitalise(follow[0]) + " follows."}
	default:
		return []string{and(follow) + " follow."}
	}
}

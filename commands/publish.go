package commands

import (
	"context"

	"sparky/incidents"
)

// Posts decides for a person whether our public page tells of an incident. The errors of both wrap
// incidents.ErrNoIncident, ErrOver and ErrNoPost.
type Posts interface {
	Publish(ctx context.Context, ref, by string) (incidents.Answer, error)
	Decline(ctx context.Context, ref, by string) (incidents.Answer, error)
}

// Publish is the command behind the button “Publish”.
func Publish(posts Posts, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "publish", try: "publish", facts: facts, now: now, do: posts.Publish, did: "put this on our public page:", was: postWord,
		follows: func(incidents.Incident) []string {
			return []string{"Our customers see it now; it is resolved there when it works again."}
		},
	}
	return Command{
		Name: "publish", Args: "<KEY>", Short: "tell our customers of an incident on our public page",
		Examples: []string{"publish " + exampleKey}, Role: Publisher, Hidden: true, Run: d.run,
	}
}

// Decline is the command behind the button “Don't publish”.
func Decline(posts Posts, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "decline", try: "decline", facts: facts, now: now, do: posts.Decline, did: "kept this off our public page:", was: postWord,
		follows: func(incidents.Incident) []string {
			return []string{"Our customers are told nothing of it; everything else goes on."}
		},
	}
	return Command{
		Name: "decline", Args: "<KEY>", Short: "keep an incident off our public page",
		Examples: []string{"decline " + exampleKey}, Role: Publisher, Hidden: true, Run: d.run,
	}
}

// postWord is what the first person did: between two who press at once, one publishes and the other declines.
func postWord(i incidents.Incident) string {
	if i.Post.State == incidents.PostDeclined {
		return "kept it off our public page"
	}
	return "put it on our public page"
}

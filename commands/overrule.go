package commands

import (
	"context"
	"time"

	"sparky/incidents"
)

// Overruler puts a person's word in the place of Sparky's verdict.
type Overruler interface {
	// Overrule says whose the incident with that Jira key or id is. Its errors wrap incidents.ErrNoIncident and ErrOver.
	Overrule(ctx context.Context, ref, by string, word incidents.Word) (incidents.Answer, error)
}

// Theirs is the command behind the button “It's theirs”.
func Theirs(desk Overruler, facts IncidentFacts, now Clock) Command {
	c := overrule(desk, facts, now, incidents.External, "theirs")
	c.Short = "say that an incident is the partner's"
	return c
}

// Ours is the command behind the button “It's ours”.
func Ours(desk Overruler, facts IncidentFacts, now Clock) Command {
	c := overrule(desk, facts, now, incidents.Internal, "ours")
	c.Short = "say that an incident is ours"
	return c
}

// TheirsButton says that an incident is the partner's. It asks first where our customers may be told of it then.
func TheirsButton(i incidents.Incident) Button {
	theirs := Button{Label: "It's theirs", Command: "theirs " + i.ID}
	if len(i.Affects) > 0 && (i.Post.State == incidents.PostNone || i.Post.State == incidents.PostResolved) {
		theirs.Confirm = "Where our status page publishes at once, customers read of it now, with the partner as its cause; where it asks, a publisher is asked. A call to on-call ends."
	}
	return theirs
}

// OursButton says that an incident is ours. It asks first where that calls somebody.
func OursButton(i incidents.Incident, now time.Time) Button {
	ours := Button{Label: "It's ours", Command: "ours " + i.ID}
	called := i.Page.Wanted == incidents.PageTriggered || i.Page.Wanted == incidents.PageAcknowledged
	if i.State == incidents.StateOpen && !called && !i.MutedUntil.After(now) {
		ours.Confirm = "Whoever is on call, where anybody is, is called for it now, and our public page names the partner as its cause no more."
	}
	return ours
}

func overrule(desk Overruler, facts IncidentFacts, now Clock, word incidents.Word, name string) Command {
	d := deed{
		name: name, try: "change the verdict of", facts: facts, now: now, did: "said that this is " + name + ":",
		do: func(ctx context.Context, _ Call, ref, by string) (incidents.Answer, error) {
			return desk.Overrule(ctx, ref, by, word)
		},
		was: always("said that it is " + name), follows: overruleFollows,
	}
	return Command{Name: name, Args: "<KEY>", Examples: []string{name + " " + exampleKey}, Role: Operator, Run: d.run}
}

// overruleFollows is what the new verdict leads to, by what the incident wants now.
func overruleFollows(i incidents.Incident) []string {
	var follows []string
	switch i.Page.Wanted {
	case incidents.PageTriggered:
		follows = append(follows, "On-call is called.")
	case incidents.PageResolved:
		follows = append(follows, "Nobody on call is needed for it any more.")
	}
	switch i.Post.State {
	case incidents.PostProposed:
		follows = append(follows, "A text for our public page waits until somebody publishes or declines it.")
	case incidents.PostPublished:
		told := "Our public page tells of it."
		if i.Verdict.Word == incidents.Internal {
			told = "Our public page goes on telling of it until it works again, and names " + shorten(i.Name, 60) + " as the cause no more."
		}
		follows = append(follows, told)
	}
	return follows
}

package commands

import (
	"context"
	"strings"

	"sparky/incidents"
)

// Resolver closes an incident for a person.
type Resolver interface {
	// Resolve closes the incident with that Jira key or id, and tells what it was where that is not empty. Its errors wrap
	// incidents.ErrNoIncident and ErrOver.
	Resolve(ctx context.Context, ref, by, what string) (incidents.Answer, error)
}

// longestWhat is how many characters of what an incident was are kept.
const longestWhat = 400

// whatField holds what an incident was.
const whatField = "what"

// Resolve is the command with which a person closes an incident.
func Resolve(desk Resolver, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "resolve", try: "resolve", facts: facts, now: now, did: "resolved",
		was: always("resolved it"), follows: resolveFollows, words: true,
		do: func(ctx context.Context, call Call, ref, by string) (incidents.Answer, error) {
			said := strings.Join(call.Args[1:], " ")
			if call.Form != nil {
				said = call.Form[whatField]
			}
			return desk.Resolve(ctx, ref, by, shorten(strings.Join(strings.Fields(said), " "), longestWhat))
		},
	}
	d.ask = d.whatWasIt
	return Command{
		Name:     "resolve",
		Args:     "<KEY> [what it was]",
		Short:    "close an incident and everything that hangs on it",
		Examples: []string{"resolve " + exampleKey, "resolve " + exampleKey + " a password of ours had run out"},
		Role:     Operator,
		Run:      d.run,
	}
}

// whatWasIt is the form that closes an incident.
func (d deed) whatWasIt(i incidents.Incident) (*Form, *Reply) {
	if i.Closed != nil || !i.State.Active() {
		reply := d.over(keyOf(i), i)
		return nil, &reply
	}
	return &Form{
		Title: "Resolve " + keyOf(i), Submit: "Resolve",
		Text: capitalise(what(i)) + ". " + strings.Join(resolveWould(i), " "),
		Fields: []Field{{Name: whatField, Label: "What was it?", Kind: FieldLong, Optional: true, Most: longestWhat,
			Hint: "For whoever meets it next: it stands in the thread and in the ticket."}},
	}, nil
}

// resolveWould are what would come of closing the incident, as sentences.
func resolveWould(i incidents.Incident) []string {
	would := []string{"Its ticket is resolved, too."}
	if i.Page.Wanted == incidents.PageTriggered || i.Page.Wanted == incidents.PageAcknowledged {
		would = append(would, "The call to on-call ends.")
	}
	if len(i.FailingProbes()) > 0 {
		would = append(would, "It still fails; while it does, nothing new opens for it.")
	}
	return would
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

package commands

import (
	"context"
	"errors"
	"fmt"

	"sparky/incidents"
)

// Posts decides for a person whether our public page tells of an incident. The errors of both wrap
// incidents.ErrNoIncident, ErrOver and ErrNoPost.
type Posts interface {
	// Publish takes the text that customers read; the one that was proposed where it is empty.
	Publish(ctx context.Context, ref, by, text string) (incidents.Answer, error)
	Decline(ctx context.Context, ref, by string) (incidents.Answer, error)
}

// textField holds what customers are to read.
const textField = "text"

// Publish is the command behind the button “Publish”, which shows the text first, to be changed. A text that redact would
// change is not published: there is a secret in it.
func Publish(posts Posts, facts IncidentFacts, now Clock, redact func(string) string) Command {
	d := deed{
		name: "publish", try: "publish", facts: facts, now: now, did: "put this on our public page:", was: postWord,
		do: func(ctx context.Context, call Call, ref, by string) (incidents.Answer, error) {
			text, err := publicText(call, redact)
			if err != nil {
				return incidents.Answer{}, err
			}
			return posts.Publish(ctx, ref, by, text)
		},
		follows: func(incidents.Incident) []string {
			return []string{"Our customers see it now; it is resolved there when it works again."}
		},
		check: func(call Call) map[string]string {
			if _, err := publicText(call, redact); err != nil {
				return map[string]string{textField: err.Error()}
			}
			return nil
		},
	}
	d.ask = d.customersRead
	return Command{
		Name: "publish", Args: "<KEY>", Short: "tell our customers of an incident on our public page",
		Examples: []string{"publish " + exampleKey}, Role: Publisher, Run: d.run, Check: d.check,
	}
}

// publicText is what was written into the form; empty where there was none.
func publicText(call Call, redact func(string) string) (string, error) {
	if call.Form == nil {
		return "", nil
	}
	text, err := incidents.PublicText(call.Form[textField])
	if err == nil && redact(text) != text {
		return "", errors.New("It holds something from Sparky's configuration that is secret. Please leave that out.")
	}
	return text, err
}

// customersRead is the form with the text for our customers.
func (d deed) customersRead(i incidents.Incident) (*Form, *Reply) {
	var reply Reply
	switch i.Post.State {
	case incidents.PostPublished:
		reply = d.already(incidents.Answer{First: incidents.Deed{By: i.Post.By, At: i.Post.At}, Incident: i})
		return nil, &reply
	case incidents.PostProposed, incidents.PostDeclined:
	default:
		reply = d.nothingWaits(keyOf(i))
		return nil, &reply
	}
	if !i.State.Active() {
		reply = d.over(keyOf(i), i)
		return nil, &reply
	}
	draft := incidents.PublicUpdate(i, d.now())
	return &Form{
		Title: "Publish to customers", Submit: "Publish",
		Text: fmt.Sprintf("Our public page would say “%s”, and below it this text. Please change it as you like: it goes out as it stands here.", shorten(draft.Title, 200)),
		Fields: []Field{{Name: textField, Label: "What our customers read", Kind: FieldLong, Value: draft.Text, Most: incidents.MostPublicText,
			Hint: "Plain text. Links are written out."}},
	}, nil
}

// Decline is the command behind the button “Don't publish”.
func Decline(posts Posts, facts IncidentFacts, now Clock) Command {
	d := deed{
		name: "decline", try: "decline", facts: facts, now: now, do: plainly(posts.Decline), did: "kept this off our public page:", was: postWord,
		follows: func(incidents.Incident) []string {
			return []string{"Our customers are told nothing of it; everything else goes on."}
		},
	}
	return Command{
		Name: "decline", Args: "<KEY>", Short: "keep an incident off our public page",
		Examples: []string{"decline " + exampleKey}, Role: Publisher, Run: d.run,
	}
}

// postWord is what the first person did: between two who press at once, one publishes and the other declines.
func postWord(i incidents.Incident) string {
	if i.Post.State == incidents.PostDeclined {
		return "kept it off our public page"
	}
	return "put it on our public page"
}

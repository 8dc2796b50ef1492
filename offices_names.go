package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sparky/incidents"
	"sparky/scheduler"
)

// names are people by the names that others know them by: a text with "U024BE7LH in Slack" becomes one with
// "Ada Lovelace in Slack".
type names interface {
	In(ctx context.Context, text string) string
}

// namesWithin is how long a ticket waits for the names of people in it.
const namesWithin = 5 * time.Second

// namedTicket is the text of a ticket, with people by their names.
func namedTicket(names names) func(incidents.Incident) (summary, description string) {
	return func(i incidents.Incident) (string, string) {
		ctx, cancel := context.WithTimeout(context.Background(), namesWithin)
		defer cancel()
		summary, description := incidents.TicketText(i)
		return summary, names.In(ctx, description)
	}
}

// namedComments are comments, with people by their names. What is recorded holds ids, for names change.
type namedComments struct {
	scheduler.Performer
	names names
}

// Do says it.
func (n namedComments) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	var comment incidents.Comment
	if err := json.Unmarshal(payload, &comment); err != nil {
		return n.Performer.Do(ctx, key, payload, previous) // which says what is wrong with it
	}
	comment.Text = n.names.In(ctx, comment.Text)
	named, err := json.Marshal(comment)
	if err != nil {
		return nil, fmt.Errorf("naming the people in %s: %w", key, err)
	}
	return n.Performer.Do(ctx, key, named, previous)
}

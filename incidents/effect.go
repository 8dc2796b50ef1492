// Package incidents is what we decide when something breaks, and the language in which every decision of ours asks for
// something to be done: the effect.
package incidents

import (
	"encoding/json"
	"fmt"
	"time"
)

// Effect is something that a decision wants done to the outside. It is recorded in the same transaction as the change
// that called for it, and carried out afterwards under its key, exactly once however often a process dies.
type Effect struct {
	// Key names what is done and why, and is written into the other system too, so that it can be found there.
	Key string
	// Kind says who carries it out: slack.digest, slack.card, jira.ticket…
	Kind    string
	Payload json.RawMessage
	// Picture is an effect that draws the present state (a card, App Home): recording it again while it waits is one
	// drawing, and recording it after it was done draws anew. An effect that is not a picture is a deed: it happens
	// once for its key, ever.
	Picture bool
	// After is the earliest time to do it; zero is at once.
	After time.Time
}

// NewEffect is an effect with its payload encoded. It panics on a payload that JSON cannot hold, which is a mistake in
// our own types.
func NewEffect(kind, key string, payload any) Effect {
	encoded, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("effect %s %s: %v", kind, key, err))
	}
	return Effect{Key: key, Kind: kind, Payload: encoded}
}

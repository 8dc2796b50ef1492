package incidents

import "errors"

// Answer is what came of something that a person asked of an incident.
type Answer struct {
	// Changed is false where it was so already: First then tells who did it, and when.
	Changed  bool
	First    Deed
	Incident Incident
}

// Errors of what people ask of incidents.
var (
	ErrNoIncident = errors.New("there is no such incident")
	ErrOver       = errors.New("it is over already")
	ErrNoPost     = errors.New("there is nothing to publish")
	ErrNoVerdict  = errors.New("whose it is is no question")
)

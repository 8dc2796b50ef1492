package commands

import (
	"context"

	"sparky/incidents"
)

// Person is who asks.
type Person struct {
	ID    string // the workspace's user id; empty on a terminal
	Name  string
	Local bool // at a terminal of the machine that Sparky runs on: may do everything
}

// Request is what somebody typed or pressed, as words.
type Request struct {
	Text    string // what follows /sparky
	Person  Person
	Channel string // where it was asked; empty on a terminal and in App Home
	Public  bool   // asked with --public; set by the parser
	Ask     bool   // asked with --ask, to be shown the command's form first; set by the parser
	// Form is what was filled into the form whose command Text is, by the names of its fields; nil where it was typed or
	// pressed. Fields that were left empty are missing.
	Form map[string]string
	// Button is the label of the button that was pressed; empty where it was typed, or sent off as a form.
	Button string
	// Origin is the way by which it was asked; empty on a terminal.
	Origin incidents.Origin
	// Progress shows an answer in the making; nil where the front end has none. Each reply replaces the one before, and the
	// answer of Run replaces them all. It may be called by several goroutines, does not wait, and does nothing once Run has
	// returned.
	Progress func(Reply)
}

// pressed tells that it was not typed.
func (r Request) pressed() bool {
	return r.Origin == incidents.ByButton || r.Origin == incidents.ByHome
}

// Runner answers requests. It never fails: what went wrong is in the reply, in words for the person who asked.
type Runner interface {
	Run(ctx context.Context, req Request) Reply
}

package commands

import (
	"fmt"
	"strings"
)

// Form is what a command asks for before it does anything. A front end that has forms shows it instead of the reply that it
// comes with, and sends what was filled in as a Request of its own; every other shows the reply, which says how to type it.
type Form struct {
	Title  string // a few words
	Text   string // what is asked, and what comes of it; may be empty
	Fields []Field
	Submit string // what the button says
	// Command is the text of the Request that a form becomes that was filled in; the values stand beside it, in Request.Form.
	Command string
}

// Field is one thing that a form asks for.
type Field struct {
	Name     string // of the value in Request.Form: letters
	Label    string
	Hint     string // how to fill it in; may be empty
	Kind     FieldKind
	Value    string   // what it holds at first
	Choices  []Choice // of FieldChoice: at least one
	Optional bool
	Most     int // characters of a text; 0 is what the front end allows
}

// FieldKind is how a field is filled in.
type FieldKind string

// The kinds of fields.
const (
	FieldText   FieldKind = "text"   // a line
	FieldLong   FieldKind = "long"   // several lines
	FieldChoice FieldKind = "choice" // one of Choices
)

// Choice is one of those that a field offers.
type Choice struct {
	Label string
	Value string
}

// askWord asks for the form of a command that would do without: what the buttons send that open one.
const askWord = "--ask"

// Check tells by the names of the fields what is wrong with a form that was filled in, as far as the values themselves
// show it; empty where nothing is. It waits for nothing and nobody, so that it can be said while the form is still open.
// Run checks all of it again.
func (b *Book) Check(req Request) map[string]string {
	words, _, _ := takeFlags(strings.Fields(req.Text))
	if len(words) == 0 || req.Form == nil {
		return nil
	}
	command, ok := b.find(words[0])
	if !ok || command.Check == nil {
		return nil
	}
	return command.Check(Call{Request: req, Args: words[1:]})
}

// problems are the refusal of a form that could not be refused beside its fields; nil where there are none.
func problems(fields map[string]string, order ...string) *Reply {
	for _, name := range order {
		if problem := fields[name]; problem != "" {
			reply := refuse(problem + " Nothing was changed.")
			return &reply
		}
	}
	return nil
}

// typedInstead is the reply that comes with a form: what to type where there is none.
func typedInstead(form *Form, text, command string, buttons ...Button) Reply {
	return Reply{Text: fmt.Sprintf("%s Say it like /sparky %s.", text, command), Refused: true, Failed: true, Ask: form,
		Sections: []Section{{Buttons: buttons, Lines: []Line{{Pieces: []Piece{
			{Text: text, Strong: true}, {Text: " Say it like "}, {Text: "/sparky " + command, Code: true}, {Text: "."}}}}}}}
}

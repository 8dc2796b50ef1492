// Package commands is what people can ask of Sparky. It knows nothing of Slack or of terminals: a Request comes in, a
// Reply goes out, and each front end draws the reply in its own way. One command, its usage, permission and handler
// are one file.
package commands

import "time"

// Reply is an answer, without any markup: every text in it is shown as it is, whatever characters it holds.
type Reply struct {
	// Text is the whole answer in one sentence: what a notification, a screen reader and a log show.
	Text string
	// Said is Text in pieces where people are in it whom a front end can name better; nil elsewhere.
	Said     []Piece
	Title    string
	Sections []Section
	// Chart is a picture that says it better than the sections, which are shown where no picture can be; nil for most.
	Chart *Chart
	// Facts is the same answer for machines; the terminal prints it for --json, a slice as one object a line.
	Facts any
	// Public shows the reply to everybody in the channel instead of the asker alone: an action, or asked with --public.
	Public bool
	// Told tells that the thread of an incident's card says it too, so that whoever pressed a button on the card sees it
	// there and needs no other answer.
	Told bool
	// Ask is a form that a front end may show instead of all this; nil where nothing is asked.
	Ask *Form
	// Refused tells that the request was not understood or could not be answered.
	Refused bool
	// Failed tells that the thing asked about is bad; the terminal exits with 1.
	Failed bool
}

// Section is a part of a reply under a heading of its own. An empty heading continues the one before.
type Section struct {
	Heading string
	Lines   []Line
	Buttons []Button
	Pick    *Pick // a list to choose from, before the buttons; nil for most
}

// Line is one line, of pieces that follow each other. Mark stands before it as a symbol.
type Line struct {
	Mark   Mark
	Indent bool
	Pieces []Piece
}

// Piece is a run of text, with at most one of the other fields saying what it is.
type Piece struct {
	Text   string
	Strong bool
	Faint  bool
	Code   bool      // something to be typed or copied
	Link   string    // where Text leads to
	Time   time.Time // shown in the reader's own time zone; Text is what a terminal or an old client shows
	Person string    // the workspace's id of a person or a user group, who is mentioned; Text is what a terminal shows
	// Show is how much of Time is told; the zero value is the day and the time of day.
	Show TimeShown
	// Fleeting tells that the piece changes by itself as time goes by, like when something was last read: who watches has
	// learned nothing new when it does.
	Fleeting bool
}

// TimeShown is how much of a point in time is told.
type TimeShown string

// The parts of a point in time that may be told alone.
const (
	ShowDay   TimeShown = "day"
	ShowClock TimeShown = "clock"
)

// Mark is the state that a line is about.
type Mark string

// The marks. Each is drawn as a symbol of its own; what it means stands in the line's words too.
const (
	MarkNone    Mark = ""
	MarkGood    Mark = "good"
	MarkWarn    Mark = "warn"
	MarkBad     Mark = "bad"
	MarkUnknown Mark = "unknown"
	MarkMuted   Mark = "muted"
	MarkPlanned Mark = "planned"
)

// Button sends a command when it is pressed: the same that a person could type.
type Button struct {
	Label   string
	Command string // without the leading /sparky
	Confirm string // a question asked first, where not empty
	Primary bool   // what most people will want to press; at most one of those side by side
}

// Pick is a list of commands of which one is chosen; choosing another sends it, as a button would.
type Pick struct {
	Label  string // what stands there where none of them is chosen
	Chosen string // the command of the one that is chosen
	Groups []PickGroup
}

// PickGroup is a part of the list under a label of its own.
type PickGroup struct {
	Label   string
	Options []Button // labels and commands alone count
}

// Say is a line of plain text.
func Say(text string) Line { return Line{Pieces: []Piece{{Text: text}}} }

package setting

import "slices"

// Mistake is one thing about a setting that a person should know, told by where it stands and not by line: the reader
// of the file knows the lines. No mistake holds a value, because a value may be a secret; the reader shows what was
// written where ShowValue asks for it and it may be shown.
type Mistake struct {
	Path []any // keys (string) and places in lists (int, from 0), from the root of the file
	Text string
	Form Form
}

// Form is how a mistake is told.
type Form int

// The forms of a mistake.
const (
	Whole     Form = iota // Text is the whole sentence
	ShowValue             // Text follows the key and what was written there
	Absent                // the key is missing or empty, and Text says what to give
	Advice                // nothing is wrong; Text is worth knowing
)

// Report is where the Check of a configuration block tells its mistakes. It stands at a place in the file and passes on
// everything that is wrong there; the block goes on checking, so that a person sees all mistakes at once.
type Report struct {
	path []any
	tell func(Mistake)
}

// NewReport is a report at the root of the file.
func NewReport(tell func(Mistake)) Report { return Report{tell: tell} }

// At is the report for a place further in: keys as strings, places in lists as ints.
func (r Report) At(path ...any) Report {
	return Report{path: append(slices.Clip(r.path), path...), tell: r.tell}
}

// Bad tells that the value here is wrong. The text goes on after the key and the value: `is not …; write …`.
func (r Report) Bad(text string) { r.pass(ShowValue, text) }

// Missing tells that the value here is needed and absent, and what to give.
func (r Report) Missing(mend string) { r.pass(Absent, mend) }

// Say tells of a mistake in a sentence of its own.
func (r Report) Say(text string) { r.pass(Whole, text) }

// Note tells of something that works but that a person would want to know.
func (r Report) Note(text string) { r.pass(Advice, text) }

func (r Report) pass(form Form, text string) {
	r.tell(Mistake{Path: slices.Clone(r.path), Text: text, Form: form})
}

package httpcall

import (
	"errors"
	"time"
)

// Failure is a call of a service of ours that was not carried out, or may not have been, as its client understands it.
// Unlike a Refusal it may be of unknown outcome: one with none of Lasts, Unsent, Undone and Wait is. Its text is for a
// person; its methods tell whoever repeats calls how to go on.
type Failure struct {
	Doing   string        // what was being done
	Problem string        // what happened, and the mend
	Status  int           // of the answer; 0 where there was none
	Lasts   bool          // repeating is no use before a person has mended something
	Unsent  bool          // nothing left this machine
	Undone  bool          // nothing was done
	Wait    time.Duration // how long the service asks to be left alone; 0 where it does not
	Cause   error         // what it came of; nil where it is the first
}

// Error is what was being done, what happened, and what to do.
func (f *Failure) Error() string { return f.Doing + ": " + f.Problem }

// Reason is what happened and what to do, without what was being done and by which call.
func (f *Failure) Reason() string {
	var call *Error
	if errors.As(f.Cause, &call) {
		return call.Reason()
	}
	return f.Problem
}

// Permanent tells that a person must mend something first.
func (f *Failure) Permanent() bool { return f.Lasts }

// NotSent tells that nothing left this machine.
func (f *Failure) NotSent() bool { return f.Unsent }

// Refused tells that nothing was done.
func (f *Failure) Refused() bool { return f.Undone }

// RetryAfter is how long the service asks to be left alone, 0 where it does not.
func (f *Failure) RetryAfter() time.Duration { return f.Wait }

// Unwrap is what it came of.
func (f *Failure) Unwrap() error { return f.Cause }

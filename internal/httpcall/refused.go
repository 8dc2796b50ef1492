package httpcall

import (
	"net/http"
	"time"
)

// Refusal is a call that certainly changed nothing, as the client of a service understands it. Its methods tell whoever
// repeats calls how to go on.
type Refusal struct {
	What   string        // what happened
	Mend   string        // what a person can do; empty where nothing
	Status int           // of the answer; 0 where there was none
	Lasts  bool          // repeating is no use before a person has mended something
	Wait   time.Duration // how long the service asks to be left alone; 0 where it does not
	Cause  error         // what it came of; nil where it is the first
}

// Unsent is a Refusal for a call that was given up before anything left.
func Unsent(cause error) error { return &Refusal{What: cause.Error(), Cause: cause} }

// Error says what happened and, where a person can mend it, how.
func (r *Refusal) Error() string {
	if r.Mend == "" {
		return r.What
	}
	return r.What + ": " + r.Mend
}

// Reason is the same: a Refusal does not know what was being done.
func (r *Refusal) Reason() string { return r.Error() }

// Unwrap is what it came of.
func (r *Refusal) Unwrap() error { return r.Cause }

// Permanent tells that repeating is no use before a person has mended something.
func (r *Refusal) Permanent() bool { return r.Lasts }

// RetryAfter is how long to leave the service alone; zero where it did not ask for time.
func (r *Refusal) RetryAfter() time.Duration { return r.Wait }

// Refused tells that nothing was done.
func (r *Refusal) Refused() bool { return true }

const (
	// UsualWait is how long a service is left alone that asks for time and does not say how much.
	UsualWait   = 30 * time.Second
	longestWait = time.Hour
)

// RetryAfter is how long an answer asks to be left alone by its header of that name, an hour at most; ok is false where
// it does not say.
func RetryAfter(header http.Header, now time.Time) (wait time.Duration, ok bool) {
	wait, ok = retryAfter(header, now)
	return min(wait, longestWait), ok && wait > 0
}

// WaitAsked is RetryAfter, or UsualWait where the answer does not say.
func WaitAsked(header http.Header, now time.Time) time.Duration {
	if wait, ok := RetryAfter(header, now); ok {
		return wait
	}
	return UsualWait
}

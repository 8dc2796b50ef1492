package httpcall

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class is what kind of failure ended a call without an answer.
type Class string

// The classes of failures.
const (
	ClassDNS      Class = "dns"             // the host's name could not be looked up
	ClassConnect  Class = "connect"         // nobody took the connection
	ClassTLS      Class = "tls"             // no agreement on encryption, or a certificate that is not to be trusted
	ClassProxy    Class = "proxy"           // our own proxy did not let the call through
	ClassTimeout  Class = "timeout"         // no answer, or no end of it, in time
	ClassCanceled Class = "canceled"        // the caller called it off
	ClassReset    Class = "reset"           // the connection was cut before the answer ended
	ClassTooLarge Class = "too-large"       // the answer is longer than the limit
	ClassRedirect Class = "redirect"        // a redirect that is not followed
	ClassRefused  Class = "refused-address" // a private address that nobody configured
	ClassBreaker  Class = "breaker-open"    // not tried, because the calls before it failed
	ClassAuth     Class = "auth"            // no access token could be had
	ClassRequest  Class = "request"         // the request itself cannot be sent
	ClassProtocol Class = "protocol"        // the answer is not HTTP, or not as it says it is
)

// verdict is what a class says about the host that was called.
func (c Class) verdict() error {
	switch c {
	case ClassCanceled, ClassRefused, ClassRequest, ClassRedirect, ClassProxy, ClassAuth, ClassBreaker:
		return errExcluded
	case ClassTooLarge:
		return nil
	default:
		return errFailed
	}
}

// Error is a call that got no answer. Its text is for a person, and holds no secret: no query, no header, no body, and of
// the path only what does not look like a token.
type Error struct {
	Class    Class
	Method   string
	Host     string
	Path     string
	Attempts int // 0 where none was made

	what      string // what happened, and the mend
	cause     error
	temporary bool
	unsent    bool
	held      time.Duration
}

// Error is the method, the host and the path, what happened, and what to do about it.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Method)
	if e.Host != "" {
		text.WriteString(" " + e.Host + e.Path)
	}
	text.WriteString(": " + e.what)
	if e.Attempts > 1 {
		fmt.Fprintf(&text, " (%d attempts)", e.Attempts)
	}
	return text.String()
}

// Reason is what happened and what to do about it, without the address.
func (e *Error) Reason() string { return e.what }

// Timeout tells that time ran out.
func (e *Error) Timeout() bool { return e.Class == ClassTimeout }

// Temporary tells that the same call may succeed later without anybody mending anything.
func (e *Error) Temporary() bool { return e.temporary }

// NotSent tells that certainly nothing of the request left, in no attempt: it may be made again without doing anything
// twice. Where that cannot be known it is false.
func (e *Error) NotSent() bool { return e.unsent }

// Held is how long ago calls to the host began to be held back, where this one was not tried for it (ClassBreaker); otherwise 0.
func (e *Error) Held() time.Duration { return e.held }

// Unwrap is the cause, for errors.Is and errors.As. Its text is as free of secrets as the Error's own.
func (e *Error) Unwrap() error { return e.cause }

// quiet is a cause whose own text may hold secrets: it can be asked what it is, but not be printed or unwrapped.
type quiet struct {
	text string
	err  error
}

func (q quiet) Error() string { return q.text }

// Is asks the cause.
func (q quiet) Is(target error) bool { return errors.Is(q.err, target) }

// As asks the cause.
func (q quiet) As(target any) bool { return errors.As(q.err, target) }

// Format keeps the cause out of every fmt verb, %#v too.
func (q quiet) Format(f fmt.State, _ rune) { fmt.Fprint(f, q.text) }

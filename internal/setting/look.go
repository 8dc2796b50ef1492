package setting

import (
	"context"
	"fmt"
	"strings"
)

// Look is a live look at one thing that the configuration names. It changes nothing anywhere.
type Look struct {
	What  string // the setting, such as jira.project
	Needs string // the What of an earlier look without which this one can find nothing; empty where there is none
	// Try looks, within ctx. What of the finding may be left out.
	Try func(ctx context.Context) Finding
}

// Finding is what came of a Look. With a Problem something is wrong; with a Mend alone nothing is known to be wrong, and
// the Mend says how to find out; with neither all is well.
type Finding struct {
	What    string // as in Look
	Tried   string // what was tried and, where it is well, what came of it
	Problem string // what is wrong
	Mend    string // what to do about it
}

// The states of a Finding.
const (
	FoundWell  = "ok"
	FoundWrong = "wrong"
	FoundOpen  = "untried" // it cannot be told without changing something, or before something else is mended
)

// State is one of the three.
func (f Finding) State() string {
	switch {
	case f.Problem != "":
		return FoundWrong
	case f.Mend != "":
		return FoundOpen
	default:
		return FoundWell
	}
}

// Well is the finding that all is well.
func Well(format string, values ...any) Finding {
	return Finding{Tried: fmt.Sprintf(format, values...)}
}

// Open is the finding that something cannot be told by looking, and how it can be.
func Open(tried, mend string) Finding { return Finding{Tried: tried, Mend: mend} }

// Wrong is the finding that something is wrong, and the mend.
func Wrong(tried, problem, mend string) Finding {
	return Finding{Tried: tried, Problem: problem, Mend: mend}
}

// Failed is the finding that what was tried failed. The error's text says what happened and, after a semicolon, the mend;
// where it names none the usual one is told.
func Failed(tried string, err error, usual string) Finding {
	text := err.Error()
	if at := strings.LastIndex(text, "; "); at >= 0 {
		return Wrong(tried, text[:at], text[at+2:])
	}
	return Wrong(tried, text, usual)
}

// Shared is an answer that several looks need: the first of them asks, within its own time, and the others get what came
// of it.
func Shared[T any](ask func(context.Context) (T, error)) func(context.Context) (T, error) {
	turn := make(chan struct{}, 1)
	var asked bool
	var answer T
	var problem error
	return func(ctx context.Context) (T, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
		if !asked {
			answer, problem = ask(ctx)
			asked = true
		}
		return answer, problem
	}
}

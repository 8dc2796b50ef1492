package scheduler

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Trouble is why an effect cannot be carried out until a person has mended something.
type Trouble struct {
	Problem string // in words, with what was being done
	// Cause is the part of it that is the same whatever was being done. It stands in Problem as it is, but for what an error
	// leaves out of the one and not of the other.
	Cause string
}

// inWords is the text of an error for people. Time that ran out is said with the time that there was; 0 is not known.
func inWords(err error, within time.Duration) string { return plainly(err.Error(), err, within) }

// causeOf is what an error says without what was being done, where it knows (Reason() string); else all of it.
func causeOf(err error, within time.Duration) string {
	if known, ok := errors.AsType[interface {
		error
		Reason() string
	}](err); ok {
		return plainly(known.Reason(), err, within)
	}
	return inWords(err, within)
}

// plainly puts our words in the place of those that Go has for a context that is done.
func plainly(text string, err error, within time.Duration) string {
	took := "it took too long"
	if within > 0 && errors.Is(err, context.DeadlineExceeded) {
		took = "it took longer than " + span(within)
	}
	return strings.NewReplacer(context.DeadlineExceeded.Error(), took, context.Canceled.Error(), "it was stopped before its end").Replace(text)
}

// span is a time as people say it: 20 s, 2 min.
func span(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return strings.TrimSpace(strings.NewReplacer("h", " h ", "m", " min ", "s", " s").Replace(text))
}

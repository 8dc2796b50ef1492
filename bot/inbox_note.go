package bot

import (
	"context"
	"time"
)

// noteAfter is when a person who still waits is told that Sparky is at it. Slack gives three seconds.
const noteAfter = 2 * time.Second

// note tells a person who waits that Sparky is at it.
type note struct {
	timer *time.Timer
	done  chan struct{}
	at    Posted
	sent  bool
}

// noted is the ask with a note that goes out unless finish comes first: the time that a person waits runs from the
// click, however long the queue is.
func (b *Inbox) noted(a ask) ask {
	if a.origin == byHome || a.origin == opening || a.again {
		return a // what comes again is most likely answered already
	}
	n := &note{done: make(chan struct{})}
	a.note = n
	n.timer = time.AfterFunc(noteAfter, func() {
		defer close(n.done)
		defer func() {
			if r := recover(); r != nil {
				b.panicked(a, r)
			}
		}()
		ctx, cancel := context.WithTimeout(b.base, answerWithin)
		defer cancel()
		var err error
		if n.at, err = b.tell(ctx, a); err != nil {
			b.options.Log.Warn("a person could not be told to wait", "user", a.person.ID, "error", err)
			return
		}
		n.sent = true
	})
	return a
}

// tell sends the note.
func (b *Inbox) tell(ctx context.Context, a ask) (Posted, error) {
	text := waitText(a)
	if a.origin == byMention || a.origin == byDirect {
		return b.options.Poster.Say(ctx, Message{Channel: a.channel, Text: text, Thread: a.thread})
	}
	return Posted{}, b.respond(ctx, a.responseURL, webhook(drawn{Text: text}, a, false))
}

// waitText says that Sparky is at it, and at what: what was typed, or the button that was pressed.
func waitText(a ask) string {
	at := code(cut(a.text, maxLabel))
	if a.button != "" {
		at = escape(cut(a.button, maxLabel))
	}
	if at == "" {
		return "Working on it …"
	}
	return "Working on it … " + at
}

// finish stops the note, or waits until it is out, so that it never follows the answer.
func (n *note) finish() (at Posted, sent bool) {
	if n == nil || n.timer.Stop() {
		return Posted{}, false
	}
	<-n.done
	return n.at, n.sent
}

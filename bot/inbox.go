package bot

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

const (
	inboxWorkers = 8
	inboxQueue   = 100
	// workWithin bounds one command. A response_url lives half an hour; nobody waits that long.
	workWithin = 2 * time.Minute
	// answerWithin bounds the delivery of its answer.
	answerWithin = 20 * time.Second
)

// InboxOptions are what an Inbox is made of. All must be given, except where it says otherwise.
type InboxOptions struct {
	Runner commands.Runner
	// Check tells what is wrong with a form that was filled in, by its fields, at once: Slack waits meanwhile. May be nil.
	Check  func(commands.Request) map[string]string
	Poster *Poster
	// HTTP posts to response_urls. It must bound every call in time.
	HTTP *http.Client
	// HomeVisited draws the Home tab of a person who has just opened it, or pressed something in it. May be nil.
	HomeVisited func(ctx context.Context, visit Visit)
	// Claims tells replicas apart that Slack brings the same event to; nil where there is one. Owner names this one there.
	Claims Claims
	Owner  string
	Log    *slog.Logger
	// Reference makes the short id under which a failure is told to a person and written to the log; nil is random.
	Reference func() string
	// Workers and Queue bound what is done at once and what waits; 0 is 8 and 100.
	Workers, Queue int
}

// Inbox takes what the links bring: it drops what came twice, queues the rest within bounds, and lets a fixed number
// of workers turn it into requests and deliver the replies. A handler that panics costs its own answer only.
type Inbox struct {
	options InboxOptions
	seen    *memory
	slots   chan struct{} // one for each place in the queue that is taken or promised
	queue   chan ask
	passed  chan struct{}  // one for each ask that another replica has and that is looked at again
	ending  chan struct{}  // closed once nothing more is taken on
	workers sync.WaitGroup // those that take from the queue, and those that look again

	base context.Context // of all work, given by start

	mu      sync.Mutex
	working int
	skipped Skipped
}

// Skipped counts what was not worked on, since the start.
type Skipped struct {
	Repeated   int // came twice, here or to another replica
	Unreadable int // was not what Slack documents
	Unknown    int // of a kind that Sparky does not handle
	Refused    int // came while the queue was full
}

// NewInbox is an inbox whose workers a Link starts.
func NewInbox(options InboxOptions) *Inbox {
	if options.Workers <= 0 {
		options.Workers = inboxWorkers
	}
	if options.Queue <= 0 {
		options.Queue = inboxQueue
	}
	if options.Reference == nil {
		options.Reference = randomReference
	}
	return &Inbox{options: options, seen: newMemory(), slots: make(chan struct{}, options.Queue), queue: make(chan ask, options.Queue),
		passed: make(chan struct{}, options.Queue), ending: make(chan struct{})}
}

// take decides about an envelope at once, without waiting for anything: it is called while Slack waits for the
// acknowledgement.
func (b *Inbox) take(e envelope) receipt {
	a, verdict, err := parse(e)
	switch verdict {
	case notReadable:
		b.unreadable(e.Type, e.ID, err)
		return receipt{ack: true}
	case notHandled:
		b.count(func(s *Skipped) { s.Unknown++ })
		b.options.Log.Info("Slack brought something that Sparky does not handle", "type", e.Type, "envelope", e.ID, "what", a.what)
		return receipt{ack: true}
	case notMeant:
		return receipt{ack: true}
	}
	if open, stays := b.takeForm(a, e); stays {
		return open
	}
	var done any
	if a.form != nil && e.AcceptsPayload {
		done = formDone{slack.RAClear}
	}
	if !b.seen.first(a.id) {
		b.count(func(s *Skipped) { s.Repeated++ })
		return receipt{ack: true, payload: done}
	}
	select {
	case b.slots <- struct{}{}:
		return receipt{ack: true, payload: done, commit: func() { b.queue <- b.noted(a) }}
	default:
		b.seen.forget(a.id)
		b.count(func(s *Skipped) { s.Refused++ })
		b.options.Log.Warn("a request was not taken on: the queue is full", "type", e.Type, "envelope", e.ID)
		return refused(a, e)
	}
}

// busyText is what somebody reads whose request found the queue full.
const busyText = "Sparky is busy and did not take this on. Please try again in a minute."

// refused leaves an envelope to Slack, which brings events again and tells the person about a click. Commands and forms
// can be answered by the acknowledgement itself; a form stays open with all that was filled in.
func refused(a ask, e envelope) receipt {
	if a.form != nil && e.AcceptsPayload && len(a.fields) > 0 {
		return receipt{ack: true, payload: besideFields(a, map[string]string{a.fields[0]: busyText})}
	}
	if a.form != nil || a.origin != bySlash || !e.AcceptsPayload {
		return receipt{}
	}
	return receipt{ack: true, payload: map[string]string{"response_type": "ephemeral",
		"text": busyText}}
}

func (b *Inbox) unreadable(kind, id string, err error) {
	b.count(func(s *Skipped) { s.Unreadable++ })
	b.options.Log.Warn("Slack brought something that cannot be read", "type", kind, "envelope", id, "error", err)
}

func (b *Inbox) count(more func(*Skipped)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	more(&b.skipped)
}

// load is how much waits, how much is worked on, and what was skipped.
func (b *Inbox) load() (queued, working int, skipped Skipped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.queue), b.working, b.skipped
}

// start lets the workers work until drain, under the context.
func (b *Inbox) start(ctx context.Context) {
	b.base = ctx
	for range b.options.Workers {
		b.workers.Go(func() {
			for a := range b.queue {
				<-b.slots
				b.busy(1)
				b.work(ctx, a)
				b.busy(-1)
			}
		})
	}
}

func (b *Inbox) busy(more int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.working += more
}

// drain lets what was taken on come to its end; after the deadline it stops the work. All links must have ended:
// nothing may commit any more. What goes on even then is an error.
func (b *Inbox) drain(within time.Duration, stop context.CancelFunc) error {
	close(b.queue)
	close(b.ending)
	done := make(chan struct{})
	go func() {
		b.workers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(within):
	}
	stop()
	select {
	case <-done:
		return nil
	case <-time.After(answerWithin):
	}
	queued, working, _ := b.load()
	return fmt.Errorf("stopping: %d requests still at work and %d waiting after %s", working, queued, within+answerWithin)
}

package bot

import (
	"context"
	"sync"
	"time"

	"sparky/commands"
)

// A response_url takes five posts (docs.slack.dev, "Handling user interaction"): what is shown on the way leaves one
// for the answer, and one to spare.
const mostWhispers = 3

// showEvery is how long each state stands at least: edits are some 50 a minute in the whole workspace, and cards need
// them too.
const showEvery = 1500 * time.Millisecond

// becomeAgain is how soon another try is made to turn an answer in the making into the answer, and becomeTries how many.
const (
	becomeAgain = time.Second
	becomeTries = 4
)

// seen is what a person has seen before the answer.
type seen struct {
	at       Posted // the message that shows the answer in the making; zero where there is none that can be edited
	whispers int    // posts to the response_url that the asker alone saw
}

// making shows an answer in the making: in the place of the answer, the newest state only, and never in the way of
// whoever makes it.
type making struct {
	inbox *Inbox
	a     ask
	ctx   context.Context
	stop  chan struct{}
	wake  chan struct{} // holds one where something new is to be shown

	mu      sync.Mutex
	latest  *commands.Reply
	ended   bool
	running chan struct{} // closed when the goroutine that shows has ended; nil before the first show

	seen   seen // the goroutine's while it runs
	silent bool // the place could not be had, so that the answer alone is shown
}

func (b *Inbox) making(ctx context.Context, a ask) *making {
	return &making{inbox: b, a: a, ctx: ctx, stop: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// show takes the newest state of the answer. It does not wait.
func (m *making) show(reply commands.Reply) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	m.latest = &reply
	if m.running == nil {
		m.running = make(chan struct{})
		go m.run()
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// finish ends the showing, once what is on its way has arrived, so that nothing follows the answer.
func (m *making) finish() seen {
	m.mu.Lock()
	m.ended = true
	running := m.running
	m.mu.Unlock()
	if running == nil {
		m.noted()
		return m.seen
	}
	close(m.stop)
	<-running
	return m.seen
}

// noted stops the note that tells a person to wait, or takes over what it has shown.
func (m *making) noted() {
	at, sent := m.a.note.finish()
	m.seen.at = at
	if sent && at.TS == "" {
		m.seen.whispers++
	}
}

// run shows one state after another until finish.
func (m *making) run() {
	defer close(m.running)
	defer func() {
		if r := recover(); r != nil {
			m.inbox.panicked(m.a, r)
		}
	}()
	m.noted()
	for {
		select {
		case <-m.stop:
			return
		case <-m.wake:
		}
		m.mu.Lock()
		reply, ended := *m.latest, m.ended
		m.mu.Unlock()
		if ended || m.silent {
			continue
		}
		if err := m.put(reply); err != nil {
			m.inbox.options.Log.Warn("an answer in the making could not be shown", "user", m.a.person.ID, "error", err)
		}
		select {
		case <-m.stop:
			return
		case <-time.After(showEvery):
		}
	}
}

// put shows one state. Who cannot be shown the first is shown the answer alone.
func (m *making) put(reply commands.Reply) error {
	ctx, cancel := context.WithTimeout(m.ctx, answerWithin)
	defer cancel()
	d := render(reply)
	message, err := messageFor(m.a, d)
	if err != nil {
		return err
	}
	if m.seen.at.TS != "" {
		return m.inbox.options.Poster.Redraw(ctx, m.seen.at, message)
	}
	if (m.a.origin == bySlash || m.a.origin == byClick) && !reply.Public {
		return m.whisper(ctx, d)
	}
	m.seen.at, err = m.inbox.options.Poster.Say(ctx, message)
	m.silent = err != nil
	return err
}

// whisper shows one state to the asker alone. After a click only the first is shown: the next would be another message,
// because the original of a click is the message with the button.
func (m *making) whisper(ctx context.Context, d drawn) error {
	if m.seen.whispers >= mostWhispers || m.a.origin == byClick && m.seen.whispers > 0 {
		return nil
	}
	w := webhook(d, m.a, false)
	w.ReplaceOriginal = m.seen.whispers > 0
	m.seen.whispers++
	return m.inbox.respond(ctx, m.a.responseURL, w)
}

// become turns a message into the answer. It is tried more than once, so that no half answer is left standing.
// Half of the time is left for another way.
func (b *Inbox) become(ctx context.Context, at Posted, m Message) (err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin/2)
	defer cancel()
	for range becomeTries {
		if err = b.options.Poster.Redraw(ctx, at, m); err == nil || uneditable(slackCode(err)) || permanent(err) {
			return err
		}
		wait := max(askedToWait(err), becomeAgain)
		if wait > answerWithin/2 || !sleep(ctx, wait) {
			return err
		}
	}
	return err
}

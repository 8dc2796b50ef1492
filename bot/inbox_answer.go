package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// noteAfter is when a person who still waits is told that Sparky is at it. Slack gives three seconds.
const noteAfter = 2 * time.Second

// longestResponse is how much is read of what a response_url answers.
const longestResponse = 64 << 10

// onlyYou ends an answer that the asker alone sees.
const onlyYou = "Only you see this. Add `--public` to the command to show it to the channel."

// work answers one ask. A panic while the answer is drawn or delivered costs that answer only.
func (b *Inbox) work(ctx context.Context, a ask) {
	defer func() {
		if r := recover(); r != nil {
			b.panicked(a, r)
		}
	}()
	if a.origin == opening {
		b.home(ctx, a)
		return
	}
	reply := b.reply(ctx, a)
	noted, sent := a.note.finish()
	sending, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := b.answer(sending, a, reply, noted, sent); err != nil {
		b.options.Log.Error("an answer could not be delivered", "reference", b.options.Reference(), "command", a.text, "user", a.person.ID, "error", err)
	}
	if a.origin == byHome {
		b.home(ctx, a)
	}
}

// reply is what the runner says. A panic in it is told to the person under a reference that the log holds too.
func (b *Inbox) reply(ctx context.Context, a ask) (reply commands.Reply) {
	if a.stale {
		return commands.Reply{Text: "This button was drawn by another version of Sparky, so it changed nothing. Type /sparky to see how things are now.", Failed: true}
	}
	defer func() {
		if r := recover(); r != nil {
			reply = commands.Reply{Text: fmt.Sprintf("That went wrong inside Sparky, reference %s. Whoever runs Sparky finds it in the log.", b.panicked(a, r)), Failed: true}
		}
	}()
	working, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	return b.options.Runner.Run(working, commands.Request{Text: a.text, Person: a.person, Channel: a.channel})
}

func (b *Inbox) panicked(a ask, r any) (reference string) {
	reference = b.options.Reference()
	b.options.Log.Error("a handler panicked", "reference", reference, "command", a.text, "user", a.person.ID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	return reference
}

// home draws the person's Home tab.
func (b *Inbox) home(ctx context.Context, a ask) {
	if b.options.HomeOpened == nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			b.panicked(a, r)
		}
	}()
	working, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	b.options.HomeOpened(working, a.person.ID)
}

// answer shows a reply where it was asked for: to the asker alone, or to all where the reply says so. Mentions are
// answered in public as they were made.
func (b *Inbox) answer(ctx context.Context, a ask, reply commands.Reply, noted Posted, sent bool) error {
	d := render(reply)
	if a.origin == bySlash && !reply.Public && !reply.Failed && len(reply.Sections) > 0 && len(d.Blocks) < maxMessageBlocks {
		d.Blocks = append(d.Blocks, contextBlock(onlyYou))
	}
	blocks, err := json.Marshal(d.Blocks)
	if err != nil {
		return fmt.Errorf("drawing an answer: %w", err)
	}
	m := Message{Channel: a.channel, Text: d.Text, Blocks: blocks, Thread: a.thread}
	switch a.origin {
	case byHome:
		m.Channel = a.person.ID
		_, err = b.options.Poster.Say(ctx, m)
		return err
	case byMention, byDirect:
		if sent && noted.TS != "" {
			if err = b.options.Poster.Redraw(ctx, noted, m); err == nil {
				return nil
			}
		}
		_, err = b.options.Poster.Say(ctx, m)
		return err
	}
	w := webhook(d, a, reply.Public)
	// Only for a command: the original of a click is the message with the button, which must stay.
	w.ReplaceOriginal = a.origin == bySlash && sent && !reply.Public
	if err = b.respond(ctx, a.responseURL, w); err == nil {
		return nil
	}
	b.options.Log.Warn("a response_url did not take an answer; it goes another way", "user", a.person.ID, "error", err)
	return b.otherWay(ctx, a, m, reply.Public && notSent(err))
}

// otherWay delivers an answer by the Web API, when the response_url is used up.
func (b *Inbox) otherWay(ctx context.Context, a ask, m Message, public bool) error {
	if public {
		_, err := b.options.Poster.Say(ctx, m)
		return err
	}
	m.Thread = a.asideThread
	return b.options.Poster.Whisper(ctx, a.person.ID, m)
}

// webhook is a drawn reply as a response_url takes it.
func webhook(d drawn, a ask, public bool) slack.WebhookMessage {
	unfurl := false
	w := slack.WebhookMessage{Text: d.Text, ResponseType: slack.ResponseTypeEphemeral, ThreadTimestamp: a.asideThread,
		UnfurlLinks: &unfurl, UnfurlMedia: &unfurl}
	if public {
		w.ResponseType, w.ThreadTimestamp = slack.ResponseTypeInChannel, a.thread
	}
	if len(d.Blocks) > 0 {
		w.Blocks = &slack.Blocks{BlockSet: d.Blocks}
	}
	return w
}

// respond posts to a response_url. The address is in no error: it is as good as a key.
func (b *Inbox) respond(ctx context.Context, address string, w slack.WebhookMessage) error {
	const doing = "answering by response_url"
	if address == "" {
		return &refusal{doing: doing, err: errors.New("none came with the request")}
	}
	body, err := json.Marshal(w)
	if err != nil {
		return &refusal{doing: doing, err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return &refusal{doing: doing, err: errors.New("it is no address")}
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := b.options.HTTP.Do(request)
	if err != nil {
		return understood(doing, "", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return understood(doing, "", slack.StatusCodeError{Code: response.StatusCode, Status: response.Status})
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, longestResponse))
	if err != nil {
		return understood(doing, "", err)
	}
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	// Slack says either a bare ok or an object; what is neither has been a good answer by its status.
	if json.Unmarshal(answer, &said) == nil && said.OK != nil && !*said.OK {
		return understood(doing, "", slack.SlackErrorResponse{Err: said.Error})
	}
	return nil
}

// notSent tells that an error says that nothing happened.
func notSent(err error) bool {
	own, ok := errors.AsType[interface {
		error
		NotSent() bool
	}](err)
	return ok && own.NotSent()
}

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
	if a.origin == byHome || a.origin == opening {
		return a
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
	text := strings.TrimSpace("Working on it … " + code(cut(a.text, maxLabel)))
	if a.origin == byMention || a.origin == byDirect {
		return b.options.Poster.Say(ctx, Message{Channel: a.channel, Text: text, Thread: a.thread})
	}
	return Posted{}, b.respond(ctx, a.responseURL, webhook(drawn{Text: text}, a, false))
}

// finish stops the note, or waits until it is out, so that it never follows the answer.
func (n *note) finish() (at Posted, sent bool) {
	if n == nil || n.timer.Stop() {
		return Posted{}, false
	}
	<-n.done
	return n.at, n.sent
}

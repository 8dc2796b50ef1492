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

	"github.com/slack-go/slack"

	"sparky/commands"
)

// longestResponse is how much is read of what a response_url answers.
const longestResponse = 64 << 10

// onlyYou ends what the asker alone is told, and shareIt follows it where there is something worth showing to others.
const (
	onlyYou = "Only you see this."
	shareIt = " Add `--public` to the command to show it to the channel."
)

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
	if !b.claim(ctx, a) {
		b.passOver(ctx, a)
		return
	}
	defer b.claimed(ctx, a)
	making := b.making(ctx, a)
	reply := b.reply(ctx, a, making.show)
	seen := making.finish()
	if b.opened(ctx, a, &reply, seen) {
		return
	}
	sending, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := b.answer(sending, a, reply, seen); err != nil {
		b.options.Log.Error("an answer could not be delivered", "reference", b.options.Reference(), "command", a.text, "user", a.person.ID, "error", err)
	}
	if a.origin == byHome {
		b.home(ctx, a)
	}
}

// reply is what the runner says. A panic in it is told to the person under a reference that the log holds too.
func (b *Inbox) reply(ctx context.Context, a ask, progress func(commands.Reply)) (reply commands.Reply) {
	if a.stale {
		return staleReply(a)
	}
	defer func() {
		if r := recover(); r != nil {
			reply = wentWrong(b.panicked(a, r))
		}
	}()
	working, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	request := a.request()
	request.Progress = progress
	return b.options.Runner.Run(working, request)
}

// staleReply is the answer to a button or a form that another Sparky drew.
func staleReply(a ask) commands.Reply {
	what := "button"
	if a.what == askedByForm {
		what = "form"
	}
	return commands.Reply{Text: "This " + what + " was drawn by another version of Sparky, so it changed nothing. Type /sparky to see how things are now.", Failed: true}
}

// wentWrong is the answer where a mistake of ours kept everything else from being said.
func wentWrong(reference string) commands.Reply {
	return commands.Reply{Text: fmt.Sprintf("That went wrong inside Sparky, reference %s. Whoever runs Sparky finds it in the log.", reference), Failed: true}
}

func (b *Inbox) panicked(a ask, r any) (reference string) {
	reference = b.options.Reference()
	b.options.Log.Error("a handler panicked", "reference", reference, "command", a.text, "user", a.person.ID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	return reference
}

// home draws the person's Home tab.
func (b *Inbox) home(ctx context.Context, a ask) {
	if b.options.HomeVisited == nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			b.panicked(a, r)
		}
	}()
	working, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	b.options.HomeVisited(working, a.visit)
}

// answer shows a reply where it was asked for: to the asker alone, or to all where the reply says so. Mentions are
// answered in public as they were made. A message that shows the answer in the making becomes the answer.
func (b *Inbox) answer(ctx context.Context, a ask, reply commands.Reply, seen seen) error {
	// Only the person who was refused needs to know.
	reply, shown := b.pictured(ctx, a, reply, seen)
	if shown {
		return nil
	}
	public := reply.Public && !reply.Refused
	if public && reply.Told && a.origin == byClick && a.thread != "" && seen.whispers == 0 {
		return nil
	}
	d := b.draw(a, reply)
	m, err := messageFor(a, d)
	if err != nil {
		return err
	}
	if seen.at.TS != "" {
		if err = b.become(ctx, seen.at, m); err == nil {
			return nil
		}
		b.options.Log.Warn("an answer in the making could not become the answer, which goes another way", "user", a.person.ID, "error", err)
	}
	if a.origin != bySlash && a.origin != byClick {
		_, err = b.options.Poster.Say(ctx, m)
		return err
	}
	if a.form == nil && !public {
		d = hintPublic(a, reply, d)
	}
	w := webhook(d, a, public)
	// Only for a command: the original of a click is the message with the button, which must stay.
	w.ReplaceOriginal = a.origin == bySlash && seen.whispers > 0 && !public
	if err = b.respond(ctx, a.responseURL, w); err == nil {
		return nil
	}
	b.options.Log.Warn("a response_url did not take an answer; it goes another way", "user", a.person.ID, "error", err)
	return b.otherWay(ctx, a, m, public && notSent(err))
}

// hintPublic ends the drawing of an answer with who sees it, bad news above all, and where there is something to show to
// others, with how to.
func hintPublic(a ask, reply commands.Reply, d drawn) drawn {
	if len(d.Blocks) == 0 || len(d.Blocks) >= maxMessageBlocks {
		return d
	}
	hint := onlyYou
	facts := len(reply.Sections) > 0 && (reply.Title != "" || reply.Sections[0].Heading != "")
	if a.origin == bySlash && facts && !reply.Refused {
		hint += shareIt // that nothing was changed concerns nobody else
	}
	d.Blocks = append(d.Blocks, contextBlock(hint))
	return d
}

// draw is the reply as a message. A mistake in drawing is told like one in answering.
func (b *Inbox) draw(a ask, reply commands.Reply) (d drawn) {
	defer func() {
		if r := recover(); r != nil {
			d = drawn{Text: wentWrong(b.panicked(a, r)).Text}
		}
	}()
	return render(reply)
}

// messageFor is a drawn reply as the Web API takes it.
func messageFor(a ask, d drawn) (Message, error) {
	blocks, err := json.Marshal(d.Blocks)
	if err != nil {
		return Message{}, fmt.Errorf("drawing an answer: %w", err)
	}
	m := Message{Channel: a.channel, Text: d.Text, Blocks: blocks, Thread: a.thread}
	if len(d.Blocks) == 0 {
		m.Blocks = nil
	}
	if a.origin == byHome {
		m.Channel = a.person.ID
	}
	return m, nil
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
	if w.ResponseType == slack.ResponseTypeInChannel {
		body = b.options.Poster.naming.document(ctx, body, "")
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

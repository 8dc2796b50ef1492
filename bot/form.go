package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// The limits that Slack documents for modals (docs.slack.dev, Block Kit reference: views, input block and its elements).
const (
	maxModalWords   = 24 // of the title and the buttons
	maxFieldLabel   = 2000
	maxFieldHint    = 2000
	maxFieldText    = 3000 // max_length of a plain-text input
	maxChoices      = 100
	maxChoiceValue  = 75 // older clients; newer ones take 150
	maxFormMetadata = 3000
	maxFormFields   = 20 // ours: nobody fills in more
)

// formVersion is the callback_id of our forms. A form that carries another one was drawn by another Sparky, and may mean
// something else.
const formVersion = "sparky.form:1"

// fieldPrefix stands before the name of a field in its block_id, and fieldAction is the action_id of what it holds.
const (
	fieldPrefix = "field."
	fieldAction = "value"
)

// openWithin bounds the opening of a form: a trigger_id lives three seconds (docs.slack.dev, "Handling user interaction").
const openWithin = 3 * time.Second

// formOrigin is what a form carries along, so that what comes of it is answered where it was asked for.
type formOrigin struct {
	Command     string `json:"command"`
	Origin      origin `json:"origin,omitempty"`
	Channel     string `json:"channel,omitempty"`
	Thread      string `json:"thread,omitempty"`
	AsideThread string `json:"aside,omitempty"`
	ResponseURL string `json:"response_url,omitempty"`
}

// drawForm is a form as a modal. An error says that it cannot be one.
func drawForm(form commands.Form, a ask) (slack.ModalViewRequest, error) {
	metadata, err := json.Marshal(formOrigin{form.Command, a.origin, a.channel, a.thread, a.asideThread, a.responseURL})
	switch {
	case err != nil:
		return slack.ModalViewRequest{}, fmt.Errorf("drawing the form of %s: %w", form.Command, err)
	case utf8.RuneCount(metadata) > maxFormMetadata:
		return slack.ModalViewRequest{}, fmt.Errorf("drawing the form of %.40s: what it is about takes %d characters, and Slack takes %d", form.Command, utf8.RuneCount(metadata), maxFormMetadata)
	case len(form.Fields) > maxFormFields:
		return slack.ModalViewRequest{}, fmt.Errorf("drawing the form of %s: it has %d fields, and %d are the most", form.Command, len(form.Fields), maxFormFields)
	}
	view := slack.ModalViewRequest{Type: slack.VTModal, CallbackID: formVersion, PrivateMetadata: string(metadata),
		Title: plain(form.Title, maxModalWords), Submit: plain(form.Submit, maxModalWords), Close: plain("Cancel", maxModalWords)}
	if strings.TrimSpace(form.Text) != "" {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, section(escapeTo(form.Text, maxSection)))
	}
	for _, field := range form.Fields {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, drawField(field))
	}
	return view, nil
}

func drawField(field commands.Field) slack.Block {
	var hint *slack.TextBlockObject
	if field.Hint != "" {
		hint = plain(field.Hint, maxFieldHint)
	}
	element := slack.BlockElement(drawTextField(field))
	if field.Kind == commands.FieldChoice {
		element = drawChoices(field)
	}
	return slack.NewInputBlock(fieldPrefix+field.Name, plain(field.Label, maxFieldLabel), hint, element).WithOptional(field.Optional)
}

func drawTextField(field commands.Field) *slack.PlainTextInputBlockElement {
	most := maxFieldText
	if field.Most > 0 {
		most = min(field.Most, maxFieldText)
	}
	element := slack.NewPlainTextInputBlockElement(nil, fieldAction).WithMaxLength(most)
	element.Multiline = field.Kind == commands.FieldLong
	element.InitialValue = cut(field.Value, most)
	return element
}

// drawChoices leaves out what Slack would refuse the whole form for.
func drawChoices(field commands.Field) *slack.SelectBlockElement {
	element := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, fieldAction)
	for _, choice := range field.Choices {
		if len(element.Options) == maxChoices {
			break
		}
		if choice.Value == "" || size(choice.Value) > maxChoiceValue {
			continue
		}
		option := slack.NewOptionBlockObject(choice.Value, plain(choice.Label, maxLabel), nil)
		element.Options = append(element.Options, option)
		if choice.Value == field.Value {
			element.InitialOption = option
		}
	}
	return element
}

// opened shows the form that the reply asks by, and tells whether it is open, so that nothing else need be said. Where it
// is not, the reply says so and how to type it.
func (b *Inbox) opened(ctx context.Context, a ask, reply *commands.Reply, seen seen) bool {
	if reply.Ask == nil || a.trigger == "" {
		return false
	}
	view, err := drawForm(*reply.Ask, a)
	if err == nil {
		err = b.options.Poster.Open(ctx, a.trigger, view)
	}
	if err != nil {
		b.options.Log.Warn("a form could not be opened, and the person is told what to type", "command", a.text, "user", a.person.ID, "error", err)
		*reply = unopened(*reply, err)
		return false
	}
	if a.origin == bySlash && seen.whispers > 0 {
		// The word that asked them to wait must not stand there for ever.
		done := webhook(drawn{Text: "The form is open."}, a, false)
		done.ReplaceOriginal = true
		if err := b.respond(ctx, a.responseURL, done); err != nil {
			b.options.Log.Warn("a person still reads that Sparky is at it, though their form is open", "user", a.person.ID, "error", err)
		}
	}
	return true
}

// unopened is the reply with a word on why there is no form.
func unopened(reply commands.Reply, err error) commands.Reply {
	text := "The form could not be opened."
	if late(slackCode(err)) {
		text = "The form came too late: Slack gives three seconds for it. Please try once more, or type it."
	}
	sections := reply.Sections
	if len(sections) == 0 {
		sections = []commands.Section{{Lines: []commands.Line{commands.Say(reply.Text)}}}
	}
	reply.Text = text + " " + reply.Text
	reply.Sections = append([]commands.Section{{Lines: []commands.Line{commands.Say(text)}}}, sections...)
	return reply
}

// late are Slack's words for a trigger_id whose time is over.
func late(code string) bool { return code == "expired_trigger_id" || code == "trigger_expired" }

// Open shows a modal to the person whose deed the trigger_id stands for. It is done at once, whatever else waits for its
// turn: a trigger_id lives three seconds.
func (p *Poster) Open(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	_, err := p.api.OpenViewContext(ctx, trigger, view)
	return understood("opening a form", "", err)
}

package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// submission is a view_submission as Slack sends it (docs.slack.dev, "view_submission payloads").
type submission struct {
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
	} `json:"user"`
	View struct {
		ID              string `json:"id"`
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
		State           struct {
			Values map[string]map[string]struct {
				Value    string `json:"value"`
				Selected *struct {
					Value string `json:"value"`
				} `json:"selected_option"`
			} `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

// askedByForm is Slack's name for a form that was sent off, for the log.
const askedByForm = "form"

// parseSubmission reads a form that was sent off.
func parseSubmission(e envelope) (ask, verdict, error) {
	var s submission
	if err := json.Unmarshal(e.Payload, &s); err != nil {
		return ask{}, notReadable, err
	}
	if s.User.ID == "" || s.View.ID == "" {
		return ask{}, notReadable, errors.New("a form without a user or a view")
	}
	// A form is taken on once: who heard that there was trouble and sends it off again changes nothing a second time.
	a := ask{what: askedByForm, id: []string{"envelope " + e.ID, "view " + s.View.ID}, person: commands.Person{ID: s.User.ID, Name: s.User.Username}}
	if a.person.Name == "" {
		a.person.Name = s.User.Name
	}
	from, ours := readOrigin(s.View.CallbackID, s.View.PrivateMetadata)
	if !ours || len(s.View.State.Values) > maxFormFields {
		a.stale = true
		return a, toDo, nil
	}
	a.origin, a.text, a.channel, a.thread, a.asideThread, a.responseURL = from.Origin, from.Command, from.Channel, from.Thread, from.AsideThread, from.ResponseURL
	a.form = map[string]string{}
	for block, actions := range s.View.State.Values {
		name, ours := strings.CutPrefix(block, fieldPrefix)
		if !ours {
			continue
		}
		a.fields = append(a.fields, name)
		value := actions[fieldAction].Value
		if chosen := actions[fieldAction].Selected; chosen != nil {
			value = chosen.Value
		}
		if value = cut(strings.ToValidUTF8(value, ""), maxFieldText); strings.TrimSpace(value) != "" {
			a.form[name] = value
		}
	}
	slices.Sort(a.fields)
	return a, toDo, nil
}

// readOrigin is what a form carries along; ours is false where this Sparky did not draw it.
func readOrigin(callback, metadata string) (from formOrigin, ours bool) {
	err := json.Unmarshal([]byte(metadata), &from)
	return from, err == nil && callback == formVersion && from.Command != "" && from.Origin.asksByForm()
}

// asksByForm tells whether a form can have been opened there: it takes a trigger_id.
func (o origin) asksByForm() bool { return o == bySlash || o == byClick || o == byHome }

// The answers to a form that was sent off, as its acknowledgement carries them.
type (
	formErrors struct {
		Action slack.ViewResponseAction `json:"response_action"`
		Errors map[string]string        `json:"errors"`
	}
	formNext struct {
		Action slack.ViewResponseAction `json:"response_action"`
		View   slack.ModalViewRequest   `json:"view"`
	}
	formDone struct {
		Action slack.ViewResponseAction `json:"response_action"`
	}
)

// staleForm takes the place of a form that another Sparky drew.
func staleForm() formNext {
	const text = "This form was drawn by another version of Sparky, so it changed nothing. Please close it and ask once more."
	return formNext{slack.RAUpdate, slack.ModalViewRequest{Type: slack.VTModal, CallbackID: formVersion, Title: plain("Nothing was changed", maxModalWords),
		Close: plain("Close", maxModalWords), Blocks: slack.Blocks{BlockSet: []slack.Block{section(escape(text))}}}}
}

// objection is what keeps a form open: it is stale, or something is wrong with what was filled in. Nil where nothing does.
func (b *Inbox) objection(a ask) any {
	if a.stale {
		return staleForm()
	}
	wrong := b.check(a)
	if len(wrong) == 0 {
		return nil
	}
	return besideFields(a, wrong)
}

// besideFields shows errors at the fields that they are about. Slack refuses the answer for one that is at no field of the
// form, so what is said of such a one stands at the first.
func besideFields(a ask, wrong map[string]string) any {
	shown := map[string]string{}
	for name, problem := range wrong {
		if !slices.Contains(a.fields, name) {
			name = a.fields[0]
		}
		shown[fieldPrefix+name] = cut(oneLine(problem), maxFieldHint)
	}
	return formErrors{slack.RAErrors, shown}
}

// check tells what is wrong with a form. It is called while Slack waits, in the goroutine that reads the link, so a panic
// must not leave it; what is wrong is found again when the command runs.
func (b *Inbox) check(a ask) (wrong map[string]string) {
	if b.options.Check == nil || len(a.fields) == 0 {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			b.options.Log.Error("a form could not be checked", "reference", b.options.Reference(), "command", a.text, "user", a.person.ID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			wrong = nil
		}
	}()
	return b.options.Check(a.request())
}

// takeForm decides about a form that was sent off: while something is wrong with it, it stays open and says so.
func (b *Inbox) takeForm(a ask, e envelope) (open receipt, stays bool) {
	if a.form == nil && !a.stale || !e.AcceptsPayload {
		return receipt{}, false
	}
	if objection := b.objection(a); objection != nil {
		return receipt{ack: true, payload: objection}, true
	}
	return receipt{}, false
}

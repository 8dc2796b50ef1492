package bot

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"

	"sparky/commands"
	"sparky/incidents"
)

// origin is how somebody asked, which decides how they are answered.
type origin int

const (
	bySlash   origin = iota // by response_url
	byClick                 // by response_url, in the thread of the message where all may see it
	byHome                  // a click in the Home tab: by direct message, and the tab is drawn anew
	byMention               // in the thread
	byDirect                // in the direct conversation
	opening                 // the Home tab was opened, or another part of it is wanted: nothing is asked
)

// way is the origin as it is remembered with what was done.
func (o origin) way() incidents.Origin {
	switch o {
	case byClick:
		return incidents.ByButton
	case byHome:
		return incidents.ByHome
	case byMention, byDirect:
		return incidents.ByMessage
	}
	return incidents.ByCommand
}

// ask is something that somebody asked for.
type ask struct {
	origin      origin
	id          []string // by which a repetition is known
	event       string   // Slack's id of what somebody said, which may come again to any replica; empty otherwise
	again       bool     // Slack has brought it before
	passed      bool     // it was left to another replica before
	what        string   // Slack's name for the kind, for the log
	text        string
	button      string // the label of the one that was pressed; empty where none was
	stale       bool   // a button that another Sparky drew
	person      commands.Person
	channel     string
	thread      string // the ts of the message to answer under, where all may see the answer
	asideThread string // the ts of the thread in which the asker is, empty outside of one
	responseURL string
	trigger     string            // by which a form can be opened, for three seconds; empty where none can
	form        map[string]string // what was filled into one; nil where none was sent off
	fields      []string          // that the form has
	visit       Visit             // of the Home tab, in which it was asked
	note        *note
}

// request is the ask as a command takes it.
func (a ask) request() commands.Request {
	return commands.Request{Text: a.text, Person: a.person, Button: a.button, Channel: a.channel, Origin: a.origin.way(), Form: a.form}
}

// verdict says what to do with an envelope.
type verdict int

const (
	toDo        verdict = iota
	notMeant            // nothing that asks Sparky: a bot's words, another tab
	notHandled          // a kind that Sparky does not handle
	notReadable         // not what Slack documents
)

// plainObject is a text object as Slack gives it back.
type plainObject struct {
	Text string `json:"text"`
}

// parse reads an envelope.
func parse(e envelope) (ask, verdict, error) {
	switch e.Type {
	case "slash_commands":
		return parseSlash(e)
	case "interactive":
		return parseInteraction(e)
	case "events_api":
		return parseEvent(e)
	}
	return ask{what: e.Type}, notHandled, nil
}

func parseSlash(e envelope) (ask, verdict, error) {
	var p struct {
		Text        string `json:"text"`
		UserID      string `json:"user_id"`
		UserName    string `json:"user_name"`
		ChannelID   string `json:"channel_id"`
		ResponseURL string `json:"response_url"`
		TriggerID   string `json:"trigger_id"`
	}
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return ask{}, notReadable, err
	}
	if p.UserID == "" {
		return ask{}, notReadable, errors.New("a command without a user")
	}
	return ask{origin: bySlash, id: []string{"envelope " + e.ID}, what: "slash command", text: plainWords(p.Text, ""),
		person: commands.Person{ID: p.UserID, Name: p.UserName}, channel: p.ChannelID, responseURL: p.ResponseURL, trigger: p.TriggerID}, toDo, nil
}

func parseInteraction(e envelope) (ask, verdict, error) {
	var p struct {
		Type string `json:"type"`
		User struct {
			ID       string `json:"id"`
			Username string `json:"username"`
			Name     string `json:"name"`
		} `json:"user"`
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
		Container struct {
			MessageTS   string `json:"message_ts"`
			ThreadTS    string `json:"thread_ts"`
			IsEphemeral bool   `json:"is_ephemeral"`
		} `json:"container"`
		ResponseURL string   `json:"response_url"`
		TriggerID   string   `json:"trigger_id"`
		View        seenView `json:"view"`
		Actions     []struct {
			Type     string      `json:"type"`
			Value    string      `json:"value"`
			URL      string      `json:"url"`
			Text     plainObject `json:"text"`
			Selected struct {
				Text  plainObject `json:"text"`
				Value string      `json:"value"`
			} `json:"selected_option"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return ask{}, notReadable, err
	}
	if p.Type == "view_submission" {
		return parseSubmission(e)
	}
	if p.Type != "block_actions" {
		return ask{what: p.Type}, notHandled, nil
	}
	if p.User.ID == "" || len(p.Actions) == 0 {
		return ask{}, notReadable, errors.New("a click without a user or an action")
	}
	action := p.Actions[0]
	if action.URL != "" && action.Value == "" {
		return ask{}, notMeant, nil
	}
	value, label := action.Value, action.Text.Text
	if value == "" {
		value, label = action.Selected.Value, action.Selected.Text.Text
	}
	command, ours := commandOf(value)
	a := ask{origin: byClick, id: []string{"envelope " + e.ID}, what: "click", text: command, button: strings.TrimSpace(oneLine(label)), stale: !ours, channel: p.Channel.ID,
		person: commands.Person{ID: p.User.ID, Name: cmp.Or(p.User.Username, p.User.Name)}, thread: p.Container.ThreadTS, asideThread: p.Container.ThreadTS,
		responseURL: p.ResponseURL, trigger: p.TriggerID}
	if a.thread == "" && !p.Container.IsEphemeral {
		a.thread = p.Container.MessageTS
	}
	if a.channel == "" && a.responseURL == "" {
		a = a.inHome(p.View)
	}
	return a, toDo, nil
}

func parseEvent(e envelope) (ask, verdict, error) {
	var p struct {
		EventID        string `json:"event_id"`
		Authorizations []struct {
			UserID string `json:"user_id"`
			IsBot  bool   `json:"is_bot"`
		} `json:"authorizations"`
		Event *struct {
			Type        string   `json:"type"`
			Subtype     string   `json:"subtype"`
			User        string   `json:"user"`
			BotID       string   `json:"bot_id"`
			Text        string   `json:"text"`
			TS          string   `json:"ts"`
			ThreadTS    string   `json:"thread_ts"`
			Channel     string   `json:"channel"`
			ChannelType string   `json:"channel_type"`
			Tab         string   `json:"tab"`
			View        seenView `json:"view"`
		} `json:"event"`
	}
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return ask{}, notReadable, err
	}
	if p.Event == nil {
		return ask{}, notReadable, errors.New("an event without its inside")
	}
	ev := p.Event
	bot := ""
	if len(p.Authorizations) > 0 && p.Authorizations[0].IsBot {
		bot = p.Authorizations[0].UserID
	}
	if bot == "" && ev.Type == "app_mention" {
		bot = firstMention(ev.Text)
	}
	a := ask{id: []string{"envelope " + e.ID}, what: ev.Type, text: plainWords(ev.Text, bot),
		person: commands.Person{ID: ev.User}, channel: ev.Channel, thread: ev.ThreadTS, again: e.RetryAttempt > 0}
	if p.EventID != "" {
		a.id = append(a.id, "event "+p.EventID)
	}
	switch {
	case ev.Type != "app_home_opened" && ev.Type != "app_mention" && ev.Type != "message":
		return a, notHandled, nil
	case ev.User == "" || ev.BotID != "" || ev.User == bot:
		return a, notMeant, nil
	case ev.Type == "app_home_opened":
		if a.origin, a.visit = opening, ev.View.visit(ev.User); ev.Tab != "home" {
			return a, notMeant, nil
		}
	case ev.Type == "app_mention":
		if a.origin, a.event = byMention, p.EventID; a.thread == "" {
			a.thread = ev.TS
		}
	default:
		if a.origin, a.event = byDirect, p.EventID; ev.ChannelType != "im" || ev.Subtype != "" {
			return a, notMeant, nil
		}
	}
	return a, toDo, nil
}

// firstMention is the first person that a text mentions: Sparky, most likely, where Slack did not say who that is.
func firstMention(text string) string {
	_, rest, _ := strings.Cut(text, "<@")
	id, _, closed := strings.Cut(rest, ">")
	if !closed {
		return ""
	}
	id, _, _ = strings.Cut(id, "|")
	return id
}

// plainWords is what a person typed, without what Slack makes of it: the mention of the bot is taken out, other
// mentions, channels and links become their labels, entities their characters.
func plainWords(text, bot string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		if !found {
			break
		}
		inside, after, closed := strings.Cut(rest, ">")
		if !closed {
			b.WriteString("<" + rest)
			break
		}
		b.WriteString(spoken(inside, bot))
		text = after
	}
	// One pass, so that &amp;lt; stays the &lt; that was typed.
	words := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(b.String())
	return strings.Join(strings.Fields(words), " ")
}

// spoken is how a sequence between angle brackets reads.
func spoken(inside, bot string) string {
	target, label, labelled := strings.Cut(inside, "|")
	sign, id := "", target
	switch {
	case strings.HasPrefix(target, "@"):
		if sign, id = "@", target[1:]; bot != "" && id == bot {
			return " "
		}
	case strings.HasPrefix(target, "#"):
		sign, id = "#", target[1:]
	case strings.HasPrefix(target, "!"):
		sign, id = "@", strings.TrimPrefix(target[1:], "subteam^")
	}
	if labelled && label != "" {
		return sign + strings.TrimLeft(label, "@#")
	}
	return sign + id
}

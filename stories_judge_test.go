package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"sparky/fixtures/world/slack"
)

// judge is how every story ends: nothing happened that it did not ask for.
func (s *story) judge() {
	for _, e := range s.slack.Problems() {
		if !s.excused[e.Problem] {
			s.Errorf("Slack had a problem that the story did not bring about: %s %s [%s]", e.Kind, e.Text, e.Problem)
		}
	}
	keys := map[string]string{}
	for _, m := range s.posted() {
		if !s.read[m.TS] {
			s.Errorf("nobody asked for this message in %s:\n%s", m.Channel, shown(m))
		}
		for _, name := range mentions(m) {
			if !s.mayMention(m, name) {
				s.Errorf("a message in %s mentions %s:\n%s", m.Channel, name, shown(m))
			}
		}
		key := effectKey(m)
		if other := keys[key]; key != "" && other != "" {
			s.Errorf("%s was posted twice:\n%s\n%s", key, other, shown(m))
		}
		keys[key] = shown(m)
	}
	s.judgeOffices()
	s.keepsSecrets("the log", s.logs.String())
	s.keepsSecrets("Slack", s.everything())
	s.keepsSecrets("New Relic", fmt.Sprint(s.world.NewRelic.Records("SyntheticCheck"), s.world.NewRelic.Records("ExternalServiceCall")))
	s.databaseKeepsSecrets()
}

// posted are all messages of Sparky's that more than one person sees.
func (s *story) posted() []slack.Message {
	var all []slack.Message
	for _, c := range s.slack.Channels() {
		for _, m := range s.slack.Messages(c.ID) {
			if m.BotID != "" {
				all = append(all, m)
			}
		}
	}
	return all
}

// everything is what Slack shows anybody.
func (s *story) everything() string {
	var b strings.Builder
	for _, c := range s.slack.Channels() {
		for _, m := range s.slack.Messages(c.ID) {
			fmt.Fprintf(&b, "#%s %s: %s\n", c.Name, m.User, shown(m))
		}
		for _, u := range s.slack.Users() {
			for _, m := range s.slack.Ephemerals(u.ID, c.ID) {
				fmt.Fprintf(&b, "#%s to %s alone: %s\n", c.Name, u.Name, shown(m))
			}
		}
	}
	for _, u := range s.slack.Users() {
		for _, modal := range s.slack.Modals(u.ID) {
			fmt.Fprintf(&b, "form before %s: %s\n%s\n", u.Name, modal.Blocks, modal.Errors)
		}
		if home, ok := s.slack.Home(u.ID); ok {
			fmt.Fprintf(&b, "home of %s: %s\n", u.Name, strings.Join(texts(home.Blocks), "\n"))
		}
	}
	return b.String()
}

// keepsSecrets holds that a text has none of the secrets in it, in no form in which a program writes one.
func (s *story) keepsSecrets(where, text string) {
	s.Helper()
	for _, secret := range s.secrets {
		for form, guise := range guises(secret) {
			if at := strings.Index(text, guise); at >= 0 {
				s.Errorf("%s shows a secret (%s): %.200q", where, form, text[max(0, at-80):])
			}
		}
	}
}

// shown is every text of a message, a line each.
func shown(m slack.Message) string {
	return m.Text + "\n" + strings.Join(texts(m.Blocks), "\n")
}

// texts are the texts of a layout, in their order.
func texts(blocks json.RawMessage) []string {
	var all []string
	visit(blocks, func(element map[string]any) {
		if text, ok := element["text"].(string); ok {
			all = append(all, text)
		}
	})
	return all
}

// visit calls look for each object of a JSON document, outer ones first.
func visit(document json.RawMessage, look func(map[string]any)) {
	var root any
	if len(document) == 0 || json.Unmarshal(document, &root) != nil {
		return
	}
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, child := range node {
				walk(child)
			}
		case map[string]any:
			look(node)
			for _, name := range []string{"text", "fields", "elements", "accessory", "blocks"} {
				if _, plain := node[name].(string); !plain {
					walk(node[name])
				}
			}
		}
	}
	walk(root)
}

// onCallGroup is who is called, and the words that call them.
const (
	onCallGroup = "S0ONCALL"
	calledWords = "Calling on-call."
	// remindedWords begin what brings such a call up again.
	remindedWords = "Nobody has acknowledged this for"
)

var (
	incidentID = regexp.MustCompile(`sparky-(?:compat-)?[a-z]+-[0-9a-z]+`)
	mentioning = regexp.MustCompile(`<(?:!subteam\^|!|@|#)([A-Za-z0-9]+)`)
)

// mayMention tells whether a message may call somebody's attention: that of who did what it tells of, and that of the
// people on call where it says that they are called.
func (s *story) mayMention(m slack.Message, name string) bool {
	if strings.Contains(m.Text, "<") {
		return false // what a phone shows of it
	}
	if name == onCallGroup {
		return m.Channel == slack.Alerts && strings.Contains(effectKey(m), "/thread/") && (strings.HasPrefix(m.Text, calledWords) || strings.HasPrefix(m.Text, remindedWords))
	}
	return s.acted[name]
}

// mentions are the people, groups and channels that a message would call, by their ids.
func mentions(m slack.Message) []string {
	var names []string
	find := func(text string) {
		for _, found := range mentioning.FindAllStringSubmatch(text, -1) {
			if found[1] != "date" {
				names = append(names, found[1])
			}
		}
	}
	find(m.Text)
	visit(m.Blocks, func(element map[string]any) {
		text, _ := element["text"].(string)
		switch kind, _ := element["type"].(string); kind {
		case "mrkdwn":
			find(text)
		case "broadcast", "user", "usergroup", "channel":
			names = append(names, "an element "+kind)
		}
	})
	return names
}

// effectKey is under which key a message was recorded, empty for an answer to a person.
func effectKey(m slack.Message) string {
	var metadata struct {
		Payload struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &metadata) != nil {
		return ""
	}
	return metadata.Payload.Key
}

func holdsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/commands"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

// A person can talk to Sparky: a mention in a channel and a direct message take every command, in the same words as the slash
// command does.

func TestTalkingStories(t *testing.T) {
	tellStories(t, with(betasTried, map[string]func(*story){
		"a direct message takes every command":            everyCommandInADirectMessage,
		"a mention takes every command":                   everyCommandInAMention,
		"a mention in a thread is answered in the thread": aMentionInAThread,
		"who may not is refused there, too":               refusedWhereTheyTalk,
	}))
}

// talk is something that a person says, and words that the answer has.
type talk struct{ text, words string }

// talks are one for each command that the contract has, in an order in which each has something to do.
func talks() []talk {
	return []talk{
		{"", "What you can ask"}, {"help", "What you can ask"}, {"help mute", "mute"}, {"status", "Partners"}, {"status SNOW", "Ticket sync"},
		{"incidents", "incident"}, {"changelog okta 30d", "Universal Logout"}, {"upcoming", "Coming changes"}, {"oncall", "on call"},
		{"probe okta", "Okta"}, {"compat okta 2026.12.0", "2026.12.0"}, {"ack ECO-7", "ECO-7"}, {"resolve ECO-7", "ECO-7"},
		{"mute okta 2h moving house", "moving house"}, {"unmute okta", "ended the mute"}, {"certify", "Which partner?"}, {"audit", "Audit"},
		{"theirs ECO-7", "ECO-7"}, {"ours ECO-7", "ECO-7"}, {"publish ECO-7", "for publishers"}, {"decline ECO-7", "for publishers"},
		{"hello", "Ask me what is broken"}, {"thanks!", "You are welcome"}, {"hey what is broken?", "No incident is open"},
		{"statsu", "status"},
	}
}

func everyCommandInADirectMessage(s *story) {
	s.only()
	p := s.watching()
	var said []string
	for _, c := range talks() {
		name, _, _ := strings.Cut(c.text, " ")
		said = append(said, name)
	}
	for _, name := range p.book(nil, func(text string) string { return text }, time.Now).Names() {
		if !slices.Contains(said, name) {
			s.Errorf("nobody says %q", name)
		}
	}
	for _, c := range talks() {
		if c.text == "" {
			continue // Slack sends no empty message
		}
		asked, err := s.slack.Say("ada", "DM", c.text)
		s.hold(err)
		s.acts("ada")
		s.repliesTo(asked, c)
	}
	s.told(slack.Updates, "Okta 2026.12.0") // what the run that was started says
}

func everyCommandInAMention(s *story) {
	s.only()
	s.watching()
	for _, c := range talks() {
		asked, err := s.slack.Say("ada", slack.General, strings.TrimSpace("@sparky "+c.text))
		s.hold(err)
		s.acts("ada")
		s.repliesTo(asked, c)
	}
	s.told(slack.Updates, "Okta 2026.12.0")
}

// repliesTo waits for an answer after a message, in its channel or to the one who asked alone.
func (s *story) repliesTo(asked slack.Message, c talk) slack.Message {
	s.Helper()
	var found slack.Message
	s.hold(s.slack.Wait(s.ctx, "an answer to “"+c.text+"” with "+c.words, func() bool {
		for _, m := range append(s.slack.Messages(asked.Channel), s.slack.Ephemerals("ada", asked.Channel)...) {
			if m.BotID == "" || m.TS <= asked.TS {
				continue
			}
			s.read[m.TS] = true
			if holdsAll(shown(m), []string{c.words}) {
				found = m
				return true
			}
		}
		return false
	}))
	return found
}

func aMentionInAThread(s *story) {
	s.watching()
	begun, err := s.slack.Say("ben", slack.General, "does anybody know how Okta is?")
	s.hold(err)
	asked, err := s.slack.Reply("ada", slack.General, begun.TS, "@sparky status okta")
	s.hold(err)
	s.acts("ada")
	if m := s.repliesTo(asked, talk{"status okta", "Sign-in"}); m.ThreadTS != begun.TS {
		s.Errorf("it is answered under %q, not in the thread %s", m.ThreadTS, begun.TS)
	}
}

func refusedWhereTheyTalk(s *story) {
	s.watching()
	for _, channel := range []string{slack.General, "DM"} {
		asked, err := s.slack.Say("femi", channel, "@sparky mute "+vendors.Okta+" 2h")
		s.hold(err)
		s.acts("femi")
		s.hold(s.slack.Wait(s.ctx, "a refusal in "+channel, func() bool {
			for _, m := range append(s.slack.Messages(asked.Channel), s.slack.Ephemerals("femi", asked.Channel)...) {
				if m.BotID != "" && m.TS > asked.TS && strings.Contains(shown(m), "is for "+string(commands.Operator)+"s, and you are not one of them") {
					s.read[m.TS] = true
					return true
				}
			}
			return false
		}))
	}
}

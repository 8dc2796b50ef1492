package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"sparky/bot"
	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// What people read, and what rings them: no more than they need.
func TestNoiseStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a call that nobody takes is brought up again, until somebody does":  nobodyTakesIt,
		"a call that was taken before the reminder is not brought up":        takenInTime,
		"what is not urgent waits for one message of the morning":            oneMorning,
		"buttons of another Sparky say so, and those of this one still work": oldButtons,
		"whoever did something is named in new messages, and not rung":       namedNotRung,
	})
}

// reminded are the lines that bring the call for an incident up again.
func (i *incident) reminded() []slack.Message {
	return slices.DeleteFunc(i.thread(), func(m slack.Message) bool { return !strings.HasPrefix(m.Text, remindedWords) })
}

func (s *story) remindsAfter(times ...time.Duration) {
	s.config.Oncall.Remind = nil
	for _, t := range times {
		s.config.Oncall.Remind = append(s.config.Oncall.Remind, setting.Duration(t))
	}
}

func nobodyTakesIt(s *story) {
	s.remindsAfter(time.Second, 2*time.Second, time.Hour)
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	s.hold(s.slack.Wait(s.ctx, "a reminder", func() bool { return len(i.reminded()) > 0 }))
	for _, m := range i.reminded() {
		if m.ThreadTS != i.card.TS || !slices.Contains(mentions(m), onCallGroup) {
			s.Errorf("it stands under %q: %s", m.ThreadTS, shown(m))
		}
	}
	i.presses("ada", "Acknowledge")
	i.shows("has it")
	i.page(pagerduty.Acknowledged)
	i.ends(vendors.ServiceNow)
	if n := len(i.reminded()); n > 2 {
		s.Errorf("people were reminded %d times", n)
	}
	s.hold(s.slack.Wait(s.ctx, "that it is over", func() bool {
		return slices.ContainsFunc(i.thread(), func(m slack.Message) bool { return strings.HasPrefix(m.Text, "Over") })
	}))
	for _, m := range i.thread() {
		s.read[m.TS] = true
	}
}

func takenInTime(s *story) {
	s.remindsAfter(20 * time.Second)
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.presses("ada", "Acknowledge")
	i.shows("has it")
	i.page(pagerduty.Acknowledged)
	paged := time.Now()
	s.hold(s.world.Partners.Wait(s.ctx, "the time of a reminder", func() bool { return time.Since(paged) > 26*time.Second }))
	p.fails(vendors.ServiceNow, "table-api", 1)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords, "Acknowledged", "Over")
}

// oneMorning begins less than two minutes before the morning comes.
func oneMorning(s *story) {
	s.only()
	morning := time.Now().UTC().Add(40 * time.Second).Truncate(time.Minute).Add(time.Minute)
	s.config.Slack.Digest = &bot.Digest{At: morning.Format("15:04"), Zone: "UTC"}
	s.watching()
	s.publish(vendors.Okta, vendors.Entry{Title: "Faster lists", Body: "<p>Lists are made twice as fast.</p>"})
	s.publish(vendors.Workday, vendors.Entry{Title: "Clearer reports", Body: "<p>Reports are easier to read.</p>"})
	s.publish(vendors.ServiceNow, vendors.Entry{Title: "The cart API will be removed on {deadline}", Body: "<p>Calls will fail from {deadline}.</p>", Deadline: in(20)})
	s.told(slack.Updates, "The cart API will be removed")
	s.rounds("feed", 2, vendors.IDs()...)
	if text := s.everything(); strings.Contains(text, "Faster lists") && time.Now().Before(morning) {
		s.Errorf("what can wait did not:\n%s", text)
	}
	m := s.told(slack.Updates, "What could wait until this morning", "Okta: 1 announcement", "Workday: 1 announcement", "Faster lists", "Clearer reports")
	if strings.Contains(shown(m), "cart API") {
		s.Errorf("what was told already is told again:\n%s", shown(m))
	}
	s.rounds("feed", 2, vendors.IDs()...)
}

func oldButtons(s *story) {
	p := s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	api := bot.NewAPI(http.DefaultClient, s.world.SlackAPI(), setting.NewSecret(s.world.BotToken()), setting.NewSecret(""))
	var elements []slackgo.BlockElement
	for n, value := range []string{"0:ack " + i.id, "ack " + i.id, "", "1:nothing-that-there-is " + i.id, "1:ack sparky-okta-none"} {
		label := slackgo.NewTextBlockObject(slackgo.PlainTextType, fmt.Sprint("Old ", n), false, false)
		elements = append(elements, slackgo.NewButtonBlockElement(fmt.Sprint("former.", n), value, label))
	}
	_, ts, err := api.PostMessageContext(s.ctx, slack.Alerts, slackgo.MsgOptionText("an old card", false), slackgo.MsgOptionBlocks(slackgo.NewActionBlock("", elements...)))
	s.hold(err)
	s.read[ts] = true
	p.stop()
	s.start()
	s.linked()
	old := &incident{story: s, id: i.id, card: slack.Message{Channel: slack.Alerts, TS: ts}}
	old.answers("ada", "Old 0", "another version of Sparky", "changed nothing")
	old.answers("ada", "Old 1", "another version of Sparky")
	old.answers("ada", "Old 2", "another version of Sparky")
	old.answers("ada", "Old 3", "nothing-that-there-is", "help")
	old.answers("ada", "Old 4", "I know no incident")
	i.lacks("Acknowledged by")
	i.presses("ada", "Acknowledge")
	i.shows("Acknowledged by")
	i.page(pagerduty.Acknowledged)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords, "Acknowledged", "Over")
}

func namedNotRung(s *story) {
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged")
	i.page(pagerduty.Triggered)
	i.presses("ada", "Acknowledge")
	i.shows("has it")
	muted := s.types("ada", "mute workday 2h a drill", "muted", "Workday")
	lifted := s.types("chidi", "unmute workday", "ended the mute of Workday")
	i.page(pagerduty.Acknowledged)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords, "Acknowledged", "Over")
	if !slices.ContainsFunc(i.thread(), func(m slack.Message) bool { return strings.Contains(shown(m), "Acknowledged by ada.") }) {
		s.Errorf("nobody is named under the card:\n%s", s.everything())
	}
	for _, m := range append(i.thread(), muted, lifted) {
		for _, name := range mentions(m) {
			if strings.HasPrefix(name, "U") {
				s.Errorf("%s is rung by what they did: %s", name, shown(m))
			}
		}
	}
	if !strings.Contains(shown(muted), "ada muted") {
		s.Errorf("nobody is named: %s", shown(muted))
	}
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/incidents"
	"sparky/partners"
	"sparky/store"
)

func TestCountdownStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a date is brought up again 30, 7 and 1 days before it":       aDateIsBroughtUpAgain,
		"what was due while Sparky was down is told once":             dueWhileDown,
		"what is announced late gets the reminders that are ahead":    announcedLate,
		"reminders follow a date that moves":                          remindersFollowADate,
		"whoever handled a change is named, and nobody reminded":      whoeverHandledIt,
		"handled is taken back":                                       handledIsTakenBack,
		"a reminder that was recorded before the end is posted after": recordedBeforeTheEnd,
	})
}

// ownersGroup is the user group that is mentioned in reminders.
const ownersGroup = "S0PLATFORM"

// counting is a story about one partner's dates alone.
func counting(s *story) {
	s.config.Partners = slices.DeleteFunc(s.config.Partners, func(p partners.Partner) bool { return p.ID != vendors.ServiceNow })
	s.config.Partners[0].Probes, s.config.Partners[0].Status = nil, partners.StatusSource{}
	s.acted[ownersGroup] = true
}

// onDay runs Sparky on the day that comes after so many, from ten in the morning UTC.
func (s *story) onDay(days int) *program {
	s.Helper()
	ahead := time.Until(in(days).Add(10 * time.Hour))
	clock := func() time.Time { return time.Now().Add(ahead) }
	p := s.startAt(clock, store.Options{Now: clock})
	s.rounds("feed", 2, vendors.ServiceNow)
	s.linked()
	return p
}

// counts looks whether a date comes near, as Sparky does every minute.
func (p *program) counts() {
	p.story.Helper()
	p.story.hold(p.remind(p.story.ctx, p.outside.now))
}

// countsQuietly holds that no reminder comes of it.
func (p *program) countsQuietly() {
	s := p.story
	s.Helper()
	open := func() bool {
		due, err := p.memory.Due(s.ctx)
		s.hold(err)
		_, waits := due[changes.EffectReminder]
		return waits
	}
	s.hold(s.world.Partners.Wait(s.ctx, "the end of what is under way", func() bool { return !open() }))
	before := len(s.reminders())
	p.counts()
	if open() || len(s.reminders()) != before {
		s.Errorf("there is a reminder too many:\n%s", s.everything())
	}
}

func (s *story) reminders() []slack.Message {
	return slices.DeleteFunc(s.posted(), func(m slack.Message) bool { return !strings.HasPrefix(effectKey(m), "reminder/") })
}

// reminded waits for the reminder with so many days left, and holds that it says what its reader needs.
func (s *story) reminded(left string, words ...string) slack.Message {
	s.Helper()
	m := s.told(slack.Updates, append(words, left, "They say", "Platform Integrations", "<!subteam^"+ownersGroup+">", "/sparky upcoming servicenow")...)
	if !strings.HasPrefix(effectKey(m), "reminder/servicenow/") {
		s.Errorf("it was recorded as %q", effectKey(m))
	}
	return m
}

// announced is an announcement of a day so many days from now, which Sparky has told.
func (s *story) announced(days int) vendors.Entry {
	s.Helper()
	entry, err := s.world.Partners.AnnounceDeprecation(vendors.ServiceNow, in(days))
	s.hold(err)
	s.told(slack.Updates, "ServiceNow", "1 change needs a look", day(days))
	return entry
}

func (s *story) beginCounting() *program {
	s.Helper()
	s.lasts(90 * time.Second)
	counting(s)
	p := s.start()
	s.rounds("feed", 2, vendors.ServiceNow)
	s.linked()
	// What was announced before the story is no part of it.
	before, err := p.memory.Upcoming(s.ctx, "", changes.Date(in(0).Format(time.DateOnly)))
	s.hold(err)
	for _, e := range before {
		if e.Effective != "" {
			_, err := p.memory.Handle(s.ctx, e.ID(), incidents.Deed{By: "an earlier story", At: time.Now()})
			s.hold(err)
		}
	}
	return p
}

func aDateIsBroughtUpAgain(s *story) {
	p := s.beginCounting()
	s.announced(40)
	p.countsQuietly()
	p.stop()
	for _, step := range []struct {
		on   int
		left string
	}{{10, "30 days are left"}, {11, ""}, {33, "7 days are left"}, {39, "that is tomorrow"}, {40, ""}, {41, ""}} {
		p := s.onDay(step.on)
		if step.left != "" {
			p.counts()
			s.reminded(step.left, "By "+day(40))
		}
		p.countsQuietly()
		p.stop()
	}
	if n := len(s.reminders()); n != 3 {
		s.Errorf("%d reminders", n)
	}
	p = s.onDay(41)
	if m := s.asks("ada", "upcoming"); strings.Contains(shown(m), day(40)) {
		s.Errorf("what has passed is still to come:\n%s", shown(m))
	}
	p.countsQuietly()
}

func dueWhileDown(s *story) {
	p := s.beginCounting()
	s.announced(40)
	p.stop()
	p = s.onDay(35) // the reminders of 30 and of 7 days were due on days 10 and 33
	p.counts()
	s.reminded("5 days are left")
	p.countsQuietly()
	p.stop()
	p = s.onDay(42) // and that of the last day, on day 39
	p.countsQuietly()
}

func announcedLate(s *story) {
	p := s.beginCounting()
	s.announced(5)
	p.stop()
	for _, quiet := range []int{1, 3} {
		p = s.onDay(quiet)
		p.countsQuietly()
		p.stop()
	}
	p = s.onDay(4)
	p.counts()
	s.reminded("that is tomorrow")
	p.countsQuietly()
}

func remindersFollowADate(s *story) {
	p := s.beginCounting()
	entry := s.announced(31)
	p.stop()
	p = s.onDay(2)
	p.counts()
	s.reminded("29 days are left", "By "+day(31))
	s.hold(s.world.Partners.MoveDeadline(vendors.ServiceNow, entry.Key, in(60)))
	s.told(slack.Updates, "Moved from "+day(31)+" to "+day(60))
	p.countsQuietly()
	p.stop()

	p = s.onDay(24) // seven days before the old date
	p.countsQuietly()
	p.stop()
	p = s.onDay(30)
	p.counts()
	s.reminded("30 days are left", "By "+day(60))
	s.hold(s.world.Partners.MoveDeadline(vendors.ServiceNow, entry.Key, in(31)))
	s.told(slack.Updates, "Moved from "+day(60)+" to "+day(31))
	p.countsQuietly()
}

// presses lets somebody press a button, and holds that Slack was answered.
func (s *story) presses(user string, m slack.Message, label string) {
	s.Helper()
	s.acts(user)
	delivery, err := s.slack.ClickLabel(user, m.Channel, m.TS, label)
	s.hold(err)
	if outcome, took, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("pressing %q was %s after %v: %v", label, outcome, took, err)
	}
}

// heard waits for an answer that somebody alone sees.
func (s *story) heard(user, channel string, words ...string) slack.Message {
	s.Helper()
	m, err := s.slack.WaitForEphemeral(s.ctx, user, channel, func(m slack.Message) bool { return m.BotID != "" && holdsAll(shown(m), words) })
	if err != nil {
		s.Fatalf("an answer to %s with %q: %v\n%s", user, words, err, s.everything())
	}
	return m
}

func whoeverHandledIt(s *story) {
	p := s.beginCounting()
	s.announced(40)
	p.stop()
	p = s.onDay(10)
	p.counts()
	reminder := s.reminded("30 days are left")

	s.presses("ben", reminder, "Handled")
	s.heard("ben", reminder.Channel, "is for operators")
	s.presses("ada", reminder, "Handled")
	done := s.told(slack.Updates, "marked", "as handled", day(40), "I bring it up no more")
	if done.ThreadTS != reminder.TS {
		s.Error("that it is handled does not stand in the reminder's thread")
	}
	s.presses("chidi", reminder, "Handled")
	s.heard("chidi", reminder.Channel, "Nothing was changed", "as handled on "+in(10).Format("2 January"))
	s.asks("chidi", "upcoming snow", "with a date, all of it handled", "handled by", "on "+in(10).Format("2 January"))
	p.stop()

	for _, quiet := range []int{33, 39} {
		p = s.onDay(quiet)
		p.countsQuietly()
		p.stop()
	}
}

func handledIsTakenBack(s *story) {
	p := s.beginCounting()
	s.announced(40)
	listed := s.asks("ada", "upcoming snow", day(40))
	s.presses("ada", listed, "Handled")
	done := s.told(slack.General, "as handled", day(40))
	p.stop()

	p = s.onDay(34)
	p.countsQuietly()
	s.presses("chidi", done, "Not handled after all")
	s.told(slack.General, "took it back", "had marked it", "again the day before")
	p.countsQuietly()
	s.presses("ada", done, "Not handled after all")
	s.heard("ada", slack.General, "nobody has marked")
	p.stop()

	p = s.onDay(39)
	p.counts()
	s.reminded("that is tomorrow")
	p.countsQuietly()
}

func recordedBeforeTheEnd(s *story) {
	p := s.beginCounting()
	for n := range 3 {
		s.publish(vendors.ServiceNow, vendors.Entry{Title: fmt.Sprintf("API number %d will be removed on {deadline}", n), Body: "<p>Use its successor. Calls will fail from {deadline}.</p>", Deadline: in(31)})
	}
	s.told(slack.Updates, "ServiceNow", "API number 2")
	s.forgive(slack.Updates, "ServiceNow: 1 change", "ServiceNow: 2 changes")
	p.stop()
	p = s.onDay(1)
	p.counts()
	p.stop() // what was recorded is posted now, or by the next one, and not by both

	p = s.onDay(1)
	s.reminded("30 days are left", "3 changes come near", "API number 0", "API number 1", "API number 2")
	p.countsQuietly()
}

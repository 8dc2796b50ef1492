package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestChangelogStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"an announcement is told once, ever, also after a restart": anAnnouncementIsToldOnce,
		"the first reading is silent":                              theFirstReadingIsSilent,
		"a deadline that moves is told as a change":                aDeadlineThatMoves,
		"an edit of words alone is not news":                       anEditOfWordsAlone,
		"two hundred entries at once are one readable message":     twoHundredAtOnce,
		"a round is one digest, what needs action first":           oneDigestForARound,
		"a changelog behind a sign-in page is told once":           aChangelogBehindASignIn,
	})
}

func anAnnouncementIsToldOnce(s *story) {
	p := s.watching()
	entry, err := s.world.Partners.AnnounceFeature(vendors.Workday)
	s.hold(err)
	s.told(slack.Updates, "Workday", "1 new entry", entry.Title)

	s.rounds("feed", 2, vendors.Workday)
	p.stop()
	s.start()
	s.rounds("feed", 3, vendors.Workday)
	// That there is no second message, in this channel or another, is held at the end of every story.
}

func theFirstReadingIsSilent(s *story) {
	s.watching()
	s.rounds("feed", 2, vendors.IDs()...)
	if n := len(s.posted()); n != 0 {
		s.Errorf("%d messages about what was announced before Sparky came", n)
	}
	s.asks("ada", "changelog okta 30d", "Universal Logout API v1.1")
}

func aDeadlineThatMoves(s *story) {
	s.watching()
	entry, err := s.world.Partners.AnnounceDeprecation(vendors.ServiceNow, in(30))
	s.hold(err)
	s.told(slack.Updates, "ServiceNow", "1 change needs a look", day(30), "in 30 days")

	// Its feed dates itself by the second: an edit in the second of the last reading would be seen with the next one.
	s.rounds("feed", 2, vendors.ServiceNow)
	s.hold(s.world.Partners.MoveDeadline(vendors.ServiceNow, entry.Key, in(90)))
	s.told(slack.Updates, "Moved from "+day(30)+" to "+day(90))
	s.rounds("feed", 2, vendors.ServiceNow)
	s.asks("ada", "upcoming snow", day(90))
}

// day is the day so many days from now, as Sparky writes days.
func day(days int) string { return in(days).Format("2 January 2006") }

func anEditOfWordsAlone(s *story) {
	s.watching()
	key := s.publish(vendors.Workday, vendors.Entry{Title: "Faster reports", Body: "<p>Reports are made twice as fast.</p>"})
	s.told(slack.Updates, "Faster reports")
	s.rounds("feed", 2, vendors.Workday)
	s.hold(s.world.Partners.Edit(vendors.Workday, key, func(e *vendors.Entry) { e.Body = "<p>Reports are made twice as quickly.</p>" }))
	s.rounds("feed", 3, vendors.Workday)
}

func twoHundredAtOnce(s *story) {
	s.watching()
	s.hold(s.world.Partners.BreakFeed(vendors.Microsoft, vendors.Maintenance))
	for i := range 199 {
		s.publish(vendors.Microsoft, vendors.Entry{Title: fmt.Sprintf("Feature number %d is available", i), Body: "<p>It can now be used.</p>"})
	}
	s.publish(vendors.Microsoft, vendors.Entry{Title: "The teams API will be removed on {deadline}", Body: "<p>Calls will fail from {deadline}.</p>", Deadline: in(20)})
	s.hold(s.world.Partners.BreakFeed(vendors.Microsoft, vendors.Working))

	m := s.told(slack.Updates, "Microsoft 365", "1 change needs a look", "The teams API will be removed", "/sparky changelog microsoft")
	if lines, length := strings.Count(shown(m), "\n"), utf8.RuneCountInString(shown(m)); lines > 60 || length > 6000 {
		s.Errorf("%d lines and %d characters are not readable", lines, length)
	}
	if !strings.Contains(shown(m), "And 194 more (194 new)") {
		s.Errorf("the rest is not counted:\n%s", shown(m))
	}
	s.rounds("feed", 2, vendors.Microsoft)
	s.forgive(slack.Alerts, "Microsoft 365: its changelog is read again", "Microsoft 365: I cannot read")
}

func oneDigestForARound(s *story) {
	s.only() // a probe in the moment of the cut would find our network down
	s.watching()
	s.hold(s.world.CutNetwork(true))
	_, err := s.world.Partners.AnnounceFeature(vendors.Workday)
	s.hold(err)
	breaking, err := s.world.Partners.AnnounceBreaking(vendors.Workday, in(9))
	s.hold(err)
	_, version, err := s.world.Partners.AnnounceBeta(vendors.Workday)
	s.hold(err)
	s.hold(s.world.CutNetwork(false))

	m := s.told(slack.Updates, "Workday", day(9), "in 9 days", version, "Bulk read of organisation charts")
	text := shown(m)
	at := func(words string) int { return strings.Index(strings.TrimPrefix(text, m.Text), words) }
	first, second, third := at(titleOf(breaking)), at("public beta"), at("Bulk read")
	if first < 0 || first > second || second > third {
		s.Errorf("what needs action is not first (%d, %d, %d):\n%s", first, second, third, text)
	}
	for _, id := range vendors.IDs() {
		s.forgive(slack.Alerts, vendors.Name(id)+": ")
	}
}

// titleOf is the part of an announcement's title that does not depend on its day.
func titleOf(e vendors.Entry) string {
	_, rest, _ := strings.Cut(e.Title, "{deadline}: ")
	return rest
}

func aChangelogBehindASignIn(s *story) {
	s.watching()
	s.hold(s.world.Partners.BreakFeed(vendors.Okta, vendors.Login))
	broken := s.told(slack.Alerts, "Okta: I cannot read one of its changelogs")
	s.rounds("feed", 3, vendors.Okta)
	s.asks("ada", "status okta", "Changelogs", "HTML")
	entry, err := s.world.Partners.AnnounceFeature(vendors.Okta)
	s.hold(err)

	s.hold(s.world.Partners.BreakFeed(vendors.Okta, vendors.Working))
	mended := s.told(slack.Alerts, "Okta: its changelog is read again")
	if mended.TS != broken.TS {
		s.Error("that it is over is told in another message")
	}
	s.told(slack.Updates, "Okta", entry.Title)
}

// forgive reads the messages that may be there and need not: what is told of a failure depends on how long it took.
func (s *story) forgive(channel string, starts ...string) {
	for _, m := range s.slack.Messages(channel) {
		for _, start := range starts {
			if strings.HasPrefix(m.Text, start) {
				s.read[m.TS] = true
			}
		}
	}
}

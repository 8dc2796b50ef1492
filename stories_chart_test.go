package main

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/bot/chart"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/partners"
)

func TestChartStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a chart is for who asked, unless it is asked for before all": chartsAreShown,
		"where Sparky is no member, the figures are said in words":    chartsWithoutAPlace,
	})
}

// remembers gives the memory a month of a probe's results, an hour apart, of which some fail.
func (p *program) remembers(partner, probe string) {
	p.story.Helper()
	var all []partners.ProbeResult
	for hour := 1; hour <= 24*30; hour++ {
		r := partners.ProbeResult{Partner: partner, Probe: probe, At: time.Now().Add(-time.Duration(hour) * time.Hour), Took: time.Duration(200+hour%50*4) * time.Millisecond}
		if hour%100 < 3 {
			r.Class, r.Problem = partners.FailServer, "it was answered with 503"
		}
		all = append(all, r)
	}
	p.story.hold(p.memory.SaveResults(p.story.ctx, all))
}

// pictured waits for the message in a channel that brings a picture, and returns both.
func (s *story) pictured(channel string, words ...string) (slack.Message, slack.File) {
	s.Helper()
	m := s.told(channel, words...)
	if len(m.Files) != 1 {
		s.Fatalf("the message %q brings %v", m.Text, m.Files)
	}
	f, ok := s.slack.File(m.Files[0])
	if !ok {
		s.Fatal("its file is not there")
	}
	return m, f
}

// chartOf waits for the chart below those words in somebody's direct messages with Sparky, and sees to it that nobody else is
// shown one.
func (s *story) chartOf(user string, words ...string) slack.File {
	s.Helper()
	var found slack.File
	s.hold(s.slack.Wait(s.ctx, "a chart for one person", func() bool {
		for _, c := range s.slack.Channels() {
			if !c.IM || !slices.Contains(c.Members, user) {
				continue
			}
			all := s.slack.Messages(c.ID)
			for i, m := range all {
				if i > 0 && len(m.Files) == 1 && holdsAll(shown(all[i-1]), words) {
					s.read[m.TS], s.read[all[i-1].TS] = true, true
					found, _ = s.slack.File(m.Files[0])
					return true
				}
			}
		}
		return false
	}))
	if len(found.Shared) != 1 {
		s.Errorf("the chart is shown in %v", found.Shared)
	}
	return found
}

func chartsAreShown(s *story) {
	s.only(vendors.Okta)
	p := s.well()
	probe := s.partner(vendors.Okta).Probes[0].ID
	p.remembers(vendors.Okta, probe)
	answer := s.answered("ada", slack.Alerts, "status okta", "Okta", "Show the chart")
	s.presses("ada", answer, "Show the chart")
	s.heard("ada", slack.Alerts, "in your direct messages with Sparky")
	f := s.chartOf(slack.Operator, "Okta, last 24 hours: ")
	picture, err := png.Decode(bytes.NewReader(f.Data))
	s.hold(err)
	if picture.Bounds().Dx() != chart.Width || !strings.Contains(f.Alt, "Last 24 hours: ") || !strings.Contains(f.Alt, "Last 30 days: ") || strings.Contains(f.Alt, "Last 30 days: nothing") {
		s.Errorf("the picture is %v, and a screen reader says %q", picture.Bounds(), f.Alt)
	}
	_, err = s.slack.Command("ada", slack.Alerts, "/sparky", "status okta --chart --public")
	s.hold(err)
	if m, _ := s.pictured(slack.Alerts, "Okta, last 24 hours: ", "Asked by ada."); m.ThreadTS != "" || m.EphemeralTo != "" {
		s.Errorf("the chart stands in thread %q, for %q", m.ThreadTS, m.EphemeralTo)
	}
	asked, err := s.slack.Say("ben", slack.Updates, "@sparky status okta --chart")
	s.hold(err)
	if m, _ := s.pictured(slack.Updates, "Okta, last 24 hours: "); m.ThreadTS != asked.TS {
		s.Error("a chart that was asked for in a mention is not in its thread")
	}
}

func chartsWithoutAPlace(s *story) {
	s.only(vendors.Okta)
	s.well()
	s.excuse("not_in_channel")
	var elsewhere string
	for _, c := range s.slack.Channels() {
		if !c.Private && !c.Archived && !c.IM && !strings.Contains(strings.Join(c.Members, " "), slack.BotUser) && strings.Contains(strings.Join(c.Members, " "), slack.Operator) {
			elsewhere = c.ID
		}
	}
	if elsewhere == "" {
		s.Fatal("Sparky is in every channel")
	}
	s.answered(slack.Operator, elsewhere, "status okta --chart --public", "Last 24 hours: ", "/invite @Sparky")
}

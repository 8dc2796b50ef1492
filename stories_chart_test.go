package main

import (
	"bytes"
	"image/png"
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
		"a button shows the chart, in the channel or in the thread": chartsAreShown,
		"where Sparky is no member, the figures are said in words":  chartsWithoutAPlace,
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

func chartsAreShown(s *story) {
	s.only(vendors.Okta)
	p := s.well()
	probe := s.partner(vendors.Okta).Probes[0].ID
	p.remembers(vendors.Okta, probe)
	answer := s.answered("ada", slack.Alerts, "status okta", "Okta", "Show the chart")
	s.presses("ada", answer, "Show the chart")
	m, f := s.pictured(slack.Alerts, "Okta, last 24 hours: ")
	if m.ThreadTS != "" || m.EphemeralTo != "" {
		s.Errorf("the chart stands in thread %q, for %q", m.ThreadTS, m.EphemeralTo)
	}
	picture, err := png.Decode(bytes.NewReader(f.Data))
	s.hold(err)
	if picture.Bounds().Dx() != chart.Width || !strings.Contains(f.Alt, "Last 24 hours: ") || !strings.Contains(f.Alt, "Last 30 days: ") || strings.Contains(f.Alt, "Last 30 days: nothing") {
		s.Errorf("the picture is %v, and a screen reader says %q", picture.Bounds(), f.Alt)
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
	s.answered(slack.Operator, elsewhere, "status okta --chart", "Last 24 hours: ", "/invite @Sparky")
}

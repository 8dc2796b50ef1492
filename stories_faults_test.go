package main

import (
	"net/http"
	"strings"
	"testing"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestFaultStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"Slack asks to slow down":                        slackAsksToSlowDown,
		"Slack is away for a while":                      slackIsAway,
		"a channel to which nobody invited Sparky":       notInvited,
		"a channel that does not exist yet":              noSuchChannel,
		"a layout that Slack refuses goes out as text":   refusedLayout,
		"a token that is revoked":                        revokedToken,
		"text from outside stays text":                   hostileText,
		"a changelog that hangs, floods or breaks off":   hostileFeeds,
		"the network to the partners is cut":             networkCut,
		"what a secret is worth: it is shown to nobody":  secretsStaySecret,
		"a home that Slack refuses keeps nobody waiting": refusedHome,
	})
}

func slackAsksToSlowDown(s *story) {
	s.watching()
	s.excuse("HTTP 429", "ratelimited")
	s.slack.SetFault("chat.postMessage", slack.Fault{Status: http.StatusTooManyRequests, RetryAfter: 2, Times: 2})
	for _, id := range vendors.IDs() {
		_, err := s.world.Partners.AnnounceFeature(id)
		s.hold(err)
	}
	for _, id := range vendors.IDs() {
		s.told(slack.Updates, vendors.Name(id)+": ")
	}
	s.rounds("feed", 2, vendors.IDs()...)
}

func slackIsAway(s *story) {
	s.watching()
	s.excuse("dropped")
	s.slack.SetFault(slack.AnyMethod, slack.Fault{Away: true})
	s.slack.DropLinks()
	_, err := s.world.Partners.AnnounceFeature(vendors.Okta)
	s.hold(err)
	s.hold(s.slack.Wait(s.ctx, "an attempt to reach it", func() bool { return s.slack.Calls("apps.connections.open") > 3 }))
	if n := len(s.posted()); n > 0 {
		s.Errorf("%d messages while Slack was away", n)
	}
	s.slack.ClearFaults()
	s.told(slack.Updates, "Okta: 1 new entry")
	s.linked()
	s.asks("ada", "help", "What you can ask")
}

func notInvited(s *story) {
	s.watching()
	s.excuse("not_in_channel")
	channel := s.channel(slack.Updates)
	members := channel.Members
	channel.Members = []string{slack.Operator, slack.Publisher}
	s.slack.SetChannel(channel)
	_, err := s.world.Partners.AnnounceFeature(vendors.Okta)
	s.hold(err)
	s.told(slack.Alerts, "I cannot do something until somebody lends a hand", "/invite @Sparky in #ecosystem-updates")
	s.asks("ada", "status", "Sparky needs a hand", "/invite @Sparky in #ecosystem-updates")
	s.rounds("feed", 2, vendors.Okta)

	channel.Members = members
	s.slack.SetChannel(channel)
	s.told(slack.Updates, "Okta: 1 new entry")
	s.rounds("feed", 2, vendors.Okta)
}

func noSuchChannel(s *story) {
	s.lasts(patience) // Slack's list of channels is asked for once a minute
	s.config.Slack.Channels.Updates = "#partners"
	s.watching()
	_, err := s.world.Partners.AnnounceFeature(vendors.Okta)
	s.hold(err)
	s.told(slack.Alerts, "I cannot do something until somebody lends a hand", "#partners")
	s.slack.SetChannel(slack.Channel{ID: "C0PARTNERS", Name: "partners", Members: []string{slack.Operator, slack.BotUser}})
	s.told("C0PARTNERS", "Okta: 1 new entry")
}

// channel is a channel as it now stands.
func (s *story) channel(id string) slack.Channel {
	s.Helper()
	for _, c := range s.slack.Channels() {
		if c.ID == id {
			return c
		}
	}
	s.Fatalf("no channel %s", id)
	return slack.Channel{}
}

func refusedLayout(s *story) {
	s.watching()
	s.excuse("invalid_blocks")
	s.slack.SetFault("chat.postMessage", slack.Fault{Error: "invalid_blocks", Times: 1})
	entry, err := s.world.Partners.AnnounceFeature(vendors.Okta)
	s.hold(err)
	if m := s.told(slack.Updates, entry.Title); len(m.Blocks) > 0 {
		s.Error("the layout that was refused stands in the channel")
	}
}

func revokedToken(s *story) {
	s.excuse("token_revoked")
	s.slack.RefuseAppToken("token_revoked")
	s.slack.RefuseBotToken("token_revoked")
	p := s.start()
	s.hold(s.world.Partners.Wait(s.ctx, "word of it", func() bool { return p.link.Health().Problem != "" }))
	if status, body := s.fetch(p, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "install Sparky in the workspace again") {
		s.Errorf("/readyz: %d %s", status, body)
	}
	s.rounds("feed", 2, vendors.IDs()...)
	p.stop()
	s.slack.RefuseAppToken("")
	s.slack.RefuseBotToken("")
	s.start()
	s.linked()
	s.asks("ada", "status", "Partners")
}

// fetch asks Sparky's own web server.
func (s *story) fetch(p *program, path string) (int, string) {
	s.Helper()
	address := "http://" + p.listener.Addr().String() + path
	return s.get(address)
}

func hostileText(s *story) {
	s.watching()
	s.publish(vendors.Workday, vendors.Entry{Title: "<!channel> <@U0OPERATOR> &lt;!here&gt; `*_~ <https://evil.example|https://workday.example>",
		Body: "<p>&lt;!everyone&gt; <a href=\"javascript:alert(1)\">read</a> &amp;lt;!subteam^S0ONCALL&amp;gt;</p>"})
	s.told(slack.Updates, "Workday", "channel")
	s.publish(vendors.Microsoft, vendors.Entry{Title: strings.Repeat("An endless title <!channel> ", 4000), Body: "<p>&lt;!here&gt;</p>"})
	m := s.told(slack.Updates, "Microsoft 365", "An endless title")
	if len(shown(m)) > 6000 {
		s.Errorf("%d bytes are not readable", len(shown(m)))
	}
	_, err := s.world.Partners.Post(vendors.GitHub, vendors.Outage{Title: "<!channel> <https://evil.example|status>", Text: "<!here> " + strings.Repeat("long ", 20000)})
	s.hold(err)
	s.rounds("page", 3, vendors.GitHub)
	s.asks("ada", "status github", "GitHub")
	for _, text := range []string{"status --public", "changelog 1d --public", "status github --public"} {
		_, err := s.slack.Command("ada", slack.General, "/sparky", text)
		s.hold(err)
	}
	s.told(slack.General, "Partners")
	s.told(slack.General, "An endless title")
	s.told(slack.General, "Incidents on its page")
	s.forbid("<https://evil.example|", "javascript:")
}

// forbid holds that nobody is shown a text.
func (s *story) forbid(parts ...string) {
	s.Helper()
	everything := s.everything()
	for _, part := range parts {
		if at := strings.Index(everything, part); at >= 0 {
			s.Errorf("somebody is shown %q: …%.200q", part, everything[max(0, at-60):])
		}
	}
}

func hostileFeeds(s *story) {
	s.watching()
	// Cut off by a lost connection, not by an answer that says it is whole: what stands half in such a document is told
	// as it stands there.
	broken := map[string]vendors.Break{vendors.Microsoft: vendors.CutOff, vendors.ServiceNow: vendors.GzipBomb, vendors.Workday: vendors.Hang, vendors.Okta: vendors.CutOff}
	for id, how := range broken {
		s.hold(s.world.Partners.BreakFeed(id, how))
		_, err := s.world.Partners.AnnounceFeature(id)
		s.hold(err)
	}
	_, err := s.world.Partners.AnnounceFeature(vendors.GitHub)
	s.hold(err)
	s.told(slack.Updates, "GitHub: 1 new entry")
	s.rounds("feed", 3, vendors.GitHub)
	s.asks("ada", "status", "GitHub")
	for id := range broken {
		s.hold(s.world.Partners.BreakFeed(id, vendors.Working))
	}
	for id := range broken {
		s.told(slack.Updates, vendors.Name(id)+": 1 new entry")
		s.forgive(slack.Alerts, vendors.Name(id)+": ")
	}
}

// networkCut is about what is read; that probes find our own network down is told with the incidents.
func networkCut(s *story) {
	s.only()
	s.watching()
	s.hold(s.world.CutNetwork(true))
	_, err := s.world.Partners.AnnounceFeature(vendors.Workday)
	s.hold(err)
	for _, id := range vendors.IDs() {
		s.told(slack.Alerts, vendors.Name(id)+": I cannot read one of its changelogs")
	}
	s.asks("ada", "status", "Partners: 5 unknown.")
	s.hold(s.world.CutNetwork(false))
	s.told(slack.Updates, "Workday: 1 new entry")
	for _, id := range vendors.IDs() {
		s.told(slack.Alerts, vendors.Name(id)+": its changelog is read again", s.world.Feed(id))
		if contract := s.world.Contract(id); contract != "" {
			s.told(slack.Alerts, vendors.Name(id)+": its changelog is read again", contract)
		}
	}
}

func refusedHome(s *story) {
	s.watching()
	s.excuse("internal_error")
	s.slack.SetFault("views.publish", slack.Fault{Error: "internal_error", Times: 1})
	delivery, err := s.slack.OpenHome("ada")
	s.hold(err)
	if outcome, _, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("opening the tab: %s, %v", outcome, err)
	}
	s.hold(s.slack.Wait(s.ctx, "an attempt", func() bool { return s.slack.Calls("views.publish") > 0 }))
	_, err = s.slack.OpenHome("ada")
	s.hold(err)
	s.hold(s.slack.Wait(s.ctx, "the dashboard", func() bool { _, ok := s.slack.Home("ada"); return ok }))
}

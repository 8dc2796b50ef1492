package main

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// What people ask about incidents and probes, and what Sparky does where some of our systems are others, or none.

func TestIncidentAskedStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"/sparky probe runs them now, in one message":                probesNow,
		"/sparky status and incidents tell of probes and incidents":  statusWithProbes,
		"/sparky oncall tells who would be called":                   whoIsOnCall,
		"the built-in public page, read as any other page is":        builtinPage,
		"on-call is a group in Slack":                                slackOncall,
		"without Jira, on-call and a public page it is the card":     cardAlone,
		"a certificate that nobody trusts is ours to look at":        untrusted,
		"a probe leaves nothing behind in the partner's system":      noLitter,
		"text from a partner's answer stays text wherever it stands": hostileAnswer,
	})
}

func probesNow(s *story) {
	s.well()
	m := s.types("ada", "probe snow", "ServiceNow: both probes passed", "Asked by")
	if n := len(s.slack.Messages(slack.Alerts)); n != 1 {
		s.Errorf("it took %d messages", n)
	}
	for _, timing := range []string{"incident-creation", "table-api", "ms"} {
		if !strings.Contains(shown(m), timing) {
			s.Errorf("it does not tell %s:\n%s", timing, shown(m))
		}
	}
	s.types("ada", "probe okta org", "Okta: org passed")
	s.asks("ada", "probe okta orgg", "org")
}

func statusWithProbes(s *story) {
	_, i := s.broken()
	s.asks("ben", "status snow", "ServiceNow", "table-api", "incident-creation", "%", "ECO-1")
	s.asks("ben", "status", "ServiceNow", "ECO-1")
	s.asks("ben", "incidents", "ServiceNow", "*Internal*", "ECO-1", "Nobody has acknowledged it yet")
	i.ends(vendors.ServiceNow)
	s.asks("ben", "incidents", "o incident is open")
	i.tells(calledWords+" not announced by them", "Over")
}

func whoIsOnCall(s *story) {
	s.watching()
	s.asks("dana", "oncall", "*An incident would call*", "Whoever PagerDuty's schedule has on call", "The on-call group")
}

func builtinPage(s *story) {
	s.config.StatusPage = &statuspage.Config{}
	s.config.StatusPage.SetDefaults()
	s.config.StatusPage.Provider = statuspage.ProviderBuiltin
	p := s.well()
	s.reports(vendors.Okta, vendors.Outage{Title: "Sign-in is down"})
	s.fails(vendors.Okta)
	i := s.incident(vendors.Okta, "theirs", "Our customers are told on", "ECO-1")
	i.ticket("opened", status("Open"))

	address := "http://" + p.listener.Addr().String() + "/status"
	read := func() partners.Status {
		return p.outside.status(s.ctx, partners.Partner{ID: "acme", Status: partners.StatusSource{URL: address}})
	}
	page := read()
	if page.Level != partners.Degraded || len(page.Incidents) != 1 || !strings.Contains(page.Incidents[0].Name, "Sign-in") {
		s.Errorf("our own reader reads %+v", page)
	}
	at := slices.IndexFunc(page.Components, func(c partners.Component) bool { return c.Name == "Sign-in" })
	if at < 0 || page.Components[at].Level != partners.Degraded {
		s.Errorf("its features are %+v", page.Components)
	}
	for _, path := range []string{"/status", "/status/api/v2/summary.json"} {
		if code, body := s.fetch(p, path); code != 200 || !holdsAll(body, []string{"Sign-in", "Okta"}) {
			s.Errorf("%s: %d\n%s", path, code, body)
		}
	}
	i.ends(vendors.Okta)
	s.hold(s.world.Partners.ResolveAll(vendors.Okta))
	s.hold(s.world.Partners.Wait(s.ctx, "a page that says that all is well", func() bool { return read().Level == partners.Operational }))
	i.tells("Sign-in is down", "tells customers", "Over")
}

func slackOncall(s *story) {
	s.config.Oncall.Provider = pager.ProviderSlack
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	s.wanted["page "+i.id] = true
	i.tells(calledWords + " not announced by them")
	s.asks("ada", "oncall", "*An incident would call*", "The on-call group, by a mention")
	i.presses("chidi", "Acknowledge")
	i.shows("has it")
	i.ticket("in progress", status("In Progress"))
	i.ends(vendors.ServiceNow)
	i.tells(calledWords+" not announced by them", "Acknowledged", "Over")
}

func cardAlone(s *story) {
	s.config.Jira, s.config.Oncall, s.config.StatusPage = nil, nil, nil
	s.well()
	s.table()
	i := s.incident(vendors.ServiceNow, "looks like theirs, not announced yet")
	i.lacks("Jira", "on-call")
	s.types("ada", "ack "+i.id, "acknowledged")
	i.shows("has it")
	s.asks("ada", "oncall", "Nobody would be called")
	i.heals(vendors.ServiceNow)
	i.shows("works again after")
	i.tells("not announced by them", "Acknowledged", "Over")
}

func untrusted(s *story) {
	server := httptest.NewTLSServer(nil)
	s.Cleanup(server.Close)
	probe := partners.ProbeConfig{ID: "certificate", Kind: partners.KindTLS, Address: strings.TrimPrefix(server.URL, "https://")}
	probe.SetDefaults()
	probe.Every, probe.Timeout = setting.Duration(time.Second), setting.Duration(3*time.Second)
	s.only()
	s.partner(vendors.Workday).Probes = []partners.ProbeConfig{probe}
	s.watching()
	i := s.incident(vendors.Workday, "Workday: certificate fails", "a certificate is not accepted", "on-call was paged")
	i.page(pagerduty.Triggered)
	i.ticket("told of the verdict", says("Verdict: internal"))
	i.tells(calledWords + " ertificate")
}

func noLitter(s *story) {
	p := s.well()
	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APILost, Method: "POST", Times: 2})
	s.hold(s.world.Partners.Wait(s.ctx, "answers that were lost", func() bool {
		return s.world.Partners.APIBroken(vendors.ServiceNow) == vendors.APIBreak{}
	}))
	s.rounds("api", 8, vendors.ServiceNow)
	p.passing()
	s.hold(s.world.Partners.Wait(s.ctx, "nothing left open", func() bool { return len(s.world.Partners.OpenTickets()) == 0 }))
	live, err := p.memory.Incidents(s.ctx, false, time.Time{})
	s.hold(err)
	for _, in := range live { // a lost answer may be a failure, which is told as one
		i := s.incident(in.Partner)
		i.ticket("resolved", status("Resolved"))
		s.wanted["page "+i.id] = true
		s.hold(s.world.Pager.Wait(s.ctx, "nobody called", func() bool { return len(s.world.Pager.Open()) == 0 }))
		s.hold(s.slack.Wait(s.ctx, "the end of it", func() bool {
			return slices.ContainsFunc(i.thread(), func(m slack.Message) bool { return strings.HasPrefix(m.Text, "Over") })
		}))
		for _, m := range i.thread() {
			s.read[m.TS] = true
		}
	}
}

func hostileAnswer(s *story) {
	s.well()
	s.reports(vendors.ServiceNow, vendors.Outage{Title: "<!channel> <https://evil.example|click> & `*_~", Text: "<!here> <@U0OPERATOR>"})
	s.fails(vendors.ServiceNow)
	i := s.incident(vendors.ServiceNow, "theirs: their page reports", "ECO-1")
	i.ticket("told of the verdict", says("Verdict: external"))
	post := i.customers("identified", "ServiceNow")
	if strings.Contains(post.Name+post.Updates[0].Body, "evil") {
		s.Errorf("customers read the partner's own words: %s", post.Updates[0].Body)
	}
	s.forbid("<https://evil.example|", "<!channel>", "<!here>")
	i.ends(vendors.ServiceNow)
	s.hold(s.world.Partners.ResolveAll(vendors.ServiceNow))
	i.customers("resolved")
	i.tells("evil.example", "tells customers", "Over")
}

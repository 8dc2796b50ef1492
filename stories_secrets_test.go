package main

import (
	"io"
	"net/http"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

// secretsStaySecret gives partners credentials, lets all go wrong that may name them, and looks for them everywhere. The
// tokens of Slack are looked for in every story.
func secretsStaySecret(s *story) {
	canaries := []string{"canary-bearer-4711", "canary-password-4712", "canary-header-4713", "canary-query-4714"}
	s.secrets = append(s.secrets, canaries...)
	auths := map[string]*partners.Auth{
		vendors.Okta:    {Bearer: setting.NewSecret(canaries[0])},
		vendors.Workday: {Basic: &partners.BasicAuth{User: "probe", Password: setting.NewSecret(canaries[1])}},
		vendors.GitHub:  {Header: &partners.HeaderAuth{Name: "X-Key", Value: setting.NewSecret(canaries[2])}},
	}
	for i, p := range s.config.Partners {
		s.config.Partners[i].Changelog[0].Auth, s.config.Partners[i].Status.Auth = auths[p.ID], auths[p.ID]
		if p.ID == vendors.ServiceNow {
			s.config.Partners[i].Changelog[0].URL += "?token=" + canaries[3]
		}
	}
	// What ${…} put into an address is known to be secret; what is written there in plain is not.
	s.config.substituted = append(s.config.substituted, setting.NewSecret(canaries[3]))
	s.excuse("invalid_auth", "dropped", "HTTP 500")
	p := s.watching()
	for _, id := range vendors.IDs() {
		s.hold(s.world.Partners.BreakFeed(id, vendors.Login))
		s.hold(s.world.Partners.BreakPage(id, vendors.ServerError))
	}
	for _, id := range vendors.IDs() {
		s.told(slack.Alerts, vendors.Name(id)+": I cannot read one of its changelogs")
		s.asks("ada", "status "+id, vendors.Name(id), "Changelogs")
	}
	s.slack.SetFault("chat.postMessage", slack.Fault{Status: http.StatusInternalServerError, Times: 1})
	s.slack.SetFault("views.publish", slack.Fault{Error: "invalid_auth", Times: 1})
	_, err := s.slack.OpenHome("ada")
	s.hold(err)
	_, err = s.slack.Say("ada", "DM", "status")
	s.hold(err)
	s.hold(s.slack.Wait(s.ctx, "both refusals", func() bool { return len(s.slack.Faults()) == 0 }))
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		_, body := s.fetch(p, path)
		s.keepsSecrets(path, body)
	}
}

// get asks a web server with a client of its own, which leaves nothing behind.
func (s *story) get(address string) (int, string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, address, http.NoBody)
	s.hold(err)
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	s.hold(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	s.hold(err)
	return response.StatusCode, string(body)
}

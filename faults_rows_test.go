package main

import (
	"strings"
	"time"

	"sparky/fixtures/world/github"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/standin"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// What is said beside what is said of incidents, by its words.
const (
	entryTold  = "GitHub: 1 new entry"
	feedBack   = "GitHub: its changelog is read again"
	betaTold   = "Okta: a beta is on offer"
	betaPassed = "Okta 2026.12.0: our integration works with it."
	handLent   = "It works again, after " // what was edited from: I cannot do something until somebody lends a hand
)

// controlsCut is what is done where no control can be reached.
const controlsCut = "A partner that cannot be reached either is an incident of our own network, one for all of them, and no partner is blamed. What answers with an error is judged as ever."

func theSystems() []system {
	return []system{
		slackSystem(), linkSystem(), jiraSystem(), actionsSystem(), pagerSystem(), publicSystem(), eventsSystem(), nrqlSystem(),
		partnerSystem(), pageSystem(), feedSystem(), controlSystem(), beatSystem(),
	}
}

func slackSystem() system {
	return system{name: "Slack Web API", servers: []string{"slack"}, cells: map[string]cell{
		"":                     {"Messages wait in the database and come in their order, each once. Tickets, calls and public posts do not wait for them. An answer that was lost is looked for in the channel before anything is posted again.", []string{entryTold}},
		"429 with Retry-After": {"Waits for as long as Slack asks, for that method alone. Everything comes afterwards, once.", []string{entryTold}},
		"401 from one moment on": {"Nobody can be told in Slack, so the log, `/readyz` and `sparky doctor` say it. When it is mended everything comes. That it was refused is not said then any more.",
			[]string{entryTold}},
		"an hour away": {"As above. A message that was overtaken is drawn as it stands now: one message for each incident, however much happened.", []string{entryTold}},
	},
		harm: func(g *faultStage, f fault) {
			f.how.Path = "/api/"
			if f.how.Refuse { // the link stays, which is at the same address here
				f.how = standin.Fault{Path: "/api/", Away: true}
			}
			g.hold(g.world.SetFault("slack", f.how))
		}}
}

func linkSystem() system {
	return system{name: "Slack Socket Mode", servers: []string{"slack"}, cells: map[string]cell{
		"":                       {"Messages go on by the Web API. The link is opened anew, after a second at first and a minute at most; what people ask meanwhile Slack refuses before their eyes, and afterwards it is answered.", []string{entryTold}},
		"hang":                   {"A link without a ping for 30 s is taken for dead and replaced. Messages go on.", []string{entryTold}},
		"401 from one moment on": {"Says in the log and by `/readyz` that the app-level token is refused, and tries every five minutes. Messages go on.", []string{entryTold}},
		"answer lost":            {"The connection that came about is lost; another one is opened.", []string{entryTold}},
	},
		harm: func(g *faultStage, f fault) {
			f.how.Path = "/link/"
			switch {
			case f.how.Refuse:
				f.how = standin.Fault{Path: "/link/", Away: true}
			case f.how.Hang:
				g.slack.SetLinkMode(slack.SilentAfterAccept)
				f.how = standin.Fault{}
			case f.how.Status == 401:
				g.slack.RefuseAppToken("invalid_auth")
				f.how = standin.Fault{}
			}
			g.hold(g.world.SetFault("slack", f.how))
			g.slack.DropLinks()
		},
		mend: func(g *faultStage) {
			g.slack.SetLinkMode(slack.LinksWork)
			g.slack.RefuseAppToken("")
			g.hold(g.world.SetFault("slack", standin.Fault{}))
		},
		check: func(g *faultStage, _ fault) {
			g.passes(5 * time.Minute) // a person has to act first, where a token is refused
			if g.slack.Links() == 0 {
				g.Error("there is no link again")
				return
			}
			g.asks("ada", "help", "What you can ask")
		}}
}

func jiraSystem() system {
	return system{name: "Jira", servers: []string{"jira"}, cells: map[string]cell{
		"":                       {"The incident, its message and the call go on without the ticket. It is opened afterwards, with everything that happened meanwhile; where an answer was lost it is looked for first, once Jira's search is certain to show it.", []string{entryTold}},
		"429 with Retry-After":   {"Waits for as long as Jira asks; then the ticket is opened, once.", []string{entryTold}},
		"401 from one moment on": {"Says once, however many tickets wait, that the token is refused and where a new one goes. Tries every half minute.", []string{entryTold, "Jira does not take the token (401)"}},
		"an hour away":           {"After ten minutes without a ticket people are told, once. Within a quarter of an hour of its return every ticket is there, once, and closed where it is over.", []string{entryTold, "looking for the issue"}},
	}}
}

func actionsSystem() system {
	return system{name: "GitHub Actions", servers: []string{"actions"}, cells: map[string]cell{
		"":                       {"The run waits. After two minutes people are told what keeps it from starting, once. Afterwards it is started once: where an answer was lost, it is looked for by its name first.", []string{betaTold, betaPassed, handLent}},
		"429 with Retry-After":   {"Waits for as long as GitHub asks; told after two minutes; started once.", []string{betaTold, betaPassed, handLent}},
		"401 from one moment on": {"Says once that the token is refused and where a new one goes. Tries every half minute.", []string{betaTold, betaPassed, "GitHub does not take the token (401)"}},
	},
		options: stageOptions{config: func(c *Config, demo Config) { c.GitHub = demo.GitHub }},
		stir: func(g *faultStage) {
			g.announces(vendors.Okta, "2026.12.0")
		},
		calm: func(g *faultStage) { g.passes(5 * time.Minute) },
		check: func(g *faultStage, _ fault) {
			runs := g.world.Actions.Runs()
			if len(runs) != 1 || runs[0].Status != github.Completed {
				g.Errorf("runs: %+v", runs)
			}
		}}
}

func pagerSystem() system {
	return system{name: "PagerDuty", servers: []string{"pagerduty"}, cells: map[string]cell{
		"":                       {"Tries again with the same key, so that PagerDuty knows it for the same alert. Who is on call is mentioned in Slack at once, and after half a minute people are told that nobody's phone may have rung. Called once.", []string{entryTold, handLent}},
		"429 with Retry-After":   {"Waits and tries again; told after half a minute. Called once.", []string{entryTold, "PagerDuty asks for fewer events"}},
		"401 from one moment on": {"Says once what to check in the configuration. Called when it is mended.", []string{entryTold, "401 Unauthorized"}},
		"malformed":              {"Only PagerDuty's own word counts: a page of a proxy that answers 200 is no call. Told after half a minute.", []string{entryTold, "not PagerDuty's word"}},
	}}
}

func publicSystem() system {
	return system{name: "Statuspage", servers: []string{"statuspage"}, cells: map[string]cell{
		"":                       {"Customers are told afterwards, once, of what is still so. Where an answer was lost, the page is read before anything is posted again.", []string{entryTold}},
		"401 from one moment on": {"Says once, for the post and the components together, that the page waits for a new key, and in the same message when it has one.", []string{entryTold, "It works again, after "}},
		"an hour away":           {"As above. An outage that is over by then is told as over, and nobody gets the same mail twice.", []string{entryTold}},
	}}
}

func eventsSystem() system {
	return system{name: "New Relic events", servers: []string{"newrelic events"}, cells: map[string]cell{
		"":               {"Results wait in memory, newest first kept, and are sent afterwards. Nothing else waits for them; `/metrics` counts them.", []string{entryTold}},
		"half an answer": {"Sent again, because New Relic knows no key for an event: some results are there twice, none is lost.", []string{entryTold}},
		"answer lost":    {"Sent again, because New Relic knows no key for an event: some results are there twice, none is lost.", []string{entryTold}},
		"malformed":      {"Only New Relic's own word counts: a page of a proxy that answers 200 took nothing. Sent again.", []string{entryTold}},
	},
		options: stageOptions{config: func(c *Config, demo Config) {
			quiet := *demo.NewRelic
			quiet.Alerts = nil
			c.NewRelic = &quiet
		}},
		check: func(g *faultStage, f fault) {
			sent, times := 0, map[any]bool{}
			for _, r := range g.world.NewRelic.Records("SyntheticCheck") {
				if name, _ := r["monitorName"].(string); strings.Contains(name, "rate-limit") {
					sent++
					times[r["timestamp"]] = true
				}
			}
			stats, err := g.program.memory.ProbeWindow(g.ctx, vendors.GitHub, "rate-limit", time.Time{}, time.Now())
			g.hold(err)
			state, again := g.program.insight.sender.State(), f.how.Lost || f.how.Half
			if len(times) < stats.Runs-1 || state.Dropped > 0 || sent > len(times) != again {
				g.Errorf("of %d results %d were sent, %d times: %+v", stats.Runs, len(times), sent, state)
			}
		}}
}

func nrqlSystem() system {
	return system{name: "New Relic NRQL", servers: []string{"newrelic graphql"}, cells: map[string]cell{
		"": {"No answer is no breach: nothing is said, and no incident opens or ends by it. With the next answer an alert that is past its limit is told, once.", []string{entryTold, "teams-card-latency is"}},
	},
		options: stageOptions{also: []string{vendors.Microsoft}, config: func(c *Config, demo Config) {
			one := *demo.NewRelic
			one.Alerts = one.Alerts[:1]
			c.NewRelic = &one
		}},
		stir: func(g *faultStage) {
			g.trouble()
			g.hold(g.world.Partners.BreakAPI(vendors.Microsoft, vendors.APIBreak{How: vendors.APISlow, After: 2500 * time.Millisecond, Method: "POST", Path: "/powerautomate"}))
		}}
}

func partnerSystem() system {
	return system{name: "A partner's API", servers: []string{vendors.Okta + " api"}, cells: map[string]cell{
		"":                       {"One incident with one ticket and one message, judged by what failed and how. It ends after two passes.", []string{entryTold}},
		"429 with Retry-After":   {"Waits for as long as it is asked to, and opens an incident of ours: the ticket says that fewer calls are to be made.", []string{entryTold}},
		"401 from one moment on": {"One incident of ours: the credential is refused. A fresh token is tried first where there is such a thing.", []string{entryTold}},
		"an hour away":           {"One incident for the whole hour. A breaker holds back calls that would only wait; the probe asks on.", []string{entryTold}},
	},
		stir: func(g *faultStage) { g.rounds++; g.announce(vendors.GitHub) }, calm: func(*faultStage) {}}
}

func pageSystem() system {
	return system{name: "A partner's status page", servers: []string{vendors.Okta + " status"}, cells: map[string]cell{
		"":                     {"Its status is unknown, with the reason, and not fine. An incident of the partner says that the page could not be read, and on-call is called rather than customers told. Once it can be read again it is judged again.", []string{entryTold}},
		"429 with Retry-After": {"Not read again before the time that it names. Unknown meanwhile, as above.", []string{entryTold}},
	}}
}

func feedSystem() system {
	return system{name: "A changelog", servers: []string{vendors.GitHub + " feed"}, cells: map[string]cell{
		"":                       {"That it cannot be read is told once it has failed twice and for ten minutes; before that nothing is said. What was announced meanwhile is told when it is read again, once.", []string{entryTold}},
		"429 with Retry-After":   {"Not read again before the time that it names; as above.", []string{entryTold}},
		"401 from one moment on": {"Told at once, because a person has to mend it; the same message says when it is read again. What was announced meanwhile is told then, once.", []string{entryTold, feedBack}},
		"malformed":              {"Told at once that what came is no changelog; the same message says when it is read again. What was announced meanwhile is told then, once.", []string{entryTold, feedBack}},
		"an hour away":           {"Told after ten minutes, in one message for the whole hour, which says when it is read again; and nothing missed that the changelog still lists.", []string{entryTold, feedBack}},
	}}
}

func controlSystem() system {
	return system{name: "The controls", servers: []string{"control 1", "control 2"}, cells: map[string]cell{
		"":        {"Any answer shows that our network reaches the outside, whatever it says. The verdict is as ever.", []string{entryTold}},
		"refused": {controlsCut, []string{entryTold}}, "hang": {controlsCut, []string{entryTold}}, "reset": {controlsCut, []string{entryTold}},
		"answer lost": {controlsCut, []string{entryTold}}, "an hour away": {controlsCut, []string{entryTold}},
	},
		stir: func(g *faultStage) {
			g.cutOff = true
			g.trouble()
			g.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIRefuses})
		}}
}

// beatSystem has one of the world's neutral hosts take the calls.
func beatSystem() system {
	return system{name: "The heartbeat", servers: []string{"control 2"}, cells: map[string]cell{
		"": {"No sign of life arrives, so whoever waits for it raises the alarm, as is right. The log says why, once, without the address; the next one is given at its time.", []string{entryTold}},
	},
		options: stageOptions{config: func(c *Config, demo Config) {
			c.Triage.Controls = demo.Triage.Controls[:1]
			c.Heartbeat = &heartbeatConfig{URL: setting.NewSecret(demo.Triage.Controls[1]), Every: setting.Duration(30 * time.Second)}
		}},
		check: func(g *faultStage, _ fault) {
			if h := g.program.heartbeat.health(); h.Problem != "" || time.Since(h.Last) > time.Minute {
				g.Errorf("the heartbeat is %+v", h)
			}
		}}
}

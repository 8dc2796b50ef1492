package main

import (
	"strings"
	"time"

	"sparky/fixtures/world/github"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/standin"
	"sparky/fixtures/world/vendors"
)

const entryTold = "GitHub: 1 new entry"

func theSystems() []system {
	return []system{
		slackSystem(), linkSystem(), jiraSystem(), actionsSystem(), pagerSystem(), publicSystem(), eventsSystem(), nrqlSystem(),
		partnerSystem(), pageSystem(), feedSystem(), controlSystem(),
	}
}

func slackSystem() system {
	return system{name: "Slack Web API", servers: []string{"slack"}, cells: map[string]cell{"": {said: []string{entryTold}}},
		harm: func(g *faultStage, f fault) {
			f.how.Path = "/api/"
			if f.how.Refuse { // the link stays, which is at the same address here
				f.how = standin.Fault{Path: "/api/", Away: true}
			}
			g.hold(g.world.SetFault("slack", f.how))
		}}
}

func linkSystem() system {
	return system{name: "Slack Socket Mode", servers: []string{"slack"}, cells: map[string]cell{"": {said: []string{entryTold}}},
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
	return system{name: "Jira", servers: []string{"jira"}, cells: map[string]cell{"": {said: []string{entryTold}}}}
}

func actionsSystem() system {
	return system{name: "GitHub Actions", servers: []string{"actions"}, cells: map[string]cell{"": {said: []string{entryTold}}},
		options: stageOptions{config: func(c *Config, demo Config) { c.GitHub = demo.GitHub }},
		stir: func(g *faultStage) {
			g.trouble()
			g.announces(vendors.Okta, "2026.12.0")
		},
		calm: func(g *faultStage) {
			g.calms()
			g.passes(5 * time.Minute)
		},
		check: func(g *faultStage, _ fault) {
			runs := g.world.Actions.Runs()
			if len(runs) != 1 || runs[0].Status != github.Completed {
				g.Errorf("runs: %+v", runs)
			}
		}}
}

func pagerSystem() system {
	return system{name: "PagerDuty", servers: []string{"pagerduty"}, cells: map[string]cell{"": {said: []string{entryTold}}}}
}

func publicSystem() system {
	return system{name: "Statuspage", servers: []string{"statuspage"}, cells: map[string]cell{"": {said: []string{entryTold}}}}
}

func eventsSystem() system {
	return system{name: "New Relic events", servers: []string{"newrelic events"}, cells: map[string]cell{"": {said: []string{entryTold}}},
		options: stageOptions{config: func(c *Config, demo Config) {
			quiet := *demo.NewRelic
			quiet.Alerts = nil
			c.NewRelic = &quiet
		}},
		check: func(g *faultStage, _ fault) {
			sent := map[string]int{}
			for _, r := range g.world.NewRelic.Records("SyntheticCheck") {
				name, _ := r["monitorName"].(string)
				if strings.Contains(name, "rate-limit") {
					sent[name]++
				}
			}
			stats, err := g.program.memory.ProbeWindow(g.ctx, vendors.GitHub, "rate-limit", time.Time{}, time.Now())
			g.hold(err)
			g.Logf("%d results, sent %v, %+v", stats.Runs, sent, g.program.insight.sender.State())
		}}
}

func nrqlSystem() system {
	return system{name: "New Relic NRQL", servers: []string{"newrelic graphql"}, cells: map[string]cell{"": {said: []string{entryTold}}},
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
	return system{name: "A partner's API", servers: []string{vendors.Okta + " api"}, cells: map[string]cell{"": {said: []string{entryTold}}},
		stir: func(g *faultStage) { g.rounds++; g.announce(vendors.GitHub) }, calm: func(*faultStage) {}}
}

func pageSystem() system {
	return system{name: "A partner's status page", servers: []string{vendors.Okta + " status"}, cells: map[string]cell{"": {said: []string{entryTold}}}}
}

func feedSystem() system {
	return system{name: "A changelog", servers: []string{vendors.GitHub + " feed"}, cells: map[string]cell{"": {said: []string{entryTold}}}}
}

func controlSystem() system {
	return system{name: "The controls", servers: []string{"control 1", "control 2"}, cells: map[string]cell{"": {said: []string{entryTold}}},
		stir: func(g *faultStage) {
			g.trouble()
			g.breaks(vendors.Okta, vendors.APIBreak{How: vendors.APIRefuses})
		}}
}

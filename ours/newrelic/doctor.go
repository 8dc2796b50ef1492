package newrelic

import (
	"context"
	"errors"
	"fmt"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Looks are the looks at the new_relic block: the user key, the account, and the query of each alert, which only read.
// events and graph carry EventsAuth and GraphAuth. The Event API has no call that tells of a license key without sending
// something, and the look at it says so.
func (c Config) Looks(events, graph *httpcall.Client) []setting.Look {
	var looks []setting.Look
	if !c.UserKey.IsZero() {
		looks = NewGraph(c, graph).looks(c.Alerts)
	}
	if c.LicenseKey.IsZero() {
		return looks
	}
	const reach = "new_relic.events_url"
	return append(looks,
		setting.Look{What: reach, Try: func(ctx context.Context) setting.Finding {
			const tried = "GET, whatever it answers"
			// Without the key: what is not New Relic shall not have it for a look.
			answer, err := events.With("new relic events, without a key", httpcall.Auth{}).Do(ctx, httpcall.Request{URL: c.EventsURL})
			if err != nil {
				return setting.Failed(tried, err, "see that this machine reaches new_relic.events_url")
			}
			if answer.Status >= 500 {
				return setting.Wrong(tried, fmt.Sprintf("it answers %d", answer.Status), "see status.newrelic.com, and that new_relic.events_url is that of your region")
			}
			return setting.Well("%s: it can be reached", tried)
		}},
		setting.Look{What: "new_relic.license_key", Needs: reach, Try: func(context.Context) setting.Finding {
			return setting.Open("New Relic tells of a license key only by taking events",
				"run Sparky for a minute: sparky_newrelic_events_sent_total of /metrics grows, or its log says what New Relic refuses")
		}})
}

const keySetting = "new_relic.user_key"

func (g *Graph) looks(alerts []Alert) []setting.Look {
	looks := []setting.Look{{What: keySetting, Try: g.lookAtKey}, {What: "new_relic.account_id", Needs: keySetting, Try: g.lookAtAccount}}
	for _, a := range alerts {
		looks = append(looks, setting.Look{What: "new_relic.alerts." + a.Name, Needs: "new_relic.account_id", Try: func(ctx context.Context) setting.Finding {
			const tried = "the query, as NRQL"
			values, err := g.Numbers(ctx, a.NRQL)
			switch {
			case err != nil:
				return unwell(tried, err, "correct the alert's nrql; New Relic's query builder tries it")
			case len(values) == 0:
				return setting.Well("%s: New Relic takes it, and there is no data yet", tried)
			}
			return setting.Well("%s: New Relic takes it, and it gives a number", tried)
		}})
	}
	return looks
}

func (g *Graph) lookAtKey(ctx context.Context) setting.Finding {
	const tried = "NerdGraph, actor.user"
	var data struct {
		Actor struct {
			User *struct {
				Name  string `json:"name"`
				Email string `json:"email"`
			} `json:"user"`
		} `json:"actor"`
	}
	if err := g.ask(ctx, `query { actor { user { name email } } }`, nil, &data); err != nil {
		return unwell(tried, err, "see that this machine reaches new_relic.graphql_url")
	}
	if data.Actor.User == nil {
		return setting.Wrong(tried, "New Relic knows nobody by the key", "give a user key (NRAK-…) in new_relic.user_key")
	}
	return setting.Well("%s: it is the key of %s", tried, short(data.Actor.User.Name))
}

func (g *Graph) lookAtAccount(ctx context.Context) setting.Finding {
	tried := fmt.Sprintf("NerdGraph, actor.account(id: %d)", g.account)
	var data struct {
		Actor struct {
			Account *struct {
				Name string `json:"name"`
			} `json:"account"`
		} `json:"actor"`
	}
	err := g.ask(ctx, `query($account: Int!) { actor { account(id: $account) { name } } }`, map[string]any{"account": g.account}, &data)
	const mend = "correct new_relic.account_id, or let the user of the key see the account"
	if err != nil {
		return unwell(tried, err, mend)
	}
	if data.Actor.Account == nil {
		return setting.Wrong(tried, "the key may not see the account", mend)
	}
	return setting.Well("%s: “%s”", tried, short(data.Actor.Account.Name))
}

// unwell is the finding that a question failed.
func unwell(tried string, err error, usual string) setting.Finding {
	var said *Error
	if errors.As(err, &said) && !said.Key {
		return setting.Wrong(tried, said.Error(), usual)
	}
	return setting.Failed(tried, err, usual)
}

package pager

import (
	"context"
	"fmt"
	"strings"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Looks are the looks at the oncall block: whether PagerDuty can be reached. Its Events API has no call that tells of a key
// without raising an alert, and the look at the key says so.
func (c Config) Looks(client *httpcall.Client) []setting.Look {
	if c.Provider != ProviderPagerDuty {
		return nil
	}
	const reach = "oncall.events_url"
	enqueue := strings.TrimRight(c.EventsURL, "/") + "/v2/enqueue"
	return []setting.Look{
		{What: reach, Try: func(ctx context.Context) setting.Finding {
			const tried = "GET, whatever it answers"
			answer, err := client.Do(ctx, httpcall.Request{URL: c.EventsURL})
			if err != nil {
				return setting.Failed(tried, err, "see that this machine reaches oncall.events_url")
			}
			if answer.Status >= 500 {
				return setting.Wrong(tried, fmt.Sprintf("it answers %d", answer.Status), "see status.pagerduty.com, and that oncall.events_url is PagerDuty's")
			}
			return setting.Well("%s: it can be reached", tried)
		}},
		{What: "oncall.routing_key", Needs: reach, Try: func(context.Context) setting.Finding {
			return setting.Open("PagerDuty tells of a key only by raising an alert",
				"to try it, warn who is on call, POST a test event with event_action trigger to "+enqueue+", and resolve it by its dedup_key")
		}},
	}
}

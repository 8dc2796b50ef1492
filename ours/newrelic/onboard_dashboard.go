package newrelic

import (
	"context"
	"fmt"
	"strings"
)

const (
	createDashboard = `mutation($account: Int!, $dashboard: DashboardInput!) {
	dashboardCreate(accountId: $account, dashboard: $dashboard) { entityResult { guid } errors { description type } }
}`
	updateDashboard = `mutation($guid: EntityGuid!, $dashboard: DashboardInput!) {
	dashboardUpdate(guid: $guid, dashboard: $dashboard) { entityResult { guid } errors { description type } }
}`
	readDashboard = `query($guid: EntityGuid!) { actor { entity(guid: $guid) { ... on DashboardEntity { description } } } }`
)

// The parts of a dashboard, as NerdGraph takes them.
type (
	dashboardInput struct {
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Permissions string      `json:"permissions"`
		Pages       []pageInput `json:"pages"`
	}
	pageInput struct {
		Name    string        `json:"name"`
		Widgets []widgetInput `json:"widgets"`
	}
	widgetInput struct {
		Title         string        `json:"title"`
		Layout        layoutInput   `json:"layout"`
		Visualization visualization `json:"visualization"`
		Raw           rawInput      `json:"rawConfiguration"`
	}
	layoutInput struct {
		Column int `json:"column"`
		Row    int `json:"row"`
		Width  int `json:"width"`
		Height int `json:"height"`
	}
	visualization struct {
		ID string `json:"id"`
	}
	rawInput struct {
		Queries []queryInput `json:"nrqlQueries"`
	}
	queryInput struct {
		Accounts []int64 `json:"accountIds"`
		Query    string  `json:"query"`
	}
)

// dashboard makes the partner's dashboard what it is to be.
func (o onboarding) dashboard(ctx context.Context) error {
	wanted := o.plan.dashboard(o.account)
	state := mark(wanted)
	wanted.Description = described("What Sparky sees of "+o.plan.Name+". Kept by sparky onboard "+o.plan.Partner, state)
	found, err := o.find(ctx, "DASHBOARD", wanted.Name)
	if err != nil {
		return err
	}
	if found == nil {
		return o.written(ctx, Step{"dashboard", wanted.Name, Created}, createDashboard, map[string]any{"account": o.account, "dashboard": wanted})
	}
	description, err := o.describes(ctx, found.GUID)
	if err != nil {
		return err
	}
	if strings.Contains(description, state) {
		o.say(Step{"dashboard", wanted.Name, Unchanged})
		return nil
	}
	return o.written(ctx, Step{"dashboard", wanted.Name, Updated}, updateDashboard, map[string]any{"guid": found.GUID, "dashboard": wanted})
}

func (o onboarding) describes(ctx context.Context, guid string) (string, error) {
	var data struct {
		Actor struct {
			Entity struct {
				Description string `json:"description"`
			} `json:"entity"`
		} `json:"actor"`
	}
	err := o.ask(ctx, readDashboard, map[string]any{"guid": guid}, &data)
	return data.Actor.Entity.Description, err
}

// The columns of a dashboard, and the height of a widget.
const (
	dashboardWidth = 12
	widgetHeight   = 3
)

// dashboard is what the partner's dashboard shows.
func (p Plan) dashboard(account int64) dashboardInput {
	is := "partner = " + quoted(p.Partner)
	var widgets []widgetInput
	column, row := 1, 1
	add := func(width int, kind, title, nrql string) {
		if column+width > dashboardWidth+1 {
			column, row = 1, row+widgetHeight
		}
		widgets = append(widgets, widgetInput{Title: title, Layout: layoutInput{column, row, width, widgetHeight},
			Visualization: visualization{"viz." + kind}, Raw: rawInput{[]queryInput{{[]int64{account}, nrql}}}})
		column += width
	}
	add(4, "billboard", "Success rate", "SELECT percentage(count(*), WHERE result = 'SUCCESS') FROM SyntheticCheck WHERE "+is+" FACET monitorName")
	add(8, "line", "95th percentile of durations, in seconds",
		"SELECT percentile(duration, 95) FROM SyntheticCheck WHERE "+is+" FACET monitorName TIMESERIES")
	add(6, "area", "Failures by class", "SELECT count(*) FROM SyntheticCheck WHERE "+is+" AND result = 'FAILED' FACET failureClass TIMESERIES")
	add(6, "table", "Calls: 95th percentile in seconds, and how many",
		"SELECT percentile(duration, 95), count(*) FROM ExternalServiceCall WHERE "+is+" FACET service, action")
	for _, a := range p.Alerts {
		add(4, "billboard", fmt.Sprintf("%s (%s)", a.Name, a.limit()), a.NRQL)
	}
	column = dashboardWidth + 1
	add(dashboardWidth, "table", "Newest failures",
		"SELECT monitorName, failureClass, error FROM SyntheticCheck WHERE "+is+" AND result = 'FAILED' SINCE 1 day ago LIMIT 20")
	return dashboardInput{Name: p.title(), Permissions: "PUBLIC_READ_WRITE", Pages: []pageInput{{Name: p.Name, Widgets: widgets}}}
}

// limit is the alert's limit in words.
func (a Alert) limit() string {
	if a.Above != nil {
		return "warns above " + figure(*a.Above)
	}
	return "warns below " + figure(*a.Below)
}

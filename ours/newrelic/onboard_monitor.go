package newrelic

import (
	"context"
	"encoding/json"
	"slices"
)

const (
	createMonitor = `mutation($account: Int!, $monitor: SyntheticsCreateScriptApiMonitorInput!) {
	syntheticsCreateScriptApiMonitor(accountId: $account, monitor: $monitor) { errors { description type } monitor { guid } }
}`
	updateMonitor = `mutation($guid: EntityGuid!, $monitor: SyntheticsUpdateScriptApiMonitorInput!) {
	syntheticsUpdateScriptApiMonitor(guid: $guid, monitor: $monitor) { errors { description type } monitor { guid } }
}`
)

// The parts of a monitor, as NerdGraph takes them.
type (
	monitorInput struct {
		Name      string         `json:"name"`
		Period    string         `json:"period"`
		Status    string         `json:"status"`
		Script    string         `json:"script"`
		Locations locationsInput `json:"locations"`
		Runtime   runtimeInput   `json:"runtime"`
		Tags      []tag          `json:"tags"`
	}
	locationsInput struct {
		Public []string `json:"public"`
	}
	runtimeInput struct {
		Type     string `json:"runtimeType"`
		Version  string `json:"runtimeTypeVersion"`
		Language string `json:"scriptLanguage"`
	}
)

// markTag is the tag whose value is the mark of a monitor's state: a monitor has no description.
const markTag = "sparky"

// monitor makes the partner's scripted monitor what it is to be.
func (o onboarding) monitor(ctx context.Context) error {
	if o.plan.Reach == "" {
		return nil
	}
	wanted := o.plan.monitor()
	state := mark(wanted)
	wanted.Tags = []tag{{markTag, []string{state}}, {"partner", []string{o.plan.Partner}}}
	found, err := o.find(ctx, "MONITOR", wanted.Name)
	switch {
	case err != nil:
		return err
	case found == nil:
		return o.written(ctx, Step{"monitor", wanted.Name, Created}, createMonitor, map[string]any{"account": o.account, "monitor": wanted})
	case slices.ContainsFunc(found.Tags, func(t tag) bool { return t.Key == markTag && slices.Contains(t.Values, state) }):
		o.say(Step{"monitor", wanted.Name, Unchanged})
		return nil
	}
	return o.written(ctx, Step{"monitor", wanted.Name, Updated}, updateMonitor, map[string]any{"guid": found.GUID, "monitor": wanted})
}

// monitor looks from outside whether the partner's address answers. It signs in nowhere: nothing secret goes to New Relic.
func (p Plan) monitor() monitorInput {
	address, err := json.Marshal(p.Reach) // a text of JSON is one of JavaScript
	if err != nil {
		address = []byte(`""`)
	}
	script := `// Kept by sparky onboard ` + p.Partner + `: does the host answer at all? It signs in nowhere.
const assert = require('assert');
$http.get({ url: ` + string(address) + `, timeout: 10000, followRedirect: false }, function (error, response) {
  assert.ok(!error, 'no answer: ' + error);
  assert.ok(response.statusCode < 500, 'answered ' + response.statusCode);
});
`
	return monitorInput{Name: p.Partner + "-reachable", Period: "EVERY_15_MINUTES", Status: "ENABLED", Script: script,
		Locations: locationsInput{[]string{p.Location}}, Runtime: runtimeInput{"NODE_API", "16.10", "JAVASCRIPT"}}
}

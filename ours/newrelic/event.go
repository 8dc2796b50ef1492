package newrelic

import (
	"encoding/json"
	"unicode/utf8"

	"sparky/partners"
)

// The limits of the Event API, as documented (docs.newrelic.com, Send custom events with our Event API). The number of
// events in a POST is in New Relic's description of the API for programs alone.
const (
	maxPayload = 1_000_000 // bytes of a POST
	maxEvents  = 2000      // in a POST
	maxValue   = 4096      // characters of a text
	// goodPayload is how much is sent at a time: beyond 100 KB answers become slow, by the same page.
	goodPayload = 100_000
)

// The types of the events.
const (
	typeCheck = "SyntheticCheck"
	typeCall  = "ExternalServiceCall"
)

// MonitorName is the name under which the results of a probe stand in New Relic: the configured one, else partner and
// probe.
func MonitorName(partner string, c partners.ProbeConfig) string {
	if c.Monitor != "" {
		return c.Monitor
	}
	return partner + "-" + c.ID
}

// checkEvent is how a probe ended. New Relic's own monitors have durations in milliseconds; ours are in seconds, as all
// that Sparky tells.
type checkEvent struct {
	Type      string  `json:"eventType"`
	Timestamp int64   `json:"timestamp"` // milliseconds since 1970
	Monitor   string  `json:"monitorName"`
	Result    string  `json:"result"` // SUCCESS or FAILED
	Partner   string  `json:"partner"`
	Probe     string  `json:"probe"`
	Duration  float64 `json:"duration"` // seconds
	Class     string  `json:"failureClass,omitempty"`
	Error     string  `json:"error,omitempty"`
}

// callEvent is one call.
type callEvent struct {
	Type      string  `json:"eventType"`
	Timestamp int64   `json:"timestamp"`
	Service   string  `json:"service"`
	Action    string  `json:"action"`
	Duration  float64 `json:"duration"` // seconds
	Status    int     `json:"status"`   // 0 where no answer came
	Partner   string  `json:"partner"`
	Probe     string  `json:"probe"`
}

// resultOf is New Relic's word for how a probe ended.
func resultOf(passed bool) string {
	if passed {
		return "SUCCESS"
	}
	return "FAILED"
}

// eventsOf are the events that a result becomes: none where it tells nothing, or where it came from New Relic itself.
func eventsOf(c partners.ProbeConfig, r partners.ProbeResult) []event {
	if !r.Tells() || c.Kind == partners.KindNewRelic {
		return nil
	}
	at := r.At.UnixMilli()
	all := []event{encode(at, checkEvent{Type: typeCheck, Timestamp: at, Monitor: text(MonitorName(r.Partner, c)), Result: resultOf(r.Passed()),
		Partner: text(r.Partner), Probe: text(r.Probe), Duration: r.Took.Seconds(), Class: string(r.Class), Error: text(r.Problem)})}
	for _, call := range r.Calls {
		at := call.At.UnixMilli()
		all = append(all, encode(at, callEvent{Type: typeCall, Timestamp: at, Service: text(call.Service), Action: text(call.Action),
			Duration: call.Took.Seconds(), Status: call.Status, Partner: text(r.Partner), Probe: text(r.Probe)}))
	}
	return all
}

// event is an event as it is sent, and its time in milliseconds since 1970.
type event struct {
	at   int64
	body json.RawMessage
}

func encode(at int64, value any) event {
	body, err := json.Marshal(value)
	if err != nil {
		panic("an event of New Relic: " + err.Error()) // a mistake in the types above
	}
	return event{at, body}
}

// text is a text within the limit of an attribute: New Relic drops the whole event otherwise, and tells nobody.
func text(value string) string {
	if utf8.RuneCountInString(value) <= maxValue {
		return value
	}
	return string([]rune(value)[:maxValue-1]) + "…"
}

package newrelic

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/partners"
)

// staleAfter is how many intervals of a probe a monitor may be without a result.
const staleAfter = 3

// Probe is the probe of kind newrelic: the newest result of that New Relic synthetic monitor stands for one of ours. A
// monitor without a result for three intervals, and a New Relic that cannot be asked, say nothing about the partner: that
// is partners.FailNotTried, with a warning in the finding.
func (g *Graph) Probe(c partners.ProbeConfig, now func() time.Time) (partners.Probe, error) {
	if c.Monitor == "" {
		return nil, fmt.Errorf("probe %s: monitor is missing; give the name of the synthetic monitor in New Relic", c.ID)
	}
	return monitor{g, c, now}.run, nil
}

type monitor struct {
	graph  *Graph
	config partners.ProbeConfig
	now    func() time.Time
}

func (m monitor) run(ctx context.Context) (partners.Finding, error) {
	age := staleAfter * m.config.Every.Or(5*time.Minute)
	// The newest event as a whole: latest() of each attribute would mix several, as most have no error.
	nrql := fmt.Sprintf("SELECT result, error, failureClass, locationLabel FROM SyntheticCheck WHERE monitorName = %s SINCE %d LIMIT 1",
		quoted(m.config.Monitor), m.now().Add(-age).UnixMilli())
	found, err := m.graph.query(ctx, nrql)
	if err != nil {
		return m.unknown(fmt.Sprintf("whether the monitor %s passes is not known: %v", m.config.Monitor, err))
	}
	if len(found.Results) == 0 {
		return m.unknown(fmt.Sprintf("New Relic has no result of the monitor %s within the last %s; does it run, and is that its name?", m.config.Monitor, age))
	}
	row := found.Results[0]
	switch result := row["result"]; result {
	case "SUCCESS":
		return partners.Finding{}, nil
	case "FAILED":
		return partners.Finding{}, m.failed(row)
	default:
		return m.unknown(fmt.Sprintf("the newest result of the monitor %s is %q, and neither SUCCESS nor FAILED", m.config.Monitor, short(fmt.Sprint(result))))
	}
}

// unknown is neither a pass nor a failure.
func (m monitor) unknown(why string) (partners.Finding, error) {
	return partners.Finding{Warning: why}, &partners.Failure{Class: partners.FailNotTried, Problem: why}
}

// failed is what the monitor saw. Where it tells a class of ours, that is believed.
func (m monitor) failed(row map[string]any) error {
	failure := &partners.Failure{Class: partners.FailReported, Problem: "New Relic's monitor " + m.config.Monitor + " failed"}
	if where, ok := row["locationLabel"].(string); ok && where != "" {
		failure.Problem += " in " + short(where)
	}
	if said, ok := row["error"].(string); ok && said != "" {
		failure.Problem += ": " + short(said)
	}
	if class, ok := row["failureClass"].(string); ok && slices.Contains(believed(), partners.FailureClass(class)) {
		failure.Class = partners.FailureClass(class)
	}
	return failure
}

// believed are the classes that are taken from New Relic: those in which the partner gave an answer. What a monitor
// elsewhere could not reach says nothing of our own network.
func believed() []partners.FailureClass {
	return []partners.FailureClass{partners.FailAuth, partners.FailRights, partners.FailNotFound, partners.FailGone, partners.FailRequest,
		partners.FailThrottled, partners.FailServer, partners.FailContent, partners.FailSlow}
}

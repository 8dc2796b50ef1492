// Package all makes a probe of any kind: every kind, and the package that runs it, one line each.
package all

import (
	"errors"
	"fmt"
	"slices"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/graph"
	"sparky/partners/msteams"
	"sparky/partners/okta"
	"sparky/partners/powerbi"
	"sparky/partners/probe"
	"sparky/partners/servicenow"
	"sparky/partners/workday"
)

// ErrNewRelic is a probe of the kind newrelic, which is made of New Relic's answers and not by a call to a partner. It goes
// on after the probe.
var ErrNewRelic = errors.New("asks New Relic; give the block new_relic with account_id and user_key")

type maker func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error)

// makers are the kinds that can be run.
func makers() map[string]maker {
	return map[string]maker{
		partners.KindHTTP:               probe.New,
		partners.KindTCP:                probe.New,
		partners.KindDNS:                probe.New,
		partners.KindTLS:                probe.New,
		partners.KindServiceNowIncident: servicenow.New,
		partners.KindServiceNowTable:    servicenow.New,
		partners.KindTeamsCard:          msteams.New,
		partners.KindPowerBIGroups:      powerbi.New,
		partners.KindGraphHealth:        graph.New,
		partners.KindWorkdayWorkers:     workday.New,
		partners.KindOktaOrg:            okta.New,
	}
}

// New is the probe of a configuration, whose calls the client makes. The error names the probe and what keeps it from
// being made: ErrNewRelic for the one kind that is not made here.
func New(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	if build, ok := makers()[config.Kind]; ok {
		return build(config, client)
	}
	if config.Kind == partners.KindNewRelic {
		return nil, fmt.Errorf("probe %s %w", config.ID, ErrNewRelic)
	}
	return nil, fmt.Errorf("probe %s: %q is no kind of probe", config.ID, config.Kind)
}

// Kinds lists the kinds that are made here, in the order in which kinds are listed to people.
func Kinds() []string {
	can := makers()
	return slices.DeleteFunc(partners.ProbeKinds(), func(kind string) bool { return can[kind] == nil })
}

package compat

import (
	"context"
	"slices"
	"strings"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

// generic runs the partner's http probes with what they expect, against the base URL in the place of the host of a module's
// probe. Their addresses name no version that could be put in, so that without a base URL there is nothing to try.
func (s Suite) generic(ctx context.Context, partner partners.Partner, base string, client *httpcall.Client) []Check {
	var checks []Check
	for _, config := range partner.Probes {
		if config.Kind != partners.KindHTTP || ctx.Err() != nil {
			continue
		}
		check := Check{Kind: config.Kind, Operation: "probe " + config.ID, Name: "what it expects"}
		own, moved := s.movedHTTP(partner, config, base)
		switch {
		case base == "":
			check.Outcome, check.Detail = Skipped, "not tried: its address names no version; it runs against a base URL"
		case !moved:
			check.Outcome, check.Detail = Skipped, "not tried: it calls another host than the partner's other probes, which the base URL does not stand for"
		default:
			s.expects(ctx, partner, own, client, &check)
		}
		checks = append(checks, check)
	}
	return checks
}

func (s Suite) expects(ctx context.Context, partner partners.Partner, config partners.ProbeConfig, client *httpcall.Client, check *Check) {
	made, err := probe.New(config, client.With(partner.ID+"/"+config.ID+" compat", s.Sign(config.Auth)))
	if err != nil {
		check.Outcome, check.Detail = Failed, err.Error()
		return
	}
	result := probe.Run(ctx, partner.ID, config, made, s.Now)
	check.Took = result.Took
	switch {
	case result.Passed():
		check.Outcome = Passed
	case !result.Tells():
		check.Outcome, check.Detail = Skipped, result.Problem
	case result.Class == partners.FailThrottled || unheard(result.Class):
		check.Outcome, check.Detail = Unknown, result.Problem
	default:
		check.Outcome, check.Detail = Failed, result.Problem
	}
}

// unheard tells that a call got no answer, or none that ended.
func unheard(class partners.FailureClass) bool {
	return class.AtNetwork() || class == partners.FailCertificate || class == partners.FailTimeout || class == partners.FailReset
}

// movedHTTP is an http probe whose addresses lead to base, and whether all of them can: those on the host of one of the
// partner's modules.
func (s Suite) movedHTTP(partner partners.Partner, config partners.ProbeConfig, base string) (partners.ProbeConfig, bool) {
	var hosts []string
	for _, other := range partner.Probes {
		if _, ok := s.Contracts[other.Kind]; ok {
			hosts = append(hosts, partners.HostOf(other.BaseURL))
		}
	}
	can := func(address string) bool {
		return slices.Contains(hosts, partners.HostOf(address)) && partners.HostOf(address) != ""
	}
	config.Steps = slices.Clone(config.Steps)
	for i, step := range config.Steps {
		if !can(step.URL) {
			return config, false
		}
		config.Steps[i].URL = onBase(step.URL, base)
	}
	if len(config.Steps) > 0 {
		return config, true
	}
	ok := can(config.URL)
	config.URL = onBase(config.URL, base)
	return config, ok
}

// onBase is an address with the base in the place of scheme and host, and the rest letter by letter: {{name}} may stand in it.
func onBase(address, base string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		at = len(rest)
	}
	return strings.TrimRight(base, "/") + rest[at:]
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"sparky/partners"
	"sparky/partners/all"
)

// later goes through what this version reads and checks and does not use: what it is, and what does not happen.
func (c *Config) later() []string {
	names := []string{}
	add := func(is bool, format string, values ...any) {
		if is {
			names = append(names, fmt.Sprintf(format, values...))
		}
	}
	add(c.NewRelic != nil, "new_relic: nothing is sent there, and no alert is asked from there")
	apart := false
	var limits, monitors []string
	for _, p := range c.Partners {
		apart = apart || p.Isolation == partners.IsolationProcess && len(runnable(p)) > 0
		for _, source := range p.Changelog {
			add(source.Kind == partners.SourceOpenAPI, "openapi source %s of %s: it is not read", source.Name(), p.ID)
		}
		for _, probe := range p.Probes {
			name := p.ID + "/" + probe.ID
			runs := slices.Contains(all.Kinds(), probe.Kind)
			add(!runs, "probe %s: the kind %s is not run", name, probe.Kind)
			if runs && (probe.P95 != nil || probe.Success != nil) {
				limits = append(limits, name)
			}
			if runs && probe.Monitor != "" {
				monitors = append(monitors, name)
			}
		}
	}
	add(len(limits) > 0, "limits (p95, success) of %s: no warning is sent", someOf(limits))
	add(len(monitors) > 0, "monitor of %s: no result goes to New Relic", someOf(monitors))
	add(apart, "isolation: process: all probes run in Sparky's own process")
	return names
}

// someOf lists the first names and counts the rest.
func someOf(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

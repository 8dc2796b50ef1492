package main

import (
	"fmt"

	"sparky/partners"
)

// later goes through what this version reads and checks and does not use: what it is, and what does not happen.
func (c *Config) later() []string {
	names := []string{}
	add := func(is bool, format string, values ...any) {
		if is {
			names = append(names, fmt.Sprintf(format, values...))
		}
	}
	apart := false
	for _, p := range c.Partners {
		apart = apart || p.Isolation == partners.IsolationProcess && len(c.runnable(p)) > 0
		add(p.Compat != nil, "compatibility workflow of %s: betas are announced and not tried", p.ID)
		for _, source := range p.Changelog {
			add(source.Kind == partners.SourceOpenAPI, "openapi source %s of %s: it is not read", source.Name(), p.ID)
		}
	}
	add(apart, "isolation: process: all probes run in Sparky's own process")
	return names
}

package main

import (
	"slices"
	"time"

	"sparky/bot"
	"sparky/commands"
	"sparky/internal/setting"
	"sparky/ours/pager"
)

// book is everything that people can ask.
func (s *sparky) book(permits *bot.Permissions, redact func(string) string, now func() time.Time) *commands.Book {
	directory, desk, memory := commands.NewDirectory(s.config.Partners), s.responder.desk, s.memory
	certifying := certificates{newCertifier(s.config, setting.NewRedactor(s.config.Secrets()...), now), memory}
	status := commands.StatusSources{Pages: memory, Probes: memory, Incidents: memory, Troubles: memory, Health: s.vitals, Certificates: certifying, Breakers: s.breakers}
	asks := []commands.Command{
		commands.Status(directory, status, now),
		commands.Dashboard(directory, commands.DashboardSources{Status: status, Runs: memory, Workflows: s.workshop.open()}, now),
		commands.Incidents(memory, directory, now),
		commands.Changelog(directory, memory, now),
		commands.Upcoming(directory, memory, now),
		commands.Handled(directory, memory, now),
		commands.Unhandled(directory, memory, now),
		commands.Oncall(s.config.oncallFacts()),
		commands.Probe(directory, s.responder),
		commands.Compat(directory, s.workshop.trier(), memory, s.config.Slack.Channels.Updates, now),
		commands.Certify(directory, certifying),
	}
	return commands.NewBook(directory, permits, slices.Concat(asks, acts(directory, desk, memory, redact, now))...).Audited(memory, now).WithHealth(s.vitals).Behind(permits)
}

// oncall is who would be called.
type oncall struct{ config pager.Config }

// oncallFacts is who would be called; nil where nobody is configured.
func (c Config) oncallFacts() commands.OncallFacts {
	if c.Oncall == nil {
		return nil
	}
	return oncall{*c.Oncall}
}

// Who is that in words.
func (o oncall) Who() []string { return o.config.Who() }

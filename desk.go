package main

import (
	"slices"
	"time"

	"sparky/commands"
	"sparky/incidents"
	"sparky/store"
)

// desk is where failures become incidents by the rules of the configuration. A nil witness is for who decides about what is
// there already.
func (c Config) desk(memory *store.Store, witness incidents.Witness, now func() time.Time) *incidents.Desk {
	triage := c.Triage
	return incidents.NewDesk(incidents.Options{Memory: memory, Witness: witness, Judge: judge(triage), Partners: c.watched(), Now: now,
		Rules: incidents.Rules{RecoverAfter: triage.RecoverAfter, ReopenWithin: triage.ReopenWithin.Std(), LagWindow: triage.LagWindow.Std(),
			LookEvery: c.Schedule.Status.Std(), Offices: c.desired(), Remind: c.reminders(),
			Storm: triage.Storm.rules(), Alone: memory.Alone()}})
}

// deskBook is what can be asked of a store, and done, without a Sparky of one's own.
func deskBook(config Config, memory *store.Store, redact func(string) string, now func() time.Time) *commands.Book {
	directory, desk := commands.NewDirectory(config.Partners), config.desk(memory, nil, now)
	asks := []commands.Command{commands.Incidents(memory, directory, now), commands.Oncall(config.oncallFacts())}
	return commands.NewBook(directory, nil, slices.Concat(asks, acts(directory, desk, memory, redact, now))...).Audited(memory, now)
}

// acts are the commands by which people decide about incidents, and the one that tells who did, for Slack and for the terminal.
func acts(directory *commands.Directory, desk *incidents.Desk, memory *store.Store, redact func(string) string, now func() time.Time) []commands.Command {
	return []commands.Command{
		commands.Ack(desk, memory, now),
		commands.Resolve(desk, memory, now),
		commands.Mute(directory, desk, memory, now),
		commands.Unmute(directory, desk, memory, now),
		commands.Theirs(desk, memory, now),
		commands.Ours(desk, memory, now),
		commands.Publish(desk, memory, now, redact),
		commands.Decline(desk, memory, now),
		commands.Audit(directory, memory),
	}
}

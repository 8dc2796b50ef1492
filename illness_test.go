package main

import (
	"strings"
	"testing"
	"time"

	"sparky/commands"
)

func TestAilments(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	well := func(change func(*commands.Health)) commands.Health {
		h := commands.Health{At: noon, Started: ago(time.Hour), LinksUp: 2, Links: []commands.LinkHealth{{Up: true, Since: ago(time.Hour)}, {Up: true, Since: ago(time.Minute)}},
			Queued: 99, Room: 100, Lease: commands.LeaseHealth{Here: true, Holder: "me"}}
		change(&h)
		return h
	}
	for name, c := range map[string]struct {
		h     commands.Health
		kind  commands.IllnessKind // empty: well
		since time.Time
		words string
	}{
		"well":                    {h: well(func(*commands.Health) {})},
		"one link of two":         {h: well(func(h *commands.Health) { h.LinksUp = 1 })},
		"another replica leads":   {h: well(func(h *commands.Health) { h.Lease = commands.LeaseHealth{Holder: "other"} })},
		"what waits for a person": {h: well(func(h *commands.Health) { h.Effects.Refused = 5 })},
		"a job fails":             {h: well(func(h *commands.Health) { h.Jobs.Failing = 5 })},
		"the lease cannot be asked for": {h: well(func(h *commands.Health) {
			h.Lease = commands.LeaseHealth{}
			h.Database = commands.DatabaseHealth{Problem: "away", Unread: true}
		}), kind: commands.IllDatabase, since: noon, words: "away"},
		"nothing can be kept": {h: well(func(h *commands.Health) {
			h.Database = commands.DatabaseHealth{Problem: "the disk is full", Since: ago(time.Minute)}
		}), kind: commands.IllDatabase, since: ago(time.Minute), words: "disk is full"},
		"both links are down, since the second fell": {h: well(func(h *commands.Health) {
			h.LinksUp, h.Links = 0, []commands.LinkHealth{{Since: ago(time.Hour)}, {Since: ago(3 * time.Minute), Problem: "Socket Mode is off"}}
		}), kind: commands.IllLink, since: ago(3 * time.Minute), words: "Socket Mode is off"},
		"it never heard Slack": {h: well(func(h *commands.Health) { h.LinksUp, h.Links = 0, []commands.LinkHealth{{}, {}} }), kind: commands.IllLink, since: ago(time.Hour), words: "Slack is not heard"},
		"nobody leads":         {h: well(func(h *commands.Health) { h.Lease = commands.LeaseHealth{} }), kind: commands.IllLease, since: noon, words: "no partner is watched"},
		"a job is overdue": {h: well(func(h *commands.Health) {
			h.Jobs = commands.JobsHealth{Count: 3, Overdue: 1, Each: []commands.JobHealth{{Name: "probe/okta/org", OverdueSince: ago(time.Minute)}, {Name: "expire"}}}
		}), kind: commands.IllJobs, since: ago(time.Minute), words: "the job probe/okta/org is overdue"},
		"jobs are overdue": {h: well(func(h *commands.Health) {
			h.Jobs = commands.JobsHealth{Count: 3, Overdue: 2, Each: []commands.JobHealth{{Name: "a", OverdueSince: ago(time.Minute)}, {Name: "b", OverdueSince: ago(time.Hour)}}}
		}), kind: commands.IllJobs, since: ago(time.Hour), words: "2 of 3 jobs are overdue, among them a"},
		"effects fail": {h: well(func(h *commands.Health) {
			h.Effects = commands.EffectsHealth{Failing: 3, FailingSince: ago(time.Hour), FailingWhy: "Jira is away", Due: 1, Oldest: ago(time.Second)}
		}), kind: commands.IllEffects, since: ago(time.Hour), words: "3 things that were to be done outside cannot be done so far; what was said last: Jira is away"},
		"nobody begins": {h: well(func(h *commands.Health) {
			h.Effects = commands.EffectsHealth{Failing: 3, FailingSince: ago(time.Minute), Due: 1, Oldest: ago(time.Hour)}
		}), kind: commands.IllEffects, since: ago(time.Hour), words: "nobody has begun with 1 thing that was to be done outside"},
		"the queue is full": {h: well(func(h *commands.Health) { h.Queued = 100 }), kind: commands.IllQueue, since: noon, words: "100 commands and clicks"},
	} {
		all := ailments(c.h, func(commands.IllnessKind, bool, time.Time) time.Time { return noon })
		if c.kind == "" {
			if len(all) > 0 {
				t.Errorf("%s: it finds %+v", name, all)
			}
			continue
		}
		if len(all) != 1 || all[0].Kind != c.kind || !all[0].Since.Equal(c.since) || !strings.Contains(all[0].Words, c.words) || all[0].Mend == "" {
			t.Errorf("%s: it finds %+v", name, all)
		}
	}
}

func TestWhatPassesSoonIsNoIllness(t *testing.T) {
	patience := usualPatience()
	for _, kind := range []commands.IllnessKind{commands.IllDatabase, commands.IllLink, commands.IllLease, commands.IllJobs, commands.IllEffects, commands.IllQueue} {
		after := patience[kind]
		if after <= 0 {
			t.Errorf("%s is told at once", kind)
		}
		wrong := []commands.Illness{{Kind: kind, Since: noon}}
		if soon := patience.lasting(wrong, nil, noon.Add(after-time.Second)); len(soon) > 0 {
			t.Errorf("%s is told too soon", kind)
		}
		if late := patience.lasting(wrong, nil, noon.Add(after)); len(late) != 1 {
			t.Errorf("%s is told too late", kind)
		}
		// After this process stood still for an hour, it sees for the first time what seems to have been so for an hour.
		seen := map[commands.IllnessKind]time.Time{kind: noon.Add(time.Hour)}
		if asleep := patience.lasting(wrong, seen, noon.Add(time.Hour+after-time.Second)); len(asleep) > 0 {
			t.Errorf("%s is told at the first look", kind)
		}
		if late := patience.lasting(wrong, seen, noon.Add(time.Hour+after)); len(late) != 1 {
			t.Errorf("%s is never told", kind)
		}
	}
}

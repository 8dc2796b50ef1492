package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/partners/probe"
	"sparky/scheduler"
)

// allJobs are what comes round: for each partner its changelogs, its status page and each of its probes, each a job of its
// own so that a partner that hangs delays no other, the countdown to announced dates, the looking after open incidents
// and after what waits for a person,
// and once a day the cleaning up.
func (s *sparky) allJobs(now func() time.Time) []scheduler.Job {
	jitter := float64(s.config.Schedule.Jitter) / 100
	jobs := []scheduler.Job{{Name: "expire", Every: 24 * time.Hour, Jitter: jitter, Timeout: 10 * time.Minute,
		Run: func(ctx context.Context) error { return s.memory.Expire(ctx, now()) }},
		{Name: "countdown", Every: countdownEvery, Timeout: sweepTimeout, FirstDue: time.Now(), CatchUp: countdownCatchUp,
			Run: func(ctx context.Context) error { return s.remind(ctx, now) }},
		{Name: "troubles", Every: mendedEvery, Timeout: sweepTimeout, Run: s.troubles.sweep}}
	// Partners that are new begin at once, a little apart; the others keep the phase that they had.
	first := time.Now() // what comes round goes by the machine's clock, whatever clock things are dated by
	for _, p := range s.config.Partners {
		p.Changelog = readable(p)
		if len(p.Changelog) > 0 {
			jobs = append(jobs, scheduler.Job{Name: "changelog/" + p.ID, Every: s.config.Schedule.Changelog.Std(), Jitter: jitter,
				Timeout: changelogTimeout, FirstDue: first, Run: func(ctx context.Context) error { return s.pollChangelog(ctx, p) }})
		}
		if !p.Status.IsZero() {
			jobs = append(jobs, scheduler.Job{Name: "status/" + p.ID, Every: s.config.Schedule.Status.Std(), Jitter: jitter,
				Timeout: statusTimeout, FirstDue: first, Run: func(ctx context.Context) error { return s.pollStatus(ctx, p) }})
		}
		first = first.Add(startApart)
	}
	return slices.Concat(jobs, s.runJobs(), s.incidentJobs(), s.limitJobs(now), s.breakerJobs(), s.heartbeat.jobs())
}

// probeJobs are the probes, which begin within moments.
func (s *sparky) probeJobs() []scheduler.Job {
	var jobs []scheduler.Job
	for _, p := range s.config.Partners {
		for i := range p.Probes {
			c := &p.Probes[i] // there may be ten thousand, and each copy is most of what a job takes
			if !s.config.runs(*c) {
				continue
			}
			jobs = append(jobs, scheduler.Job{Name: "probe/" + p.ID + "/" + c.ID, Every: c.Every.Std(), Jitter: probeJitter,
				Timeout: probe.Within(*c) + afterProbe, CatchUp: probesWithin,
				Run: func(ctx context.Context) error { _, err := s.responder.Probe(ctx, p, *c); return err }})
		}
	}
	for i := range jobs {
		jobs[i].FirstDue = time.Now().Add(probesWithin * time.Duration(i) / time.Duration(len(jobs)))
	}
	return jobs
}

// incidentJobs are the probes, what looks after the incidents that they opened, and what looks after the tickets.
func (s *sparky) incidentJobs() []scheduler.Job {
	jobs := s.probeJobs()
	// Alerts of New Relic and compatibility runs open incidents too, where nothing is probed.
	jobs = append(jobs, scheduler.Job{Name: "incidents", Every: sweepEvery, Timeout: sweepTimeout, FirstDue: time.Now(), Run: s.responder.desk.Sweep})
	if s.offices.tickets != nil {
		jobs = append(jobs, scheduler.Job{Name: "tickets", Every: s.config.Schedule.tickets(), Timeout: sweepTimeout, Run: s.watchTickets})
	}
	return jobs
}

// runnable are the probes that can be run with what is configured. `sparky validate` says so of the others.
func (c Config) runnable(p partners.Partner) []partners.ProbeConfig {
	if !slices.ContainsFunc(p.Probes, func(probe partners.ProbeConfig) bool { return !c.runs(probe) }) {
		return slices.Clip(p.Probes) // no second copy of ten thousand
	}
	return slices.DeleteFunc(slices.Clone(p.Probes), func(probe partners.ProbeConfig) bool { return !c.runs(probe) })
}

const (
	// probeJitter keeps probes of equal intervals from drifting into step.
	probeJitter = 0.05
	// probesWithin is within how long after a start every probe runs that has no result within its interval.
	probesWithin = 5 * time.Second
	// afterProbe is the time that evidence and verdict may take after a probe's own.
	afterProbe   = 15 * time.Second
	sweepEvery   = 5 * time.Second
	sweepTimeout = time.Minute
)

// watchTickets takes what people did in Jira to the desk.
func (s *sparky) watchTickets(ctx context.Context) error {
	live, err := s.memory.Incidents(ctx, true, time.Time{})
	if err != nil {
		return err
	}
	var open []incidents.Ticket
	for _, in := range live {
		if in.Ticket.Key != "" {
			open = append(open, in.Ticket)
		}
	}
	seen, err := s.offices.tickets.Watch(ctx, open)
	for _, t := range seen {
		err = errors.Join(err, s.responder.desk.Seen(ctx, incidents.TicketSeen{Key: t.Key, Gone: t.Gone, Status: t.Status, Done: t.Done,
			Begun: t.Begun, Assignee: t.Assignee, Priority: t.Priority, Moved: cmp.Or(t.MovedAt, t.Updated), By: t.MovedBy, ByUs: t.ByUs}))
	}
	return err
}

// readable are the sources of a partner that this version can read: the message centre only with a sign-in. `sparky
// validate` says so of the others.
func readable(p partners.Partner) []partners.Source {
	return slices.DeleteFunc(slices.Clone(p.Changelog), func(s partners.Source) bool {
		return s.Kind == partners.SourceM365Messages && s.Auth == nil && p.GraphAuth() == nil
	})
}

const (
	changelogTimeout = 10 * time.Minute
	statusTimeout    = 90 * time.Second
	startApart       = 100 * time.Millisecond
)

// The countdown looks whether a date comes near: a reminder is late by no more than that, and one that was missed comes
// soon after a start.
const (
	countdownEvery   = time.Minute
	countdownCatchUp = 5 * time.Second
)

// remind brings up again what comes near.
func (s *sparky) remind(ctx context.Context, now func() time.Time) error {
	count, err := changes.Countdown{Memory: s.memory, Partners: s.config.Partners, Now: now}.Remind(ctx)
	if count > 0 {
		s.log.Info("people are reminded of what comes near", "entries", count)
	}
	return err
}

func (s *sparky) pollChangelog(ctx context.Context, p partners.Partner) error {
	if !s.workshop.open() {
		p.Compat = nil // nothing can start its workflow
	}
	watcher := changes.Watcher{Reader: s.outside.changelog(p), Memory: s.memory, Now: s.outside.now, CutOff: s.cutOff,
		Patience: noticePatience(s.config.Schedule.Changelog.Std())}
	outcome, err := watcher.Poll(ctx, p)
	if err != nil {
		return err
	}
	for _, source := range p.Changelog {
		problem := outcome.Failed[source.Name()]
		switch {
		case !s.changed(p.ID+" "+source.Name(), problem):
		case problem == "":
			s.log.Info("a changelog source is read again", "partner", p.ID, "source", source.Name())
		default:
			s.log.Warn("a changelog source cannot be read", "partner", p.ID, "source", source.Name(), "problem", problem)
		}
	}
	if outcome.New+outcome.Edited+outcome.Skipped > 0 {
		s.log.Info("changelogs read", "partner", p.ID, "new", outcome.New, "edited", outcome.Edited, "skipped", outcome.Skipped)
	}
	return nil
}

// noticePatience is for how long a changelog may fail before that is told: ten minutes, in which our own network, where it is
// down, has its incident. Where they are read more often than once a minute, as in the demo, a second round is enough.
func noticePatience(every time.Duration) time.Duration {
	if every < time.Minute {
		return 0
	}
	return 10 * time.Minute
}

// cutOff tells until when our own network was last down: now where an incident says so of it, or no control answers; zero where
// it was not lately. Where nothing is probed there is no incident, and that a changelog cannot be read is all that anybody would
// hear of it.
func (s *sparky) cutOff(ctx context.Context) time.Time {
	now := s.outside.now()
	if slices.ContainsFunc(s.config.Partners, func(p partners.Partner) bool { return len(s.config.runnable(p)) > 0 }) &&
		s.responder.controls.reach(ctx) == incidents.ReachDown {
		return now
	}
	lately, err := s.memory.Incidents(ctx, false, now.Add(-2*s.config.Schedule.Changelog.Std()-time.Hour))
	if err != nil {
		return time.Time{}
	}
	return networkDown(lately, now)
}

// networkDown is until when our own network was down by what the incidents say.
func networkDown(all []incidents.Incident, now time.Time) (until time.Time) {
	for _, in := range all {
		switch {
		case in.Kind != incidents.KindNetwork:
		case in.State.Live():
			return now
		case in.Ended.After(until):
			until = in.Ended
		}
	}
	return until
}

func (s *sparky) pollStatus(ctx context.Context, p partners.Partner) error {
	within := statusTimeout
	if deadline, ok := ctx.Deadline(); ok {
		within = time.Until(deadline)
	}
	// A page that takes all of its time leaves some for remembering that it did.
	reading, cancel := context.WithTimeout(ctx, within*5/6)
	defer cancel()
	status := s.outside.status(reading, p)
	if ctx.Err() != nil {
		return fmt.Errorf("reading the status page of %s: %w", p.ID, ctx.Err())
	}
	switch {
	case !s.changed(p.ID+" status page", status.Problem):
	case status.Problem == "":
		s.log.Info("a status page is read again", "partner", p.ID)
	default:
		s.log.Warn("a status page cannot be read", "partner", p.ID, "problem", status.Problem)
	}
	return s.keepStatus(ctx, p.ID, status)
}

// keepStatus remembers what a partner's page says. Where that is something else than before, an open incident of the
// partner is judged again.
func (s *sparky) keepStatus(ctx context.Context, partner string, status partners.Status) error {
	if err := s.memory.SaveStatus(ctx, partner, status); err != nil {
		return err
	}
	if !s.changed(partner+" says", gist(status)) {
		return nil
	}
	return s.responder.desk.PageRead(ctx, partner)
}

// gist is what of a status page a verdict may depend on.
func gist(status partners.Status) string {
	text := string(status.Level) + " " + string(status.Indicator)
	for _, c := range status.Components {
		text += fmt.Sprintf(" %s=%s", c.Name, c.Level)
	}
	for _, i := range status.Incidents {
		text += fmt.Sprintf(" %s=%s/%s/%v", i.ID, i.Phase, i.Level, i.Resolved)
	}
	for _, w := range status.Windows {
		text += fmt.Sprintf(" %s=%v", w.ID, w.InProgress)
	}
	return text
}

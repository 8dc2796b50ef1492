package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sparky/changes"
	"sparky/partners"
	"sparky/scheduler"
)

// allJobs are what comes round: for each partner its changelogs and its status page, each a job of its own so that a
// partner that hangs delays no other, and once a day the cleaning up.
func (s *sparky) allJobs(now func() time.Time) []scheduler.Job {
	jitter := float64(s.config.Schedule.Jitter) / 100
	jobs := []scheduler.Job{{Name: "expire", Every: 24 * time.Hour, Jitter: jitter, Timeout: 10 * time.Minute,
		Run: func(ctx context.Context) error { return s.memory.Expire(ctx, now()) }}}
	// Partners that are new begin at once, a little apart; the others keep the phase that they had.
	first := now()
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
	return jobs
}

// readable are the sources of a partner that this version can read: it reads no OpenAPI documents yet, and the message
// centre only with a sign-in. `sparky validate` says so of the others.
func readable(p partners.Partner) []partners.Source {
	return slices.DeleteFunc(slices.Clone(p.Changelog), func(s partners.Source) bool {
		return s.Kind == partners.SourceOpenAPI || s.Kind == partners.SourceM365Messages && s.Auth == nil && p.GraphAuth() == nil
	})
}

const (
	changelogTimeout = 10 * time.Minute
	statusTimeout    = 90 * time.Second
	startApart       = 100 * time.Millisecond
)

func (s *sparky) pollChangelog(ctx context.Context, p partners.Partner) error {
	watcher := changes.Watcher{Reader: s.outside.changelog(p), Memory: s.memory, Now: s.outside.now}
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
	return s.memory.SaveStatus(ctx, p.ID, status)
}

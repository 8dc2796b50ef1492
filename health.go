package main

import (
	"context"
	"time"

	"sparky/commands"
	"sparky/scheduler"
)

// health looks at every part of Sparky.
func (s *sparky) health(ctx context.Context) health {
	link := s.link.Health()
	h := health{Problem: link.Problem, Queued: link.Queued, Leads: s.leads.Load()}
	for _, l := range link.Links {
		if l.Up {
			h.LinksUp++
		}
	}
	if h.LinksUp == 0 && h.Problem == "" {
		h.Problem = "it is connecting to Slack"
	}
	h.Jobs = jobsHealth(s.jobs.States())
	h.Held, h.GivenUp = s.responder.held.counts()
	backlog, err := s.memory.Backlog(ctx)
	if err != nil {
		h.Problem = "the database cannot be read: " + err.Error()
		return h
	}
	if words, since := s.memory.Problem(); words != "" {
		h.Problem = "nothing can be kept for " + commands.Age(time.Since(since)) + ": " + words
	}
	h.Due = backlog.Due
	if !backlog.Oldest.IsZero() {
		h.OldestDue = commands.Age(time.Since(backlog.Oldest))
	}
	return h
}

// mostFailing bounds how many jobs are named: there may be hundreds, and what breaks all of them is one thing.
const mostFailing = 20

// jobsHealth counts the jobs and names those whose last run failed.
func jobsHealth(states []scheduler.JobState) jobsSummary {
	sum := jobsSummary{Count: len(states)}
	for _, job := range states {
		if job.Running {
			sum.Running++
		}
		if job.LastEnd.After(sum.LastEnd) {
			sum.LastEnd = job.LastEnd
		}
		if job.LastError == "" {
			continue
		}
		sum.Failing++
		if len(sum.Named) < mostFailing {
			sum.Named = append(sum.Named, jobHealth{Name: job.Name, LastEnd: job.LastEnd, NextDue: job.NextDue, Problem: job.LastError})
		}
	}
	return sum
}

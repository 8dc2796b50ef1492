package main

import (
	"cmp"
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"sparky/bot"
	"sparky/commands"
	"sparky/scheduler"
)

// helm is whether this process runs the jobs now. The zero helm does not.
type helm struct {
	mu    sync.Mutex
	since time.Time
}

// take notes that it does, until the function that it returns is called.
func (h *helm) take() (leave func()) {
	h.set(time.Now())
	return func() { h.set(time.Time{}) }
}

func (h *helm) set(since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since = since
}

// held is since when it does; zero where it does not.
func (h *helm) held() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since
}

// facts looks at every part of Sparky. Whether they amount to an illness is for vitals to say.
func (s *sparky) facts(ctx context.Context) commands.Health {
	now := time.Now()
	link := s.link.Health()
	info, _ := debug.ReadBuildInfo()
	h := commands.Health{At: now, Version: buildOf(info).Version, Instance: s.instance, Started: s.started, Problem: link.Problem, Queued: link.Queued, Room: link.Room,
		Links: linksHealth(link.Links), Heartbeat: s.heartbeat.health()}
	for _, l := range h.Links {
		if l.Up {
			h.LinksUp++
		}
	}
	if h.LinksUp == 0 && h.Problem == "" {
		h.Problem = "it is connecting to Slack"
	}
	h.Lease.Since = s.helm.held()
	h.Lease.Here = !h.Lease.Since.IsZero()
	s.remembered(ctx, &h)
	h.Jobs = jobsHealth(s.jobs.States(), h.Lease.Since, now)
	h.Database.Held, h.Database.GivenUp = s.responder.held.counts()
	return h
}

// remembered is what the database tells of itself and of what waits in it.
func (s *sparky) remembered(ctx context.Context, h *commands.Health) {
	backlog, err := s.memory.Backlog(ctx, bot.EffectHealth)
	if err == nil {
		h.Lease.Holder, err = s.memory.Holder(ctx, s.lease.Name)
	}
	switch {
	case h.Lease.Holder == s.lease.Owner && !h.Lease.Here:
		h.Lease.Holder = "" // it was given up here, and that could not be written
	case h.Lease.Holder != s.lease.Owner && h.Lease.Holder != "":
		h.Lease.Here, h.Lease.Since = false, time.Time{} // this process stood still, and does not know yet that it was taken over
	}
	if err != nil {
		h.Database = commands.DatabaseHealth{Problem: "the database cannot be read: " + err.Error(), Unread: true}
		h.Problem = h.Database.Problem
		return
	}
	if words, since := s.memory.Problem(); words != "" {
		h.Database = commands.DatabaseHealth{Problem: "nothing can be kept: " + words, Since: since}
		h.Problem = "nothing can be kept for " + commands.Age(time.Since(since)) + ": " + words
	}
	// Times in the database are by its own clock, and only their ages hold here.
	ours := func(theirs time.Time) time.Time {
		if theirs.IsZero() {
			return theirs
		}
		return h.At.Add(-backlog.At.Sub(theirs))
	}
	h.Effects = commands.EffectsHealth{Due: backlog.Due, Oldest: ours(backlog.Oldest), Failing: backlog.Failing,
		FailingSince: ours(backlog.FailingSince), FailingWhy: backlog.FailingWhy, Refused: backlog.Refused, RefusedLast: ours(backlog.RefusedLast)}
}

func linksHealth(links []bot.LinkHealth) []commands.LinkHealth {
	var all []commands.LinkHealth
	for _, l := range links {
		all = append(all, commands.LinkHealth{Up: l.Up, Since: l.Since, LastPing: l.LastPing, LastFrame: l.LastEvent, Problem: l.Problem})
	}
	return all
}

// jobsHealth is how the jobs go, which come by name; leading is since when they run here, zero where they do not.
func jobsHealth(states []scheduler.JobState, leading, now time.Time) commands.JobsHealth {
	sum := commands.JobsHealth{Count: len(states), Each: make([]commands.JobHealth, 0, len(states))}
	for _, job := range states {
		one := commands.JobHealth{Name: job.Name, Running: job.Running, LastStart: job.LastStart, LastEnd: job.LastEnd, LastSuccess: job.LastSuccess,
			FailingSince: job.FailingSince, Problem: job.LastError, NextDue: job.NextDue, OverdueSince: overdue(job, leading, now)}
		if job.Running {
			sum.Running++
		}
		if job.LastEnd.After(sum.LastEnd) {
			sum.LastEnd = job.LastEnd
		}
		if job.LastError != "" {
			sum.Failing++
		}
		if !one.OverdueSince.IsZero() {
			sum.Overdue++
		}
		sum.Each = append(sum.Each, one)
	}
	// They come by name. There may be ten thousand, and as a rule none is urgent.
	slices.SortStableFunc(sum.Each, func(a, b commands.JobHealth) int { return cmp.Compare(urgency(a), urgency(b)) })
	return sum
}

func urgency(job commands.JobHealth) int {
	switch {
	case !job.OverdueSince.IsZero():
		return 0
	case job.Problem != "":
		return 1
	}
	return 2
}

// lateAfter is how long after its time a job may begin, or end, before it is overdue: a busy machine is no fault.
const lateAfter = 15 * time.Second

// overdue is since when a job should have begun, or come to its end; zero where it is in time. Of what was due before the
// jobs ran here, nothing is.
func overdue(job scheduler.JobState, leading, now time.Time) time.Time {
	since := job.NextDue
	if job.Running {
		since = job.LastStart.Add(job.Timeout)
	}
	if leading.IsZero() || since.IsZero() {
		return time.Time{}
	}
	if since.Before(leading) {
		since = leading
	}
	if now.Sub(since) < lateAfter {
		return time.Time{}
	}
	return since
}

package main

import (
	"fmt"
	"slices"
	"time"

	"sparky/commands"
)

// patienceWith is how long something may be wrong with Sparky before it is ill of it.
type patienceWith map[commands.IllnessKind]time.Duration

// usualPatience lets pass what mends itself: a busy moment of the database, a link that Slack renews, a takeover by
// another replica, and an hour's worth of the first retries.
func usualPatience() patienceWith {
	return patienceWith{
		commands.IllDatabase: 30 * time.Second,
		commands.IllLink:     2 * time.Minute,
		commands.IllLease:    2 * time.Minute,
		commands.IllJobs:     2 * time.Minute,
		commands.IllEffects:  10 * time.Minute,
		commands.IllQueue:    time.Minute,
	}
}

// lasting are those of what is wrong that have been so for long enough, also by this process's own looks: after it stood
// still for a while everything is late at first. seen is since when its looks have found each kind wrong.
func (p patienceWith) lasting(wrong []commands.Illness, seen map[commands.IllnessKind]time.Time, now time.Time) []commands.Illness {
	return slices.DeleteFunc(slices.Clone(wrong), func(i commands.Illness) bool {
		since := i.Since
		if first := seen[i.Kind]; first.After(since) {
			since = first
		}
		return now.Sub(since) < p[i.Kind]
	})
}

// ailments are everything that is wrong with Sparky at the moment of the look, the gravest first. Since when a thing is
// so that does not know it itself, first tells: it is asked about each such thing at each look.
func ailments(h commands.Health, first func(kind commands.IllnessKind, wrong bool, now time.Time) time.Time) []commands.Illness {
	var all []commands.Illness
	found := func(kind commands.IllnessKind, wrong bool, since time.Time, words, mend string) {
		seen := first(kind, wrong, h.At)
		if !wrong {
			return
		}
		if since.IsZero() {
			since = seen
		}
		all = append(all, commands.Illness{Kind: kind, Words: words, Mend: mend, Since: since})
	}
	found(commands.IllDatabase, h.Database.Problem != "", h.Database.Since, h.Database.Problem,
		"see that the database answers, that its disk has room, and that Sparky may write there")
	words, since := unheard(h)
	found(commands.IllLink, h.LinksUp == 0, since, words, "see that this machine reaches slack.com; sparky doctor tries the tokens")
	found(commands.IllLease, !h.Lease.Here && h.Lease.Holder == "" && !h.Database.Unread, time.Time{},
		"no Sparky runs the jobs, so no partner is watched", "see that a Sparky runs, and whether its log names the lease")
	found(commands.IllJobs, h.Jobs.Overdue > 0, firstOverdue(h.Jobs), lateWords(h.Jobs), "see what the log says of them; a restart begins them anew")
	words, since = stuck(h.Effects)
	found(commands.IllEffects, words != "", since, words, "mend what it names; each is tried again by itself, and nothing is lost")
	found(commands.IllQueue, h.Room > 0 && h.Queued >= h.Room, time.Time{},
		fmt.Sprintf("%d commands and clicks wait to be answered, and more are turned away", h.Queued), "see what keeps this machine or the database busy")
	return all
}

// unheard is that Slack is not heard, and since when the last of the links has been down.
func unheard(h commands.Health) (words string, since time.Time) {
	since = h.Started
	words = "Slack is not heard, so no command or click is answered"
	for _, l := range h.Links {
		if l.Since.After(since) {
			since = l.Since
		}
	}
	for _, l := range h.Links {
		if l.Problem != "" {
			return words + ": " + l.Problem, since
		}
	}
	return words, since
}

func firstOverdue(jobs commands.JobsHealth) time.Time {
	var since time.Time
	for _, job := range jobs.Each {
		if !job.OverdueSince.IsZero() && (since.IsZero() || job.OverdueSince.Before(since)) {
			since = job.OverdueSince
		}
	}
	return since
}

func lateWords(jobs commands.JobsHealth) string {
	if jobs.Overdue == 0 {
		return ""
	}
	name := jobs.Each[0].Name
	if jobs.Overdue == 1 {
		return fmt.Sprintf("the job %s is overdue, so what it looks after may be out of date", name)
	}
	return fmt.Sprintf("%d of %d jobs are overdue, among them %s, so what they look after may be out of date", jobs.Overdue, jobs.Count, name)
}

// stuck is what does not get done outside, and since when; empty where all of it does. What waits for a person is told
// by itself.
func stuck(e commands.EffectsHealth) (words string, since time.Time) {
	switch {
	case e.Failing > 0 && (e.Oldest.IsZero() || !e.Oldest.Before(e.FailingSince)):
		return fmt.Sprintf("%s to be done outside cannot be done so far; what was said last: %s", things(e.Failing), e.FailingWhy), e.FailingSince
	case e.Due > 0:
		return "nobody has begun with " + things(e.Due) + " to be done outside", e.Oldest
	}
	return "", time.Time{}
}

func things(n int) string {
	if n == 1 {
		return "1 thing that was"
	}
	return fmt.Sprintf("%d things that were", n)
}

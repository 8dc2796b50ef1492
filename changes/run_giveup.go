package changes

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// When runs are given up.
const (
	// lostAfter is after how long a workflow run that GitHub took and does not show is given up.
	lostAfter = 15 * time.Minute
	// orphanedAfter is how old a run is at least that nobody here can go on with.
	orphanedAfter = 10 * time.Minute
	// waitsAfter is after how long people are told that GitHub has not taken a run.
	waitsAfter = 3 * time.Minute
	// unseenAfter is for how long beyond its time a run is not given up while GitHub is away.
	unseenAfter = 24 * time.Hour
)

// orphaned tells why nobody can go on with a run, as a sentence; empty where somebody can. A run that is quite new may be
// another replica's, which has another configuration.
func (d *RunDesk) orphaned(r Run) string {
	switch {
	case d.Now().Sub(r.Asked) < orphanedAfter:
		return ""
	case d.Workflows == nil:
		return "No GitHub is configured any more, so nobody can follow it."
	case r.State == RunAsked && d.configured(r.Partner).Compat == nil:
		return "The partner's compatibility workflow is configured no more, so it was not started."
	}
	return ""
}

// waits says of a run that GitHub does not take that it does not.
func (d *RunDesk) waits(ctx context.Context, r Run) error {
	if r.Reason != "" || d.Now().Sub(r.Asked) < waitsAfter {
		return nil
	}
	return d.change(ctx, r.ID, func(r *Run) {
		if r.State == RunAsked {
			r.Reason = "GitHub has not taken it yet. Why is told among the alerts; it starts by itself once that is mended."
		}
	})
}

// unseen is a look that failed. It ends a run of which nothing could be read for long: at its time where GitHub refuses to
// show it, a day after that where GitHub is away, for then its verdict may wait there, and not where it asks for time.
func (d *RunDesk) unseen(ctx context.Context, r Run, err error) error {
	if asksForTime(err) > 0 {
		return err
	}
	patience := max(r.Timeout, lostAfter)
	var lasting interface{ Permanent() bool }
	if !errors.As(err, &lasting) || !lasting.Permanent() {
		patience += unseenAfter
	}
	return errors.Join(err, d.overdue(ctx, r, patience, fmt.Sprintf("What came of it could not be read: %v.", err)))
}

func tooLong(r Run) string {
	return fmt.Sprintf("It did not end within %.0f minutes.", r.Timeout.Minutes())
}

// overdue ends a run that takes longer than that.
func (d *RunDesk) overdue(ctx context.Context, r Run, most time.Duration, reason string) error {
	if most <= 0 || d.Now().Sub(r.Begun) < most {
		return nil
	}
	return d.noVerdict(ctx, r, reason)
}

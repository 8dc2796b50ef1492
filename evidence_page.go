package main

import (
	"cmp"
	"context"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// page reads the partner's status page anew, and recalls its last good reading.
func (w *witness) page(p partners.Partner, known recollection) func(ctx context.Context) (fill, error) {
	return func(ctx context.Context) (fill, error) {
		if p.Status.IsZero() {
			return nil, nil
		}
		records, err := known.statuses()
		record := records[p.ID]
		good := record.LastGood
		status := w.outside.status(ctx, p)
		if keep := w.keep(ctx, p.ID, status); err == nil {
			err = keep
		}
		if status.Level != partners.Unknown {
			good = status
		}
		return func(e *incidents.Evidence) {
			e.Page = incidents.PageEvidence{Configured: true, Whole: status, Status: status.Concerning(p.Status.Components), LastGood: good}
			if !good.ReadAt.IsZero() {
				e.Page.LastGood = good.Concerning(p.Status.Components)
			}
			if ended := over(e.Prior, status, record); !ended.IsZero() {
				e.Page.ResolvedAgo = max(w.now().Sub(ended), time.Millisecond)
			}
		}, err
	}
}

// over is since when by the partner's page what a verdict rests on is over: an incident by its own end, a maintenance
// window by the end that was announced, and what the page shows no more by the first reading on which all was well, which
// cannot be from before the verdict. It is zero where the thing goes on, or nobody knows since when it does not.
func over(prior incidents.Verdict, now partners.Status, before partners.StatusRecord) time.Time {
	was := prior.Announced
	if was == nil || now.Level == partners.Unknown {
		return time.Time{}
	}
	for _, i := range now.Incidents {
		if cmp.Or(i.ID, i.Name) != was.ID {
			continue
		}
		if !i.Resolved {
			return time.Time{}
		}
		return cmp.Or(i.Ended, i.Updated)
	}
	for _, window := range now.Windows {
		if cmp.Or(window.ID, window.Name) == was.ID && (window.InProgress || window.Until.After(now.ReadAt)) {
			return time.Time{}
		}
	}
	switch {
	case now.Level == partners.Operational && before.Status.Level == partners.Operational:
		return earlier(latest(before.Since, prior.At), was.Until)
	case now.Level == partners.Operational:
		return earlier(now.ReadAt, was.Until)
	case was.Maintenance && was.Until.Before(now.ReadAt):
		return was.Until
	}
	return time.Time{}
}

// earlier is the earlier of two times; a zero one is none.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

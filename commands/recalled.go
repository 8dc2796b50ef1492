package commands

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sparky/partners"
)

// For how long the last day of a probe is remembered: a dashboard that is drawn every few seconds need not add it up anew
// each time, and where many ask at once how partners are, which is when something is broken, they are told the same.
const (
	recallFor     = 2 * time.Minute
	recallForMany = 3 * time.Second
)

// recalled are facts about probes of which the series, which are dear to read, are asked for once in a while only.
type recalled struct {
	ProbeFacts
	now  Clock
	keep time.Duration

	mu    sync.Mutex
	known map[seriesKey]recalledSeries
}

// seriesKey is what a series is of.
type seriesKey struct {
	partner, probe string
	long, step     time.Duration
}

type recalledSeries struct {
	partners.ProbeSeries
	at time.Time
}

func newRecalled(facts ProbeFacts, now Clock, keep time.Duration) *recalled {
	return &recalled{ProbeFacts: facts, now: now, keep: keep, known: map[seriesKey]recalledSeries{}}
}

// EachSeries are the series up to now, or up to some time ago where one of that length was asked for before. Those that are
// not known are asked for together.
func (r *recalled) EachSeries(ctx context.Context, probes map[string][]string, from, to time.Time, step time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	now, long := r.now(), to.Sub(from)
	all, missing := r.recall(probes, now, long, step)
	if len(missing) == 0 {
		return all, nil
	}
	found, err := r.ProbeFacts.EachSeries(ctx, missing, from, to, step)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.known, func(_ seriesKey, s recalledSeries) bool { return now.Sub(s.at) > 10*r.keep })
	for partner, ids := range missing {
		for _, probe := range ids {
			one := found[partner][probe]
			if one.Whole.Runs > 0 { // of one that has just begun, its first results are waited for
				r.known[seriesKey{partner, probe, long, step}] = recalledSeries{one, now}
			}
			keepSeries(all, partner, probe, one)
		}
	}
	return all, nil
}

// recall is what is known of the series that are asked for, and what is not.
func (r *recalled) recall(probes map[string][]string, now time.Time, long, step time.Duration) (all map[string]map[string]partners.ProbeSeries, missing map[string][]string) {
	all, missing = map[string]map[string]partners.ProbeSeries{}, map[string][]string{}
	r.mu.Lock()
	defer r.mu.Unlock()
	for partner, ids := range probes {
		for _, probe := range ids {
			s, ok := r.known[seriesKey{partner, probe, long, step}]
			if !ok || now.Sub(s.at).Abs() >= r.keep {
				missing[partner] = append(missing[partner], probe)
				continue
			}
			keepSeries(all, partner, probe, s.ProbeSeries)
		}
	}
	return all, missing
}

// keepSeries adds a series with steps of its own.
func keepSeries(all map[string]map[string]partners.ProbeSeries, partner, probe string, s partners.ProbeSeries) {
	if all[partner] == nil {
		all[partner] = map[string]partners.ProbeSeries{}
	}
	s.Steps = slices.Clone(s.Steps)
	all[partner][probe] = s
}

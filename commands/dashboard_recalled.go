package commands

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/partners"
)

// recallFor is for how long the last day of a probe is remembered: a dashboard that is drawn every few seconds need not
// add it up anew each time.
const recallFor = 2 * time.Minute

// recalled are facts about probes of which the series, which are dear to read, are asked for once in a while only.
type recalled struct {
	ProbeFacts
	now Clock

	mu    sync.Mutex
	known map[string]recalledSeries // by partner and probes
}

type recalledSeries struct {
	at    time.Time
	whole partners.ProbeStats
	steps []partners.ProbeStats
}

func newRecalled(facts ProbeFacts, now Clock) *recalled {
	return &recalled{ProbeFacts: facts, now: now, known: map[string]recalledSeries{}}
}

// ProbeSeries is the series up to now or some time ago, if one of that length was asked for before.
func (r *recalled) ProbeSeries(ctx context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (partners.ProbeStats, []partners.ProbeStats, error) {
	key := strings.Join(append([]string{partner, to.Sub(from).String(), step.String()}, probes...), "\x00")
	now := r.now()
	r.mu.Lock()
	s, ok := r.known[key]
	r.mu.Unlock()
	if ok && now.Sub(s.at).Abs() < recallFor {
		return s.whole, slices.Clone(s.steps), nil
	}
	whole, steps, err := r.ProbeFacts.ProbeSeries(ctx, partner, probes, from, to, step)
	if err != nil {
		return partners.ProbeStats{}, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.known, func(_ string, s recalledSeries) bool { return now.Sub(s.at) > 10*recallFor })
	r.known[key] = recalledSeries{now, whole, steps}
	return whole, slices.Clone(steps), nil
}

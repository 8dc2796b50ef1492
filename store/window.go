package store

import (
	"context"
	"slices"
	"time"

	"sparky/partners"
)

// ProbeWindow is how a probe did in a window of time, from included to excluded, by its single results: the percentiles are
// exact, and of every run that told something, as New Relic counts, not of the passes alone. Single results are kept for a
// week; of a window that begins before it only the rest counts.
func (s *Store) ProbeWindow(ctx context.Context, partner, probe string, from, to time.Time) (partners.ProbeStats, error) {
	found, err := s.singles(ctx, partner, probe, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return partners.ProbeStats{}, err
	}
	stats := partners.ProbeStats{Runs: len(found), From: from, To: to}
	took := make([]time.Duration, 0, len(found))
	for _, one := range found {
		stats.Passed += one.passed
		took = append(took, one.took)
	}
	slices.Sort(took)
	stats.P50, stats.P95, stats.P99 = nearest(took, 50), nearest(took, 95), nearest(took, 99)
	return stats, nil
}

// nearest is the percentile of nearest rank; 0 of nothing.
func nearest(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*percent+99)/100-1]
}

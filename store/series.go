package store

import (
	"context"
	"time"

	"sparky/partners"
)

// ProbeSeries is how some probes of a partner did together: in a window of time as ProbeStats has it, and in each step of
// it, oldest first and without gaps. Steps are whole hours long, at least one, and are counted from the hour in which the
// window begins; the first and the last hold what of them lies in the window. Probes that are not known add nothing.
func (s *Store) ProbeSeries(ctx context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (whole partners.ProbeStats, steps []partners.ProbeStats, err error) {
	if !from.Before(to) {
		return partners.ProbeStats{From: from, To: to}, nil, nil
	}
	first, last := floorHour(from.UnixMilli()), floorHour(to.UnixMilli()-1)
	long := max(int64(step/time.Hour), 1)
	tallies := make([]tally, (last-first)/long+1)
	var sum tally
	for _, probe := range probes {
		pieces, err := s.pieces(ctx, partner, probe, from, to)
		if err != nil {
			return whole, nil, err
		}
		for _, p := range pieces {
			err := sum.add(p)
			if err == nil {
				err = tallies[(floorHour(p.at)-first)/long].add(p)
			}
			if err != nil {
				return whole, nil, statsError(partner, probe, err)
			}
		}
	}
	for i := range tallies {
		begins := moment((first + int64(i)*long) * hourMS)
		steps = append(steps, tallies[i].stats(begins, begins.Add(time.Duration(long)*time.Hour)))
	}
	return sum.stats(from, to), steps, nil
}

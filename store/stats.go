package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sparky/partners"
)

// ProbeStats is how a probe did in a window of time, from included to excluded. What is older than a week is known by
// the hour, and what is older than 90 days by the day: there a window holds the hours and days that begin in it. Percentiles
// are exact to 4 %. A probe that is not known has no runs.
func (s *Store) ProbeStats(ctx context.Context, partner, probe string, from, to time.Time) (partners.ProbeStats, error) {
	pieces, err := s.pieces(ctx, partner, probe, from, to)
	if err != nil {
		return partners.ProbeStats{}, err
	}
	var sum tally
	for _, piece := range pieces {
		if err := sum.add(piece); err != nil {
			return partners.ProbeStats{}, statsError(partner, probe, err)
		}
	}
	return sum.stats(from, to), nil
}

func statsError(partner, probe string, err error) error {
	return fmt.Errorf("store: add up the results of probe %s of %s: %w", probe, partner, err)
}

// piece is one result, or all of one hour or day.
type piece struct {
	at           int64 // when it began
	runs, passed int
	took         time.Duration // of one result
	spread       []byte        // of an hour or day; nil for one result
	day          bool          // it is a day
}

// tally adds up pieces.
type tally struct {
	runs, passed int
	took         spread
}

func (t *tally) add(p piece) error {
	t.runs += p.runs
	t.passed += p.passed
	if p.spread == nil {
		if p.passed > 0 {
			t.took.add(p.took)
		}
		return nil
	}
	if err := t.took.merge(p.spread); err != nil {
		return fmt.Errorf("what began at %s: %w", moment(p.at).Format(time.RFC3339), err)
	}
	return nil
}

func (t *tally) stats(from, to time.Time) partners.ProbeStats {
	return partners.ProbeStats{
		Runs: t.runs, Passed: t.passed, From: from, To: to,
		P50: t.took.percentile(0.50), P95: t.took.percentile(0.95), P99: t.took.percentile(0.99),
	}
}

// pieces are what a window holds: whole hours inside it, and single results in the hours that it cuts. An hour whose
// single results are forgotten comes whole where it begins in the window.
func (s *Store) pieces(ctx context.Context, partner, probe string, from, to time.Time) ([]piece, error) {
	first, end := from.UnixMilli(), to.UnixMilli()
	if first >= end {
		return nil, nil
	}
	// Hours are read before results, so that one that is saved between the two is missing from neither.
	hours, err := s.hours(ctx, partner, probe, floorHour(first), floorHour(end-1))
	if err != nil || len(hours) == 0 {
		return nil, err
	}
	var singles []piece
	for _, cut := range cuts(first, end) {
		found, err := s.singles(ctx, partner, probe, cut[0]*hourMS, (cut[1]+1)*hourMS)
		if err != nil {
			return nil, err
		}
		singles = append(singles, found...)
	}
	return within(hours, singles, first, end), nil
}

// within puts together what a window holds, of whole hours and days and of single results in those which it cuts.
func within(hours, singles []piece, first, end int64) (pieces []piece) {
	byHour := map[int64][]piece{}
	for _, one := range singles {
		byHour[floorHour(one.at)] = append(byHour[floorHour(one.at)], one)
	}
	for _, hour := range hours {
		exact := byHour[floorHour(hour.at)]
		if hour.day || len(exact) < hour.runs {
			exact = []piece{hour}
		}
		for _, p := range exact {
			if p.at >= first && p.at < end {
				pieces = append(pieces, p)
			}
		}
	}
	return pieces
}

// cuts are the ranges of hours, first and last, whose single results are to be looked at.
func cuts(first, end int64) [][2]int64 {
	a, b := floorHour(first), floorHour(end-1)
	beginsCut, endsCut := a*hourMS != first, (b+1)*hourMS != end
	switch {
	case a == b && (beginsCut || endsCut):
		return [][2]int64{{a, b}}
	case beginsCut && endsCut:
		return [][2]int64{{a, a}, {b, b}}
	case beginsCut:
		return [][2]int64{{a, a}}
	case endsCut:
		return [][2]int64{{b, b}}
	default:
		return nil
	}
}

// thisProbe picks a probe by the first two parameters.
const thisProbe = `probe = (select id from probes where partner = $1 and probe = $2)`

// hours are the hours and days that begin from one hour to another. One statement reads both, so that those which are
// being put together into a day are missing from neither and counted once.
func (s *Store) hours(ctx context.Context, partner, probe string, first, last int64) ([]piece, error) {
	return rows(ctx, &s.reading, "read how probe "+probe+" of "+partner+" did by the hour", func(row *sql.Rows) (piece, error) {
		return scanHour(row)
	}, `select hour, runs, passed, spread, false from hours where `+thisProbe+` and hour >= $3 and hour <= $4
		union all
		select day * 24, runs, passed, spread, true from days where `+thisProbe+` and day >= $5 and day <= $6 order by 1`,
		text(partner), text(probe), first, last, firstDay(first), lastDay(last))
}

// scanHour reads an hour or a day, and what else its row holds.
func scanHour(row *sql.Rows, more ...any) (p piece, err error) {
	var hour int64
	err = row.Scan(append([]any{&hour, &p.runs, &p.passed, &p.spread, &p.day}, more...)...)
	p.at = hour * hourMS
	if p.spread == nil {
		p.spread = []byte{}
	}
	return p, err
}

// firstDay is the first day that begins at an hour or after it, and lastDay the last that begins at one or before it.
func firstDay(hour int64) int64 { return -floorDay(-hour) }

func lastDay(hour int64) int64 { return floorDay(hour) }

// floorDay is the day, counted from 1970, that an hour lies in.
func floorDay(hour int64) int64 {
	if hour < 0 {
		return -((-hour + 23) / 24)
	}
	return hour / 24
}

func (s *Store) singles(ctx context.Context, partner, probe string, from, to int64) ([]piece, error) {
	return rows(ctx, &s.reading, "read the results of probe "+probe+" of "+partner, func(row *sql.Rows) (piece, error) {
		return scanSingle(row)
	}, `select at_ms, took_us, class from results where `+thisProbe+` and at_ms >= $3 and at_ms < $4 order by at_ms`,
		text(partner), text(probe), from, to)
}

// scanSingle reads one result, and what else its row holds.
func scanSingle(row *sql.Rows, more ...any) (piece, error) {
	p := piece{runs: 1}
	var us int64
	var class string
	err := row.Scan(append([]any{&p.at, &us, &class}, more...)...)
	p.took = time.Duration(us) * time.Microsecond
	if class == "" {
		p.passed = 1
	}
	return p, err
}

package store

import (
	"context"
	"database/sql"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"sparky/partners"
)

// ProbeSeries is how some probes of a partner did together: in a window of time as ProbeStats has it, and in each step of
// it, oldest first and without gaps. Steps are whole hours long, at least one, and are counted from the hour in which the
// window begins; the first and the last hold what of them lies in the window. Probes that are not known add nothing.
func (s *Store) ProbeSeries(ctx context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (whole partners.ProbeStats, steps []partners.ProbeStats, err error) {
	found, err := s.piecesOfEach(ctx, map[string][]string{partner: probes}, from, to)
	if err != nil {
		return whole, nil, err
	}
	sum := newSeries(from, to, step)
	for _, one := range found {
		if err := sum.add(one.pieces); err != nil {
			return whole, nil, statsError(partner, one.probe, err)
		}
	}
	series := sum.series()
	return series.Whole, series.Steps, nil
}

// EachSeries is ProbeSeries of many probes, each by itself, by partner and probe. What is asked of the database are a few
// queries for hundreds of probes. Probes that are not known are left out.
func (s *Store) EachSeries(ctx context.Context, probes map[string][]string, from, to time.Time, step time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	found, err := s.piecesOfEach(ctx, probes, from, to)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]partners.ProbeSeries{}
	for _, one := range found {
		sum := newSeries(from, to, step)
		if err := sum.add(one.pieces); err != nil {
			return nil, statsError(one.partner, one.probe, err)
		}
		if all[one.partner] == nil {
			all[one.partner] = map[string]partners.ProbeSeries{}
		}
		all[one.partner][one.probe] = sum.series()
	}
	return all, nil
}

// series adds up pieces by their steps.
type series struct {
	from, to    time.Time
	first, long int64 // the hour in which it begins, and how many hours a step has
	whole       tally
	steps       []tally
}

func newSeries(from, to time.Time, step time.Duration) *series {
	s := &series{from: from, to: to, long: max(int64(step/time.Hour), 1)}
	if from.Before(to) {
		s.first = floorHour(from.UnixMilli())
		s.steps = make([]tally, (floorHour(to.UnixMilli()-1)-s.first)/s.long+1)
	}
	return s
}

func (s *series) add(pieces []piece) error {
	for _, p := range pieces {
		err := s.whole.add(p)
		if err == nil {
			err = s.steps[(floorHour(p.at)-s.first)/s.long].add(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *series) series() partners.ProbeSeries {
	result := partners.ProbeSeries{Whole: s.whole.stats(s.from, s.to)}
	for i := range s.steps {
		begins := moment((s.first + int64(i)*s.long) * hourMS)
		result.Steps = append(result.Steps, s.steps[i].stats(begins, begins.Add(time.Duration(s.long)*time.Hour)))
	}
	return result
}

// knownProbe is a probe that has results, and what of them a window holds.
type knownProbe struct {
	id             int64
	partner, probe string
	pieces         []piece
}

// piecesOfEach are the pieces of those of the probes that are known.
func (s *Store) piecesOfEach(ctx context.Context, probes map[string][]string, from, to time.Time) ([]knownProbe, error) {
	first, end := from.UnixMilli(), to.UnixMilli()
	if first >= end {
		return nil, nil
	}
	all, err := s.knownProbes(ctx, probes)
	for batch := range slices.Chunk(all, atOnce) {
		if err == nil {
			err = s.piecesOfBatch(ctx, batch, first, end)
		}
	}
	return all, err
}

// atOnce is how many probes or partners one query is about.
const atOnce = 256

// knownProbes are those of the probes that have results.
func (s *Store) knownProbes(ctx context.Context, probes map[string][]string) (all []knownProbe, err error) {
	asked := map[[2]string]knownProbe{} // by how they are stored
	var of []any
	for partner, ids := range probes {
		of = append(of, text(partner))
		for _, probe := range ids {
			asked[[2]string{text(partner), text(probe)}] = knownProbe{partner: partner, probe: probe}
		}
	}
	for batch := range slices.Chunk(of, atOnce) {
		list, args := padded(nil, batch)
		found, err := rows(ctx, &s.reading, "look for probes", func(row *sql.Rows) (one knownProbe, err error) {
			return one, row.Scan(&one.id, &one.partner, &one.probe)
		}, `select id, partner, probe from probes where partner in (`+list+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if wanted, ok := asked[[2]string{one.partner, one.probe}]; ok {
				wanted.id = one.id
				all = append(all, wanted)
			}
		}
	}
	return all, nil
}

// piecesOfBatch reads what a window holds of each of some probes.
func (s *Store) piecesOfBatch(ctx context.Context, batch []knownProbe, first, end int64) error {
	ids := make([]any, len(batch))
	for i, one := range batch {
		ids[i] = one.id
	}
	// Hours are read before results, so that one that is saved between the two is missing from neither.
	hours, err := s.hoursOfEach(ctx, ids, floorHour(first), floorHour(end-1))
	if err != nil {
		return err
	}
	singles := map[int64][]piece{}
	for _, cut := range cuts(first, end) {
		if err := s.singlesOfEach(ctx, ids, cut[0]*hourMS, (cut[1]+1)*hourMS, singles); err != nil {
			return err
		}
	}
	for i := range batch {
		batch[i].pieces = within(hours[batch[i].id], singles[batch[i].id], first, end)
	}
	return nil
}

// hoursOfEach is hours of some probes, by their ids.
func (s *Store) hoursOfEach(ctx context.Context, ids []any, first, last int64) (map[int64][]piece, error) {
	list, args := padded([]any{first, last, firstDay(first), lastDay(last)}, ids)
	all := map[int64][]piece{}
	_, err := rows(ctx, &s.reading, "read how probes did by the hour", func(row *sql.Rows) (struct{}, error) {
		var id int64
		p, err := scanHour(row, &id)
		all[id] = append(all[id], p)
		return struct{}{}, err
	}, `select hour, runs, passed, spread, false, probe from hours where probe in (`+list+`) and hour >= $1 and hour <= $2
		union all
		select day * 24, runs, passed, spread, true, probe from days where probe in (`+list+`) and day >= $3 and day <= $4 order by 1`, args...)
	return all, err
}

// singlesOfEach is singles of some probes, added by their ids.
func (s *Store) singlesOfEach(ctx context.Context, ids []any, from, to int64, all map[int64][]piece) error {
	list, args := padded([]any{from, to}, ids)
	_, err := rows(ctx, &s.reading, "read the results of probes", func(row *sql.Rows) (struct{}, error) {
		var id int64
		p, err := scanSingle(row, &id)
		all[id] = append(all[id], p)
		return struct{}{}, err
	}, `select at_ms, took_us, class, probe from results where probe in (`+list+`) and at_ms >= $1 and at_ms < $2`, args...)
	return err
}

// padded is the placeholders of values that follow args, and all of them. There are 1, 2, 4 … of them, the last value
// standing for those that are too many: so there are few texts, each of which is compiled once. There is one value at least.
func padded(args, values []any) (list string, all []any) {
	for i := range 1 << bits.Len(uint(len(values)-1)) {
		if i > 0 {
			list += ", "
		}
		args = append(args, values[min(i, len(values)-1)])
		list += "$" + strconv.Itoa(len(args))
	}
	return list, args
}

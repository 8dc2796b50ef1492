package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// All rows of results, as they are at the end of a day, say little of whether they grow: what is older than a week goes once a
// day, an hour or two sooner or later each time, so that they go up and down by a day's worth. What is of the last week does
// not, wherever in the day it is counted, and of what is older than a week and a day there may be nothing.
const (
	soakSingles   = 7 * 24 * time.Hour
	soakOverdue   = soakSingles + 24*time.Hour + 6*time.Hour // a day's jitter, the hour that is begun, and a restart
	soakRowsDrift = 0.04                                     // of the mean, by which results of the last week may rise
)

// singles counts the results of single runs: those of the last week, and those that should have gone by now.
func (s *soak) singles() (week, overdue int64) {
	s.Helper()
	now := time.Now()
	s.hold(s.db.QueryRowContext(s.Context(), `select count(*) filter (where at_ms >= $1), count(*) filter (where at_ms < $2) from results`,
		now.Add(-soakSingles).UnixMilli(), now.Add(-soakOverdue).UnixMilli()).Scan(&week, &overdue))
	return week, overdue
}

// soakRowsGrow says by what results of single runs grow; nothing where they do not.
func soakRowsGrow(days []soakFigure) (grows []string) {
	for _, f := range days {
		if f.overdue > 0 {
			grows = append(grows, fmt.Sprintf("day %d: %d results of single runs are older than a week and should have gone", f.day, f.overdue))
			break
		}
	}
	settled := soakSettled(days)
	if rise, mean := soakRise(settled, func(f soakFigure) float64 { return float64(f.week) }); rise > soakRowsDrift*mean {
		grows = append(grows, fmt.Sprintf("results of the last week grew by %.0f over %d days, from %.0f on the mean", rise, len(settled), mean))
	}
	return grows
}

// rowsOfAMonth are made up: so many results an hour, each day more by a part of them, and once a day those that are older than
// a week go, but for a part of them.
type rowsOfAMonth struct {
	days   int
	expire func(day int) int // the hour of that day in which what is old goes; 24 and more is on the next
	more   float64           // a day, as a part
	leaked float64           // of what was to go, as a part
}

func (m rowsOfAMonth) figures() (all []soakFigure) {
	const hourly = 1000
	var hours []float64 // results of each hour that are still there
	for day := 1; day <= m.days; day++ {
		for hour := range 24 {
			for d := max(day-1, 1); d <= day; d++ {
				if (d-1)*24+m.expire(d) != len(hours) {
					continue
				}
				for h := range max(0, len(hours)-7*24) {
					if hours[h] >= hourly/2 {
						hours[h] *= m.leaked
					}
				}
			}
			hours = append(hours, hourly*(1+m.more*(float64(day)+float64(hour)/24)))
		}
		f := soakFigure{day: day, rows: map[string]int64{}}
		for h, rows := range hours {
			age := time.Duration(len(hours)-h) * time.Hour
			f.rows["results"] += int64(rows)
			if age <= soakSingles {
				f.week += int64(rows)
			}
			if age > soakOverdue {
				f.overdue += int64(rows)
			}
		}
		all = append(all, f)
	}
	return all
}

// TestSoakFindsRowsThatLeak holds that a leak of one in a hundred a day is found, and that it is no growth when what is old goes
// sooner or later in the day, although all rows then rise by a day's worth.
func TestSoakFindsRowsThatLeak(t *testing.T) {
	noon := func(int) int { return 12 }
	for name, c := range map[string]struct {
		month rowsOfAMonth
		found string
	}{
		"nothing grows":                  {rowsOfAMonth{30, noon, 0, 0}, ""},
		"later each day":                 {rowsOfAMonth{30, func(day int) int { return 12 + day/2 }, 0, 0}, ""},
		"sooner each day":                {rowsOfAMonth{30, func(day int) int { return 23 - day/2 }, 0, 0}, ""},
		"now sooner and now later":       {rowsOfAMonth{30, func(day int) int { return 22 + 4*(day%2) }, 0, 0}, ""},
		"a day's worth more at the end":  {rowsOfAMonth{30, func(day int) int { return 23 + 2*(day/27) }, 0, 0}, ""},
		"one in a hundred stays":         {rowsOfAMonth{30, noon, 0, 0.01}, "should have gone"},
		"one in a hundred stays, abrupt": {rowsOfAMonth{30, func(day int) int { return 22 + 4*(day%2) }, 0, 0.01}, "should have gone"},
		"one in a hundred more each day": {rowsOfAMonth{30, noon, 0.01, 0}, "of the last week grew"},
		"a month cut short finds a leak": {rowsOfAMonth{12, noon, 0, 0.01}, "should have gone"},
		"the first days have no verdict": {rowsOfAMonth{8, noon, 0, 0}, ""},
		"nothing ever goes":              {rowsOfAMonth{16, noon, 0, 1}, "should have gone"},
	} {
		days := c.month.figures()
		got := strings.Join(soakRowsGrow(days), "; ")
		if (got == "") != (c.found == "") || !strings.Contains(got, c.found) {
			t.Errorf("%s: it is said %q, want %q", name, got, c.found)
		}
	}
	// What made a trend of all rows of no use: they go up by a day's worth at once, and stay there.
	days := rowsOfAMonth{30, func(day int) int { return 23 + 2*(day/27) }, 0, 0}.figures()
	if before, after := days[25].rows["results"], days[29].rows["results"]; after-before < 20000 {
		t.Errorf("all rows go from %d to %d: the example shows nothing", before, after)
	}
}

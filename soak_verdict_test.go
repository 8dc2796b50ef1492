package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"sparky/fixtures/world/slack"
)

// What may be at most, however long it goes on.
const (
	soakHeapMost  = 60 << 20 // the bar for the whole process with five partners; the program has fifty here
	soakFilesMore = 6        // descriptors more than after the first day: readers of the database open as they are needed
	soakDrift     = 0.10     // of the mean, by which a line through the days after the first week may rise
)

// judge holds that nothing grew that should not, and that nobody was told more than they must.
func (s *soak) judge() {
	s.Helper()
	first, last := s.figures[0], s.figures[len(s.figures)-1]
	for _, f := range s.figures {
		if f.heap > soakHeapMost {
			s.Errorf("day %d: the program holds %.1f MB", f.day, float64(f.heap)/1e6)
		}
		if f.files > first.files+soakFilesMore {
			s.Errorf("day %d: %d files are open, %d on the first day", f.day, f.files, first.files)
		}
		s.judgePeople(f)
	}
	settled := soakSettled(s.figures)
	for what, of := range map[string]func(soakFigure) float64{
		"the program's heap": func(f soakFigure) float64 { return float64(f.heap) },
		"goroutines":         func(f soakFigure) float64 { return float64(f.goroutines) },
		"open files":         func(f soakFigure) float64 { return float64(f.files) },
	} {
		if rise, mean := soakRise(settled, of); rise > soakDrift*mean {
			s.Errorf("%s grew by %.0f over %d days, from %.0f on the mean", what, rise, len(settled), mean)
		}
	}
	for _, grows := range soakRowsGrow(s.figures) {
		s.Error(grows)
	}
	for name, rows := range last.rows {
		most, ok := s.mostRows()[name]
		if !ok {
			s.Errorf("nobody says how many rows %s may have; it has %d", name, rows)
		} else if rows > most {
			s.Errorf("%s has %d rows after %d days, and may have %d", name, rows, last.day, most)
		}
	}
	for name, rows := range s.left {
		if name == "incidents" {
			rows -= s.unended
		}
		if kept := soakKept(name); !kept && rows > 0 {
			s.Errorf("%s has %d rows when all that is not kept for ever has run out", name, rows)
		}
	}
	if s.people.lost() {
		s.Error("the count of messages fell behind")
	}
}

// soakWeek is after how many days nothing rises any more: results are kept one by one for a week, and what is older goes by
// then once a day.
const soakWeek = 9

// soakGreat is the last of the great days. What they leave is there once: of each probe the last failure is remembered.
const soakGreat = 17

// soakSettled are the days after which nothing rises any more, as many as are enough to see a rise.
func soakSettled(days []soakFigure) []soakFigure {
	from := soakWeek
	if len(days) >= soakGreat+soakEnough {
		from = soakGreat
	}
	return slices.DeleteFunc(slices.Clone(days), func(f soakFigure) bool { return f.day <= from })
}

// soakEnough is of how many days on a rise is told from what comes and goes.
const soakEnough = 5

// soakRise is by how much a line through the days rises from the first to the last, at the least, and their mean: what scatters
// makes a line rise or fall by chance, so that two standard errors are taken off.
func soakRise(days []soakFigure, of func(soakFigure) float64) (rise, mean float64) {
	if len(days) < soakEnough {
		return 0, 0
	}
	var x, y, n float64
	for _, f := range days {
		x, y, n = x+float64(f.day), y+of(f), n+1
	}
	x, y = x/n, y/n
	var xx, xy, yy float64
	for _, f := range days {
		dx, dy := float64(f.day)-x, of(f)-y
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	slope := xy / xx
	off := max(yy-slope*xy, 0) // squared, of the days from the line
	sure := slope - 2*math.Sqrt(off/(n-2)/xx)
	return sure * float64(days[len(days)-1].day-days[0].day), y
}

// mostRows is how many rows a table may have by now: as many as the configuration has things of the kind, as many as fit
// into the time for which they are kept, or so many for everything that happened.
func (s *soak) mostRows() map[string]int64 {
	partners, probes, sources := int64(len(s.config.Partners)), int64(0), int64(0)
	for _, p := range s.config.Partners {
		probes, sources = probes+int64(len(p.Probes)), sources+int64(len(p.Changelog))
	}
	days := int64(len(s.figures))
	runs := int64(24*time.Hour/s.plan.every) * probes
	failures, announced, asked := soakSum(s.truth.failures), soakSum(s.truth.announcements), soakSum(s.truth.asked)
	tries := int64(s.truth.betas)
	return map[string]int64{
		"probes": probes, "probe_states": probes + 2, "statuses": partners, "configs": partners, "sources": sources, "documents": sources,
		"certificates": partners, "mutes": partners, "leases": 2, "readers": 1, "restores": 0, "events": soakEvents, "jobs": int64(len(s.jobNames())),
		// A day's repairs of passing failures and what a mute or restart adds are within the tenth.
		"results": runs * min(days, soakWeek) * 11 / 10, "hours": 24 * probes * min(days+1, 91), "days": probes * max(days-89, 0),
		"incidents": failures + 2*tries + 5, "runs": 3 * tries, "entries": soakHistory + announced, "countdowns": soakHistory + announced, "handled": asked,
		"effects": 40*failures + 10*tries + 3*announced + days + 50, "audit": 12*failures + 2*asked + 6*tries + 3*announced,
	}
}

// soakEvents are more than Slack brings on a day of a soak; what may not come again is forgotten once a day.
const soakEvents = 200

// soakHistory is how many entries the demo's partners have announced before the first day, and more.
const soakHistory = 100

// jobNames are the jobs of the configuration.
func (s *soak) jobNames() (names []string) {
	for _, job := range s.jobs {
		names = append(names, job.Name)
	}
	return names
}

// soakKept tells that rows of the table stay for ever, or as long as the configuration has what they are about. Keys of
// what was done, and hashes of what was announced, are never forgotten: neither is to happen twice.
func soakKept(table string) bool {
	return !slices.Contains([]string{"results", "hours", "days", "probes", "probe_states", "incidents", "audit", "mutes", "events"}, table)
}

func soakSum(counts map[int]int) (sum int64) {
	for _, n := range counts {
		sum += int64(n)
	}
	return sum
}

// judgePeople holds that people got no more on a day than what happened on it, and the evening before, calls for.
func (s *soak) judgePeople(f soakFigure) {
	s.Helper()
	failures := s.truth.failures[f.day] + s.truth.failures[f.day-1] + 1 // one that nobody mends goes on
	announced := s.truth.announcements[f.day] + s.truth.announcements[f.day-1]
	for _, most := range []struct {
		what     string
		got, may int
	}{
		{"calls of PagerDuty", f.pages, failures},
		{"messages in the alerts channel", f.got.channel[slack.Alerts], 2 + failures},
		{"messages in the updates channel", f.got.channel[slack.Updates], 2 + 2*announced},
		// A call, and three times more where nobody acknowledges it; what was announced, and its dates.
		{"mentions of the person on call", f.got.rings[slack.OnCall], 4*failures + announced},
		{"mentions of an owner", f.got.rings[slack.Operator], failures + 2*announced},
		{"mentions of who publishes", f.got.rings[slack.Publisher], failures},
		{"mentions of somebody else", f.got.rings[slack.Member], 0},
	} {
		if most.got > most.may {
			s.Errorf("day %d: %d %s, and at most %d were called for", f.day, most.got, most.what, most.may)
		}
	}
}

// TestSoakFindsGrowth holds that a soak sees what grows, and takes what comes and goes for what it is.
func TestSoakFindsGrowth(t *testing.T) {
	month := func(of func(day int) int) (all []soakFigure) {
		for day := soakWeek + 1; day <= 30; day++ {
			all = append(all, soakFigure{day: day, goroutines: of(day)})
		}
		return all
	}
	goroutines := func(f soakFigure) float64 { return float64(f.goroutines) }
	for _, c := range []struct {
		what  string
		of    func(day int) int
		grows bool
	}{
		{"nothing happens", func(int) int { return 100 }, false},
		{"it comes and goes", func(day int) int { return 100 + day%3 }, false},
		{"one great day", func(day int) int { return 100 + 20*(day/20)*(20/day) }, false},
		{"one a day", func(day int) int { return 100 + day }, true},
		{"it falls", func(day int) int { return 100 - day }, false},
	} {
		rise, mean := soakRise(month(c.of), goroutines)
		if grows := rise > soakDrift*mean; grows != c.grows || math.IsNaN(rise) {
			t.Errorf("%s: rises by %.1f of %.1f", c.what, rise, mean)
		}
	}
}

// TestSoakTellsGrowthFromScatter has the heap as it was on the last days of a soak, sampled, and the same with a leak.
func TestSoakTellsGrowthFromScatter(t *testing.T) {
	month := []int64{38, 35, 39, 34, 32, 33, 32, 37, 34, 36, 36, 34, 37} // in 100 kB
	for _, c := range []struct {
		from  int
		leak  int64 // a day, in 100 kB
		grows bool
	}{{0, 0, false}, {6, 0, false}, {0, 1, true}, {6, 2, true}} {
		var days []soakFigure
		for n, heap := range month[c.from:] {
			days = append(days, soakFigure{day: soakGreat + 1 + n, heap: (heap + int64(n)*c.leak) * 100e3})
		}
		rise, mean := soakRise(days, func(f soakFigure) float64 { return float64(f.heap) })
		if grows := rise > soakDrift*mean; grows != c.grows {
			t.Errorf("%+v: rises by %.0f of %.0f", c, rise, mean)
		}
	}
}

// TestSoakSettles holds that what a great day leaves is no growth, and that growth after it is.
func TestSoakSettles(t *testing.T) {
	for _, c := range []struct {
		days, leaves, each int
		grows              bool
	}{{30, 0, 0, false}, {30, 50, 0, false}, {30, 0, 2, true}, {30, 50, 2, true}, {16, 0, 5, true}, {8, 0, 50, false}} {
		var all []soakFigure
		for day := 1; day <= c.days; day++ {
			f := soakFigure{day: day, goroutines: 100 + c.each*day}
			if day >= soakGreat {
				f.goroutines += c.leaves
			}
			all = append(all, f)
		}
		rise, mean := soakRise(soakSettled(all), func(f soakFigure) float64 { return float64(f.goroutines) })
		if grows := rise > soakDrift*mean; grows != c.grows {
			t.Errorf("%+v: rises by %.1f of %.1f", c, rise, mean)
		}
	}
}

// TestSoakCounts holds what is counted as a message, and who is named in one.
func TestSoakCounts(t *testing.T) {
	groups := []slack.Group{{ID: "S0ONCALL", Members: []string{slack.OnCall}}, {ID: "S0PLATFORM", Members: []string{slack.Operator, slack.OnCall}}}
	d := newSoakPost()
	d.add(slack.Message{Channel: "C", TS: "1", Text: "nobody"}, groups)
	d.add(slack.Message{Channel: "C", TS: "2", ThreadTS: "1", Text: "<!subteam^S0ONCALL> and <!subteam^S0PLATFORM>"}, groups)
	d.add(slack.Message{Channel: "C", TS: "3", ThreadTS: "1", Broadcast: true, Text: "<@" + slack.Operator + ">"}, groups)
	if got := fmt.Sprint(d.channel["C"], d.thread["C"], d.rings[slack.OnCall], d.rings[slack.Operator], d.rings[slack.Member]); got != "2 1 1 2 0" {
		t.Errorf("counted %s", got)
	}
}

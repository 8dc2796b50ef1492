package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sparky/store"
)

// historySuites measure what a year of results makes slow, the changelogs, and the program's size.
func historySuites() []suite {
	return []suite{
		{"a year of history, SQLite", func(b *bench) []row {
			return yearRows(b, "SQLite", "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"))
		}},
		{"a year of history, PostgreSQL", func(b *bench) []row { return yearRows(b, "PostgreSQL", postgresFor(b)) }},
		{"the start and commands with a year of history", withAYear},
		{"changelogs", pollRows},
		{"the binary", func(b *bench) []row {
			info, err := os.Stat(b.binary)
			if err != nil {
				b.Fatal(err)
			}
			return []row{{figure: "size of the binary", bar: atMost(40), is: float64(info.Size()) / 1e6, unit: "MB (10⁶)"}}
		}},
	}
}

// yearRows are how long a partner's 30 days take of a year of 50 partners with three probes, and how large that is.
func yearRows(b *bench, database, url string) []row {
	now := time.Now()
	fillYear(b, url, now)
	size := yearSize(b, url)
	memory, err := store.Open(b.Context(), url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer memory.Close()
	var rounds []time.Duration
	for range 5 {
		rounds = append(rounds, percentile(monthsOf(b, memory, now), 0.99))
	}
	return []row{
		{figure: "a partner's 30 days of a year of 15.8 million results, 99th percentile of the quietest of five rounds, " + database, bar: atMost(20), is: ms(slices.Min(rounds)), unit: "ms"},
		{figure: "a result on disk, " + database, bar: atMost(40), is: float64(size) / yearResults, unit: "bytes"},
	}
}

// monthsOf asks for the 30 days of each partner twice, and is how long each took.
func monthsOf(b *bench, memory *store.Store, now time.Time) (took []time.Duration) {
	for i := range 2 * yearPartners {
		began := time.Now()
		month, _, err := memory.ProbeSeries(b.Context(), fmt.Sprint("p", i%yearPartners), []string{"a0", "a1", "a2"}, now.Add(-30*24*time.Hour), now, 6*time.Hour)
		if err != nil || month.Runs < 25_000 || month.P95 == 0 {
			b.Fatalf("%+v, %v", month, err)
		}
		took = append(took, time.Since(began))
	}
	return took
}

// withAYear starts the program on a year of history, and types commands.
func withAYear(b *bench) []row {
	s := newSeat(b, b.binary)
	var took []time.Duration
	for range 9 {
		took = append(took, s.start())
	}
	pid, stop := s.run()
	before := cpuOf(b, pid)
	found := s.commands(200, time.Minute)
	cpu := (cpuOf(b, pid) - before) / 12_000
	stop()
	b.Logf("a command took %v of a processor, half of them were acknowledged within %v", cpu, percentile(found.took, 0.5))
	missed := 0
	for what, times := range found.missed {
		b.Logf("%d commands: %s", times, what)
		missed += times
	}
	return []row{
		{figure: "from the start to a link with Slack, with a year of history, median", bar: atMost(300), is: ms(percentile(took, 0.5)), unit: "ms"},
		{figure: "from a command to its acknowledgement, at 200 a second, 99th percentile", bar: atMost(20), is: ms(percentile(found.took, 0.99)), unit: "ms"},
		{figure: "commands of 12,000 in that minute that were not acknowledged", bar: never, is: float64(missed), unit: ""},
	}
}

// never is the bar of what must not be at all.
var never = atMost(0.5)

// pollRows are polls of changelogs of 50 entries, beside a bare client that asks the same server.
func pollRows(b *bench) []row {
	floor := bareFeeds(b, 20_000)
	unchanged := newPoller(b, 200).run(20_000, func(int) {})
	p := newPoller(b, 50)
	changed := p.run(1_000, p.server.announce)
	return []row{
		{figure: "changelogs read a second that answer 304", bar: atLeast(3000), is: unchanged.perSecond, unit: "/s", floor: floor.perSecond, of: "a bare GET"},
		{figure: "processor time of one of them, its server included", bar: atMost(0.3), is: ms(unchanged.cpu), unit: "ms", floor: ms(floor.cpu), of: "a bare GET"},
		{figure: "processor time of one of 110 KB with a new entry among 50, its server included", bar: atMost(6), is: ms(changed.cpu), unit: "ms"},
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// probeSuites are what probing costs.
func probeSuites() []suite {
	return []suite{
		{"a hundred probes a second", func(b *bench) []row { return steady(b, "SQLite", "") }},
		{"a hundred probes a second, PostgreSQL", func(b *bench) []row { return steady(b, "PostgreSQL", postgresFor(b)) }},
		{"as fast as it goes", func(b *bench) []row { return fastest(b, "SQLite", "") }},
		{"as fast as it goes, PostgreSQL", func(b *bench) []row { return fastest(b, "PostgreSQL", postgresFor(b)) }},
		{"ten thousand probes", tenThousand},
		{"idle", idle},
	}
}

// postgresFor is the address of a PostgreSQL of the suite's own.
func postgresFor(b *bench) string { return (&story{T: b.T, ctx: b.Context()}).postgres().url }

// glance is what the program did in some seconds.
type glance struct {
	probes  int64
	cpu     time.Duration
	lasted  time.Duration
	foreign float64 // of a processor, in percent, that neither the program nor its target took
}

func (w glance) each() time.Duration { return w.cpu / time.Duration(max(w.probes, 1)) }

func (w glance) perSecond() float64 { return float64(w.probes) / w.lasted.Seconds() }

// watch looks at the program for so long.
func (f *farm) watch(d time.Duration) glance {
	f.Helper()
	all, own, asked, at := busy(f), cpuOf(f, f.cmd.Process.Pid)+cpuOf(f, selfPID()), f.target.asked.Load(), time.Now()
	cpu := f.cpu()
	rest(d)
	w := glance{probes: f.target.asked.Load() - asked, cpu: f.cpu() - cpu, lasted: time.Since(at)}
	ours := cpuOf(f, f.cmd.Process.Pid) + cpuOf(f, selfPID()) - own
	w.foreign = 100 * (busy(f) - all - ours).Seconds() / w.lasted.Seconds()
	return w
}

// watches are several glances, the quietest first: what others do on the machine makes each of them no better.
func (f *farm) watches(n int, d time.Duration) []glance {
	f.Helper()
	var all []glance
	for range n {
		all = append(all, f.watch(d))
	}
	slices.SortFunc(all, func(a, b glance) int { return int(a.foreign - b.foreign) })
	for _, w := range all {
		f.Logf("%.1f probes/s, %v each, others %.0f%% of a processor", w.perSecond(), w.each().Round(time.Microsecond), w.foreign)
	}
	return all
}

// steady is a thousand probes every ten seconds.
func steady(b *bench, database, url string) []row {
	f := newFarm(b, b.binary, plot{partners: 50, probes: 20, every: 10 * time.Second, store: url})
	f.run()
	rest(12 * time.Second)
	missing, last := f.target.missing()
	if missing > 0 {
		b.Errorf("%d probes were not run within the first interval", missing)
	}
	counted := time.Now()
	quiet := f.watches(5, 10*time.Second)[0]
	floor, _ := bareFloor(b, 100, 10)
	name := func(what string) string { return what + ", " + database }
	rows := []row{
		{figure: name("processor time of one of 100 probes/s"), bar: atMost(300), is: us(quiet.each()), unit: "µs", floor: us(floor), of: "a GET and a row, ten at a time"},
		{figure: name("from the start until each of 1,000 probes ran"), bar: atMost(10), is: last.Sub(f.began).Seconds(), unit: "s"},
		{figure: name("started after its time, 99th percentile"), bar: atMost(250), is: f.late(0.99), unit: "ms"},
		{figure: name("an interval off its length and jitter, 99th percentile, seen from outside"), bar: atMost(250), is: ms(percentile(offs(f.target.since(counted), 10*time.Second, probeJitter), 0.99)), unit: "ms"},
		{figure: name("memory with 1,000 probes"), bar: atMost(60), is: mb(f.rss()), unit: "MB"},
	}
	b.Logf("of the memory %.0f MB is the program's own file", mb(statusOf(b, f.cmd.Process.Pid, "RssFile:")))
	return rows
}

// offs are by how much more than its jitter each interval between two requests of a probe is off.
func offs(all []arrival, every time.Duration, jitter float64) []time.Duration {
	last, off := map[int]time.Time{}, []time.Duration(nil)
	allowed := time.Duration(jitter / 2 * float64(every))
	for _, a := range all {
		if before, ok := last[a.probe]; ok {
			off = append(off, max((a.at.Sub(before)-every).Abs()-allowed, 0))
		}
		last[a.probe] = a.at
	}
	return off
}

// late is by how much runs began after they were due, as the program's metrics have it: the bound, in milliseconds, under
// which the given share of them lies.
func (f *farm) late(share float64) float64 {
	f.Helper()
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Get("http://" + f.listens + "/metrics")
	if err != nil {
		f.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		f.Fatal(err)
	}
	var runs float64
	if _, after, ok := strings.Cut(string(text), "sparky_job_delay_seconds_count "); ok {
		_, _ = fmt.Sscan(after, &runs)
	}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, `sparky_job_delay_seconds_bucket{le="`)
		if !ok || runs == 0 {
			continue
		}
		var bound, count float64
		if n, _ := fmt.Sscanf(strings.Replace(rest, `"}`, "", 1), "%g %g", &bound, &count); n == 2 && count >= share*runs {
			return bound * 1000
		}
	}
	f.Fatalf("the metrics do not say how late %.0f runs were", runs)
	return 0
}

// fastest is more probes than it can run.
func fastest(b *bench, database, url string) []row {
	f := newFarm(b, b.binary, plot{partners: 50, probes: 400, every: time.Second, store: url})
	f.target.keeps = false
	f.run()
	rest(15 * time.Second)
	all := f.watches(5, 8*time.Second)
	best := slices.MaxFunc(all, func(a, b glance) int { return int(a.perSecond() - b.perSecond()) })
	f.stop()
	_, floor := bareFloor(b, 0, 8)
	return []row{
		{figure: "most probes a second, " + database, bar: atLeast(8000), is: best.perSecond(), unit: "/s", floor: floor, of: "a GET and a row, 64 at a time"},
		{figure: "processor time of one of them, " + database, is: us(best.each()), unit: "µs"},
	}
}

// tenThousand is ten thousand probes every five minutes.
func tenThousand(b *bench) []row {
	f := newFarm(b, b.binary, plot{partners: 100, probes: 100, every: 5 * time.Minute})
	f.target.keeps = false
	f.run()
	rest(30 * time.Second)
	missing, last := f.target.missing()
	if missing > 0 {
		b.Errorf("%d probes were not run within half a minute", missing)
	}
	rest(30 * time.Second)
	return []row{
		{figure: "memory with 10,000 probes", bar: atMost(150), is: mb(f.rss()), unit: "MB"},
		{figure: "from the start until each of 10,000 probes ran", bar: atMost(300), is: last.Sub(f.began).Seconds(), unit: "s"},
	}
}

// idle is what most Sparkys are: five partners with three probes each, as often as is usual.
func idle(b *bench) []row {
	var rows []row
	for _, isolation := range []string{"inline", "process"} {
		f := newFarm(b, b.binary, plot{partners: 5, probes: 3, every: 5 * time.Minute, status: true, offices: true, isolation: isolation})
		f.run()
		rest(15 * time.Second)
		before, at := f.familyCPU(), time.Now()
		rest(60 * time.Second)
		share := 100 * (f.familyCPU() - before).Seconds() / time.Since(at).Seconds()
		if isolation == "inline" {
			rows = append(rows,
				row{figure: "idle with five partners: of one processor", bar: atMost(0.5), is: share, unit: "%"},
				row{figure: "idle with five partners: memory", bar: atMost(60), is: mb(f.rss()), unit: "MB"})
		} else {
			rows = append(rows,
				row{figure: "the same with each partner in a process of its own: of one processor, all six", bar: atMost(0.5), is: share, unit: "%"},
				row{figure: "the same: memory of Sparky's own process", bar: atMost(60), is: mb(f.rss()), unit: "MB"},
				row{figure: "the same: memory of all six, what they share counted once", is: mb(f.pss()), unit: "MB"})
		}
		f.stop()
	}
	return rows
}

// familyCPU is how much processor time the program and its workers have used.
func (f *farm) familyCPU() (sum time.Duration) {
	for _, pid := range f.family() {
		sum += cpuOf(f, pid)
	}
	return sum
}

// TestBenchFarm holds that what `make bench` measures is what happens: every probe is asked, and every answer is kept.
func TestBenchFarm(t *testing.T) {
	f := newFarm(t, "sparky", plot{partners: 3, probes: 5, every: time.Second})
	f.run()
	for missing := 1; missing > 0 || f.target.asked.Load() < 45; missing, _ = f.target.missing() {
		if t.Context().Err() != nil || time.Since(f.began) > time.Minute {
			t.Fatalf("%d requests in a minute, %d probes without one", f.target.asked.Load(), missing)
		}
		rest(50 * time.Millisecond)
	}
	if f.rss() < 1<<20 || f.late(0.5) <= 0 || f.watch(200*time.Millisecond).lasted <= 0 {
		t.Error("the process cannot be looked at")
	}
	f.stop()
	if asked, kept := f.target.asked.Load(), f.kept(); kept < asked-15 || kept > asked {
		t.Errorf("%d answers and %d results: all but those that were called off at the end must be kept", asked, kept)
	}
}

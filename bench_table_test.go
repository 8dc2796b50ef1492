package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// benchEnv names the file that `make bench` writes its table to. Without it nothing is measured.
const benchEnv = "SPARKY_BENCH"

// suite is something that is measured, and the rows that it gives to the table.
type suite struct {
	name    string
	measure func(b *bench) []row
}

// suites are all that `make bench` measures, in the order of the table. Whoever measures more adds a list of suites here.
func suites() []suite {
	return slices.Concat(
		probeSuites(),
		receiverSuites(),
		historySuites(),
	)
}

// row is a figure beside its bar and a floor that was measured in the same run.
type row struct {
	figure string
	bar    bar
	is     float64
	unit   string
	// floor is what the bare work costs, without anything of ours; 0 where there is no such thing.
	floor float64
	of    string // what the floor is
}

// bar is what a figure must reach; the zero bar is none.
type bar struct{ most, least float64 }

func atMost(x float64) bar  { return bar{most: x} }
func atLeast(x float64) bar { return bar{least: x} }

func (b bar) met(is float64) bool { return (b.most == 0 || is <= b.most) && is >= b.least }

func (b bar) words(unit string) string {
	switch {
	case b.most > 0 && b.most == b.least:
		return amount(b.most, unit)
	case b.most > 0:
		return "≤ " + amount(b.most, unit)
	case b.least > 0:
		return "≥ " + amount(b.least, unit)
	}
	return "–"
}

// amount is a figure as people read it.
func amount(x float64, unit string) string {
	text := fmt.Sprintf("%.3g", x)
	if x >= 100 {
		text = fmt.Sprintf("%.0f", x)
	}
	return strings.TrimSpace(text + " " + unit)
}

// markdown is the row as a line of the table.
func (r row) markdown() string {
	floor, ratio, verdict := "–", "–", "ok"
	if r.floor > 0 {
		floor, ratio = amount(r.floor, r.unit)+", "+r.of, fmt.Sprintf("%.3g", r.is/r.floor)
	}
	switch {
	case r.bar == bar{}:
		verdict = "–"
	case !r.bar.met(r.is):
		verdict = "**no**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", r.figure, r.bar.words(r.unit), floor, amount(r.is, r.unit), ratio, verdict)
}

// bench is what suites share.
type bench struct {
	*testing.T
	binary string
}

// TestBench measures all that is promised of speed and writes the table. It fails for what could not be measured, never for
// a figure: how fast a machine is that does other things too is no property of the program.
func TestBench(t *testing.T) {
	out := os.Getenv(benchEnv)
	if out == "" {
		t.Skip("make bench measures; " + benchEnv + " names the file for its table")
	}
	b := &bench{T: t, binary: filepath.Join(t.TempDir(), "sparky")}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -funcalign=1", "-o", b.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	began, noise := time.Now(), foreignLoad(t, 5*time.Second)
	var lines []string
	for _, s := range suites() {
		if only := os.Getenv("SPARKY_BENCH_ONLY"); only != "" && !strings.Contains(s.name, only) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			for _, r := range s.measure(&bench{T: t, binary: b.binary}) {
				lines = append(lines, r.markdown())
				t.Log(r.markdown())
			}
		})
	}
	table := fmt.Sprintf(benchHead, began.UTC().Format("2 January 2006"), runtime.NumCPU(), processor(), runtime.Version(), runtime.GOOS, noise) +
		strings.Join(lines, "\n") + "\n" + benchTail
	if err := os.WriteFile(out, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
}

const benchHead = `# How fast Sparky is

` + "`make bench`" + ` measures the program as ` + "`make build`" + ` builds it, by what the system says of its process, beside a floor: the
bare work without anything of ours, measured in the same run. Ratio is the figure by the floor.

%s, %d processors (%s), %s, %s. The program, the partners that it probes, Slack, Jira and the database share the
processors. While nothing was measured, other programs took %.0f%% of one processor.

| figure | bar | floor | measured | ratio | reached |
| --- | --- | --- | --- | --- | --- |
`

const benchTail = `
Where a bar is not reached:

- *From a failure to its requests.* Of four milliseconds the decision takes one until it is written, and half of one the disk's
  flush; the ticket leaves one later and the message one and a half, half of which they wait for a processor that slept; the rest is
  until those who answer, on the same two processors, have one. What is called for is recorded as claimed and handed over when it is
  kept: looking for it and claiming it, kind by kind, took it from four to eleven. To keep the failing result in the transaction of
  the decision was tried: the verdict came one millisecond sooner and the message one later, for the questions to their status page
  then run beside it.
- *A probe on PostgreSQL.* Each group of results is eight questions to the server, since another replica may have written meanwhile;
  on SQLite, where nobody else writes, what was read before is remembered.
`

func processor() string {
	content, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(content)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return runtime.GOARCH
}

// foreignLoad is how much of one processor others take, in percent.
func foreignLoad(tb testing.TB, during time.Duration) float64 {
	tb.Helper()
	before, own := busy(tb), cpuOf(tb, os.Getpid())
	rest(during)
	return 100 * (busy(tb) - before - (cpuOf(tb, os.Getpid()) - own)).Seconds() / during.Seconds()
}

// busy is how long the processors have worked since they were started.
func busy(tb testing.TB) time.Duration {
	tb.Helper()
	content, err := os.ReadFile("/proc/stat")
	if err != nil {
		tb.Skipf("what processes take is read from /proc: %v", err)
	}
	var user, nice, system int64
	if _, err := fmt.Sscanf(string(content), "cpu %d %d %d", &user, &nice, &system); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(user+nice+system) * 10 * time.Millisecond
}

// rest lets time pass, which is what is measured.
func rest(d time.Duration) { <-time.After(d) }

// percentile is the value that the given share of all does not exceed.
func percentile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

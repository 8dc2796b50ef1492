package isolate

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

func benchPool(b *testing.B) (*Pool, partners.Partner) {
	pool := NewPool(Options{Client: httpcall.New(httpcall.Options{}), Now: time.Now})
	b.Cleanup(pool.Close)
	return pool, partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{{ID: "p", Kind: "fine"}}}
}

// BenchmarkCall is what a probe costs that does nothing, in a worker that runs.
func BenchmarkCall(b *testing.B) {
	pool, partner := benchPool(b)
	call := func() {
		if got, err := pool.Run(b.Context(), partner, partner.Probes[0]); err != nil || !got.Passed() {
			b.Fatal(got, err)
		}
	}
	call()
	for b.Loop() {
		call()
	}
}

// BenchmarkStart is what a worker costs: how long it takes to be ready, the memory that it has for itself, and its share
// of a processor while nothing is asked of it.
func BenchmarkStart(b *testing.B) {
	pool, partner := benchPool(b)
	pid := 0
	for b.Loop() {
		if pid != 0 {
			pool.Close()
			pool, partner = benchPool(b)
		}
		if _, err := pool.Run(b.Context(), partner, partner.Probes[0]); err != nil {
			b.Fatal(err)
		}
		pid = pool.Processes()[0]
	}
	b.ReportMetric(float64(memoryOf(pid))/(1<<20), "MB/worker")
	before := ticks(b, pid)
	const idle = 2 * time.Second
	<-time.After(idle)
	b.ReportMetric(float64(ticks(b, pid)-before)/100/idle.Seconds()*100, "%cpu-idle")
}

// ticks is the time of a processor that a process has had, in hundredths of a second. Source: proc_pid_stat(5).
func ticks(b *testing.B, pid int) int {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

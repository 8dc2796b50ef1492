package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/pagerduty"
)

// plot says what a farm is planted with.
type plot struct {
	partners, probes int // probes of each partner
	every            time.Duration
	store            string // the database's URL; empty: a new SQLite file
	isolation        string // empty: inline
	status           bool   // partners have status pages
	offices          bool   // Jira and PagerDuty are configured
}

// farm is the real program, as `make build` builds it, with many probes of a target that this process is. What the
// target, Jira and Slack cost is not the program's.
type farm struct {
	testing.TB
	plot    plot
	target  *target
	world   *world.World
	slack   *front
	jira    *front
	pager   *front
	folder  string
	binary  string
	store   string
	cmd     *exec.Cmd
	began   time.Time // when the process was started
	listens string    // the address that it serves on
}

// newFarm plants a farm; run starts the program in it.
func newFarm(tb testing.TB, binary string, p plot) *farm {
	tb.Helper()
	w, err := world.Start(context.WithoutCancel(tb.Context()), world.Options{Empty: true})
	if err != nil {
		tb.Fatal(err)
	}
	f := &farm{TB: tb, plot: p, binary: binary, world: w, folder: tb.TempDir(), store: p.store,
		target: newTarget(p.partners * p.probes), slack: &front{}, jira: &front{}, pager: &front{}}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
	})
	if f.store == "" {
		f.store = "sqlite:" + filepath.Join(f.folder, "sparky.db")
	}
	f.write()
	return f
}

func (f *farm) serve(handler http.Handler) string {
	server := httptest.NewServer(handler)
	f.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

// write writes the configuration as a person would.
func (f *farm) write() {
	f.Helper()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w, at := f.world, f.serve(f.target)
	line("slack: {app_token: %q, bot_token: %q, api_url: %q}", w.AppToken(), w.BotToken(), f.serve(f.slack.before(w.Slack.Handler()))+"/api/")
	line("store: {url: %q}", f.store)
	line("listen: 127.0.0.1:0")
	line("triage: {controls: [%s]}", strings.Join(w.Controls(), ", "))
	if f.plot.offices {
		line("jira: {url: %q, user: %q, token: %q, project: ECO}", f.serve(f.jira.before(w.Jira.Handler())), jira.User, jira.Token)
		line("oncall: {provider: pagerduty, events_url: %q, routing_key: %q, slack_group: S0ONCALL}", f.serve(f.pager.before(w.Pager.Handler())), pagerduty.RoutingKey)
	}
	line("partners:")
	isolation := f.plot.isolation
	if isolation == "" {
		isolation = "inline"
	}
	for i := range f.plot.partners {
		line("  - id: p%d\n    name: Partner %d\n    isolation: %s", i, i, isolation)
		if f.plot.status {
			line("    status: {url: %s/page/%d/api/v2/summary.json}", at, i)
		}
		line("    probes:")
		for n := range f.plot.probes {
			line("      - {id: a%d, kind: http, url: %s/%d, every: %s, timeout: %s}", n, at, i*f.plot.probes+n, f.plot.every, min(f.plot.every, 10*time.Second))
		}
	}
	if err := os.WriteFile(filepath.Join(f.folder, "sparky.yaml"), []byte(b.String()), 0o600); err != nil {
		f.Fatal(err)
	}
}

// run starts the program, and returns when it says that it watches.
func (f *farm) run() {
	f.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		f.Fatal(err)
	}
	log, err := os.Create(filepath.Join(f.folder, "log"))
	if err != nil {
		f.Fatal(err)
	}
	f.cmd = exec.Command(f.binary, "run", "--config", filepath.Join(f.folder, "sparky.yaml"))
	f.cmd.Stdout, f.cmd.Stderr = write, log
	f.cmd.Cancel = nil
	f.began = time.Now()
	if err := f.cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { f.stop(); _ = read.Close(); _ = log.Close() })
	_ = write.Close()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil || !strings.Contains(line, "Sparky watches") {
		said, _ := os.ReadFile(log.Name())
		f.Fatalf("it says %q, %v\n%s", line, err, said)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(line), "http://")
	f.listens, _, _ = strings.Cut(address, "/")
}

// stop ends the program as a service manager does.
func (f *farm) stop() {
	if f.cmd == nil {
		return
	}
	_ = f.cmd.Process.Signal(syscall.SIGTERM)
	_ = f.cmd.Wait()
	f.cmd = nil
}

// kept is how many results the stopped program has in its SQLite file.
func (f *farm) kept() (count int64) {
	f.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.folder, "sparky.db"))
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("select count(*) from results").Scan(&count); err != nil {
		f.Fatal(err)
	}
	return count
}

// selfPID is this process, whose target, Slack and Jira are not the program's.
func selfPID() int { return os.Getpid() }

// cpu is how much processor time the program has used, and rss what it has in memory, in bytes.
func (f *farm) cpu() time.Duration { return cpuOf(f, f.cmd.Process.Pid) }

func (f *farm) rss() int64 { return statusOf(f, f.cmd.Process.Pid, "VmRSS:") }

// family are the processes that the program has started, workers, and itself.
func (f *farm) family() []int {
	pids := []int{f.cmd.Process.Pid}
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range found {
		fields := statOf(name)
		if len(fields) > 1 && fields[1] == strconv.Itoa(f.cmd.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// pss is what the program and its workers have in memory, in bytes, with what they share counted once.
func (f *farm) pss() (sum int64) {
	for _, pid := range f.family() {
		sum += readKB(f, fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
	}
	return sum
}

func cpuOf(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	fields := statOf(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) < 13 {
		tb.Fatalf("process %d is gone", pid)
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	return time.Duration(user+system) * tick
}

// statOf are the fields of a process's stat after its name, the state first.
func statOf(name string) []string {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	return strings.Fields(rest)
}

func statusOf(tb testing.TB, pid int, key string) int64 {
	tb.Helper()
	return readKB(tb, fmt.Sprintf("/proc/%d/status", pid), key)
}

// readKB is a value of /proc that is given in kB, in bytes.
func readKB(tb testing.TB, name, key string) int64 {
	tb.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	tb.Fatalf("%s has no %s", name, key)
	return 0
}

// front stands before a receiver and lets it be slow or dead.
type front struct {
	mu   sync.Mutex
	by   time.Duration
	dead bool
}

func (f *front) be(by time.Duration, dead bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by, f.dead = by, dead
}

func (f *front) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		by, dead := f.by, f.dead
		f.mu.Unlock()
		if by > 0 {
			timer := time.NewTimer(by)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
		}
		if dead {
			panic(http.ErrAbortHandler) // the connection is cut
		}
		next.ServeHTTP(rw, r)
	})
}

package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"sparky/fixtures/world/slack"
	"sparky/store"
)

// soakSample is after how many bytes an allocation is written down, so that what the program holds is told from what the
// world around it does.
const soakSample = 32 << 10

// soakGC is by how many percent the heap grows between two collections.
const soakGC = 400

// soakFigure is what was measured at the end of a day.
type soakFigure struct {
	day        int
	real       time.Duration // by the machine's clock, since the beginning
	cpu        time.Duration // of this process, since the beginning
	spent      time.Duration // of it, on that day
	heap       int64         // bytes that the program holds, after two collections
	holds      map[string]int64
	goroutines int
	files      int
	size       int64            // of the database
	rows       map[string]int64 // by table
	bytes      map[string]int64 // by table, with its indexes
	week       int64            // results of single runs of the last week
	overdue    int64            // results of single runs that should have gone
	pages      int              // calls of PagerDuty on that day
	tickets    int              // tickets so far
	got        soakPost
}

// measure writes down how things stand.
func (s *soak) measure() {
	s.Helper()
	f := soakFigure{day: s.day, goroutines: runtime.NumGoroutine(), got: s.people.got(), rows: map[string]int64{}, bytes: map[string]int64{}}
	f.real, f.cpu = machineNow().Sub(s.began), processorTime(s)
	f.spent = f.cpu
	if n := len(s.figures); n > 0 {
		f.spent -= s.figures[n-1].cpu
	}
	runtime.GC()
	runtime.GC()
	f.heap, f.holds = soakHeap()
	open, err := os.ReadDir("/proc/self/fd")
	s.hold(err)
	f.files = len(open)
	from := time.Now().Truncate(24 * time.Hour)
	for _, a := range s.world.Pager.Alerts() {
		for _, l := range a.Log {
			if l.Action == "trigger" && !l.At.Before(from) {
				f.pages++
			}
		}
	}
	f.tickets = len(s.world.Jira.Issues())
	s.hold(s.db.QueryRowContext(s.Context(), `select page_count * page_size from pragma_page_count, pragma_page_size`).Scan(&f.size))
	f.rows, f.bytes = s.tables()
	f.week, f.overdue = s.singles()
	s.figures = append(s.figures, f)
	s.Logf("%s", f.line())
}

// machineNow is the time by the machine's clock: that of the bubble runs much faster.
func machineNow() time.Time {
	var now syscall.Timeval
	if err := syscall.Gettimeofday(&now); err != nil {
		return time.Time{}
	}
	return time.Unix(now.Unix())
}

// tables are the tables of the database, how many rows each has and how many bytes it takes.
func (s *soak) tables() (rows, bytes map[string]int64) {
	s.Helper()
	rows, bytes = map[string]int64{}, s.sizes()
	for name := range bytes {
		var count int64
		s.hold(s.db.QueryRowContext(s.Context(), `select count(*) from `+name).Scan(&count))
		rows[name] = count
	}
	return rows, bytes
}

// sizes is how many bytes each table takes.
func (s *soak) sizes() map[string]int64 {
	s.Helper()
	found, err := s.db.QueryContext(s.Context(), `select m.tbl_name, sum(d.pgsize) from dbstat d join sqlite_master m on m.name = d.name
		where m.tbl_name not like 'sqlite%' and m.tbl_name not like 'goose%' group by 1`)
	s.hold(err)
	defer found.Close()
	bytes := map[string]int64{}
	for found.Next() {
		var name string
		var size int64
		s.hold(found.Scan(&name, &size))
		bytes[name] = size
	}
	s.hold(found.Err())
	return bytes
}

// soakHeap is what the program holds in bytes, in all and by the function of ours that asked for it. What the world around
// it and the soak itself asked for is left out.
func soakHeap() (sum int64, by map[string]int64) {
	by = map[string]int64{}
	records := make([]runtime.MemProfileRecord, 4096)
	for {
		n, ok := runtime.MemProfile(records, false)
		if ok {
			records = records[:n]
			break
		}
		records = make([]runtime.MemProfileRecord, n+4096)
	}
	for _, r := range records {
		name, ours := soakOwner(r.Stack())
		if !ours || r.InUseObjects() == 0 {
			continue
		}
		each := float64(r.InUseBytes()) / float64(r.InUseObjects())
		bytes := int64(float64(r.InUseBytes()) / (1 - math.Exp(-each/soakSample)))
		sum += bytes
		by[name] += bytes
	}
	return sum, by
}

// soakOwner names the innermost function of ours on a stack, or of anybody where there is none, and tells whether the
// program asked.
func soakOwner(stack []uintptr) (name string, ours bool) {
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "sparky/fixtures/"), strings.HasPrefix(f.Function, "sparky.(*soak"), strings.HasPrefix(f.Function, "sparky.(*supplier"),
			strings.HasPrefix(f.Function, "sparky.(*transcript"), strings.HasPrefix(f.Function, "net/http.(*conn)"), strings.HasPrefix(f.Function, "testing."),
			strings.HasPrefix(f.Function, "sparky.soak"):
			return "", false
		case strings.HasPrefix(name, "sparky"):
		case name == "", strings.HasPrefix(f.Function, "sparky"):
			name = f.Function
		}
		if !more {
			return name, true
		}
	}
}

// soakColumns are the people whose days are shown.
func soakColumns() []string {
	return []string{slack.OnCall, slack.Operator, slack.Publisher, slack.Member}
}

func (f soakFigure) line() string {
	line := fmt.Sprintf("day %2d: %6.0f s (%.0f s CPU, %.0f s of them for it), heap %.1f MB, %d goroutines, %d files, database %.1f MB, %d results (%d of the last week, %d overdue), %d hours, %d effects, %d pages, %d in alerts (%d in threads), %d in updates",
		f.day, f.real.Seconds(), f.cpu.Seconds(), f.spent.Seconds(), float64(f.heap)/1e6, f.goroutines, f.files, float64(f.size)/1e6, f.rows["results"], f.week, f.overdue, f.rows["hours"], f.rows["effects"],
		f.pages, f.got.channel[slack.Alerts], f.got.thread[slack.Alerts], f.got.channel[slack.Updates])
	for _, user := range soakColumns() {
		line += fmt.Sprintf(", %s %d", user, f.got.rings[user])
	}
	return line
}

// later has all pass that is ever forgotten, and counts what is left.
func (s *soak) later() {
	s.Helper()
	memory, err := store.Open(s.Context(), s.config.Store.URL, store.Options{})
	s.hold(err)
	s.hold(memory.Expire(s.Context(), time.Now().Add(402*24*time.Hour)))
	s.hold(memory.Close())
	s.left, _ = s.tables()
	s.hold(s.db.QueryRowContext(s.Context(), `select count(*) from incidents where live = 1`).Scan(&s.unended))
}

// tableNames are the tables, in their order.
func (s *soak) tableNames() []string {
	return slices.Sorted(maps.Keys(s.figures[len(s.figures)-1].rows))
}

package main

import (
	"database/sql"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

// TestMachineStories tells what the machine does to the program, which runs as a process of its own.
func TestMachineStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"a process that stood still blames no partner for it":                  stoodStill,
		"a process that is told to end takes back what a probe made":           endsCleanly,
		"a process that may open no more files blames its own side, and mends": noMoreFiles,
	})
}

// alone runs the one process of a story on SQLite, and opens its database beside it.
func (s *story) alone() (*process, *sql.DB) {
	s.Helper()
	p := s.run(s.configFile())
	s.linked()
	memory, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	s.hold(err)
	s.Cleanup(func() { s.hold(memory.Close()) })
	return p, memory
}

func (s *story) number(db *sql.DB, query string) int {
	s.Helper()
	var n int
	s.hold(db.QueryRowContext(s.ctx, query).Scan(&n))
	return n
}

// stoodTimeout is how long the probes of stoodStill may take: of a busy machine, too, the story stops them in their middle.
const stoodTimeout = 7 * time.Second

// stoodStill stops the process while a probe waits for its answer, for longer than the probe may take.
func stoodStill(s *story) {
	s.probesEvery(time.Second)
	s.only(vendors.ServiceNow)
	s.partner(vendors.ServiceNow).Isolation = partners.IsolationInline // what is apart would go on
	s.excuse("dropped", "missing", "late")
	probes := s.partner(vendors.ServiceNow).Probes
	for i := range probes {
		probes[i].Timeout = setting.Duration(stoodTimeout)
	}
	p, memory := s.alone()
	s.eventually("both probes have passed", func() bool { return s.number(memory, `select count(distinct probe) from results`) == 2 })

	s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIHangs})
	broken := time.Now()
	s.eventually("both probes wait", func() bool { return time.Since(broken) > stoodTimeout/4 }) // begun within a second, and not given up yet
	stopped := time.Now()
	p.signal(syscall.SIGSTOP)
	s.heals(vendors.ServiceNow)
	s.eventually("more time has passed than a probe gets", func() bool { return time.Since(stopped) > stoodTimeout+2*time.Second })
	before := s.number(memory, `select count(*) from results`)
	p.signal(syscall.SIGCONT)
	s.eventually("the probes go on", func() bool { return s.number(memory, `select count(*) from results`) >= before+4 })
	if n := s.number(memory, `select count(*) from incidents`); n != 0 {
		s.Errorf("%d incidents were opened because the process stood still\n%s", n, s.logs.tail())
	}
	p.terminate()
}

// noMoreFiles takes from the process the right to open files, as a machine does whose limit is reached, and cuts what
// connections stand.
func noMoreFiles(s *story) {
	s.probesEvery(time.Second)
	s.excuse("dropped", "missing", "late", overBeforeCalled)
	p, memory := s.alone()
	s.eventually("every probe has passed", func() bool {
		return s.number(memory, `select count(distinct probe) from results`) >= s.probes()
	})
	var usual unix.Rlimit
	s.hold(unix.Prlimit(p.Process.Pid, unix.RLIMIT_NOFILE, nil, &usual))
	s.hold(unix.Prlimit(p.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: usual.Max}, nil))
	s.hold(s.world.CutNetwork(true))
	s.hold(s.world.CutNetwork(false))
	i := s.incident("network", "Our own network looks down", "no partner is to blame", "may open no more files")
	s.hold(unix.Prlimit(p.Process.Pid, unix.RLIMIT_NOFILE, &usual, nil))
	s.wanted["page "+i.id] = true // PagerDuty may be called once there is a way to it
	i.shows("Our own network works again")
	i.ticket("resolved", status("Resolved"))
	i.tells(calledWords+" Sparky's way to the internet is down", "Over")
	s.rounds("feed", 1, vendors.IDs()...)
	for _, id := range vendors.IDs() {
		s.forgive(slack.Alerts, vendors.Name(id)+": I cannot read", vendors.Name(id)+": its changelog is read again")
	}
	if n := s.number(memory, `select count(*) from incidents`); n != 1 {
		s.Errorf("%d incidents were opened", n)
	}
	p.terminate()
}

// probes is how many probes are configured.
func (s *story) probes() int {
	n := 0
	for _, p := range s.config.Partners {
		n += len(p.Probes)
	}
	return n
}

// endsCleanly ends the process at several moments of a run that creates something, and wants nothing to be left of it.
func endsCleanly(s *story) {
	s.probesEvery(time.Second)
	s.only(vendors.ServiceNow)
	s.excuse("dropped", "missing", "late")
	for n := range 6 {
		p, _ := s.alone()
		before := len(s.world.Partners.Tickets())
		s.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APISlow, After: 300 * time.Millisecond})
		s.eventually("an incident is made", func() bool { return len(s.world.Partners.Tickets()) > before })
		began := time.Now()
		s.eventually("it is the moment", func() bool { return time.Since(began) >= time.Duration(n)*170*time.Millisecond })
		p.terminate()
		s.heals(vendors.ServiceNow)
		if left := s.world.Partners.OpenTickets(); len(left) > 0 {
			s.Fatalf("ended at moment %d it left %d open: %+v", n, len(left), left)
		}
	}
}

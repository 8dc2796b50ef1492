package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/jira"
	"sparky/fixtures/world/memory"
	"sparky/fixtures/world/slack"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/scheduler"
	"sparky/store"
)

// soakPlan is how much is soaked.
type soakPlan struct {
	days      int
	suppliers int           // partners beside the demo's five
	every     time.Duration // from run to run of a probe
	status    time.Duration // from reading to reading of a page
	calm      bool          // what comes every few seconds comes seldom: it is most of what a short soak would cost
}

// TestSoak lets the whole program live through some days, which pass as fast as it can do what is to be done in them, and
// holds that nothing of it grows but what is to be kept, and that nobody is told more than they must. Two or three days with
// eight partners; with SOAK_DAYS as many with fifty (make soak).
func TestSoak(t *testing.T) {
	plan := soakPlan{days: soakShort, suppliers: 3, every: time.Hour, status: time.Hour, calm: true}
	if days, err := strconv.Atoi(os.Getenv("SOAK_DAYS")); err == nil {
		plan = soakPlan{days: days, suppliers: 45, every: 5 * time.Minute, status: 2 * time.Minute}
	}
	if every, err := time.ParseDuration(os.Getenv("SOAK_EVERY")); err == nil {
		plan.every, plan.status, plan.calm = every, every, every > 5*time.Minute
	}
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = soakSample
	// What the program holds is measured after a collection, so that they may be few: the world around it has most of the heap.
	defer debug.SetGCPercent(debug.SetGCPercent(soakGC))
	began := time.Now()
	folder := quickFolder(t)
	synctest.Test(t, func(t *testing.T) {
		s := newSoak(t, plan, folder, began)
		for s.day = 1; s.day <= plan.days; s.day++ {
			s.live()
			s.measure()
		}
		s.stop()
		s.later()
		s.judge()
		s.report()
	})
}

// quickFolder is a folder in memory where the machine has one: a month has millions of commits, and waiting for a disk is
// not what is measured.
func quickFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "sparky-soak-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// soak is the program, the world around it, and what was measured so far.
type soak struct {
	*testing.T
	plan      soakPlan
	began     time.Time // by the machine's clock
	day       int       // from 1
	chance    *rand.Rand
	world     *world.World
	network   *memory.Network
	suppliers []*supplier
	cut       atomic.Bool // the suppliers are off the network
	config    Config
	logs      *transcript
	db        *sql.DB // beside the program

	program *sparky
	cancel  context.CancelFunc
	ended   chan error
	jobs    []scheduler.Job // of the program, the last time that it was started

	people  *soakPeople
	truth   soakTruth
	figures []soakFigure
	left    map[string]int64 // rows when all that is not kept for ever is gone
	unended int64            // incidents of them that nobody has seen the end of
}

func newSoak(t *testing.T, plan soakPlan, folder string, began time.Time) *soak {
	t.Helper()
	s := &soak{T: t, plan: plan, began: began, chance: rand.New(rand.NewPCG(7, 5)), network: &memory.Network{}, logs: &transcript{}}
	roomy := func(address string) (net.Listener, error) {
		l, err := s.network.Listen(address)
		if err != nil {
			return nil, err
		}
		return memory.Roomy(l), nil
	}
	var err error
	s.world, err = world.Start(context.WithoutCancel(t.Context()), world.Options{Listen: roomy})
	s.hold(err)
	s.world.Actions.SetExecute(compatWorkflow(demoConfig(s.world, folder), httpcall.Options{Dial: s.network.DialContext}))
	s.config = demoConfig(s.world, folder)
	for i := range plan.suppliers {
		p := &supplier{name: fmt.Sprintf("Supplier %02d", i+1)}
		s.hold(p.open(roomy))
		s.suppliers = append(s.suppliers, p)
		s.config.Partners = append(s.config.Partners, s.configured(p, i))
	}
	inline(&s.config)
	for i := range s.config.Partners {
		for n := range s.config.Partners[i].Probes {
			s.config.Partners[i].Probes[n].Every, s.config.Partners[i].Probes[n].Timeout = setting.Duration(plan.every), setting.Duration(10*time.Second)
		}
	}
	s.config.Schedule.SetDefaults()
	s.config.Schedule.Status, s.config.Listen = setting.Duration(plan.status), ""
	if plan.calm {
		s.config.NewRelic = nil
	}
	s.config.Complete()
	s.people = newSoakPeople(s.world.Slack)
	s.start()
	s.db, err = sql.Open("sqlite", "file:"+filepath.Join(folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	s.hold(err)
	t.Cleanup(s.close)
	return s
}

// configured is the supplier as sparky.yaml would have it.
func (s *soak) configured(p *supplier, i int) partners.Partner {
	features := s.world.Public.Components()
	c := partners.Partner{ID: fmt.Sprintf("supplier%02d", i+1), Name: p.name, Affects: []string{features[i%len(features)].Name},
		Owner:     partners.Owner{Team: "Platform Integrations", SlackGroup: "S0PLATFORM", JiraAssignee: jira.Ada},
		Changelog: []partners.Source{{Kind: partners.SourceFeed, URL: p.address + "/feed"}},
		Status:    partners.StatusSource{URL: p.address + "/api/v2/summary.json"}}
	for _, id := range []string{"sign-in", "read", "write"} {
		probe := partners.ProbeConfig{ID: id, Kind: partners.KindHTTP}
		probe.SetDefaults()
		probe.URL = p.address + "/" + id
		c.Probes = append(c.Probes, probe)
	}
	return c
}

// start runs the program.
func (s *soak) start() {
	s.Helper()
	built, err := newSparkyIn(context.WithoutCancel(s.Context()), s.config, newLog(s.logs, s.config), surroundings{now: time.Now, memories: store.Options{},
		dial:   s.dial,
		listen: func(_ context.Context, address string) (net.Listener, error) { return s.network.Listen(address) }})
	s.hold(err)
	if s.jobs = built.allJobs(time.Now); s.plan.calm {
		s.slow(built)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.Context()))
	s.program, s.cancel, s.ended = built, cancel, make(chan error, 1)
	go func() { s.ended <- built.Run(ctx) }()
}

// dial is the program's network, which may be cut off from the partners.
func (s *soak) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.cut.Load() && slices.ContainsFunc(s.suppliers, func(p *supplier) bool { return p.address == "http://"+address }) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return s.network.DialContext(ctx, network, address)
}

// cuts takes all partners and the controls off the network, or brings them back.
func (s *soak) cuts(off bool) {
	s.Helper()
	s.cut.Store(off)
	for _, p := range s.suppliers {
		p.change(func(p *supplier) { p.gone = off })
	}
	s.hold(s.world.CutNetwork(off))
}

// slow has the program look after leases, incidents and itself every ten minutes, where it would every few seconds: most of
// a short soak would be that.
func (s *soak) slow(built *sparky) {
	s.Helper()
	const every = 10 * time.Minute
	for i := range s.jobs {
		s.jobs[i].Every = max(s.jobs[i].Every, every)
	}
	slower, err := scheduler.NewJobs(s.jobs, scheduler.JobOptions{Phases: built.memory, Log: built.log})
	s.hold(err)
	built.jobs, built.lease.TTL, built.vitals.every = slower, 3*every, every
}

// stop ends the program.
func (s *soak) stop() {
	s.Helper()
	if s.program == nil {
		return
	}
	s.cancel()
	for _, err := range []error{<-s.ended, s.program.Close()} {
		if err != nil {
			s.Errorf("at its end: %v", err)
		}
	}
	s.program = nil
}

func (s *soak) close() {
	s.stop()
	s.people.close()
	for _, err := range []error{s.db.Close(), s.world.Close()} {
		if err != nil {
			s.Error(err)
		}
	}
	for _, p := range s.suppliers {
		if err := p.server.Close(); err != nil {
			s.Error(err)
		}
	}
}

// hold ends the soak where something is wrong with it.
func (s *soak) hold(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// someone is a person who may do everything with incidents.
const someone = slack.OnCall

package main

import (
	"context"
	"database/sql"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/memory"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// faultStage is the whole program in a world in memory, in the time of a bubble: an hour passes as soon as nothing is left to do
// in it. Only three partners are watched, of whom GitHub is the one that nothing happens to.
type faultStage struct {
	mayTell string // what people may be told or not, by what comes first
	*siege
	program *sparky
	config  Config
	network *memory.Network
	cancel  context.CancelFunc
	ended   chan error
	from    time.Time   // when the fault began
	to      time.Time   // and when it was over
	full    atomic.Bool // no more connections can be opened
}

// stageOptions are what differs between stages.
type stageOptions struct {
	config func(c *Config, demo Config)
	also   []string // partners beside the three
	folder string   // where the database is; one of the test's own when empty
}

const (
	stageProbes = 30 * time.Second
	stagePolls  = time.Minute
)

func newFaultStage(t *testing.T, o stageOptions) *faultStage {
	t.Helper()
	network, folder := &memory.Network{}, o.folder
	if folder == "" {
		folder = t.TempDir()
	}
	roomy := func(address string) (net.Listener, error) {
		l, err := network.Listen(address)
		if err != nil {
			return nil, err
		}
		return memory.Roomy(l), nil
	}
	w, err := world.Start(context.WithoutCancel(t.Context()), world.Options{Listen: roomy, SearchLag: searchLag})
	if err != nil {
		t.Fatal(err)
	}
	w.Actions.SetExecute(compatWorkflow(demoConfig(w, folder), httpcall.Options{Dial: network.DialContext}))
	s := &story{T: t, ctx: t.Context(), world: w, slack: w.Slack, folder: folder, config: stageConfig(w, folder, o), logs: &transcript{},
		read: map[string]bool{}, wanted: map[string]bool{}, acted: map[string]bool{}, excused: map[string]bool{}, secrets: everySecret(w)}
	g := &faultStage{siege: &siege{story: s}, config: s.config, network: network}
	g.start()
	g.look()
	t.Cleanup(g.close)
	g.passes(90 * time.Second)
	return g
}

func stageConfig(w *world.World, folder string, o stageOptions) Config {
	c := demoConfig(w, folder)
	demo := c
	inline(&c)
	watched := append([]string{vendors.ServiceNow, vendors.Okta, vendors.GitHub}, o.also...)
	c.Partners = slices.DeleteFunc(c.Partners, func(p partners.Partner) bool { return !slices.Contains(watched, p.ID) })
	for i := range c.Partners {
		for n := range c.Partners[i].Probes {
			c.Partners[i].Probes[n].Every, c.Partners[i].Probes[n].Timeout = setting.Duration(stageProbes), setting.Duration(10*time.Second)
		}
	}
	every := setting.Duration(stagePolls)
	c.Schedule.Changelog, c.Schedule.Status, c.Schedule.Alerts, c.Schedule.Jitter = every, every, every, 0
	c.GitHub, c.NewRelic, c.Listen = nil, nil, ""
	c.Triage.ReopenWithin = setting.Duration(time.Second)
	if o.config != nil {
		o.config(&c, demo)
	}
	return c
}

// start runs the program, by the clock of the bubble.
func (g *faultStage) start() {
	g.Helper()
	g.startAt(time.Now)
}

func (g *faultStage) startAt(now func() time.Time) {
	g.Helper()
	g.startIn(g.surroundings(now))
}

func (g *faultStage) startIn(in surroundings) {
	g.Helper()
	built, err := newSparkyIn(g.ctx, g.config, newLog(g.logs, g.config), in)
	g.hold(err)
	ctx, cancel := context.WithCancel(g.ctx)
	g.program, g.cancel, g.ended = built, cancel, make(chan error, 1)
	go func() { g.ended <- built.Run(ctx) }()
}

// surroundings are the world in memory.
func (g *faultStage) surroundings(now func() time.Time) surroundings {
	return surroundings{now: now, memories: store.Options{}, dial: g.dial,
		listen: func(_ context.Context, address string) (net.Listener, error) { return g.network.Listen(address) }}
}

// look opens what the program remembers, to be read beside it.
func (g *faultStage) look() {
	g.Helper()
	var err error
	g.memory, err = sql.Open("sqlite", "file:"+filepath.Join(g.folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	g.hold(err)
}

// stop ends the program.
func (g *faultStage) stop() {
	g.Helper()
	if g.program == nil {
		return
	}
	g.cancel()
	for _, err := range []error{<-g.ended, g.program.Close()} {
		if err != nil {
			g.Errorf("at its end: %v", err)
		}
	}
	g.program = nil
}

func (g *faultStage) close() {
	g.stop()
	for _, err := range []error{g.memory.Close(), g.world.Close()} {
		if err != nil {
			g.Error(err)
		}
	}
}

// passes lets time pass.
func (g *faultStage) passes(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// trouble is what calls for every kind of effect: ServiceNow fails and says nothing of it, Okta fails and says so, GitHub
// announces something.
func (g *faultStage) trouble() {
	g.Helper()
	g.rounds += 2
	_, err := g.world.Partners.Post(vendors.Okta, vendors.Outage{Impact: vendors.Critical, Title: "Sign-in is down"})
	g.hold(err)
	for _, id := range []string{vendors.ServiceNow, vendors.Okta} {
		g.breaks(id, vendors.APIBreak{How: vendors.APIError})
	}
	g.announce(vendors.GitHub)
}

// calms ends the trouble.
func (g *faultStage) calms() {
	g.Helper()
	for _, id := range []string{vendors.ServiceNow, vendors.Okta} {
		g.breaks(id, vendors.APIBreak{})
	}
	g.hold(g.world.Partners.ResolveAll(vendors.Okta))
}

// left is how many effects are not done.
func (g *faultStage) left() int {
	g.Helper()
	var left int
	g.hold(g.memory.QueryRowContext(g.ctx, `select count(*) from effects where state <> 'done'`).Scan(&left))
	return left
}

// settles waits until nothing is left to do.
func (g *faultStage) settles(within time.Duration) {
	g.Helper()
	for began := time.Now(); g.left() > 0; g.passes(10 * time.Second) {
		if time.Since(began) > within {
			g.Errorf("after %v this is not done:\n%s", within, g.waiting())
			return
		}
	}
}

// judgeStage holds that everything was done once, that nothing was said but this, each once, and that the partner that
// nothing happened to was probed all the while.
func (g *faultStage) judgeStage(said ...string) {
	g.Helper()
	g.settles(time.Second)
	found, err := g.program.memory.Incidents(g.ctx, false, time.Time{})
	g.hold(err)
	g.judgeIncidents(found)
	g.judgeSaid(said)
	g.judgeBystander()
	g.keepsSecrets("the log", g.logs.String())
	g.keepsSecrets("Slack", g.everything())
}

// judgeSaid holds that people were told this beside the incidents, each once; and that Sparky itself is not well at most
// once, and then that it is again.
func (g *faultStage) judgeSaid(want []string) {
	g.Helper()
	var got []string
	for _, m := range g.story.posted() {
		if strings.HasPrefix(m.Text, "I am well again") && at(m.TS).Before(g.to) {
			g.Errorf("people were told that Sparky is well %v before anything was mended", g.to.Sub(at(m.TS)))
		}
		if !g.read[m.TS] {
			got = append(got, strings.TrimSpace(m.Text))
		}
	}
	rest, ill, well := slices.Clone(got), 0, 0
	rest = slices.DeleteFunc(rest, func(text string) bool {
		switch {
		case strings.HasPrefix(text, "I am not well myself"):
			ill++
			return true
		case strings.HasPrefix(text, "I am well again"):
			well++
			return true
		}
		return false
	})
	if ill > 1 || ill != well {
		g.Errorf("people were told %d times that Sparky is not well, and %d times that it is again", ill, well)
	}
	for _, words := range want {
		at := slices.IndexFunc(rest, func(text string) bool { return strings.Contains(text, words) })
		if at < 0 {
			g.Errorf("nobody was told %q", words)
			continue
		}
		rest = slices.Delete(rest, at, at+1)
	}
	if g.mayTell != "" {
		rest = slices.DeleteFunc(rest, func(text string) bool { return strings.Contains(text, g.mayTell) })
	}
	if len(rest) > 0 {
		g.Errorf("people were told more than they should be:\n%s", strings.Join(rest, "\n"))
	}
}

// at is when a message was posted.
func at(ts string) time.Time {
	seconds, err := strconv.ParseFloat(ts, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

func (g *faultStage) judgeBystander() {
	g.Helper()
	g.bystands(g.from, g.to, int(g.to.Sub(g.from)/stageProbes))
}

// bystands holds that GitHub was probed about so often between two times.
func (g *faultStage) bystands(from, to time.Time, want int) {
	g.Helper()
	stats, err := g.program.memory.ProbeWindow(g.ctx, vendors.GitHub, "rate-limit", from, to)
	g.hold(err)
	if stats.Runs < want*9/10-1 || stats.Runs > want*11/10+1 || stats.Passed != stats.Runs {
		g.Errorf("GitHub was probed %d times, of which %d passed, want %d", stats.Runs, stats.Passed, want)
	}
}

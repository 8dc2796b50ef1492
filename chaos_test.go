package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// The chaos test kills the real program, as processes, at moments that nobody chose, while partners fail and heal, announce
// things and betas, people press buttons, and answers are lost; and then counts in every other system what was done how
// often. CHAOS_KILLS is how many kills there are in all; without it, a few of them show that the test itself works, and
// what still rests after a kill is not waited for. CHAOS_SEED repeats what chance drew.

// chaosCase is a share of the kills.
type chaosCase struct {
	name     string
	postgres bool
	replicas int
	share    int // of all kills, in percent
}

func chaosCases() []chaosCase {
	return []chaosCase{
		{"SQLite, one process", false, 1, 60},
		{"PostgreSQL, one process", true, 1, 15},
		{"PostgreSQL, two replicas", true, 2, 25},
	}
}

// fewKills is how many kills a case has where CHAOS_KILLS does not say more.
const fewKills = 6

func TestChaos(t *testing.T) {
	total, whole := chaosKills(t)
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("CHAOS_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("CHAOS_SEED: %v", err)
		}
	}
	var mu sync.Mutex
	var found []havoc
	t.Run("case", func(t *testing.T) {
		for i, c := range chaosCases() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				kills := fewKills
				if whole {
					kills = max(total*c.share/100, 1)
				}
				k := newChaos(t, c, rand.NewPCG(seed, uint64(i)), whole)
				k.run(kills)
				one := k.tally()
				t.Logf("seed %d\n%s", seed, chaosTable([]havoc{one}))
				mu.Lock()
				defer mu.Unlock()
				found = append(found, one)
			})
		}
	})
	slices.SortFunc(found, func(a, b havoc) int { return strings.Compare(b.name, a.name) })
	t.Logf("seed %d\n%s", seed, chaosTable(found))
	writeChaos(t, found, seed)
}

// chaosKills is how many kills are asked for, and whether all that follows from them is waited for.
func chaosKills(t *testing.T) (total int, whole bool) {
	t.Helper()
	asked := os.Getenv("CHAOS_KILLS")
	if asked == "" {
		return 0, false
	}
	total, err := strconv.Atoi(asked)
	if err != nil || total < 1 {
		t.Fatalf("CHAOS_KILLS is %q, and should be how many kills there are", asked)
	}
	return total, true
}

// chaos is the program under fire, in as many replicas as the case has.
type chaos struct {
	*siege
	chaosCase
	whole    bool
	replicas []*replica
	takeover []time.Duration // from the death of a holder to the next holder
	killed   int
	began    time.Time
	storm    storm
}

// replica is one running program.
type replica struct {
	*exec.Cmd
	out io.Closer
}

// newChaos starts a world in which nothing runs yet. It is no story's: what happens is nobody's wish, and counted instead.
func newChaos(t *testing.T, c chaosCase, source rand.Source, whole bool) *chaos {
	t.Helper()
	w, err := world.Start(context.WithoutCancel(t.Context()), world.Options{SearchLag: searchLag})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing the world: %v", err)
		}
	})
	folder := t.TempDir()
	s := &story{T: t, ctx: t.Context(), world: w, slack: w.Slack, folder: folder, config: demoConfig(w, folder), logs: &transcript{},
		read: map[string]bool{}, wanted: map[string]bool{}, acted: map[string]bool{}, excused: map[string]bool{}}
	inline(&s.config)
	s.config.Listen, s.config.Schedule.Jitter = "127.0.0.1:0", 0
	s.config.Schedule.Changelog, s.config.Schedule.Status = setting.Duration(time.Second), setting.Duration(time.Second)
	s.config.Triage.ReopenWithin = setting.Duration(20 * time.Second)
	s.probesEvery(time.Second)
	w.Actions.SetExecute(compatWorkflow(demoConfig(w, folder), httpcall.Options{}))
	k := &chaos{siege: &siege{story: s, chance: rand.New(source)}, chaosCase: c, whole: whole, replicas: make([]*replica, c.replicas)}
	driver, address := "sqlite", "file:"+filepath.Join(folder, "sparky.db")+"?mode=ro&_pragma=busy_timeout(5000)"
	if c.postgres {
		s.config.Store.URL = s.postgres().url
		driver, address = "pgx", s.config.Store.URL
	}
	k.memory, err = sql.Open(driver, address)
	s.hold(err)
	t.Cleanup(func() { s.hold(k.memory.Close()) })
	k.file = s.configFile()
	return k
}

// run starts all replicas, and kills one after the other in the storm.
func (k *chaos) run(kills int) {
	k.Helper()
	defer k.stopAll()
	for i := range k.replicas {
		k.begin(i)
	}
	k.story.rounds("feed", 2, vendors.IDs()...)
	k.began = time.Now()
	storming, end := context.WithCancel(k.ctx)
	done := make(chan struct{})
	k.storm = newStorm(k.siege, k.chance)
	go func() { defer close(done); k.storm.rage(storming) }()
	for range kills {
		k.rest(k.moment())
		k.strike()
		if k.killed%100 == 0 {
			k.Logf("%d kills", k.killed)
		}
	}
	end()
	<-done
	k.storm.calm()
	k.settle()
}

// moment is how long the program lives on. Most lives are short; where there is a lease to wait for, some are long enough.
func (k *chaos) moment() time.Duration {
	if k.postgres && k.chance.IntN(4) == 0 {
		return 7*time.Second + time.Duration(k.chance.Int64N(int64(4*time.Second)))
	}
	return 100*time.Millisecond + time.Duration(k.chance.Int64N(int64(1700*time.Millisecond)))
}

func (k *chaos) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-k.ctx.Done():
	}
}

// strike kills one replica and starts it again; where another one is left, it is watched until it leads.
func (k *chaos) strike() {
	k.Helper()
	i := k.chance.IntN(len(k.replicas))
	held := k.replicas[i].holds(k.holder())
	k.kill(i)
	fell := time.Now()
	if held && len(k.replicas) > 1 {
		k.awaitHolder(fell)
	}
	k.begin(i)
}

func (k *chaos) kill(i int) {
	k.Helper()
	r := k.replicas[i]
	k.hold(r.Process.Kill())
	_ = r.Wait() // it was killed, and says so
	_ = r.out.Close()
	k.replicas[i] = nil
	k.killed++
}

// awaitHolder waits until somebody else leads, and notes how long that took.
func (k *chaos) awaitHolder(fell time.Time) {
	k.Helper()
	_, before := k.holder()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for time.Since(fell) < 30*time.Second {
		if _, epoch := k.holder(); epoch > before {
			k.takeover = append(k.takeover, time.Since(fell))
			return
		}
		select {
		case <-look.C:
		case <-k.ctx.Done():
		}
	}
	k.Errorf("nobody took the lease over within 30 s\n%s", k.logs.tail())
}

// holder is who holds the lease on the jobs, and in which epoch.
func (k *chaos) holder() (owner string, epoch int64) {
	k.Helper()
	err := k.memory.QueryRowContext(k.ctx, `select owner, epoch from leases where name = $1`, jobsLease).Scan(&owner, &epoch)
	if !errors.Is(err, sql.ErrNoRows) && k.ctx.Err() == nil {
		k.hold(err)
	}
	return owner, epoch
}

// holds tells whether the replica is the owner; its process id is part of the name.
func (r *replica) holds(owner string, _ int64) bool {
	return strings.Contains(owner, fmt.Sprintf("-%d-", r.Process.Pid))
}

// begin starts a replica and waits until it says that it watches.
func (k *chaos) begin(i int) {
	k.Helper()
	read, write, err := os.Pipe()
	k.hold(err)
	cmd := exec.CommandContext(k.ctx, "sparky", "run", "--config", k.file)
	cmd.Stdout, cmd.Stderr = write, k.logs
	cmd.WaitDelay = time.Second
	k.hold(cmd.Start())
	k.hold(write.Close())
	k.replicas[i] = &replica{cmd, read}
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil || !strings.Contains(line, "Sparky watches") {
		k.Fatalf("it says %q, %v\n%s", line, err, k.logs.tail())
	}
}

// settle waits until nothing is left to do; in the short form what rests after a kill is left resting.
func (k *chaos) settle() {
	k.Helper()
	query := `select (select count(*) from effects where state <> 'done') + (select count(*) from runs where live = 1)
		+ (select count(*) from incidents where live = 1 and kind <> 'compat')`
	within := 12 * time.Minute
	if !k.whole {
		query, within = `select count(*) from effects where state = 'waiting' and attempts = 0`, 8*time.Second
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for began := time.Now(); ; {
		var left int
		k.hold(k.memory.QueryRowContext(k.ctx, query).Scan(&left))
		switch {
		case left == 0, !k.whole && time.Since(began) > within:
			return
		case time.Since(began) > within:
			k.Errorf("%d effects, runs and incidents are not done after %v:\n%s\n%s", left, within, k.waiting(), k.logs.tail())
			return
		}
		select {
		case <-look.C:
		case <-k.ctx.Done():
			k.Fatal(k.ctx.Err())
		}
	}
}

// stopAll ends what runs, as a service manager does.
func (k *chaos) stopAll() {
	for _, r := range k.replicas {
		if r == nil {
			continue
		}
		if err := r.Process.Signal(os.Interrupt); err == nil {
			err = r.Wait()
			if err != nil && k.ctx.Err() == nil {
				k.Errorf("it ended with %v\n%s", err, k.logs.tail())
			}
		}
		_ = r.out.Close()
	}
}

package main

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world/vendors"
)

// localFault is something that happens to the machine that Sparky runs on.
type localFault struct {
	name string
	does string
	tell func(g *faultStage)
	held string // the test that holds it, where that is another one: its file and its name
}

func theLocalFaults() []localFault {
	return []localFault{
		{"the disk is full", "Probes, pages and feeds go on being read. After half a minute people are told once that nothing can be kept, past the database, and once that it can be again. What was seen meanwhile and lasts becomes an incident then; nothing is told that was not kept first.", diskFull, ""},
		{"another process holds the database", "Waits for it, five seconds at a time, and goes on by itself. Told as above.", databaseLocked, ""},
		{"another process holds the database for an hour", "As above, with one message for the whole hour. What probes found waits in memory, in its order.", databaseLockedForAnHour, ""},
		{"the file cannot be written", "Refuses to start, says which right is missing, and leaves everything as it was.", databaseReadOnly, ""},
		{"the file is damaged", "Refuses to start, says what to do, and leaves the file as it was. With a backup in its place it goes on where that stood.", databaseDamaged, ""},
		{"the clock jumps an hour ahead", "Probes keep their pace, because waiting goes by the monotonic clock. Nothing is told twice or left out.", clockAhead, ""},
		{"the clock jumps an hour back", "As above. What is dated in the future by then is no reason to wait.", clockBack, ""},
		{"a laptop sleeps for eight hours", "Links are opened anew; each probe runs once and not as often as it was missed; what was announced meanwhile is one message.", laptopSleeps, ""},
		{"the process stands still, with its machine or alone", "What a probe waited for meanwhile looks late, and no partner was: a probe that failed is run again before anything is made of it.", nil, "stories_machine_test.go stoodStill"},
		{"10,000 files are open", "A connection that cannot be opened is a failure of ours and not of a partner's: one incident of our own network that names the limit, no customer is told, no partner blamed. It ends when files can be opened again.", filesExhausted, ""},
		{"a worker runs out of memory", "The worker alone is stopped, and started anew for the next run. The failure is ours, and names the limit.", nil, "partners/isolate/pool_test.go TestHostile"},
	}
}

// databaseCells are what is so of PostgreSQL, which is asked in its own protocol over sockets of the machine.
func databaseCells() []localFault {
	const (
		held  = "faults_postgres_test.go databaseFails"
		away  = "Probes go on in memory, and what they found is kept when it is back. Nothing is said before it is kept; effects go on then, each once."
		undue = "There is no such thing: PostgreSQL is not asked by HTTP. "
	)
	return []localFault{
		{"refused", away, nil, held},
		{"hang", "As above, once the deadline of the statement is over. A lease that cannot be renewed is given up in time, so that no two replicas run the jobs.", nil, held},
		{"reset", away, nil, held},
		{"half an answer", "As reset: the connection is thrown away, and the server undoes its transaction.", nil, held},
		{"500", undue + "A transaction that the server gives up in favour of another one is tried again at once.", nil, "store/again_test.go TestATransactionThatTheServerUndidIsTriedAgain"},
		{"429 with Retry-After", undue + "A server that has no connection left is said to be so, with the mend, and is one that is away.", nil, "faults_postgres_test.go noConnectionLeft"},
		{"401 from one moment on", "Connections that stand go on. Where a new one is refused, it is said that the server does not accept the user or the password of `store.url`, and it is one that is away.", nil, "faults_postgres_test.go passwordChanged"},
		{"malformed", "As reset: what is not PostgreSQL's protocol ends the connection.", nil, held},
		{"answer lost", "Whether the commit happened is not known. It is made again where that changes nothing, and else what it was to do outside is looked for before it is done.", nil, held},
		{"an hour away", away + " After an hour probes stop until it is back. What waits in memory is bounded; what is given up is counted.", nil, "faults_local_test.go databaseLockedForAnHour"},
	}
}

func TestLocalFaults(t *testing.T) {
	for _, f := range theLocalFaults() {
		if f.held != "" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder := t.TempDir()
				if f.name == "the disk is full" || f.name == "the file cannot be written" {
					mounted(t, folder)
				}
				g := newFaultStage(t, stageOptions{folder: folder})
				g.from = time.Now()
				f.tell(g)
				if t.Failed() {
					t.Log(g.logs.tail(), g.everything())
				}
			})
		})
	}
}

// smallDisk is room for what Sparky keeps of a quarter of an hour, in bytes.
const smallDisk = "16m"

// mounted puts a small disk in the place of a folder.
func mounted(t *testing.T, folder string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+smallDisk); err != nil {
		t.Skipf("left out: this process may not mount a disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
}

// recovers ends the fault and everything that came of it, and holds that all was done once.
func (g *faultStage) recovers(said ...string) {
	g.Helper()
	g.to = time.Now()
	g.passes(2 * time.Minute)
	g.settles(35 * time.Minute)
	g.calms()
	g.passes(calmFor + 2*stagePolls)
	g.settles(5 * time.Minute)
	g.to = g.from // what could not be kept of the probes is not there
	g.judgeStage(said...)
}

func diskFull(g *faultStage) {
	ballast := filepath.Join(g.folder, "ballast")
	file, err := os.Create(ballast)
	g.hold(err)
	chunk := make([]byte, 4096)
	for err == nil {
		_, err = file.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		g.Fatalf("the disk does not fill up: %v", err)
	}
	g.trouble()
	g.passes(briefly)
	if words, _ := g.program.memory.Problem(); !strings.Contains(words, "make room") {
		g.Errorf("the problem is said to be %q", words)
	}
	g.hold(errors.Join(file.Close(), os.Remove(ballast)))
	g.recovers(entryTold)
	g.wasNotWell("make room")
}

// wasNotWell holds that people were told that Sparky was not well, and why.
func (g *faultStage) wasNotWell(why string) {
	g.Helper()
	for _, m := range g.story.posted() {
		if strings.HasPrefix(m.Text, "I am not well myself") && strings.Contains(shown(m), why) {
			return
		}
	}
	g.Errorf("nobody was told of it: %s", why)
}

func databaseLocked(g *faultStage) {
	other, err := sql.Open("sqlite", "file:"+filepath.Join(g.folder, "sparky.db")+"?_txlock=immediate")
	g.hold(err)
	held, err := other.BeginTx(g.ctx, nil)
	g.hold(err)
	g.trouble()
	g.passes(briefly)
	if words, _ := g.program.memory.Problem(); !strings.Contains(words, "another program holds") {
		g.Errorf("the problem is said to be %q", words)
	}
	g.hold(errors.Join(held.Rollback(), other.Close()))
	g.recovers(entryTold)
	g.wasNotWell("another program holds")
}

// databaseLockedForAnHour is what a PostgreSQL that is away for an hour is too, but that it can be had in the time of a bubble.
func databaseLockedForAnHour(g *faultStage) {
	other, err := sql.Open("sqlite", "file:"+filepath.Join(g.folder, "sparky.db")+"?_txlock=immediate")
	g.hold(err)
	held, err := other.BeginTx(g.ctx, nil)
	g.hold(err)
	g.trouble()
	g.passes(50 * time.Minute)
	asked := len(g.world.Partners.APIRequests(vendors.GitHub))
	waiting, dropped := g.program.responder.held.counts()
	if waiting == 0 || waiting > mostHeld || dropped > 0 {
		g.Errorf("%d results wait and %d were given up", waiting, dropped)
	}
	g.passes(5 * time.Minute)
	if more, want := len(g.world.Partners.APIRequests(vendors.GitHub))-asked, int(5*time.Minute/stageProbes); more < want-1 || more > want+1 {
		g.Errorf("GitHub was asked %d times in the last five minutes, want %d", more, want)
	}
	g.passes(5 * time.Minute)
	g.hold(errors.Join(held.Rollback(), other.Close()))
	g.passes(time.Minute)
	if waiting, _ := g.program.responder.held.counts(); waiting > 0 {
		g.Errorf("%d results still wait", waiting)
	}
	g.recovers(entryTold)
	g.wasNotWell("another program holds")
}

// refuses holds that the program does not start, says why, and leaves the database as it is.
func (g *faultStage) refuses(words string) {
	g.Helper()
	file := filepath.Join(g.folder, "sparky.db")
	before, err := os.ReadFile(file)
	g.hold(err)
	_, err = newSparkyIn(g.ctx, g.config, newLog(g.logs, g.config), g.surroundings(time.Now))
	if err == nil || !strings.Contains(err.Error(), words) {
		g.Errorf("it says %v", err)
	}
	after, err := os.ReadFile(file)
	g.hold(err)
	if string(before) != string(after) {
		g.Error("the database was touched")
	}
}

func databaseReadOnly(g *faultStage) {
	g.trouble()
	g.passes(briefly)
	g.stop()
	g.hold(g.memory.Close())
	g.hold(syscall.Mount("", g.folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size="+smallDisk))
	g.refuses("cannot be written")
	g.hold(syscall.Mount("", g.folder, "", syscall.MS_REMOUNT, "size="+smallDisk))
	g.look()
	g.start()
	g.recovers(entryTold)
}

func databaseDamaged(g *faultStage) {
	g.trouble()
	g.passes(briefly)
	g.stop()
	g.hold(g.memory.Close())
	file := filepath.Join(g.folder, "sparky.db")
	backup, err := os.ReadFile(file)
	g.hold(err)
	damaged := append([]byte(nil), backup...)
	for i := len(damaged) / 3; i < len(damaged); i++ {
		damaged[i] = byte(i * 7)
	}
	g.hold(os.WriteFile(file, damaged, 0o600))
	g.refuses("damaged")
	g.hold(os.WriteFile(file, backup, 0o600))
	g.look()
	g.start()
	g.recovers(entryTold)
}

// jumps runs the program anew by a clock that is set while trouble goes on.
func (g *faultStage) jumps(by time.Duration) {
	g.Helper()
	g.stop()
	var offset atomic.Int64
	g.startAt(func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
	g.passes(time.Minute)
	g.trouble()
	g.passes(time.Minute)
	asked := len(g.world.Partners.APIRequests(vendors.GitHub))
	offset.Store(int64(by))
	g.passes(briefly)
	if more, want := len(g.world.Partners.APIRequests(vendors.GitHub))-asked, int(briefly/stageProbes); more < want-1 || more > want+1 {
		g.Errorf("GitHub was asked %d times after the jump, want %d", more, want)
	}
	g.recovers(entryTold)
}

func clockAhead(g *faultStage) { g.jumps(time.Hour) }

func clockBack(g *faultStage) { g.jumps(-time.Hour) }

// laptopSleeps is what Linux makes of it: the wall clock goes on, the monotonic one stands still, and nobody is at the other
// end of the connections any more.
func laptopSleeps(g *faultStage) {
	g.stop()
	var offset atomic.Int64
	g.startAt(func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
	g.passes(time.Minute)
	asked := len(g.world.Partners.APIRequests(vendors.GitHub))
	g.announce(vendors.GitHub)
	offset.Store(int64(8 * time.Hour))
	g.slack.DropLinks()
	g.passes(stageProbes + time.Second)
	if more := len(g.world.Partners.APIRequests(vendors.GitHub)) - asked; more > 2 {
		g.Errorf("GitHub was asked %d times at once", more)
	}
	g.trouble2()
	g.passes(briefly)
	if g.slack.Links() == 0 {
		g.Error("there is no link again")
	}
	g.recovers(entryTold)
}

// trouble2 is trouble without an announcement.
func (g *faultStage) trouble2() {
	g.Helper()
	g.rounds++
	g.breaks(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIError})
}

func filesExhausted(g *faultStage) {
	g.cutOff = true
	g.full.Store(true)
	g.slack.DropLinks()
	g.hold(errors.Join(g.world.CutNetwork(true), g.world.CutNetwork(false))) // what stands is dropped
	g.rounds++
	g.passes(briefly)
	g.full.Store(false)
	g.mayTell = handLent // where Slack is reached before it is mended
	g.recovers()
	if posts := g.world.Public.Incidents(); len(posts) > 0 {
		g.Errorf("customers were told of it: %+v", posts)
	}
}

// dial connects, unless no more files can be opened.
func (g *faultStage) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if g.full.Load() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("socket", syscall.EMFILE)}
	}
	return g.network.DialContext(ctx, network, address)
}

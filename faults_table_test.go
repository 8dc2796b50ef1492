package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/fixtures/world/standin"
)

// fault is a column of the table: a way to fail that every system has.
type fault struct {
	name  string
	how   standin.Fault
	lasts time.Duration
}

const briefly = 4 * time.Minute

func theFaults() []fault {
	return []fault{
		{"refused", standin.Fault{Refuse: true}, briefly},
		{"hang", standin.Fault{Hang: true}, briefly},
		{"reset", standin.Fault{Reset: true}, briefly},
		{"half an answer", standin.Fault{Half: true}, briefly},
		{"500", standin.Fault{Status: 500}, briefly},
		{"429 with Retry-After", standin.Fault{Status: 429, RetryAfter: 20}, briefly},
		{"401 from one moment on", standin.Fault{Status: 401}, briefly},
		{"malformed", standin.Fault{Malformed: true}, briefly},
		{"answer lost", standin.Fault{Lost: true}, briefly},
		{"an hour away", standin.Fault{Away: true}, time.Hour},
	}
}

// system is a row of the table: something outside that can fail in each of the ways.
type system struct {
	name    string
	servers []string // of the world
	options stageOptions
	harm    func(g *faultStage, f fault) // nil: the fault is set for the servers
	mend    func(g *faultStage)          // nil: it is taken back
	stir    func(g *faultStage)          // what happens meanwhile; nil: trouble
	calm    func(g *faultStage)          // nil: calms
	check   func(g *faultStage, f fault) // what else is held at the end
	cells   map[string]cell              // by the names of faults; that of "" is for those that have none of their own
}

// cell is what Sparky does, in the words of the documentation, and the beginnings of what it says beside what it says of
// incidents.
type cell struct {
	does string
	said []string
}

func (y system) cell(f fault) cell {
	if c, ok := y.cells[f.name]; ok {
		return c
	}
	return y.cells[""]
}

// tell holds one cell.
func (y system) tell(t *testing.T, f fault) {
	g, c := newFaultStage(t, y.options), y.cell(f)
	orElse := func(own, usual func(g *faultStage)) func(g *faultStage) {
		if own != nil {
			return own
		}
		return usual
	}
	g.from = time.Now()
	if y.harm != nil {
		y.harm(g, f)
	} else {
		y.set(g, f.how)
	}
	orElse(y.stir, (*faultStage).trouble)(g)
	g.passes(f.lasts)
	orElse(y.mend, func(g *faultStage) { y.set(g, standin.Fault{}) })(g)
	g.to = time.Now()
	g.settles(35 * time.Minute)
	t.Logf("all was done %v after it was over", time.Since(g.to))
	orElse(y.calm, (*faultStage).calms)(g)
	g.passes(2*stagePolls + stageProbes)
	if f.lasts > briefly {
		g.passes(calmFor + time.Minute) // that Sparky is well again is told once that lasts
	}
	g.settles(5 * time.Minute)
	if y.check != nil {
		y.check(g, f)
	}
	g.judgeStage(c.said...)
	if t.Failed() {
		t.Log(g.logs.tail())
		for _, m := range g.story.posted() {
			t.Log(m.Text)
		}
	}
}

func (y system) set(g *faultStage, f standin.Fault) {
	g.Helper()
	for _, server := range y.servers {
		g.hold(g.world.SetFault(server, f))
	}
}

// TestFaultTable holds a cell of every other row, each another fault; with SPARKY_FAULTS=all, all of them (make faults).
func TestFaultTable(t *testing.T) {
	for row, y := range theSystems() {
		for column, f := range theFaults() {
			if few := (3*row+column)%len(theFaults()) == 0 && row%2 == 0 && f.lasts == briefly; !few && os.Getenv("SPARKY_FAULTS") != "all" {
				continue
			}
			t.Run(y.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { y.tell(t, f) })
			})
		}
	}
}

// updateDocs has TestFaultTableInTheDocs write what it otherwise compares.
var updateDocs = flag.Bool("update-docs", false, "write docs/faults.md anew from the fault table")

const faultDocs = "docs/faults.md"

// TestFaultTableInTheDocs holds that the documentation says what the table holds.
func TestFaultTableInTheDocs(t *testing.T) {
	text := faultText()
	if *updateDocs {
		if err := os.WriteFile(faultDocs, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile(faultDocs)
	if err != nil || string(written) != text {
		t.Errorf("%s is not what the table holds: go test -run TestFaultTableInTheDocs -update-docs . (%v)", faultDocs, err)
	}
	for _, held := range heldElsewhere() {
		file, test, _ := strings.Cut(held, " ")
		if source, err := os.ReadFile(file); err != nil || !strings.Contains(string(source), test) {
			t.Errorf("%s is not in %s: %v", test, file, err)
		}
	}
}

// faultText is the documentation of the table.
func faultText() string {
	var b strings.Builder
	b.WriteString(faultIntroduction)
	for _, y := range theSystems() {
		fmt.Fprintf(&b, "\n## %s\n\n| when it fails so | what Sparky does |\n| --- | --- |\n", y.name)
		for _, f := range theFaults() {
			fmt.Fprintf(&b, "| %s | %s |\n", f.name, y.cell(f).does)
		}
	}
	b.WriteString("\n## PostgreSQL\n\n| when it fails so | what Sparky does |\n| --- | --- |\n")
	for _, c := range databaseCells() {
		fmt.Fprintf(&b, "| %s | %s |\n", c.name, c.does)
	}
	b.WriteString("\n## The machine that Sparky runs on\n\n| what happens | what Sparky does |\n| --- | --- |\n")
	for _, f := range theLocalFaults() {
		fmt.Fprintf(&b, "| %s | %s |\n", f.name, f.does)
	}
	return b.String()
}

// heldElsewhere are the tests of cells that are held elsewhere: their files and what is there of them.
func heldElsewhere() []string {
	var all []string
	for _, f := range slices.Concat(theLocalFaults(), databaseCells()) {
		if f.held != "" {
			all = append(all, f.held)
		}
	}
	return all
}

const faultIntroduction = `# What Sparky does when something fails

Written from the tests: every line below is held by one of its own, with the whole program, in a world in which the one
system fails in the one way, for four minutes, or for an hour. In each of them it is held besides that

- nothing is lost: when the system is back, everything arrives that was to be done;
- nothing is there twice: one ticket, one message, one call and one public post for an incident;
- people are told once what they can mend, and in the same message when it is; that Sparky itself is not well once, and
  once, not before it is so, that it is again;
- other partners are probed at their time all the while;
- no secret stands in the log or in a message.

Some lines are held otherwise. What PostgreSQL does is tried in the time of the machine, for as long as it takes; its hour, with
a SQLite that is locked for one. A transaction that PostgreSQL gives up, and a worker that runs out of memory, are tried with that
part alone. That no more files may be opened is tried with a dialler that opens none, and with the real program whose limit is
taken away; the sleep of a laptop, with a clock that jumps while the links drop, and with the real program that is stopped, whose
timers fire late.

` + "`make faults`" + ` holds all of them, ` + "`make test`" + ` a few. The table is written anew by
` + "`go test -run TestFaultTableInTheDocs -update-docs .`" + `
`

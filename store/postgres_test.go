package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sparky/incidents"
)

// server is a PostgreSQL of the tests' own, started when the first test asks for it and stopped after the last.
var server = &postgresServer{}

type postgresServer struct {
	once    sync.Once
	err     error
	folder  string
	port    int
	hold    func() error // closing it ends the server, as the death of this process does
	cmd     *exec.Cmd
	log     bytes.Buffer
	schemas atomic.Int64
}

var errNoBinaries = errors.New("no PostgreSQL server is installed in /usr/lib/postgresql")

// postgresURL is the URL of a new empty schema, to which the test alone writes.
func postgresURL(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = server.start() })
	if errors.Is(server.err, errNoBinaries) && os.Getenv("SPARKY_FULL_SUITE") == "" {
		t.Skipf("PostgreSQL is left out: %v", server.err)
	}
	if server.err != nil {
		t.Fatalf("start PostgreSQL: %v\n%s", server.err, server.log.String())
	}
	schema := fmt.Sprintf("s%d", server.schemas.Add(1))
	admin := openSQL(t, "pgx", server.url(""))
	if _, err := admin.ExecContext(t.Context(), "create schema "+schema); err != nil {
		t.Fatal(err)
	}
	return server.url(schema)
}

func openSQL(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (p *postgresServer) url(schema string) string {
	query := url.Values{"host": {p.folder}, "port": {strconv.Itoa(p.port)}, "sslmode": {"disable"}}
	if schema != "" {
		query.Set("search_path", schema)
	}
	return "postgres://sparky@/postgres?" + query.Encode()
}

// start makes a cluster in a folder of its own and serves it on a socket in there. PostgreSQL refuses to run as root,
// so root runs it as somebody else.
func (p *postgresServer) start() error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return errNoBinaries
	}
	slices.Sort(found)
	bin := filepath.Dir(found[len(found)-1])
	if p.folder, err = os.MkdirTemp("", "pg"); err != nil {
		return err
	}
	as, err := unprivileged(p.folder)
	if err != nil {
		return err
	}
	data := filepath.Join(p.folder, "data")
	initdb := exec.Command(bin+"/initdb", "-D", data, "-U", "sparky", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = p.folder, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	p.port = 5432 // the name of the socket only: no port is opened
	// The shell waits for the end of its input, which comes when this process closes it or dies, and then stops the server.
	script := `"$0" "$@" & pid=$!; read _; kill -INT $pid; wait $pid`
	p.cmd = exec.Command("/bin/sh", "-c", script, bin+"/postgres", "-D", data, "-k", p.folder, "-p", strconv.Itoa(p.port), "-h", "")
	p.cmd.Dir, p.cmd.SysProcAttr, p.cmd.Stdout, p.cmd.Stderr = p.folder, as, &p.log, &p.log
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	p.hold = stdin.Close
	if err := p.cmd.Start(); err != nil {
		return err
	}
	return p.wait()
}

// wait returns when the server answers.
func (p *postgresServer) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("unix", filepath.Join(p.folder, ".s.PGSQL."+strconv.Itoa(p.port)))
		if err == nil {
			db, openErr := sql.Open("pgx", p.url(""))
			if openErr == nil {
				err = errors.Join(db.PingContext(ctx), db.Close(), conn.Close())
			}
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-tick.C:
		}
	}
}

// stop ends the server and removes what it kept.
func (p *postgresServer) stop() error {
	var errs []error
	if p.hold != nil {
		errs = append(errs, p.hold(), p.cmd.Wait())
	}
	if p.folder != "" {
		errs = append(errs, os.RemoveAll(p.folder))
	}
	return errors.Join(errs...)
}

// unprivileged is as whom to run the server, and gives that user the folder.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr, os.Chown(folder, int(uid), int(gid))); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, errors.New("root needs the user postgres or nobody to run PostgreSQL as")
}

func TestMain(m *testing.M) {
	if run := os.Getenv(childEnv); run != "" {
		os.Exit(child(run))
	}
	code := m.Run()
	if err := server.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// TestTheServerCompilesNothing holds that a small table that is read whole, which no index is for, is not taken for a great deal
// of work: the server would then spend a hundred times as long on preparing for it.
func TestTheServerCompilesNothing(t *testing.T) {
	b := newBench(t, postgresURL(t))
	for _, pool := range []*sql.DB{b.read, b.write} {
		plan, err := rows(t.Context(), pool, "explain", func(row *sql.Rows) (line string, err error) { return line, row.Scan(&line) },
			`explain (analyze) `+shownRows, "2026-11-20", 1, 2, 3)
		must(t, err)
		for _, line := range plan {
			if strings.Contains(line, "JIT") || strings.Contains(line, "Workers") {
				t.Errorf("the plan has %q", line)
			}
		}
		if len(plan) == 0 {
			t.Error("there is no plan")
		}
	}
}

// TestPassesAndDecisionsWaitOneWayRound keeps passes of many probes on one replica while another decides on several of them at once.
func TestPassesAndDecisionsWaitOneWayRound(t *testing.T) {
	const probes = 48
	url := postgresURL(t)
	admin := openSQL(t, "pgx", url)
	deadlocks := func() (n int) {
		must(t, admin.QueryRowContext(t.Context(), `select deadlocks from pg_stat_database where datname = current_database()`).Scan(&n))
		return n
	}
	passing, deciding := mustOpen(t, url, nil), mustOpen(t, url, nil)
	before := deadlocks()
	for round := range 10 {
		at := day.Add(minutes(round))
		var all sync.WaitGroup
		g := passing.Grouped(time.Millisecond)
		for _, i := range rand.Perm(probes) {
			all.Go(func() { _ = value[bool](t)(g.KeepPass(t.Context(), pass(fmt.Sprint("p", i), at, time.Second))) })
		}
		for range 4 {
			all.Go(func() {
				decide(t, deciding, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
					for i := range probes / 2 {
						state := incidents.ProbeState{Partner: "acme", Probe: fmt.Sprint("p", 2*i), Passes: 1 + len(l.Probes), LastRun: at}
						l.Probes["acme/"+state.Probe] = state
					}
					return nil, nil
				})
			})
		}
		all.Wait()
	}
	must(t, passing.Close())
	must(t, deciding.Close()) // which has the server count
	if n := deadlocks() - before; n > 0 {
		t.Errorf("the server broke %d deadlocks", n)
	}
}

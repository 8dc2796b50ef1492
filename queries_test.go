package main

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/partners"
	"sparky/store"
)

// statements are those that the database was asked to run, by a driver that notes them, and fails them where that is wanted.
type statements struct {
	mu   sync.Mutex
	all  []string
	lost error
}

func (s *statements) note(query string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, strings.Join(strings.Fields(query), " "))
	return s.lost
}

// fail has every statement fail from now on; nil has them run again.
func (s *statements) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = err
}

func (s *statements) failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// take is what was run since it was last taken.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// between stands between a store and its driver.
func (s *statements) between(next driver.Connector) driver.Connector {
	return notedConnector{next, s}
}

type notedConnector struct {
	driver.Connector
	to *statements
}

// Connect connects, and notes what is run by that connection.
func (c notedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return notedConn{conn, c.to}, nil
}

// notedConn is a connection of either driver: both can do what is asked of them here.
type notedConn struct {
	driver.Conn
	to *statements
}

// QueryContext notes a query, and runs it.
func (c notedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.to.note(query); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

// ExecContext notes a statement, and runs it.
func (c notedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.to.note(query); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// BeginTx begins a transaction.
func (c notedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.to.failing(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

// PrepareContext compiles a statement that is noted each time that it runs.
func (c notedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	statement, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return notedStmt{statement, query, c.to}, nil
}

// CheckNamedValue lets the driver take what only it knows.
func (c notedConn) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

type notedStmt struct {
	driver.Stmt
	query string
	to    *statements
}

// QueryContext notes the query, and runs it.
func (s notedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.to.note(s.query); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// ExecContext notes the statement, and runs it.
func (s notedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.to.note(s.query); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// mostQueries is what a command may ask of the database. Those that act read and write the ledger as well.
func mostQueries() map[string]int {
	return map[string]int{
		"status": 12, "status p7": 14, "status p7 --chart": 8, "incidents": 2, "changelog 30d": 2, "changelog p7 30d": 2,
		"upcoming": 2, "upcoming p7": 2, "oncall": 0, "audit": 1, "audit p7": 1, "help": 3, "help status": 0, "statsu": 0,
		"dashboard": 15, "dashboard look": 11, "dashboard of p7": 12, "compat p7": 2, "handled": 0, "ack": 1, "mute p7": 1,
		"ack ECO-7": 12, "mute p8 2h a look": 12, "unmute p8": 12, "resolve ECO-7 a fix": 12,
	}
}

// TestNoCommandAsksForEachPartner holds what a command asks of the database, on either one, where there are 50 partners with
// three probes each, all of them with results, a changelog and an incident: what grows with them is asked for at once.
func TestNoCommandAsksForEachPartner(t *testing.T) {
	for name, url := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sparky.db") },
		"PostgreSQL": func(t *testing.T) string { return (&story{T: t, ctx: t.Context()}).postgres().url },
	} {
		t.Run(name, func(t *testing.T) {
			var asked statements
			s := fiftyPartners(t, url(t), store.Options{Between: asked.between})
			permits := bot.NewRoles(nil, bot.Roles{}, time.Now, slog.New(slog.DiscardHandler))
			book := s.book(permits, func(text string) string { return text }, time.Now)
			words := mostQueries()
			for _, text := range slices.Sorted(maps.Keys(words)) {
				asked.take()
				reply := book.Run(t.Context(), commands.Request{Text: text, Person: commands.Person{Name: "ada", Local: true}})
				if all := asked.take(); len(all) > words[text] {
					t.Errorf("%s asks %d times, at most %d were thought of:\n%s", text, len(all), words[text], strings.Join(all, "\n"))
				}
				if strings.Contains(reply.Text, "could not read") {
					t.Errorf("%s: %s", text, reply.Text)
				}
			}
		})
	}
}

// fiftyPartners is a Sparky that watches them, and remembers something of each.
func fiftyPartners(t *testing.T, url string, opts store.Options) *sparky {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "slack: {app_token: xapp-1, bot_token: xoxb-1}\nstore: {url: %q}\nlisten: 127.0.0.1:0\npartners:\n", url)
	for i := range yearPartners {
		fmt.Fprintf(&b, "  - id: p%d\n    changelog: [{url: 'https://feeds.example/%d'}]\n    probes:\n", i, i)
		for n := range yearProbes {
			fmt.Fprintf(&b, "      - {id: a%d, kind: http, url: 'https://api.example/%d/%d'}\n", n, i, n)
		}
	}
	loaded := parseConfig("sparky.yaml", []byte(b.String()), expander{env: lookup(nil)}, vendorCatalogue())
	if len(loaded.problems) > 0 {
		t.Fatal(loaded.problems)
	}
	s, err := newSparkyAt(t.Context(), loaded.config, slog.New(slog.DiscardHandler), time.Now, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	rememberSome(t, s)
	return s
}

// rememberSome remembers results, a changelog and an incident of each partner.
func rememberSome(t *testing.T, s *sparky) {
	t.Helper()
	now := time.Now()
	var results []partners.ProbeResult
	poll, ctx := changes.Poll{}, t.Context()
	for i := range yearPartners {
		id := fmt.Sprint("p", i)
		for n := range yearProbes {
			for ago := range 5 {
				results = append(results, partners.ProbeResult{Partner: id, Probe: fmt.Sprint("a", n), At: now.Add(-time.Duration(ago) * time.Hour), Took: time.Second})
			}
		}
		source := fmt.Sprintf("https://feeds.example/%d", i)
		poll.States = append(poll.States, changes.SourceState{Partner: id, Source: source, TriedAt: now, ReadAt: now, BaselineAt: now, Problem: "it answered 500"})
		poll.Entries = append(poll.Entries, changes.Entry{Change: partners.Change{Partner: id, Source: source, Key: "k", Title: "v2", Published: now.Add(-time.Hour)},
			Kinds: []changes.Kind{changes.Breaking}, Effective: changes.Date(now.Add(48 * time.Hour).Format(time.DateOnly))})
	}
	err := s.memory.SaveResults(ctx, results)
	if err == nil {
		err = s.memory.RecordPoll(ctx, poll)
	}
	if err == nil {
		err = s.memory.Decide(ctx, "", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			for i := range yearPartners {
				l.Incidents = append(l.Incidents, ofPartner(openIncident(i), i))
			}
			return nil, nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ofPartner is the incident as one of a partner that is watched.
func ofPartner(in incidents.Incident, i int) incidents.Incident {
	in.Partner, in.Name, in.Ticket.Key = fmt.Sprint("p", i), fmt.Sprint("p", i), fmt.Sprint("ECO-", i)
	for n := range in.Probes {
		in.Probes[n].Partner, in.Probes[n].Last.Partner = in.Partner, in.Partner
	}
	return in
}

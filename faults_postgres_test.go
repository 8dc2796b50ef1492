package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sparky/fixtures/world/pagerduty"
	"sparky/fixtures/world/vendors"
)

// sluice stands between Sparky and PostgreSQL, and lets what passes go wrong.
type sluice struct {
	story  *story
	socket string // of Sparky's side
	behind string // the server's

	mu       sync.Mutex
	how      string
	changed  chan struct{} // closed when how is another
	listener net.Listener
	conns    map[net.Conn]bool
	running  sync.WaitGroup
}

// The ways of a sluice. In all but the first two what is asked reaches the server.
const (
	sluiceOpen    = ""
	sluiceShut    = "refused"
	sluiceHangs   = "hang"
	sluiceResets  = "reset"
	sluiceHalves  = "half an answer"
	sluiceGarbles = "malformed"
	sluiceLoses   = "answer lost"
)

// through is a sluice before the story's PostgreSQL, and the address behind it.
func (s *story) through(url string) (*sluice, string) {
	s.Helper()
	folder, err := os.MkdirTemp("", "pgdoor")
	s.hold(err)
	before, rest, _ := strings.Cut(url, "host=")
	theirs, options, _ := strings.Cut(rest, "&")
	const name = ".s.PGSQL.5432"
	d := &sluice{story: s, socket: filepath.Join(folder, name), behind: filepath.Join(theirs, name), conns: map[net.Conn]bool{}, changed: make(chan struct{})}
	s.Cleanup(func() {
		d.set(sluiceShut)
		d.running.Wait()
		s.hold(os.RemoveAll(folder))
	})
	d.listen()
	return d, before + "host=" + folder + "&" + options
}

func (d *sluice) listen() {
	d.story.Helper()
	listener, err := net.Listen("unix", d.socket)
	d.story.hold(err)
	d.listener = listener
	d.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the sluice is shut
			}
			d.running.Go(func() { d.pass(conn) })
		}
	})
}

// set changes how the sluice lets pass, for connections that stand too.
func (d *sluice) set(how string) {
	d.story.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.how
	d.how = how
	close(d.changed)
	d.changed = make(chan struct{})
	if how == sluiceShut && before != sluiceShut {
		d.story.hold(d.listener.Close())
		if err := os.Remove(d.socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.story.hold(err)
		}
	}
	if how != sluiceHangs {
		for conn := range d.conns {
			_ = conn.Close() // they begin anew, as they do when a server has gone
		}
	}
	if how != sluiceShut && before == sluiceShut {
		d.listen()
	}
}

func (d *sluice) state() (string, chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.how, d.changed
}

func (d *sluice) keep(conn net.Conn, is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if is {
		d.conns[conn] = true
		return
	}
	delete(d.conns, conn)
}

// pass carries what two ends say to each other.
func (d *sluice) pass(ours net.Conn) {
	defer func() { _ = ours.Close() }()
	theirs, err := net.Dial("unix", d.behind)
	if err != nil {
		return
	}
	defer func() { _ = theirs.Close() }()
	for _, conn := range []net.Conn{ours, theirs} {
		d.keep(conn, true)
		defer d.keep(conn, false)
	}
	d.running.Go(func() {
		_ = d.carry(theirs, ours, func(p []byte) ([]byte, bool) { return p, true })
		_ = theirs.Close()
	})
	_ = d.carry(ours, theirs, d.spoil)
}

// carry copies, as far as the sluice lets it.
func (d *sluice) carry(to, from net.Conn, through func([]byte) ([]byte, bool)) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return err
		}
		for how, changed := d.state(); how == sluiceHangs; how, changed = d.state() {
			<-changed
		}
		said, on := through(buffer[:n])
		if _, err := to.Write(said); err != nil || !on {
			return err
		}
	}
}

// spoil is what is left of what the server said, and whether the connection goes on.
func (d *sluice) spoil(said []byte) ([]byte, bool) {
	switch how, _ := d.state(); how {
	case sluiceResets, sluiceLoses:
		return nil, false
	case sluiceHalves:
		return said[:len(said)/2], false
	case sluiceGarbles:
		return []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), true
	default:
		return said, true
	}
}

// TestFaultTableOfPostgreSQL runs in the time of the machine; one cell, and all of them for make faults.
func TestFaultTableOfPostgreSQL(t *testing.T) {
	cells := map[string]func(*story){}
	for _, how := range []string{sluiceLoses, sluiceShut, sluiceHangs, sluiceResets, sluiceHalves, sluiceGarbles} {
		if os.Getenv("SPARKY_FAULTS") == "all" || how == sluiceLoses {
			cells[how] = func(s *story) { databaseFails(s, how) }
		}
	}
	if os.Getenv("SPARKY_FAULTS") == "all" {
		cells["no connection is left"], cells["the password was changed"] = noConnectionLeft, passwordChanged
	}
	tellStories(t, cells)
}

// databaseFails has ServiceNow begin to fail while PostgreSQL does.
func databaseFails(s *story, how string) {
	s.lasts(patience)
	s.only(vendors.ServiceNow)
	d, url := s.through(s.postgres().url)
	s.config.Store.URL = url
	s.well()
	d.set(how)
	s.table()
	failed := func() (n int) {
		for _, r := range s.world.Partners.APIRequests(vendors.ServiceNow) {
			if r.Status >= 500 {
				n++
			}
		}
		return n
	}
	s.hold(s.world.Partners.Wait(s.ctx, "probes that go on", func() bool { return failed() > 4 }))
	d.set(sluiceOpen)
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords, "Over")
}

// admin is a connection to the story's PostgreSQL that is not Sparky's.
func (s *story) admin(url string) *pgx.Conn {
	s.Helper()
	conn, err := pgx.Connect(s.ctx, url+"&application_name=admin")
	s.hold(err)
	s.Cleanup(func() { _ = conn.Close(context.WithoutCancel(s.ctx)) })
	return conn
}

// endOthers ends the connections of everybody else, and tells how many there were.
func (s *story) endOthers(admin *pgx.Conn) (ended int) {
	s.Helper()
	s.hold(admin.QueryRow(s.ctx, `select count(pg_terminate_backend(pid)) from pg_stat_activity
		where backend_type = 'client backend' and application_name <> 'admin'`).Scan(&ended))
	return ended
}

// refusesSparky has ServiceNow begin to fail while PostgreSQL gives Sparky no connection, and holds that the reason is said.
func refusesSparky(s *story, p *program, why string, mend func()) {
	s.Helper()
	s.table()
	s.eventually("it is said why: "+why, func() bool {
		_, body := s.fetch(p, "/readyz")
		return strings.Contains(body, why)
	})
	before := len(s.world.Partners.APIRequests(vendors.ServiceNow))
	s.eventually("probes go on", func() bool { return len(s.world.Partners.APIRequests(vendors.ServiceNow)) > before+3 })
	mend()
	i := s.incident(vendors.ServiceNow, "on-call was paged", "ECO-1")
	i.page(pagerduty.Triggered)
	i.ends(vendors.ServiceNow)
	i.tells(calledWords, "Over")
}

// noConnectionLeft has others take every connection that the server gives.
func noConnectionLeft(s *story) {
	s.lasts(patience)
	s.only(vendors.ServiceNow)
	url := s.postgres().url
	s.config.Store.URL = url
	p := s.well()
	admin := s.admin(url)
	var taken []*pgx.Conn
	for full := false; !full; full = s.endOthers(admin) == 0 {
		for {
			conn, err := pgx.Connect(s.ctx, url+"&application_name=admin")
			if err != nil {
				break
			}
			taken = append(taken, conn)
		}
	}
	refusesSparky(s, p, "the server has no connection left", func() {
		for _, conn := range taken {
			s.hold(conn.Close(s.ctx))
		}
	})
}

// passwordChanged has somebody change the password, and everybody begin anew.
func passwordChanged(s *story) {
	s.lasts(patience)
	s.only(vendors.ServiceNow)
	db := s.postgres()
	admin := s.admin(db.url)
	run := func(statement string) {
		s.Helper()
		_, err := admin.Exec(s.ctx, statement)
		s.hold(err)
	}
	var rules string
	s.hold(admin.QueryRow(s.ctx, `show hba_file`).Scan(&rules))
	run(`create role keeper login superuser password 'one'`)
	s.hold(os.WriteFile(rules, []byte("local all sparky trust\nlocal all keeper scram-sha-256\n"), 0o600))
	run(`select pg_reload_conf()`)
	s.config.Store.URL = strings.Replace(db.url, "sparky@", "keeper:one@", 1)
	p := s.well()
	run(`alter role keeper password 'two'`)
	s.endOthers(admin)
	refusesSparky(s, p, "the server does not accept the user or the password", func() { run(`alter role keeper password 'one'`) })
}

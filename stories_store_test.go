package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
)

func TestStoreStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"two programs on one SQLite file: the second refuses": secondRefuses,
		"a database of a newer Sparky is left alone":          newerDatabase,
		"two replicas on PostgreSQL tell everything once":     replicas,
	})
}

func secondRefuses(s *story) {
	s.watching()
	_, err := newSparky(s.ctx, s.config, newLog(s.logs, s.config))
	if err == nil || !strings.Contains(err.Error(), "is in use by another Sparky") {
		s.Fatalf("the second program says %v", err)
	}
	s.asks("ada", "help", "What you can ask")
}

func newerDatabase(s *story) {
	s.watching().stop()
	file := strings.TrimPrefix(s.config.Store.URL, "sqlite:")
	db, err := sql.Open("sqlite", file)
	s.hold(err)
	_, err = db.ExecContext(s.ctx, `insert into goose_db_version (version_id, is_applied) values (99999, 1)`)
	s.hold(errors.Join(err, db.Close()))
	before, err := os.ReadFile(file)
	s.hold(err)
	_, err = newSparky(s.ctx, s.config, newLog(s.logs, s.config))
	if err == nil || !strings.Contains(err.Error(), "newer") {
		s.Fatalf("it says %v", err)
	}
	after, err := os.ReadFile(file)
	s.hold(err)
	if !slices.Equal(before, after) {
		s.Error("the database was touched")
	}
}

func replicas(s *story) {
	s.config.Store.URL = s.postgres()
	first := s.watching()
	second := s.start()
	s.announce(vendors.Okta)
	s.told(slack.Updates, "Okta: 1 new entry")
	s.rounds("feed", 2, vendors.Okta)

	// The one that leads ends while all have news; the other goes on where it was.
	for _, id := range []string{vendors.GitHub, vendors.Workday, vendors.ServiceNow} {
		s.announce(id)
	}
	s.told(slack.Updates, "GitHub: 1 new entry")
	first.stop()
	s.announce(vendors.Microsoft)
	for _, id := range []string{vendors.Workday, vendors.ServiceNow, vendors.Microsoft} {
		s.told(slack.Updates, vendors.Name(id)+": 1 new entry")
	}
	s.rounds("feed", 2, vendors.IDs()...)
	s.asks("ada", "status", "Partners")
	second.stop()
}

// postgres is the address of a PostgreSQL of this story's own.
func (s *story) postgres() string { return postgresFor(s) }

// postgresFor is the address of a PostgreSQL of a test's own, on a socket in a folder of its own.
func postgresFor(s testing.TB) string {
	s.Helper()
	hold := func(err error) {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	hold(err)
	if len(found) == 0 {
		if os.Getenv("SPARKY_FULL_SUITE") != "" {
			s.Fatal("no PostgreSQL server is installed, and nothing may be left out")
		}
		s.Skip("PostgreSQL is left out: no server is installed")
	}
	bin := filepath.Dir(slices.Max(found))
	// Not the test's own folder: its path is too long for a socket, and nobody else may enter it.
	folder, err := os.MkdirTemp("", "pg")
	hold(err)
	s.Cleanup(func() { hold(os.RemoveAll(folder)) })
	as := unprivileged(s, folder)
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(s.Context(), bin+"/initdb", "-D", data, "-U", "sparky", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = folder, as
	if out, err := initdb.CombinedOutput(); err != nil {
		s.Fatalf("initdb: %v\n%s", err, out)
	}
	// pg_ctl waits until the server answers; it ends when the story does.
	ctl := func(args ...string) *exec.Cmd {
		cmd := exec.Command(bin+"/pg_ctl", append([]string{"-D", data, "-w", "-l", filepath.Join(folder, "log")}, args...)...)
		cmd.Dir, cmd.SysProcAttr = folder, as
		return cmd
	}
	hold(ctl("-o", "-k "+folder+" -h ''", "start").Run())
	s.Cleanup(func() { hold(ctl("-m", "fast", "stop").Run()) })
	return "postgres://sparky@/postgres?host=" + folder + "&sslmode=disable"
}

// unprivileged is as whom PostgreSQL runs, which refuses to be root, and gives that user the folder.
func unprivileged(s testing.TB, folder string) *syscall.SysProcAttr {
	s.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	if err := os.Chown(folder, nobody, nobody); err != nil {
		s.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

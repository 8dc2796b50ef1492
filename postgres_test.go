package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

// postgres is a PostgreSQL of a story's own.
type postgres struct {
	story *story
	url   string
	ctl   func(args ...string) *exec.Cmd
}

// postgres starts a PostgreSQL on a socket in a folder of its own, which ends with the story.
func (s *story) postgres() *postgres {
	s.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	s.hold(err)
	if len(found) == 0 {
		if os.Getenv("SPARKY_FULL_SUITE") != "" {
			s.Fatal("no PostgreSQL server is installed, and nothing may be left out")
		}
		s.Skip("PostgreSQL is left out: no server is installed")
	}
	bin := filepath.Dir(slices.Max(found))
	// Not the test's own folder: its path is too long for a socket, and nobody else may enter it.
	folder, err := os.MkdirTemp("", "pg")
	s.hold(err)
	s.Cleanup(func() { s.hold(os.RemoveAll(folder)) })
	as := s.unprivileged(folder)
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(s.ctx, bin+"/initdb", "-D", data, "-U", "sparky", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = folder, as
	if out, err := initdb.CombinedOutput(); err != nil {
		s.Fatalf("initdb: %v\n%s", err, out)
	}
	// pg_ctl waits until the server answers, or has ended.
	p := &postgres{story: s, url: "postgres://sparky@/postgres?host=" + folder + "&sslmode=disable",
		ctl: func(args ...string) *exec.Cmd {
			cmd := exec.Command(bin+"/pg_ctl", append([]string{"-D", data, "-w", "-l", filepath.Join(folder, "log"), "-o", "-k " + folder + " -h ''"}, args...)...)
			cmd.Dir, cmd.SysProcAttr = folder, as
			return cmd
		}}
	p.start()
	s.Cleanup(p.stop)
	return p
}

func (p *postgres) start() {
	p.story.Helper()
	p.story.hold(p.ctl("start").Run())
}

// stop ends the server in the midst of whatever it does for others.
func (p *postgres) stop() {
	p.story.Helper()
	p.story.hold(p.ctl("-m", "fast", "stop").Run())
}

// unprivileged is as whom PostgreSQL runs, which refuses to be root, and gives that user the folder.
func (s *story) unprivileged(folder string) *syscall.SysProcAttr {
	s.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	s.hold(os.Chown(folder, nobody, nobody))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

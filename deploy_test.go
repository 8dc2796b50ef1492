package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTheUnitIsHardened holds deploy/sparky.service to systemd's own judge of units: no word that it does not know, and an
// exposure of 2.0 at most, of 10.
func TestTheUnitIsHardened(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("SPARKY_FULL_SUITE") != "" {
			t.Fatal("systemd-analyze is not installed")
		}
		t.Skip("systemd-analyze is not installed")
	}
	unit, err := os.ReadFile("deploy/sparky.service")
	if err != nil {
		t.Fatal(err)
	}
	// It looks whether the program is there, which on this machine is the one under test.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sparky.service")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(unit), "/usr/local/bin/sparky", self)), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput(); err != nil || strings.Contains(string(said), "sparky.service") {
		t.Errorf("verify: %v\n%s", err, said)
	}
	said, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--threshold=20", path).CombinedOutput()
	level := regexp.MustCompile(`exposure level for sparky.service: ([0-9.]+)`).FindSubmatch(said)
	if err != nil || level == nil {
		t.Fatalf("security: %v\n%s", err, said)
	}
	if exposure, err := strconv.ParseFloat(string(level[1]), 64); err != nil || exposure > 2 {
		t.Errorf("the exposure is %s", level[1])
	}
}

// TestTheContainerAsksForHealth holds that what the container file and the unit call is there.
func TestTheContainerAsksForHealth(t *testing.T) {
	file, err := os.ReadFile("deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?:CMD|ENTRYPOINT) \[(?:"/sparky", )?"([a-z]+)"`).FindAllSubmatch(file, -1) {
		if command, _, err := newRootCommand(lookup(nil)).Find([]string{string(m[1])}); err != nil || command.Name() != string(m[1]) {
			t.Errorf("it calls sparky %s, which is not there", m[1])
		}
	}
	for _, needed := range []string{"FROM scratch", "USER 65532", "ca-certificates.crt", `"health"`} {
		if !strings.Contains(string(file), needed) {
			t.Errorf("it lacks %s", needed)
		}
	}
}

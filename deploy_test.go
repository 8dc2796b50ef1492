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

// TestTheUnitAllowsWhatIsNeeded holds the unit's filter of system calls to what Sparky and its workers call. What a worker takes
// from itself it takes by seccomp: a unit that forbids that leaves it with files and connections.
func TestTheUnitAllowsWhatIsNeeded(t *testing.T) {
	// These are calls of the kernel without which Sparky, its database or its workers do not do what they are for, as strace
	// has shown them in the demo world. Go's own, which everything has, are left out.
	kernel := strings.Fields(`accept4 bind clone connect dup3 epoll_pwait eventfd2 execve fcntl fdatasync fsync ftruncate futex getdents64
	getrandom kill link linkat listen madvise mmap mprotect munmap nanosleep openat pidfd_open pidfd_send_signal pipe2 prctl pread64
	prlimit64 pwrite64 readlinkat recvmsg rename renameat rt_sigaction sched_getaffinity seccomp sendmsg setpgid setpriority setrlimit
	setsockopt shutdown sigaltstack socket socketpair stat statfs tgkill unlink unlinkat wait4 waitid`)
	unit, err := os.ReadFile("deploy/sparky.service")
	if err != nil {
		t.Fatal(err)
	}
	groups := callGroups(t)
	allowed := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllSubmatch(unit, -1) {
		for _, word := range strings.Fields(string(line[2])) {
			for _, call := range groups(word) {
				allowed[call] = len(line[1]) == 0
			}
		}
	}
	for _, call := range groups("@default") { // systemd allows these by itself
		allowed[call] = true
	}
	for _, call := range kernel {
		if !allowed[call] {
			t.Errorf("the unit forbids %s", call)
		}
	}
	for _, call := range strings.Fields("mount umount2 init_module reboot swapon chown setuid bpf") {
		if allowed[call] {
			t.Errorf("the unit allows %s", call)
		}
	}
}

// callGroups are the calls that a word of SystemCallFilter stands for, by systemd's own list.
func callGroups(t *testing.T) func(word string) []string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	said, err := exec.CommandContext(t.Context(), "systemd-analyze", "syscall-filter", "--no-pager").Output()
	if err != nil {
		t.Fatalf("listing systemd's groups of calls: %v", err)
	}
	listed, current := map[string][]string{}, ""
	for line := range strings.Lines(string(said)) {
		switch word := strings.TrimSpace(line); {
		case word == "" || strings.HasPrefix(word, "#"):
		case strings.HasPrefix(line, "@"):
			current = word
		default:
			listed[current] = append(listed[current], strings.Fields(word)[0])
		}
	}
	if len(listed["@system-service"]) == 0 {
		t.Fatalf("systemd lists no @system-service:\n%s", said)
	}
	var calls func(word string) []string
	calls = func(word string) []string {
		if !strings.HasPrefix(word, "@") {
			return []string{word}
		}
		var all []string
		for _, inside := range listed[word] {
			all = append(all, calls(inside)...)
		}
		return all
	}
	return calls
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

//go:build amd64 || arm64

package isolate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// trespasses are what modules try that must not be possible. Each says what was, or nothing.
func trespasses() map[string]deed {
	return map[string]deed{"trespasses": func(ctx context.Context, c partners.ProbeConfig, client *httpcall.Client) error {
		done := errors.Join(trespassFiles(c.Table), trespassNetwork(ctx, c.Tenant, client), trespassProcesses())
		if done == nil {
			return nil
		}
		return fmt.Errorf("trespassed: %w", done)
	}}
}

func was(what string, err error) error {
	if err == nil {
		return errors.New(what)
	}
	return nil
}

func trespassFiles(folder string) error {
	_, own := os.ReadFile("/proc/self/environ")
	_, parents := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
	_, passwords := os.ReadFile("/etc/passwd")
	_, listing := os.ReadDir("/")
	_, _, code := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
	var leaked error
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !slices.Contains([]string{"GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "HTTP_PROXY"}, name) {
			leaked = errors.Join(leaked, errors.New("the environment holds "+name))
		}
	}
	return errors.Join(leaked,
		was("wrote a file", os.WriteFile(filepath.Join(folder, "written"), []byte("x"), 0o600)),
		was("removed a file", os.Remove(filepath.Join(folder, "there"))),
		was("made a folder", os.Mkdir(filepath.Join(folder, "made"), 0o700)),
		was("renamed a file", os.Rename(filepath.Join(folder, "there"), filepath.Join(folder, "here"))),
		was("changed a file", os.Chmod(filepath.Join(folder, "there"), 0o777)),
		was("read its own environment in /proc", own), was("read its parent's", parents), was("read a file", passwords), was("listed a folder", listing),
		was("made a ring that goes round the filter", errnoOf(code)))
}

func errnoOf(code syscall.Errno) error {
	if code == 0 {
		return nil
	}
	return code
}

func trespassNetwork(ctx context.Context, elsewhere string, client *httpcall.Client) error {
	_, called := client.Do(ctx, httpcall.Request{URL: "http://" + elsewhere})
	_, err := client.DialContext(ctx, "udp", elsewhere)
	_, listened := net.Listen("tcp", "127.0.0.1:0")
	_, local := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	_, raw := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	return errors.Join(was("dialled by itself", dialled(elsewhere)), was("called another host", called), was("dialled by the client", err),
		was("listened", listened), was("made a local socket", local), was("made a raw socket", raw))
}

func trespassProcesses() error {
	_, _, forked := unix.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0)
	return errors.Join(
		was("started a program", exec.Command("/bin/true").Run()),
		was("forked", errnoOf(forked)),
		was("signalled its parent", unix.Kill(os.Getppid(), 0)),
		was("signalled a thread of its parent", unix.Tgkill(os.Getppid(), os.Getppid(), 0)),
		was("looked into its parent", unix.PtraceAttach(os.Getppid())),
		was("raised its limits", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 4096, Max: 4096})),
		was("lowered its filter", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)))
}

// TestTrespassing tries in a worker whatever must not be possible there.
func TestTrespassing(t *testing.T) {
	if able := Able(); len(able) > 0 {
		t.Skip("this machine cannot keep a worker from", able)
	}
	f := newFirm(t, Limits{})
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "there"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JIRA_TOKEN", secret)
	result := f.ask("acme", "trespasses", func(c *partners.ProbeConfig) {
		c.Table, c.Tenant = folder, strings.TrimPrefix(serve(t).URL, "http://")
		c.Timeout = seconds(20)
	})
	if !result.Passed() {
		t.Errorf("a worker %s", result.Problem)
	}
	if strings.Contains(f.log.String(), "missing") {
		t.Errorf("the log says %s", f.log)
	}
}

// TestFilter runs the filter of system calls on calls that no test makes for real.
func TestFilter(t *testing.T) {
	vm, err := bpf.NewVM(program(4711))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		call      uint32
		arguments [6]uint64
		want      uint32
	}{
		"reading":                           {call: unix.SYS_READ, want: unix.SECCOMP_RET_ALLOW},
		"opening":                           {call: unix.SYS_OPENAT, want: denied},
		"opening, the new way":              {call: unix.SYS_OPENAT2, want: denied},
		"a socket":                          {call: unix.SYS_SOCKET, want: denied},
		"connecting one that is there":      {call: unix.SYS_CONNECT, want: denied},
		"a message, which names its way":    {call: unix.SYS_SENDMSG, want: denied},
		"sending":                           {call: unix.SYS_SENDTO, want: unix.SECCOMP_RET_ALLOW},
		"sending elsewhere":                 {call: unix.SYS_SENDTO, arguments: [6]uint64{4: 0x1000}, want: denied},
		"sending far away":                  {call: unix.SYS_SENDTO, arguments: [6]uint64{4: 1 << 32}, want: denied},
		"a thread":                          {call: unix.SYS_CLONE, arguments: [6]uint64{unix.CLONE_VM | unix.CLONE_THREAD}, want: unix.SECCOMP_RET_ALLOW},
		"a process":                         {call: unix.SYS_CLONE, arguments: [6]uint64{uint64(unix.SIGCHLD)}, want: denied},
		"either":                            {call: unix.SYS_CLONE3, want: unknown},
		"a signal to itself":                {call: unix.SYS_TGKILL, arguments: [6]uint64{4711}, want: unix.SECCOMP_RET_ALLOW},
		"a signal to another":               {call: unix.SYS_TGKILL, arguments: [6]uint64{1}, want: denied},
		"reading a limit":                   {call: unix.SYS_PRLIMIT64, want: unix.SECCOMP_RET_ALLOW},
		"setting a limit":                   {call: unix.SYS_PRLIMIT64, arguments: [6]uint64{2: 0x1000}, want: denied},
		"flags of a file":                   {call: unix.SYS_FCNTL, arguments: [6]uint64{1: unix.F_SETFL}, want: unix.SECCOMP_RET_ALLOW},
		"whom a file signals":               {call: unix.SYS_FCNTL, arguments: [6]uint64{1: unix.F_SETOWN}, want: denied},
		"what comes after the last":         {call: 1 << 20, want: denied},
		"a number of the other word size":   {call: 1<<30 | unix.SYS_READ, want: denied},
		"starting a program":                {call: unix.SYS_EXECVE, want: denied},
		"a terminal, which can be typed to": {call: unix.SYS_IOCTL, want: denied},
	} {
		if got := judge(t, vm, test.call, architecture, test.arguments); got != test.want {
			t.Errorf("%s: got %#x, want %#x", name, got, test.want)
		}
	}
	if got := judge(t, vm, unix.SYS_READ, 3, [6]uint64{}); got != unix.SECCOMP_RET_KILL_PROCESS {
		t.Errorf("a call of another architecture: got %#x", got)
	}
}

// judge has package bpf, which reads numbers in the order of the network, run the filter on a call.
func judge(t *testing.T, vm *bpf.VM, call, arch uint32, arguments [6]uint64) uint32 {
	t.Helper()
	var data []byte
	word := func(v uint32) { data = append(data, byte(v>>24), byte(v>>16), byte(v>>8), byte(v)) }
	word(call)
	word(arch)
	word(0)
	word(0)
	for _, a := range arguments {
		word(uint32(a))
		word(uint32(a >> 32))
	}
	got, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(got)
}

// TestMemoryOf holds that a process is seen to have what it has.
func TestMemoryOf(t *testing.T) {
	kept := make([]byte, 64<<20)
	for i := range kept {
		kept[i] = 1
	}
	if got := memoryOf(os.Getpid()); got < 64<<20 || got > 4<<30 {
		t.Errorf("this process has %d bytes", got)
	}
	runtime.KeepAlive(kept)
	if got := memoryOf(1 << 30); got != 0 {
		t.Errorf("a process that is not there has %d bytes", got)
	}
}

// TestParentDies kills the process that started a worker, which can tell nobody.
func TestParentDies(t *testing.T) {
	parent := exec.Command("/proc/self/exe", "parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	var pid int
	if _, scanned := fmt.Sscanf(said, "[%d] <nil>", &pid); err != nil || scanned != nil {
		t.Fatalf("the parent says %q: %v", said, err)
	}
	file, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(file) }()
	_ = parent.Process.Kill()
	_ = parent.Wait()
	// A descriptor of a process is ready to be read when the process has ended (pidfd_open(2)).
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(file), Events: unix.POLLIN}}, 10_000); n != 1 {
		t.Errorf("worker %d goes on without its parent (%v)", pid, err)
	}
}

// TestOrdersEnd holds that a worker also ends where the kernel does not end it: when its orders do.
func TestOrdersEnd(t *testing.T) {
	f := newFirm(t, Limits{})
	f.ask("acme", "fine", nil)
	w := f.pool.keepers["acme"].current
	_ = w.orders.Close()
	select {
	case <-w.gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the worker goes on")
	}
	if got := f.ask("acme", "fine", nil); got.Class != partners.FailNotTried || !strings.Contains(got.Problem, "ended by itself") {
		t.Errorf("got %+v", got)
	}
}

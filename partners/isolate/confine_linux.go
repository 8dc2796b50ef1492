//go:build linux && (amd64 || arm64)

package isolate

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Bounds of a worker beside its memory.
const (
	mostFiles   = 256
	mostThreads = 128
	// dataSlack is what a worker may map beyond its memory limit before the kernel says no: Go maps its heap in pieces of
	// 64 MiB, and the watcher of the parent, which can say why it stops a worker, is to be there first.
	dataSlack = 96 << 20
)

// confine takes from this process, for good, what a module has no need of. It is called before any secret is known. The
// answer names what could not be taken.
//
// Everything hangs on one filter of system calls, which every kernel since 3.17 has and which needs no root: nothing can
// be opened, so that no file is written and none read, the parent's environment in /proc neither; no socket can be made,
// so that every connection is one that the parent dialled; no process can be started, signalled or looked into. Landlock
// would allow a part of that again, and nothing here needs a part.
func confine(memory uint64) []string {
	prepare()
	var missing []string
	note := func(what string, err error) {
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s (%v)", what, err))
		}
	}
	note("a limit of memory by the kernel", limitData(memory))
	note("a limit of open files", setLimit(unix.RLIMIT_NOFILE, mostFiles))
	note("no core dumps", setLimit(unix.RLIMIT_CORE, 0))
	note("no new privileges, no files, no other network, no processes", filterCalls())
	return missing
}

// prepare does what Go puts off until it is first needed and then could not do any more.
func prepare() {
	debug.SetMaxThreads(mostThreads)
	_, _ = x509.SystemCertPool() // without one every certificate is refused, which says itself
	_ = time.Now().Local().String()
}

func setLimit(resource int, most uint64) error {
	return unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most})
}

// limitData bounds what the process may map to write to, from what it has mapped now.
func limitData(memory uint64) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		rest, ok := strings.CutPrefix(line, "VmData:")
		if !ok {
			continue
		}
		kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			return err
		}
		return setLimit(unix.RLIMIT_DATA, kilobytes<<10+memory+dataSlack)
	}
	return errors.New("/proc/self/status does not tell what is mapped")
}

// shed closes what somebody left open when he started our parent. Go closes all that is its own.
// It is called before this process opens anything.
func shed() error {
	const folder = "/proc/self/fd"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= lastFD {
			continue
		}
		target, err := os.Readlink(filepath.Join(folder, entry.Name()))
		// Go's own: what it waits with, and the file that says how many processors there are.
		if err != nil || strings.HasPrefix(target, "anon_inode:") || strings.HasPrefix(target, "/sys/fs/cgroup/") {
			continue
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
	}
	return nil
}

// filterCalls puts every thread under the filter.
func filterCalls() error {
	instructions, err := bpf.Assemble(program(uint32(os.Getpid())))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(instructions))
	for i, raw := range instructions {
		filter[i] = unix.SockFilter{Code: raw.Op, Jt: raw.Jt, Jf: raw.Jf, K: raw.K}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// TSYNC gives the filter, and that there are no new privileges, to all threads (seccomp(2)).
	thread, _, code := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if code != 0 {
		return code
	}
	if thread != 0 {
		return fmt.Errorf("thread %d stayed outside", thread)
	}
	return nil
}

// ableTo tells what a worker on this machine could not be kept from, without trying it.
func ableTo() []string {
	action := uint32(unix.SECCOMP_RET_ERRNO)
	_, _, code := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if code != 0 {
		return []string{"files, other hosts and other processes, because this kernel or what confines Sparky itself offers no seccomp"}
	}
	return nil
}

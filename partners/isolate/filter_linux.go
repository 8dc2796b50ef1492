//go:build linux && (amd64 || arm64)

package isolate

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Where the kernel puts what a filter looks at (struct seccomp_data in linux/seccomp.h): the number of the call, the
// architecture, and the six arguments, whose low half comes first on both of our architectures.
const (
	callAt         = 0
	architectureAt = 4
	argumentsAt    = 16
)

const (
	denied  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	unknown = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS) // makes the C library fall back on an older call
)

// plainCalls are the system calls that a worker may make whatever their arguments: memory, time, threads, and what is
// done with descriptors that are open already.
func plainCalls() []uint32 {
	return []uint32{
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_CLOSE, unix.SYS_FSTAT, unix.SYS_LSEEK,
		unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_PIPE2, unix.SYS_EVENTFD2, unix.SYS_SPLICE, unix.SYS_SENDFILE,
		unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2, unix.SYS_PPOLL,
		unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_SHUTDOWN,
		unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME, unix.SYS_GETSOCKOPT, unix.SYS_SETSOCKOPT,
		unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK, unix.SYS_MEMBARRIER,
		unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_SET_TID_ADDRESS,
		unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_GETTIMEOFDAY,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
		unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETPPID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID, unix.SYS_GETEGID,
		unix.SYS_GETRANDOM, unix.SYS_GETRUSAGE, unix.SYS_UNAME, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	}
}

// program is the filter of the process with the id. What it does not name is not permitted.
func program(pid uint32) []bpf.Instruction {
	p := []bpf.Instruction{
		bpf.LoadAbsolute{Off: architectureAt, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: architecture, SkipTrue: 1},
		// Calls of another architecture have other numbers.
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: callAt, Size: 4},
	}
	for _, call := range plainCalls() {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: 1}, allow())
	}
	p = append(p, when(unix.SYS_CLONE3, bpf.RetConstant{Val: unknown})...)
	// Threads and no processes.
	p = append(p, when(unix.SYS_CLONE, low(0), bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: unix.CLONE_THREAD, SkipTrue: 1}, allow())...)
	// Go stops its own threads by a signal.
	p = append(p, when(unix.SYS_TGKILL, low(0), bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: pid, SkipTrue: 1}, allow())...)
	// Limits may be read and not set: the new one is null.
	p = append(p, when(unix.SYS_PRLIMIT64, null(2)...)...)
	// What is sent goes to where the socket is connected to: the address is null.
	p = append(p, when(unix.SYS_SENDTO, null(4)...)...)
	p = append(p, when(unix.SYS_FCNTL, commands()...)...)
	return append(p, bpf.RetConstant{Val: denied})
}

func allow() bpf.Instruction { return bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW} }

// when is what is done about one call; where the test does not allow it, it is denied.
func when(call uint32, test ...bpf.Instruction) []bpf.Instruction {
	test = append(test, bpf.RetConstant{Val: denied})
	return append([]bpf.Instruction{bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: uint8(len(test))}}, test...)
}

// null allows where both halves of an argument are 0.
func null(argument uint32) []bpf.Instruction {
	return []bpf.Instruction{
		low(argument), bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 3},
		high(argument), bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 1}, allow(),
	}
}

// commands allows those of fcntl that Go uses; others have signals sent to other processes.
func commands() []bpf.Instruction {
	test := []bpf.Instruction{low(1)}
	for _, command := range []uint32{unix.F_GETFL, unix.F_SETFL, unix.F_GETFD, unix.F_SETFD, unix.F_DUPFD_CLOEXEC} {
		test = append(test, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: command, SkipTrue: 1}, allow())
	}
	return test
}

func low(argument uint32) bpf.Instruction {
	return bpf.LoadAbsolute{Off: argumentsAt + 8*argument, Size: 4}
}

func high(argument uint32) bpf.Instruction {
	return bpf.LoadAbsolute{Off: argumentsAt + 8*argument + 4, Size: 4}
}

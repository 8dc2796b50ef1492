package isolate

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Supported tells that workers can be started here.
const Supported = true

// ourselves is the program that runs, even where its file was replaced since it was started.
func ourselves() (string, error) {
	const running = "/proc/self/exe"
	if _, err := os.Stat(running); err == nil {
		return running, nil
	}
	return os.Executable()
}

// apart puts the process into a group of its own, so that it can be ended with all that it started, and has the kernel
// end it when the thread that started it is gone. Go keeps its threads, but for those that end locked to a goroutine.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// behind lets everything else go first where processors are scarce. Where that is not possible, it is not.
func behind(pid int) { _ = unix.Setpriority(unix.PRIO_PROCESS, pid, 5) }

// endGroup ends the process and all of its group.
func endGroup(process *os.Process) { _ = syscall.Kill(-process.Pid, syscall.SIGKILL) }

// memoryOf is how much memory a process has for itself, in bytes; 0 where that cannot be told. Source: proc_pid_statm(5).
func memoryOf(pid int) uint64 {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(content))
	if len(fields) < 3 {
		return 0
	}
	resident, _ := strconv.ParseUint(fields[1], 10, 64)
	shared, _ := strconv.ParseUint(fields[2], 10, 64)
	return (resident - min(shared, resident)) * uint64(os.Getpagesize())
}

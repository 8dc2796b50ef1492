//go:build unix && !linux

package isolate

import (
	"os"
	"os/exec"
	"syscall"
)

// Supported tells that workers can be started here.
const Supported = true

func ourselves() (string, error) { return os.Executable() }

// apart puts the process into a group of its own, so that it can be ended with all that it started.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// behind lets everything else go first where processors are scarce. Where that is not possible, it is not.
func behind(pid int) { _ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, 5) }

// endGroup ends the process and all of its group.
func endGroup(process *os.Process) { _ = syscall.Kill(-process.Pid, syscall.SIGKILL) }

// memoryOf is 0: this system does not tell it without help.
func memoryOf(int) uint64 { return 0 }

//go:build !unix

package isolate

import (
	"os"
	"os/exec"
)

// Supported tells that workers can be started here: they are given descriptors, which this system cannot do.
const Supported = false

func ourselves() (string, error) { return os.Executable() }

func apart(*exec.Cmd) {}

func behind(int) {}

func endGroup(process *os.Process) { _ = process.Kill() }

func memoryOf(int) uint64 { return 0 }

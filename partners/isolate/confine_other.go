//go:build !linux || !(amd64 || arm64)

package isolate

import (
	"runtime"
	"runtime/debug"
)

// confine takes from this process what it can; the answer names what it cannot.
func confine(memory uint64) []string {
	debug.SetMemoryLimit(int64(memory))
	return ableTo()
}

// shed closes nothing: Go has closed all that is its own.
func shed() error { return nil }

// ableTo tells what a worker on this machine could not be kept from.
func ableTo() []string {
	return []string{"files, other hosts and other processes, because that is built for Linux on amd64 and arm64, and not for " +
		runtime.GOOS + " on " + runtime.GOARCH}
}

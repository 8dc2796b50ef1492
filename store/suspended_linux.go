package store

import (
	"time"

	"golang.org/x/sys/unix"
)

// suspended is for how long the machine was suspended since it was started (clock_gettime(2): CLOCK_BOOTTIME goes on
// meanwhile, CLOCK_MONOTONIC does not). It is no more than that where this process is held up between the two readings, and 0
// where the system does not say.
func suspended() time.Duration {
	var all, awake unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &all) != nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake) != nil {
		return 0
	}
	return max(time.Duration(all.Nano()-awake.Nano()), 0)
}

package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// By how many percent the memory in use may grow before it is looked through for what is not used any more, where $GOGC says
// nothing: as usual while little is in use, and half of that where it is much. With a thousand probes every ten seconds 100
// instead of 50 takes a seventh of the processor time and four megabytes more; with ten thousand it would take thirty.
const (
	garbageLeast = 50
	garbageMost  = 100
	garbageRoom  = 10 << 20 // bytes that may always come on top
)

// garbageFor is by how many percent so many bytes in use may grow.
func garbageFor(live uint64) int {
	return int(min(max(garbageRoom*100/max(live, 1), garbageLeast), garbageMost)) //nolint:gosec // at most garbageMost
}

const (
	// settled is how long after a start every probe has run once, and most of what was needed for that is needed no more.
	settled = 15 * time.Second
	// tidyEvery is how often it is looked at how much is in use.
	tidyEvery = time.Minute
)

// stayingSlim keeps the memory of the process small until ctx is done.
func stayingSlim(ctx context.Context) {
	own := os.Getenv("GOGC") != ""
	letGoOfStart()
	for wait := settled; ; wait = tidyEvery {
		if !own {
			debug.SetGCPercent(garbageFor(inUse()))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if wait == settled {
			debug.FreeOSMemory()
			letGoOfStart()
		}
	}
}

// inUse is how many bytes the last look through the memory found in use.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

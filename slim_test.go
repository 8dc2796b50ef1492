package main

import (
	"context"
	"math"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestGarbageFor(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 1: 100, 5 << 20: 100, 10 << 20: 100, 12_500_000: 83, 20 << 20: 50, 500 << 20: 50, math.MaxUint64: 50} {
		if got := garbageFor(live); got != want {
			t.Errorf("with %d bytes in use: %d, want %d", live, got, want)
		}
	}
	if inUse() == 0 {
		debug.FreeOSMemory()
		if inUse() == 0 {
			t.Error("nothing is in use")
		}
	}
}

// Staying slim goes on until it is told to stop, and leaves alone what $GOGC says.
func TestStayingSlim(t *testing.T) {
	t.Setenv("GOGC", "77")
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		began := time.Now()
		stayingSlim(ctx)
		if lasted := time.Since(began); lasted != 10*time.Minute {
			t.Errorf("it ended after %v", lasted)
		}
	})
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("it may grow by %d", got)
	}
}

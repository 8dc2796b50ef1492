//go:build !linux

package store

import "time"

// suspended is always 0: only Linux tells a sleep of the machine from a step of its clock.
func suspended() time.Duration { return 0 }

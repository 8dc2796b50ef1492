package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// How durations are put together to be counted: each step is 8 % longer than the one before, so that the middle of a
// step is no more than 4 % from whatever fell into it. The last step begins beyond a day; what is longer counts there.
const (
	spreadGrowth = 1.08
	spreadSteps  = 330
)

// spread counts durations by their step, the step of one microsecond first. It is exact to 4 %, and two of them add up.
type spread []uint64

// stepOf is the step that a duration falls into.
func stepOf(d time.Duration) int {
	us := float64(d) / float64(time.Microsecond)
	if us <= 1 {
		return 0
	}
	return min(int(math.Ceil(math.Log(us)/math.Log(spreadGrowth))), spreadSteps-1)
}

// middle is the duration that stands for all of a step.
func middle(step int) time.Duration {
	us := math.Pow(spreadGrowth, float64(step)) * 2 / (1 + spreadGrowth)
	return time.Duration(us * float64(time.Microsecond))
}

func (s *spread) count(step int, times uint64) {
	if missing := step + 1 - len(*s); missing > 0 {
		*s = append(*s, make(spread, missing)...)
	}
	(*s)[step] += times
}

func (s *spread) add(d time.Duration) { s.count(stepOf(d), 1) }

// encode is the spread as pairs of numbers: how many steps further, and how many durations there. An empty spread is
// empty.
func (s spread) encode() []byte {
	encoded := []byte{}
	last := -1
	for step, times := range s {
		if times == 0 {
			continue
		}
		encoded = binary.AppendUvarint(encoded, uint64(step-last-1))
		encoded = binary.AppendUvarint(encoded, times)
		last = step
	}
	return encoded
}

var errSpread = errors.New("the durations cannot be read")

// merge adds what encode made of another spread. After an error the spread is worth nothing.
func (s *spread) merge(encoded []byte) error {
	step := -1
	for rest := encoded; len(rest) > 0; {
		further, n := binary.Uvarint(rest)
		if n <= 0 || further >= spreadSteps {
			return fmt.Errorf("%w: a step at byte %d", errSpread, len(encoded)-len(rest))
		}
		rest = rest[n:]
		times, n := binary.Uvarint(rest)
		step += int(further) + 1
		if n <= 0 || times == 0 || times > math.MaxInt32 || step >= spreadSteps {
			return fmt.Errorf("%w: a count at byte %d", errSpread, len(encoded)-len(rest))
		}
		rest = rest[n:]
		s.count(step, times)
	}
	return nil
}

// percentile is the duration that the given share of all durations, 0 to 1, does not exceed; zero of an empty spread.
func (s spread) percentile(share float64) time.Duration {
	var all uint64
	for _, times := range s {
		all += times
	}
	rank := max(uint64(math.Ceil(share*float64(all))), 1)
	var seen uint64
	for step, times := range s {
		if seen += times; seen >= rank {
			return middle(step)
		}
	}
	return 0
}

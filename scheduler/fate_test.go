package scheduler

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestAnErrorSaysWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		err   error
		fate  fate
		delay time.Duration
	}{
		{errors.New("connection reset"), fateUnknown, 0},
		{fail{}, fateUnknown, 0},
		{fail{notSent: true}, fateNot, 0},
		{fail{refused: true}, fateNot, 0},
		{fail{after: time.Minute}, fateNot, time.Minute},
		{fail{after: -time.Minute}, fateUnknown, 0},
		{fail{after: 1 << 62}, fateNot, 24 * time.Hour},
		{fail{permanent: true, after: time.Minute, refused: true}, fatePermanent, 0},
		{fmt.Errorf("post: %w", errors.Join(errors.New("x"), fail{refused: true})), fateNot, 0},
		{unrouted{"x"}, fatePermanent, 0},
		{panicked{"x"}, fateUnknown, 0},
	} {
		if got, delay := judge(c.err); got != c.fate || delay != c.delay {
			t.Errorf("%v: fate %d and delay %v, want %d and %v", c.err, got, delay, c.fate, c.delay)
		}
	}
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	for attempts, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 10: 512 * time.Second, 11: 15 * time.Minute,
		1 << 40: 15 * time.Minute,
	} {
		if got := backoff(attempts, 0); got != want {
			t.Errorf("after %d attempts: %v, want %v", attempts, got, want)
		}
		if got := backoff(attempts, 0.999); got < want/2 || got >= want {
			t.Errorf("after %d attempts with chance: %v, want more than half of %v", attempts, got, want)
		}
	}
}

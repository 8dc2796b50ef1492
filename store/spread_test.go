package store

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func spreadOf(all ...time.Duration) spread {
	var s spread
	for _, d := range all {
		s.add(d)
	}
	return s
}

// exact is the percentile by its definition: the nearest rank.
func exact(all []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[max(int(math.Ceil(share*float64(len(sorted)))), 1)-1]
}

func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if off := math.Abs(float64(got-want)) / float64(want); off > 0.04 {
		t.Errorf("%s is %v, want %v within 4 %% (it is %.1f %% off)", what, got, want, 100*off)
	}
}

func TestPercentilesAreExactToFourPercent(t *testing.T) {
	chance := rand.New(rand.NewPCG(2026, 11))
	for _, size := range []int{1, 2, 12, 1000} {
		for _, typical := range []time.Duration{50 * time.Microsecond, time.Millisecond, 300 * time.Millisecond, 20 * time.Second, time.Hour} {
			var all []time.Duration
			for range size {
				all = append(all, time.Duration(float64(typical)*math.Exp(chance.NormFloat64()/2)))
			}
			for _, share := range []float64{0, 0.5, 0.95, 0.99, 1} {
				near(t, "a percentile", spreadOf(all...).percentile(share), exact(all, share))
			}
		}
	}
}

func TestDurationsBeyondTheStepsCountAtTheEnds(t *testing.T) {
	if got := (spread{}).percentile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
	for _, d := range []time.Duration{-time.Second, 0, 1, time.Microsecond} {
		if got := spreadOf(d).percentile(1); got > 2*time.Microsecond {
			t.Errorf("%v became %v", d, got)
		}
	}
	near(t, "a day", spreadOf(24*time.Hour).percentile(0.5), 24*time.Hour)
	if got := spreadOf(math.MaxInt64).percentile(0.5); got < 24*time.Hour {
		t.Errorf("the longest became %v", got)
	}
}

func TestSpreadsAddUp(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 4))
	var all []time.Duration
	var merged spread
	for range 50 {
		var part spread
		for range chance.IntN(20) {
			d := time.Duration(chance.Int64N(int64(time.Minute)))
			part.add(d)
			all = append(all, d)
		}
		must(t, merged.merge(part.encode()))
	}
	if whole := spreadOf(all...); !bytes.Equal(whole.encode(), merged.encode()) {
		t.Errorf("the parts make\n%v, the whole is\n%v", merged, whole)
	}
}

func TestAnHourOfAProbeIsSmall(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 6))
	var s spread
	for range 12 { // every five minutes
		s.add(time.Duration(float64(250*time.Millisecond) * math.Exp(chance.NormFloat64()/3)))
	}
	if size := len(s.encode()); size > 26 {
		t.Errorf("%d bytes for 12 durations", size)
	}
}

func FuzzSpreadDurations(f *testing.F) {
	f.Add(int64(1), int64(1000), int64(300_000_000), int64(-4))
	f.Fuzz(func(t *testing.T, a, b, c, d int64) {
		s := spreadOf(time.Duration(a), time.Duration(b), time.Duration(c), time.Duration(d))
		var back spread
		must(t, back.merge(s.encode()))
		if !slices.Equal(s, back) {
			t.Errorf("%v came back as %v", s, back)
		}
		last := time.Duration(0)
		for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
			p := s.percentile(share)
			if p < last {
				t.Errorf("the %v percentile %v is less than the one before, %v", share, p, last)
			}
			last = p
		}
	})
}

func FuzzSpreadMerge(f *testing.F) {
	for _, seed := range [][]byte{nil, {0, 1}, {5, 0}, {200, 2, 1, 200, 2, 1}, {1}, bytes.Repeat([]byte{0xff}, 11)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		var s spread
		if s.merge(encoded) != nil {
			return
		}
		var again spread
		if err := again.merge(s.encode()); err != nil || !slices.Equal(s, again) {
			t.Errorf("%x was read as %v, which came back as %v: %v", encoded, s, again, err)
		}
		if len(s) > spreadSteps {
			t.Errorf("%d steps", len(s))
		}
	})
}

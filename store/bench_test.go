package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sparky/scheduler"
)

func benchBoth(b *testing.B, run func(b *testing.B, s *Store)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, mustOpen(b, "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), nil))
	})
	b.Run("postgres", func(b *testing.B) { run(b, mustOpen(b, postgresURL(b), nil)) })
}

// BenchmarkRecord is one effect a transaction.
func BenchmarkRecord(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		for i := 0; b.Loop(); i++ {
			must(b, s.Record(b.Context(), deed(fmt.Sprint(i))))
		}
	})
}

// BenchmarkClaimAndFinish claims fifty at a time and finishes each in a transaction of its own.
func BenchmarkClaimAndFinish(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		var claimed []scheduler.Effect
		for i := 0; b.Loop(); i++ {
			if len(claimed) == 0 {
				b.StopTimer()
				for j := range 50 {
					must(b, s.Record(b.Context(), deed(fmt.Sprint(i, j))))
				}
				b.StartTimer()
				claimed = claim(b, s, "deed", 50)
			}
			finish(b, s, claimed[0], scheduler.Outcome{Done: true})
			claimed = claimed[1:]
		}
	})
}

// told is a performer that says when it was asked to do something.
type told chan time.Time

func (c told) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	c <- time.Now()
	return nil, nil
}

func (c told) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// BenchmarkRecordToStart is how long a recorded effect waits, with nothing else to do, until it is carried out.
func BenchmarkRecordToStart(b *testing.B) {
	benchBoth(b, func(b *testing.B, s *Store) {
		started := make(told)
		d := scheduler.NewDispatcher(s, map[string]scheduler.Route{"deed": {Performer: started}}, scheduler.Options{Woken: s.Recorded()})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		var waited time.Duration
		for i := 0; b.Loop(); i++ {
			must(b, s.Record(b.Context(), deed(fmt.Sprint(i))))
			recorded := time.Now()
			waited += (<-started).Sub(recorded)
		}
		b.ReportMetric(float64(waited.Microseconds())/float64(b.N), "µs-to-start")
		cancel()
		must(b, <-ended)
	})
}

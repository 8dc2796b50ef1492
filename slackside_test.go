package main

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// askedQueue counts how often it is asked what is due.
type askedQueue struct {
	*store.Store
	asked int
}

func (q *askedQueue) Due(ctx context.Context) (map[string]time.Duration, error) {
	q.asked++
	return q.Store.Due(ctx)
}

// toldAt notes when it carried out an effect.
type toldAt struct{ at chan time.Time }

func (t toldAt) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	t.at <- time.Now()
	return []byte("{}"), nil
}

func (toldAt) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// TestTheQueueIsLeftAloneWhileNothingIsInIt holds that a Sparky without others asks it seldom, and carries out what is recorded at
// once all the same.
func TestTheQueueIsLeftAloneWhileNothingIsInIt(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "sparky.db"), store.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer memory.Close()
		queue, told := &askedQueue{Store: memory}, toldAt{make(chan time.Time, 1)}
		dispatcher := scheduler.NewDispatcher(queue, map[string]scheduler.Route{"deed": {Performer: told}},
			scheduler.Options{Woken: memory.Recorded(), Poll: effectsPoll(memory.Alone())})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- dispatcher.Run(ctx) }()
		<-time.After(time.Minute)
		if queue.asked > 13 {
			t.Errorf("it was asked %d times in a minute", queue.asked)
		}
		recorded := time.Now()
		if err := memory.Record(ctx, incidents.NewEffect("deed", "one", struct{}{})); err != nil {
			t.Fatal(err)
		}
		if late := (<-told.at).Sub(recorded); late > 0 {
			t.Errorf("it was carried out %v later", late)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

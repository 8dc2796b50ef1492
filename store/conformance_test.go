package store

import (
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// day is the moment at which most tests begin.
var day = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// watch is a clock that stands until it is moved.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) forward(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// bench is one database under test, with a clock to move.
type bench struct {
	*Store
	url    string
	clock  *watch
	shared bool
}

// onBoth runs a test against each database, each time an empty one.
func onBoth(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "sparky.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, newBench(t, postgresURL(t)))
	})
}

func newBench(t *testing.T, url string) bench {
	t.Helper()
	clock := &watch{now: day}
	b := bench{Store: mustOpen(t, url, clock), url: url, clock: clock}
	b.shared = b.dialect.shared
	return b
}

func mustOpen(t testing.TB, url string, clock *watch) *Store {
	t.Helper()
	var opts Options
	if clock != nil {
		opts.Now = clock.Now
	}
	s, err := Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reopened is the same database after this process let go of it.
func (b bench) reopened(t *testing.T) bench {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b.Store = mustOpen(t, b.url, b.clock)
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

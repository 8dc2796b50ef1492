package changes

import (
	"errors"
	"testing"
	"time"

	"sparky/partners"
)

func TestAnItemThatIsListedTwiceIsToldOnce(t *testing.T) {
	w := watch(t)
	twice := partners.Change{Key: "2", Title: "A beta of the Table API", Hash: "same"}
	w.sources[feedA] = lists(twice, twice)
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 1 {
		t.Errorf("told %v", titles(digests))
	}
	if digests, _ := w.poll(); len(digests) != 0 {
		t.Errorf("told again %v", titles(digests))
	}
}

// Two replicas poll at once, and the partner publishes between their readings: what both saw is told by one of them.
func TestAPollThatAnotherOvertookTellsNothing(t *testing.T) {
	w := watch(t)
	slow := change("2", "Seen by both", "")
	w.sources[feedA] = func(partners.Validators) (partners.Reading, error) {
		fast := *w
		fast.sources = sources{feedA: lists(slow, change("3", "Seen by the other alone", "")), feedB: w.sources[feedB]}
		if digests, _ := fast.poll(); len(digests) != 1 || digests[0].Total() != 2 {
			t.Errorf("the other told %v", titles(digests))
		}
		return lists(slow)(partners.Validators{})
	}
	watcher := Watcher{Reader: w.sources, Memory: w.memory, Now: func() time.Time { return w.now.Add(time.Minute) }}
	if _, err := watcher.Poll(t.Context(), acme()); !errors.Is(err, ErrOvertaken) {
		t.Errorf("the poll that came second: %v", err)
	}
	if n := len(w.memory.effects); n != 1 {
		t.Errorf("%d digests", n)
	}
	w.sources[feedA] = lists(slow, change("3", "Seen by the other alone", ""), change("4", "Later", ""))
	if digests, _ := w.poll(); len(digests) != 1 || digests[0].Total() != 1 {
		t.Errorf("told afterwards %v", titles(digests))
	}
}

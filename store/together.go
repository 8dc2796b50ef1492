package store

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// together has what several callers ask for at about the same time done by the first of them, for all. It has no goroutine
// of its own. The zero value is ready, and safe for concurrent use.
type together[K comparable, A any] struct {
	most int // that is done at once, beyond which who comes begins another party; 0 for no bound

	mu      sync.Mutex
	waiting map[K]*party[A] // that others may still join
}

// party are those for whom something is done at once.
type party[A any] struct {
	asked   []A // by all, in the order in which they came
	callers int
	hurried bool
	hurry   chan struct{} // closed when nobody else is to be waited for
	done    chan struct{} // closed when err says how it went
	err     error
}

// errAlone says that what was to be done for several was not: what was wrong may be another's, so that each does it alone.
var errAlone = errors.New("not done with others")

// join adds what a caller asks for, at least one thing, to what waits under a key, and tells how much was there before: who
// finds nothing is the first, and must lead.
func (t *together[K, A]) join(key K, asked ...A) (p *party[A], before int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p = t.waiting[key]; p == nil || t.most > 0 && len(p.asked) >= t.most {
		if t.waiting == nil {
			t.waiting = map[K]*party[A]{}
		}
		p = &party[A]{hurry: make(chan struct{}), done: make(chan struct{})}
		t.waiting[key] = p
	}
	before = len(p.asked)
	p.asked = append(p.asked, asked...)
	p.callers++
	return p, before
}

// rush tells who leads to wait for nobody else.
func (t *together[K, A]) rush(p *party[A]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !p.hurried {
		p.hurried = true
		close(p.hurry)
	}
}

// leave withdraws the one thing that a caller who does not lead has asked for, unless its turn has come.
func (t *together[K, A]) leave(key K, p *party[A], mine func(A) bool) (left bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(p.asked, mine)
	if t.waiting[key] != p || at < 0 {
		return false
	}
	p.asked = slices.Delete(p.asked, at, at+1)
	p.callers--
	return true
}

// take is all that was asked for. Who comes later is of another party.
func (t *together[K, A]) take(key K, p *party[A]) []A {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting[key] == p {
		delete(t.waiting, key)
	}
	return p.asked
}

// lead does what a party asks for. do calls take when its turn has come: until then others may join. What goes wrong is
// returned where only the caller asked, and is errAlone for each of several.
func (t *together[K, A]) lead(key K, p *party[A], do func(take func() []A) error) error {
	p.err = errAlone // where do panics, which the others must not wait for
	defer func() {
		t.take(key, p) // where its turn never came
		close(p.done)
	}()
	err := do(func() []A { return t.take(key, p) })
	t.take(key, p)
	if err != nil && p.callers > 1 {
		err = errAlone
	}
	p.err = err
	return err
}

// await waits for who leads, and tells how it went; or for ctx, where that is done first.
func (p *party[A]) await(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

package scheduler

import (
	"context"
	"errors"
	"time"
)

// TakeUp keeps a place for an urgent effect that is about to be recorded under a claim of this process, so that it need not be
// looked for and claimed afterwards, and says for how long it is to be claimed. It is false where no place is free: the effect
// is to be recorded as due. After true, HandOver or PutBack follows, once.
func (d *Dispatcher) TakeUp(kind, key string) (hold time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	route, known := d.routes[kind]
	route = route.withDefaults()
	if !known || !route.Urgent || !d.taking || d.running[kind][key] != nil || len(d.running[kind]) >= route.Concurrency {
		return 0, false
	}
	d.note(kind, key)
	d.group.Add(1)
	return d.hold(route), true
}

// HandOver carries out an effect that was taken up and is recorded now. began is a moment not later than its claim.
func (d *Dispatcher) HandOver(effect Effect, began time.Time) {
	route := d.routes[effect.Kind].withDefaults()
	go func() {
		defer d.putDown(effect)
		d.finish(d.work, effect, d.carryOut(d.work, effect, route, began), began.Add(d.hold(route)))
	}()
}

// PutBack gives up the place of an effect that was taken up. One whose Claim is 0 was not recorded. Of another it is not
// known: where it was recorded it is due at once.
func (d *Dispatcher) PutBack(effect Effect, began time.Time) {
	if effect.Claim == 0 {
		d.putDown(effect)
		return
	}
	until := began.Add(d.hold(d.routes[effect.Kind].withDefaults()))
	go func() {
		defer d.putDown(effect)
		for d.work.Err() == nil && time.Now().Before(until) {
			if err := d.finishOnce(d.work, effect, Outcome{}); err == nil || errors.Is(err, ErrClaimLost) {
				return
			}
			pause(d.work, finishEvery)
		}
	}()
}

// putDown ends what TakeUp began.
func (d *Dispatcher) putDown(effect Effect) {
	d.end(effect)
	d.Wake()
	d.group.Done()
}

// open lets effects be taken up, to be carried out within work.
func (d *Dispatcher) open(work context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.work, d.taking = work, true
}

// shut lets none be taken up any more.
func (d *Dispatcher) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taking = false
}

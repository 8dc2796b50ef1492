package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/scheduler"
)

// TestEveryWindowOfAnEffect loses every other attempt at every effect of two outages, in each of the windows in which a
// kill or a failing database can cut it off. What is seen after a kill in each window, and who repairs it:
//
//	window                            after it                                  repaired by
//	failing answer -> Probed          nothing is known                          the next run of the probe, which fails too; an outage that
//	                                                                            no run saw to its record is none
//	Probed -> SaveResults             the incident with its card and ticket     Sweep gives the verdict within 5 s; one result is missing
//	                                  recorded, without verdict and result      in the history, and no more
//	SaveResults -> Triage, and in it  the same, with the result                 Sweep: a verdict is given by whoever comes first
//	Triage -> claim                   verdict and effects, all or none          the dispatcher, at the start
//	claim -> Do                       an attempt that may have happened         Settle, then Find: not there, so Do. PagerDuty cannot be
//	                                                                            searched, so Find says “perhaps” and Do sends what is
//	                                                                            wanted by then under the same dedup_key
//	in Do: done, no answer            the same                                  Settle, then Find: found, Landed, and drawn anew in place
//	Do -> Landed                      the same; the dispatcher is told of an    the same, for landing wraps Find too: the incident learns
//	                                  error after Do has succeeded              its ticket from what Find found
//	Landed -> Finish                  the incident knows, the queue does not    the same; Landed a second time changes nothing
//	a picture that was drawn before,  what stands there, old or new             Settle, then Do in place: it looks before it writes (Jira,
//	in any of these                                                             Statuspage) or writes the same (Slack, PagerDuty)
//	the ticket unknown, comments due  no comment is recorded before the         the Landed that brings the key records all of them; so with
//	                                  incident knows its ticket                 the card and its thread
//	the ticket unknown, then over     the picture is recorded anew              Find, then Do: an issue that is there is closed; one that
//	                                                                            is not is opened and closed, for the record
//	the post unknown, then over       the same                                  Find, then Do: what stands there is resolved, and nothing
//	                                                                            is begun of which only the end could be told
//	the page unknown, then over       the same                                  Do sends the end, which PagerDuty ignores where nothing is
//	                                                                            open: nobody is called for what is over
//	reopened, the end still due       one picture, of the state by then         Do: a ticket that was not closed yet stays open; a page has
//	                                                                            a key for each outage, and the older one is ended
//	PostgreSQL, one of two dies       its claims run out after the route's      the other one, as above: Age counts from the start of the
//	                                  timeout and fifteen seconds               attempt, so nothing is repeated within Settle
//	PostgreSQL, one of two is slow    its claim has run out and is another's    its Finish is refused (ErrClaimLost) and changes nothing;
//	                                                                            its Landed told the truth all the same
//
// What stays undecidable: a person resolves a page in PagerDuty while the trigger's answer is lost, and the trigger is sent
// once more, which calls again; Jira's search shows an issue later than Settle allows for; and an incident that ended more
// than a day before its office is back learns of its ticket no more, which is closed all the same, without comments.
func TestEveryWindowOfAnEffect(t *testing.T) {
	for name, w := range map[string]window{
		"claimed, and nothing done":          {},
		"done, and not landed":               {done: true},
		"landed, and not finished":           {done: true, landed: true},
		"found, and that not landed":         {done: true, finds: true},
		"done, and nothing until it is over": {done: true, throughout: true},
		"nothing done until it is over":      {throughout: true},
	} {
		for when, reopenWithin := range map[string]time.Duration{", incidents of their own": time.Minute, ", one incident reopened": time.Hour} {
			t.Run(name+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { throughWindow(t, w, reopenWithin) })
			})
		}
	}
}

// throughWindow lives through two outages in which attempts are cut off.
func throughWindow(t *testing.T, w window, reopenWithin time.Duration) {
	t.Helper()
	failing, cut := &atomic.Bool{}, []*cutOff{}
	h := newHour(t, reopenWithin, func(routes map[string]scheduler.Route) {
		for kind, route := range routes {
			c := &cutOff{Performer: route.Performer, window: w, failing: failing}
			route.Performer, cut = c, append(cut, c)
			routes[kind] = route
		}
	})
	h.works(5 * time.Minute)
	for range 2 {
		failing.Store(true)
		h.fails(15 * time.Minute)
		failing.Store(false)
		h.works(20 * time.Minute)
	}
	h.judge()
	lost := 0
	for _, c := range cut {
		lost += c.lost
	}
	if lost < 20 {
		t.Errorf("%d attempts were cut off, which proves little", lost)
	}
	// Nobody has to be called for what PagerDuty heard of only when it was nearly over.
	if called := len(h.world.Pager.Alerts()); called > 2 || called < 2 && (w.done || !w.throughout) {
		t.Errorf("on-call was called %d times in two outages", called)
	}
	t.Logf("%d attempts cut off", lost)
}

// window is where an attempt is cut off.
type window struct {
	done       bool // what is lost is done all the same
	landed     bool // and the incident learns of it
	finds      bool // look-ups are cut off too
	throughout bool // all attempts are, as long as something fails; otherwise it is every other one
}

// cutOff loses attempts at an effect.
type cutOff struct {
	scheduler.Performer
	window
	failing *atomic.Bool

	mu    sync.Mutex
	tries map[string]int
	lost  int
}

var errCutOff = errors.New("cut off")

func (c *cutOff) cut(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tries == nil {
		c.tries = map[string]int{}
	}
	c.tries[key]++
	if c.throughout && !c.failing.Load() || !c.throughout && c.tries[key]%2 == 0 {
		return false
	}
	c.lost++
	return true
}

// part is as much of the performer as an attempt that is cut off comes to.
func (c *cutOff) part() scheduler.Performer {
	switch l := c.Performer.(type) {
	case landing:
		if !c.landed {
			return l.Performer
		}
	case dispatching:
		if !c.landed {
			return l.Dispatches
		}
	}
	return c.Performer
}

// Do carries out the effect, or a part of it.
func (c *cutOff) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	if !c.cut(key) {
		return c.Performer.Do(ctx, key, payload, previous)
	}
	if c.done {
		if _, err := c.part().Do(ctx, key, payload, previous); err != nil {
			return nil, err
		}
	}
	return nil, errCutOff
}

// Find looks for it, or finds it and does not come to tell.
func (c *cutOff) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	if !c.finds || !c.cut("find "+key) {
		return c.Performer.Find(ctx, key, payload)
	}
	if _, _, err := c.part().Find(ctx, key, payload); err != nil {
		return nil, false, err
	}
	return nil, false, errCutOff
}

package main

import (
	"context"
	"errors"
	"sync"
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
	for name, cut := range map[string]func(inner, landed scheduler.Performer) scheduler.Performer{
		"claimed, and nothing done": func(_, landed scheduler.Performer) scheduler.Performer {
			return &cutOff{Performer: landed, before: true}
		},
		"done, and not landed": func(inner, landed scheduler.Performer) scheduler.Performer {
			return &cutOff{Performer: landed, first: inner}
		},
		"landed, and not finished": func(_, landed scheduler.Performer) scheduler.Performer {
			return &cutOff{Performer: landed, first: landed}
		},
		"found, and that not landed": func(inner, landed scheduler.Performer) scheduler.Performer {
			return &cutOff{Performer: landed, first: inner, finds: true}
		},
	} {
		for when, reopenWithin := range map[string]time.Duration{", incidents of their own": time.Minute, ", one incident reopened": time.Hour} {
			t.Run(name+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var all []*cutOff
					h := newHour(t, reopenWithin, func(routes map[string]scheduler.Route) {
						for kind, route := range routes {
							inner := route.Performer
							if l, ok := inner.(landing); ok {
								inner = l.Performer
							}
							route.Performer = cut(inner, route.Performer)
							all = append(all, route.Performer.(*cutOff))
							routes[kind] = route
						}
					})
					h.works(5 * time.Minute)
					for range 2 {
						h.fails(15 * time.Minute)
						h.works(10 * time.Minute)
					}
					h.judge()
					lost := 0
					for _, c := range all {
						lost += c.lost
					}
					if lost < 20 {
						t.Errorf("%d attempts were cut off, which proves little", lost)
					}
					if called := len(h.world.Pager.Alerts()); called != 2 {
						t.Errorf("on-call was called %d times in two outages", called)
					}
					t.Logf("%d attempts cut off", lost)
				})
			})
		}
	}
}

// cutOff loses every other attempt at an effect.
type cutOff struct {
	scheduler.Performer
	before bool                // nothing of it is done
	first  scheduler.Performer // or this much of it
	finds  bool                // look-ups are cut off too

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
	if c.tries[key]%2 == 0 {
		return false
	}
	c.lost++
	return true
}

// Do carries out the effect, or a part of it.
func (c *cutOff) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	switch {
	case !c.cut(key):
		return c.Performer.Do(ctx, key, payload, previous)
	case !c.before:
		if _, err := c.first.Do(ctx, key, payload, previous); err != nil {
			return nil, err
		}
	}
	return nil, errCutOff
}

// Find looks for it, or finds it and does not come to tell.
func (c *cutOff) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	if c.finds && c.cut("find "+key) {
		if _, _, err := c.first.Find(ctx, key, payload); err != nil {
			return nil, false, err
		}
		return nil, false, errCutOff
	}
	return c.Performer.Find(ctx, key, payload)
}

package main

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/scheduler"
)

// TestEveryWindowOfARun loses every other attempt at everything that comes of two betas, or all of them for a quarter of an
// hour, in each of the windows in which a kill or a failing database can cut it off: the digest, the dispatch, the run's
// message, the verdict's way to the incidents, the P2 and its story. What is seen after it, and who repairs it:
//
//	window                          after it                                     repaired by
//	read -> RecordPoll              nothing is known                             the next poll; entry, digest and run are kept together
//	RecordPoll -> claim             the run with its message and dispatch due    the dispatcher, at the start
//	claim -> Do, in Do              a dispatch that may have happened            Settle, then Find by the request id in the run's name: not
//	                                                                             there, so Do
//	Do -> Dispatched                GitHub has it, the run does not know         the same: found, and Dispatched; Follow leaves it alone
//	                                                                             until then
//	Dispatched -> Finish            the run knows, the queue does not            the same; Dispatched a second time changes nothing
//	in Follow                       the run as it was                            the next look; what a look saw lasts no longer than it
//	verdict -> DecideRuns           the same                                     the same; verdict, message, trial and a second run are one
//	                                                                             transaction, and another replica that was first is seen there
//	DecideRuns -> trial             the verdict, no incident                     the dispatcher; Tried a second time changes nothing
//	trial -> ticket, comment        the incident                                 as for every incident: see TestEveryWindowOfAnEffect
//
// What stays undecidable: a dispatch whose answer is lost, to a workflow whose run-name does not hold the request id, at a
// server that does not tell the run, is sent once more.
func TestEveryWindowOfARun(t *testing.T) {
	for name, w := range map[string]window{
		"claimed, and nothing done":          {},
		"done, and not told to the run":      {done: true},
		"told, and not finished":             {done: true, landed: true},
		"found, and that not told":           {done: true, finds: true},
		"done, and nothing until it is over": {done: true, throughout: true},
		"nothing done until it is over":      {throughout: true},
	} {
		for server, older := range map[string]int{"": 0, ", an older server": 422} {
			t.Run(name+server, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { runsThroughWindow(t, w, older) })
			})
		}
	}
}

// runsThroughWindow has two betas tried while attempts are cut off.
func runsThroughWindow(t *testing.T, w window, older int) {
	t.Helper()
	failing, cut := &atomic.Bool{}, map[string]*cutOff{}
	b := newBetas(t, hourOptions{between: func(routes map[string]scheduler.Route) {
		for kind, route := range routes {
			cut[kind] = &cutOff{Performer: route.Performer, window: w, failing: failing}
			route.Performer = cut[kind]
			routes[kind] = route
		}
	}})
	if older != 0 {
		b.excuse("github 422")
		b.world.Actions.SetOlder(older)
	}
	failing.Store(true)
	b.announced()
	b.lives(15 * time.Minute)
	failing.Store(false)
	b.until(90 * time.Minute)
	for _, kind := range []string{changes.EffectDigest, changes.EffectDispatch, changes.EffectTrial, incidents.EffectRun, incidents.EffectTicket, incidents.EffectThread} {
		if cut[kind].lost == 0 && !(w.throughout && kind != changes.EffectDigest && kind != changes.EffectDispatch && kind != incidents.EffectRun) {
			t.Errorf("no attempt at %s was cut off, which proves nothing", kind)
		}
	}
	b.judged(map[string]int{breaking: 1, harmless: 1})
}

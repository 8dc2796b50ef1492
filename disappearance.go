package main

import (
	"maps"
	"sync"
	"time"

	"sparky/partners"
)

// disappearances remember since when something that a verdict rests on is no more on the partner's page. Most pages drop
// what is over from the document that is read, so that its end stands nowhere.
type disappearances struct {
	mu   sync.Mutex
	seen map[string]time.Time // what, and when it was first missed
}

// rememberGone is how long that is remembered: far longer than it counts for anything.
const rememberGone = 24 * time.Hour

// ago is how long ago what a verdict rests on was over by a reading of what of the page concerns us: by the end that the
// page gives, else since it was first missed there. It is zero while the page tells of trouble, or cannot be read.
func (d *disappearances) ago(partner, id string, page partners.Status, now time.Time) time.Duration {
	for _, i := range page.Incidents {
		if i.ID == id && i.Resolved && !i.Ended.IsZero() {
			return now.Sub(i.Ended)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := partner + "/" + id
	switch page.Level {
	case partners.Unknown, "":
		return 0
	case partners.Operational:
	default:
		delete(d.seen, key)
		return 0
	}
	maps.DeleteFunc(d.seen, func(_ string, at time.Time) bool { return now.Sub(at) > rememberGone })
	if _, missed := d.seen[key]; !missed {
		if d.seen == nil {
			d.seen = map[string]time.Time{}
		}
		d.seen[key] = now
	}
	return max(now.Sub(d.seen[key]), time.Nanosecond)
}

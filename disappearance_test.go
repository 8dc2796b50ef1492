package main

import (
	"testing"
	"time"

	"sparky/partners"
)

func TestWhatIsGoneFromAPageIsOver(t *testing.T) {
	var d disappearances
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	open := []partners.PageIncident{{ID: "i", Level: partners.Degraded}}
	for n, c := range []struct {
		after  time.Duration
		id     string
		status partners.Status
		want   time.Duration
	}{
		{0, "i", partners.Status{Level: partners.Degraded, Incidents: open}, 0},
		{time.Minute, "i", partners.Status{Level: partners.Operational}, time.Nanosecond},
		{3 * time.Minute, "i", partners.Status{Level: partners.Operational}, 3 * time.Minute},
		{time.Minute, "i", partners.Status{Level: partners.Unknown}, 0},
		{time.Minute, "i", partners.Status{Level: partners.Operational}, 5 * time.Minute},
		{time.Minute, "other", partners.Status{Level: partners.Operational}, time.Nanosecond},
		{time.Minute, "i", partners.Status{Level: partners.Degraded, Incidents: open}, 0},
		{time.Minute, "i", partners.Status{Level: partners.Operational}, time.Nanosecond},
		{25 * time.Hour, "late", partners.Status{Level: partners.Operational}, time.Nanosecond},
	} {
		now = now.Add(c.after)
		if got := d.ago("okta", c.id, c.status, now); got != c.want {
			t.Errorf("%d: %v, want %v", n, got, c.want)
		}
	}
	if len(d.seen) != 1 {
		t.Errorf("it remembers %v", d.seen)
	}
	ended := partners.Status{Level: partners.Operational, Incidents: []partners.PageIncident{{ID: "i", Resolved: true, Ended: now.Add(-time.Hour)}}}
	if got := d.ago("okta", "i", ended, now); got != time.Hour {
		t.Errorf("by the page's own word it is over for %v", got)
	}
}

package incidents

import (
	"context"
	"slices"
	"testing"
	"time"

	"sparky/partners"
)

// sweepCount is a memory that counts how often it was asked to decide on all partners.
type sweepCount struct {
	*memory
	sweeps int
}

func (c *sweepCount) Decide(ctx context.Context, partner string, decide func(*Ledger) ([]Effect, error)) error {
	if partner == "" {
		c.sweeps++
	}
	return c.memory.Decide(ctx, partner, decide)
}

// alone is the desktop of a desk that nobody else decides beside.
func alone(t *testing.T) (*desktop, *sweepCount) {
	t.Helper()
	d := newDesktop(t)
	c := &sweepCount{memory: d.memory}
	options := d.desk.Options
	options.Memory, options.Rules.Alone, options.Rules.Remind = c, true, []time.Duration{10 * time.Minute}
	d.desk = NewDesk(options)
	return d, c
}

// sweepsIn is how many of the sweeps of that time, each five seconds after the one before, asked the memory.
func (d *desktop) sweepsIn(c *sweepCount, span time.Duration) int {
	d.Helper()
	before := c.sweeps
	for range span / (5 * time.Second) {
		d.later(5 * time.Second)
		d.sweep()
	}
	return c.sweeps - before
}

func TestASweepRestsWhileTimeBringsAboutNothing(t *testing.T) {
	d, c := alone(t)
	if got := d.sweepsIn(c, 10*time.Minute); got > 11 {
		t.Errorf("nothing fails, and %d sweeps in ten minutes looked at it", got)
	}
	d.passes("snow/create")
	if got := d.sweepsIn(c, 30*time.Second); got > 1 {
		t.Errorf("a probe that passes is followed by %d sweeps", got)
	}
	d.fails("snow/create")
	if got := d.sweepsIn(c, time.Minute); got != 12 {
		t.Errorf("its verdict may change, and %d of 12 sweeps looked", got)
	}
	d.later(50 * time.Minute)
	if got := d.sweepsIn(c, 10*time.Minute); got > 11 {
		t.Errorf("it is the same for ever, and %d sweeps in ten minutes looked at it", got)
	}
	d.fails("snow/read")
	if d.sweepsIn(c, 5*time.Second) != 1 {
		t.Error("something failed, and the next sweep does not look")
	}
}

func TestASweepThatOthersDecideBesideNeverRests(t *testing.T) {
	d, c := alone(t)
	options := d.desk.Options
	options.Rules.Alone = false
	d.desk = NewDesk(options)
	if got := d.sweepsIn(c, time.Minute); got != 12 {
		t.Errorf("%d of 12 sweeps looked", got)
	}
}

// TestARestEndsInTime holds that a desk that rests does what one that never rests does, and at the same sweep.
func TestARestEndsInTime(t *testing.T) {
	for name, story := range map[string]func(d *desktop){
		"a call that nobody takes": func(d *desktop) { d.fails("snow/create") },
		"a mute that ends": func(d *desktop) {
			d.mute("snow", "", 3*time.Minute)
			d.fails("snow/create", "okta/org")
		},
		"what fails in it is muted": func(d *desktop) {
			d.fails("snow/create")
			d.mute("snow", "create", 7*time.Minute)
		},
		"several at once": func(d *desktop) { d.fails("snow/create", "okta/org", "workday/workers", "github/meta", "teams/card") },
		"no longer configured": func(d *desktop) {
			d.fails("snow/create")
			d.without("snow", "create")
		},
		"theirs, and then not": func(d *desktop) {
			d.verdict = Verdict{Word: External, Reason: ReasonAnnounced, Says: "Theirs.", At: d.now}
			d.fails("snow/create")
			d.verdict = Verdict{Word: Internal, Reason: ReasonNotAnnounced, Says: "Ours.", At: d.now}
		},
		"our network": func(d *desktop) {
			d.result("snow/create", partners.FailConnect, ReachDown)
			d.result("okta/org", partners.FailConnect, ReachDown)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var told [2][]string
			for i, rests := range []bool{true, false} {
				d, _ := alone(t)
				options := d.desk.Options
				options.Rules.Alone, options.Rules.Storm = rests, StormRules{Above: 3, Within: 5 * time.Minute}
				d.desk = NewDesk(options)
				d.sweep()
				d.later(time.Second)
				story(d)
				for range 20 * time.Minute / (5 * time.Second) {
					d.later(5 * time.Second)
					d.sweep()
					for _, kind := range d.asked() {
						told[i] = append(told[i], d.now.Format(time.TimeOnly)+" "+kind)
					}
				}
			}
			if !slices.Equal(told[0], told[1]) {
				t.Errorf("resting, it did %q, and otherwise %q", told[0], told[1])
			}
			if len(told[1]) == 0 {
				t.Error("time brought about nothing, so this showed nothing")
			}
		})
	}
}

func TestCircuitsThatAreClosedAreNotAskedAfter(t *testing.T) {
	d, c := alone(t)
	memory := &askCount{Memory: c}
	d.desk.Memory = memory
	for range 10 {
		d.later(time.Minute)
		if err := d.desk.Circuits(t.Context(), "snow", nil, ReachUnknown); err != nil {
			t.Fatal(err)
		}
	}
	if memory.asked != 1 {
		t.Errorf("the memory was asked %d times about a host that nothing is wrong with", memory.asked)
	}
}

// askCount is a memory that counts all that it is asked to decide.
type askCount struct {
	Memory
	asked int
}

func (c *askCount) Decide(ctx context.Context, partner string, decide func(*Ledger) ([]Effect, error)) error {
	c.asked++
	return c.Memory.Decide(ctx, partner, decide)
}

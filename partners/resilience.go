package partners

import (
	"strconv"
	"time"

	"sparky/internal/setting"
)

// Resilience says how patient and how careful calls to a partner are: those of its probes, and those for its status page
// and changelogs.
type Resilience struct {
	Attempts       int              `yaml:"attempts"`        // of one call in all, with the first
	Backoff        Backoff          `yaml:"backoff"`         // how long is waited before a call is tried again; half of it is left to chance
	AttemptTimeout setting.Duration `yaml:"attempt_timeout"` // of one attempt, to the last byte of its answer
	Breaker        Breaker          `yaml:"breaker"`         // when calls to a host are held back for a while
}

// Backoff is how long is waited before a call is tried again. Half of each wait is left to chance.
type Backoff struct {
	First setting.Duration `yaml:"first"` // doubled for each further attempt
	Most  setting.Duration `yaml:"most"`  // the longest wait
}

// Breaker says when calls to a host are held back for a while: where of so many attempts within two minutes such a share
// failed.
type Breaker struct {
	Requests int             `yaml:"requests"` // the fewest attempts that can open it
	Ratio    setting.Percent `yaml:"ratio"`    // the share of attempts that fails
	// the interval of the one that runs most often.
	OpenFor setting.Duration `yaml:"open_for"`
}

// SetDefaults is called before the file is read.
func (r *Resilience) SetDefaults() {
	r.Attempts = 4
	r.AttemptTimeout = setting.Duration(10 * time.Second)
	r.Backoff.SetDefaults()
	r.Breaker.SetDefaults()
}

// SetDefaults is called before the file is read.
func (b *Backoff) SetDefaults() {
	b.First, b.Most = setting.Duration(500*time.Millisecond), setting.Duration(10*time.Second)
}

// SetDefaults is called before the file is read.
func (b *Breaker) SetDefaults() { b.Requests, b.Ratio = 8, 50 }

// usualOpen is how long calls are held back where nothing is configured.
const usualOpen = 30 * time.Second

// Patience is the partner's resilience, with what is usual where it has none. OpenFor is the one of calls that are no
// probe's.
func (p Partner) Patience() Resilience {
	var r Resilience
	r.SetDefaults()
	if p.Resilience != nil {
		r = *p.Resilience
	}
	if r.Breaker.OpenFor == 0 {
		r.Breaker.OpenFor = setting.Duration(usualOpen)
	}
	return r
}

// ProbePatience is Patience for the calls of probes: a breaker that holds them back for longer than until the next run
// would hide that the partner works again, unless that is configured.
func (p Partner) ProbePatience() Resilience {
	r := p.Patience()
	if p.Resilience != nil && p.Resilience.Breaker.OpenFor != 0 {
		return r
	}
	if soonest := p.soonestProbe(); soonest > 0 {
		r.Breaker.OpenFor = min(r.Breaker.OpenFor, max(soonest, shortest))
	}
	return r
}

// soonestProbe is the shortest interval of its probes, 0 where it has none.
func (p Partner) soonestProbe() setting.Duration {
	soonest := setting.Duration(0)
	for _, c := range p.Probes {
		if every := c.Every; every > 0 && (soonest == 0 || every < soonest) {
			soonest = every
		}
	}
	return soonest
}

// The bounds of what is taken: beyond them a call would be a burden to the partner, or a number is a slip of the pen.
const (
	mostAttempts    = 20
	shortestBackoff = setting.Duration(10 * time.Millisecond)
	shortestAttempt = setting.Duration(100 * time.Millisecond)
	longestHold     = setting.Duration(time.Hour)
)

func (r Resilience) check(p Partner, report setting.Report) {
	if r.Attempts < 1 || r.Attempts > mostAttempts {
		report.At("attempts").Bad("is not from 1 to " + strconv.Itoa(mostAttempts) + "; the first try counts, so 1 is without another")
	}
	if problem := setting.CheckAtLeast(r.AttemptTimeout, shortestAttempt); problem != "" {
		report.At("attempt_timeout").Bad(problem)
	}
	backoff := report.At("backoff")
	if problem := setting.CheckAtLeast(r.Backoff.First, shortestBackoff); problem != "" {
		backoff.At("first").Bad(problem)
	} else if r.Backoff.Most < r.Backoff.First {
		backoff.At("most").Bad("is shorter than the first wait, " + r.Backoff.First.String() + "; make it as long at least")
	}
	r.Breaker.check(p, report.At("breaker"))
}

func (b Breaker) check(p Partner, report setting.Report) {
	if b.Requests < 1 {
		report.At("requests").Bad("is too few; 1 attempt is the least that can open a breaker")
	}
	if b.Ratio == 0 {
		report.At("ratio").Bad("would open the breaker without any failure; write the share that fails, like 50%")
	}
	if b.OpenFor == 0 {
		return
	}
	if problem := setting.CheckAtLeast(b.OpenFor, shortest); problem != "" {
		report.At("open_for").Bad(problem)
	} else if b.OpenFor > longestHold {
		report.At("open_for").Bad("is too long; " + longestHold.String() + " is the most, for nothing is noticed meanwhile")
	} else if soonest := p.soonestProbe(); soonest > 0 && b.OpenFor > soonest {
		report.At("open_for").Note("probes run every " + soonest.String() + ", and those that fall due while calls are held back for " + b.OpenFor.String() + " are not tried; that the partner works again is noticed as much later")
	}
}

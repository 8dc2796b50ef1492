package partners

import (
	"testing"
	"time"

	"sparky/internal/setting"
)

// resilient is the good partner with a resilience of its own.
func resilient(change func(*Resilience)) Partner {
	p := goodPartner()
	p.Resilience = &Resilience{}
	p.Resilience.SetDefaults()
	change(p.Resilience)
	return p
}

func TestResilienceIsChecked(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*Resilience)
		want   []string
	}{
		"as it is":           {func(*Resilience) {}, nil},
		"at its bounds":      {func(r *Resilience) { r.Attempts, r.Breaker.Requests, r.Breaker.Ratio = 20, 1, 100 }, nil},
		"one attempt":        {func(r *Resilience) { r.Attempts = 1 }, nil},
		"no attempt":         {func(r *Resilience) { r.Attempts = 0 }, []string{"0.resilience.attempts: is not from 1 to 20"}},
		"many attempts":      {func(r *Resilience) { r.Attempts = 21 }, []string{"0.resilience.attempts: is not from 1 to 20"}},
		"a short attempt":    {func(r *Resilience) { r.AttemptTimeout = 5 }, []string{"0.resilience.attempt_timeout: is too short"}},
		"no wait":            {func(r *Resilience) { r.Backoff.First = 0 }, []string{"0.resilience.backoff.first: is too short"}},
		"a wait backwards":   {func(r *Resilience) { r.Backoff.Most = r.Backoff.First - 1 }, []string{"0.resilience.backoff.most: is shorter than the first wait"}},
		"no requests":        {func(r *Resilience) { r.Breaker.Requests = 0 }, []string{"0.resilience.breaker.requests: is too few"}},
		"no ratio":           {func(r *Resilience) { r.Breaker.Ratio = 0 }, []string{"0.resilience.breaker.ratio: would open"}},
		"open for no time":   {func(r *Resilience) { r.Breaker.OpenFor = 1 }, []string{"0.resilience.breaker.open_for: is too short"}},
		"open for a day":     {func(r *Resilience) { r.Breaker.OpenFor = setting.Duration(setting.Day) }, []string{"0.resilience.breaker.open_for: is too long"}},
		"open between runs":  {func(r *Resilience) { r.Breaker.OpenFor = setting.Duration(time.Minute) }, nil},
		"open beyond a run":  {func(r *Resilience) { r.Breaker.OpenFor = setting.Duration(10 * time.Minute) }, []string{"0.resilience.breaker.open_for: probes run every 5m"}},
		"several are told":   {func(r *Resilience) { *r = Resilience{} }, []string{"0.resilience.attempts: ", "0.resilience.attempt_timeout: ", "0.resilience.backoff.first: ", "0.resilience.breaker.requests: ", "0.resilience.breaker.ratio: "}},
		"an attempt in full": {func(r *Resilience) { r.AttemptTimeout = shortestAttempt }, nil},
	} {
		expect(t, what, mistakes(resilient(c.change)), c.want...)
	}
}

func TestPatienceIsWhatIsUsual(t *testing.T) {
	p := Partner{Probes: []ProbeConfig{{Every: setting.Duration(time.Minute)}, {Every: setting.Duration(4 * time.Second)}, {}}}
	usual := p.Patience()
	if usual.Attempts != 4 || usual.AttemptTimeout.Std() != 10*time.Second || usual.Backoff.First.Std() != time.Second/2 ||
		usual.Breaker.Requests != 8 || usual.Breaker.Ratio != 50 || usual.Breaker.OpenFor.Std() != 30*time.Second {
		t.Errorf("%+v", usual)
	}
	for what, c := range map[string]struct {
		every, openFor, want time.Duration
	}{
		"a probe that runs often":    {4 * time.Second, 0, 4 * time.Second},
		"one that runs too often":    {time.Millisecond, 0, time.Second},
		"one that runs seldom":       {time.Hour, 0, 30 * time.Second},
		"none":                       {0, 0, 30 * time.Second},
		"what is configured is kept": {4 * time.Second, time.Minute, time.Minute},
	} {
		p := resilient(func(r *Resilience) { r.Breaker.OpenFor = setting.Duration(c.openFor) })
		p.Probes[0].Every = setting.Duration(c.every)
		if got := p.ProbePatience().Breaker.OpenFor.Std(); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

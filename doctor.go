package main

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"sparky/bot"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
	"sparky/ours/jira"
	"sparky/partners"
	"sparky/partners/isolate"
)

const (
	// lookWithin is how long one look may take; a call gives up a little sooner, so that it can say why.
	lookWithin     = 10 * time.Second
	lookCallWithin = 9 * time.Second
	// looksAtOnce bounds how many looks run side by side.
	looksAtOnce = 16
)

// doctor looks at everything that the configuration names, and changes none of it.
type doctor struct {
	config  Config
	now     func() time.Time
	ours    *httpcall.Client // to our own systems
	outside *outside
	probes  *probes
	workers *isolate.Pool // nil where this system has none

	slack  *bot.Doctor
	jira   *jira.Doctor          // nil where there is no Jira
	github *githubactions.Doctor // nil where there is no GitHub, or no credential for it
	// badApp is why there is no credential for GitHub.
	badApp error
}

// newDoctor is a doctor by our clock. Close it at the end.
func newDoctor(config Config, now func() time.Time) *doctor {
	config = config.named()
	redactor := setting.NewRedactor(config.Secrets()...)
	// Every look is made once and by itself: no other's failures may keep it from being made.
	options := httpcall.Options{Redactor: redactor, Retries: -1, Timeout: lookCallWithin, AttemptTimeout: lookCallWithin,
		Breaker: httpcall.BreakerOptions{Requests: math.MaxUint32}}
	ours := httpcall.New(options)
	options.PublicOnly = true
	client := httpcall.New(options)
	// Of every partner alike: a look has its ten seconds, whatever patience the partner is given otherwise.
	once := func(partners.Partner) *httpcall.Client { return client }
	d := &doctor{config: config, now: now, ours: ours, outside: newOutside(once, config, now), probes: newProbes(once, redactor, now)}
	d.probes.insight = newInsight(config.NewRelic, ours, now)
	if d.workers = newWorkers(config, client, nil, now, nil); d.workers != nil {
		d.probes.apart = d.workers
	}
	api := bot.NewAPI(ours.HTTP(), config.Slack.APIURL, config.Slack.BotToken, config.Slack.AppToken)
	d.slack = bot.NewDoctor(api, config.Slack, now)
	if j := config.Jira; j != nil {
		d.jira = jira.NewDoctor(jira.New(*j, ours.With("jira", jiraAuth(*j))))
	}
	if g := config.GitHub; g != nil {
		auth, err := g.Auth(now)
		if d.badApp = err; err == nil {
			d.github = githubactions.NewDoctor(githubactions.New(*g, ours.With("github", auth), now))
		}
	}
	return d
}

// Close ends the workers.
func (d *doctor) Close() {
	if d.workers != nil {
		d.workers.Close()
	}
}

// examine makes the looks side by side, each within its time, and gives what they found in their order. A look that needs
// another one waits for it, and is left out where that one did not find its thing well.
func examine(ctx context.Context, looks []setting.Look, progress func(string)) []setting.Finding {
	findings := make([]setting.Finding, len(looks))
	ended := make([]chan struct{}, len(looks))
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	places := make(chan struct{}, looksAtOnce)
	earlier := map[string]int{}
	var group sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i, look := range looks {
		needed, needs := earlier[look.Needs]
		if _, taken := earlier[look.What]; !taken {
			earlier[look.What] = i
		}
		group.Go(func() {
			defer close(ended[i])
			var found setting.Finding
			if needs {
				<-ended[needed]
				found = withheld(findings[needed])
			}
			if found.State() == setting.FoundWell {
				places <- struct{}{}
				found = lookOnce(ctx, look)
				<-places
			}
			found.What = look.What
			findings[i] = found
			mu.Lock()
			defer mu.Unlock()
			done++
			progress(fmt.Sprintf("looking: %d of %d", done, len(looks)))
		})
	}
	group.Wait()
	return findings
}

// withheld is what is said of a look that needs what was found otherwise than well; where it was found well nothing is.
func withheld(needed setting.Finding) setting.Finding {
	switch needed.State() {
	case setting.FoundWrong:
		return setting.Open("it needs "+needed.What, "mend "+needed.What+" first")
	case setting.FoundOpen:
		return needed
	}
	return setting.Finding{}
}

func lookOnce(ctx context.Context, look setting.Look) setting.Finding {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	return look.Try(ctx)
}

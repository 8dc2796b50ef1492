package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sparky/bot"
	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/ours/githubactions"
	"sparky/scheduler"
	"sparky/store"
)

// workshop is where compatibility runs are started and followed, and where those end that were live when GitHub was taken
// out of the configuration.
type workshop struct {
	desk       *changes.RunDesk
	dispatches githubactions.Dispatches
}

// open tells that runs can be started: a GitHub is configured.
func (w *workshop) open() bool { return w.desk.Workflows != nil }

// newWorkshop follows compatibility runs at the configured GitHub.
func newWorkshop(c Config, client *httpcall.Client, memory *store.Store, now func() time.Time) (*workshop, error) {
	desk := &changes.RunDesk{Memory: memory, Partners: c.Partners, Now: now}
	if c.GitHub == nil {
		return &workshop{desk, githubactions.NewDispatches(nil, memory)}, nil
	}
	auth, err := c.GitHub.Auth(now)
	if err != nil {
		return nil, fmt.Errorf("signing in to GitHub: %w", err)
	}
	github := githubactions.New(*c.GitHub, client.With("github", auth), now)
	desk.Workflows = githubactions.NewFollower(github)
	return &workshop{desk, githubactions.NewDispatches(github, memory)}, nil
}

const (
	// dispatchSettle is how long after an attempt to start a workflow its run certainly shows in GitHub's list. GitHub names
	// no bound; it is seconds as a rule.
	dispatchSettle = officeTimeout + 40*time.Second
	// dispatchPatience is for how long a workflow that cannot be started is kept from people.
	dispatchPatience = 2 * time.Minute
	followEvery      = 5 * time.Second
)

// routes say who carries out what compatibility runs ask for.
func (w *workshop) routes(poster *bot.Poster, channel string, memory *store.Store, desk *incidents.Desk, redact func(string) string, now func() time.Time) map[string]scheduler.Route {
	message := bot.Runs(poster, channel, memory, memory, now).Redacted(redact)
	// What was recorded while GitHub was configured is told all the same.
	return map[string]scheduler.Route{
		incidents.EffectRun:    {Performer: landing{message, incidents.EffectRun, desk}, Timeout: time.Minute, Settle: slackSettle},
		changes.EffectTrial:    {Performer: trials{desk}, Timeout: officeTimeout, Concurrency: 1},
		changes.EffectDispatch: {Performer: dispatching{w.dispatches, w.desk}, Timeout: officeTimeout, Settle: dispatchSettle, Patience: dispatchPatience},
	}
}

// trier starts runs because people ask; nil where nothing can.
func (w *workshop) trier() commands.Trier {
	if !w.open() {
		return nil
	}
	return w.desk
}

// dispatching tells the run's desk that GitHub has taken it, before the dispatcher takes the effect for done.
type dispatching struct {
	githubactions.Dispatches
	desk *changes.RunDesk
}

// Do starts the workflow, the one that is configured now. Earlier attempts of the one before have certainly started nothing.
func (d dispatching) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	var ref incidents.Ref
	if json.Unmarshal(payload, &ref) == nil { // what cannot be read is said below
		if err := d.desk.Renew(ctx, ref.Run); err != nil {
			return nil, httpcall.Unsent(err)
		}
	}
	result, err := d.Dispatches.Do(ctx, key, payload, previous)
	if err != nil {
		return nil, err
	}
	return result, d.taken(ctx, payload, result)
}

// Find looks for the workflow run.
func (d dispatching) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	result, found, err := d.Dispatches.Find(ctx, key, payload)
	if err != nil || !found {
		return nil, false, err
	}
	return result, true, d.taken(ctx, payload, result)
}

func (d dispatching) taken(ctx context.Context, payload, result []byte) error {
	var ref incidents.Ref
	var started changes.RunStarted
	if err := json.Unmarshal(payload, &ref); err != nil {
		return fmt.Errorf("reading which compatibility run was started: %w", err)
	}
	if err := json.Unmarshal(result, &started); err != nil {
		return fmt.Errorf("reading how compatibility run %s was started: %w", ref.Run, err)
	}
	return d.desk.Dispatched(ctx, ref.Run, started)
}

// trials tell the incidents of the verdict of a compatibility run.
type trials struct{ desk *incidents.Desk }

// Do tells it. Telling it again changes nothing.
func (t trials) Do(ctx context.Context, key string, payload, _ []byte) ([]byte, error) {
	var trial incidents.Trial
	if err := json.Unmarshal(payload, &trial); err != nil {
		return nil, &httpcall.Refusal{What: fmt.Sprintf("the verdict %s cannot be read: %v", key, err), Lasts: true, Cause: err}
	}
	return []byte("{}"), t.desk.Tried(ctx, trial)
}

// Find answers that it is not there, because telling it again changes nothing.
func (trials) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// runJobs follow compatibility runs.
func (s *sparky) runJobs() []scheduler.Job {
	return []scheduler.Job{{Name: "compat", Every: followEvery, Timeout: sweepTimeout, FirstDue: time.Now(), Run: s.workshop.desk.Follow}}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sparky/partners"
)

// newProbeCommand is `sparky probe`: what a partner's probes find now.
func newProbeCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "probe PARTNER [PROBE]",
		Short: "Run a partner's probes once and say what they find; opens no incident",
		Long: "Run a partner's probes once, side by side, and print for each whether it passed, the class of its failure and how\n" +
			"long its parts took. A probe that writes at the partner, such as servicenow.incident, does so here too, and cleans\n" +
			"up after itself. Nothing is remembered: no incident opens and nobody is told.\n\n" +
			"Ends with status 0 where all passed, 1 where one failed or could not be run, 2 where there is no such probe.",
		Example: "  sparky probe servicenow\n  sparky probe servicenow incident-creation\n  sparky probe servicenow/incident-creation --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("probe needs a partner: sparky probe PARTNER [PROBE]")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(cmd, env, append([]string{"probe"}, args...))
		},
	}
	cmd.Flags().Bool("json", false, "print results as JSON, one object a line; times are in seconds")
	return cmd
}

// trial runs probes for a terminal, which remembers nothing.
type trial struct {
	probes   *probes
	partners []partners.Partner
	now      func() time.Time
	progress func(text string)
}

// Probe runs a probe now.
func (t trial) Probe(ctx context.Context, p partners.Partner, c partners.ProbeConfig) (partners.ProbeResult, error) {
	return t.probes.run(ctx, p, c)
}

// probesAtOnce bounds how many probes run side by side.
const probesAtOnce = 16

// LastResults are what the probes find now. Those that only read are run; of the others it is said why they were not.
func (t trial) LastResults(ctx context.Context) (map[string]map[string]partners.ProbeResult, error) {
	results := map[string]map[string]partners.ProbeResult{}
	places := make(chan struct{}, probesAtOnce)
	var group sync.WaitGroup
	var mu sync.Mutex
	ran, wanted := 0, 0
	for _, p := range t.partners {
		wanted += len(p.Probes)
	}
	for _, p := range t.partners {
		own := map[string]partners.ProbeResult{}
		results[p.ID] = own
		for _, c := range p.Probes {
			places <- struct{}{}
			group.Go(func() {
				defer func() { <-places }()
				result := t.look(ctx, p, c)
				mu.Lock()
				defer mu.Unlock()
				own[c.ID] = result
				ran++
				t.progress(fmt.Sprintf("running probes: %d of %d", ran, wanted))
			})
		}
	}
	group.Wait()
	t.progress("")
	return results, ctx.Err()
}

// look runs a probe if it only reads.
func (t trial) look(ctx context.Context, p partners.Partner, c partners.ProbeConfig) partners.ProbeResult {
	untried := partners.ProbeResult{Partner: p.ID, Probe: c.ID, At: t.now(), Class: partners.FailNotTried}
	switch {
	case c.Writes():
		untried.Problem = fmt.Sprintf("it writes at %s, and status only looks; sparky probe %s %s runs it", p.Name, p.ID, c.ID)
	default:
		result, err := t.probes.run(ctx, p, c)
		if err == nil {
			return result
		}
		untried.Problem = err.Error()
	}
	return untried
}

// EachSeries is empty, as ProbeSeries is.
func (t trial) EachSeries(context.Context, map[string][]string, time.Time, time.Time, time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	return nil, nil
}

// ProbeSeries is empty: there is no memory to ask.
func (t trial) ProbeSeries(_ context.Context, _ string, _ []string, from, to time.Time, _ time.Duration) (partners.ProbeStats, []partners.ProbeStats, error) {
	return partners.ProbeStats{From: from, To: to}, nil, nil
}

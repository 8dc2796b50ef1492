package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/newrelic"
	"sparky/partners"
)

// monitorLocation is where monitors run: one of New Relic's public locations.
const monitorLocation = "US_EAST_1"

// newOnboardCommand is `sparky onboard`: what a partner has in New Relic.
func newOnboardCommand(env lookupEnv) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "onboard PARTNER",
		Short: "Make a partner's dashboard, alert conditions and monitor in New Relic, or bring them up to date",
		Long: "Make what a partner is to have in New Relic: a dashboard, an alert condition for each of its alerts and limits, and a\n" +
			"scripted monitor that looks from outside whether its host answers. What is there already is looked for by its name,\n" +
			"so that running this twice changes nothing. What somebody changed there by hand stays until the configuration\n" +
			"changes. No credential of the partner's goes to New Relic.\n\n" +
			"Ends with status 0 when all is as it is to be, 1 where New Relic refused something, 2 where there is no such partner.",
		Example: "  sparky onboard servicenow --dry-run\n  sparky onboard servicenow\n  sparky onboard servicenow --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("onboard needs one partner: sparky onboard PARTNER")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return onboard(cmd, env, args[0], dry) },
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and change nothing")
	cmd.Flags().Bool("json", false, "print what was done as JSON, one object a line")
	return cmd
}

// onboard reads the configuration and does it.
func onboard(cmd *cobra.Command, env lookupEnv, name string, dry bool) error {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	config, err := readConfig(cmd, path, env)
	if err != nil {
		return err
	}
	config = config.named()
	partner, ok := commands.NewDirectory(config.Partners).Find(name)
	switch {
	case !ok:
		return usageError{fmt.Errorf("there is no partner %q in %s", name, path)}
	case config.NewRelic == nil || config.NewRelic.UserKey.IsZero():
		return errors.New("onboard asks New Relic; give the block new_relic with account_id and user_key")
	}
	redactor := setting.NewRedactor(config.Secrets()...)
	out := redacting{cmd.OutOrStdout(), redactor}
	client := httpcall.New(httpcall.Options{Redactor: redactor})
	graph := newInsight(config.NewRelic, client, time.Now).graph
	if wantsJSON(cmd) {
		return onboardForMachines(cmd.Context(), graph, config, partner, dry, out)
	}
	return onboardPartner(cmd.Context(), graph, config, partner, dry, out)
}

// onboarded is one thing that a partner has in New Relic, for machines.
type onboarded struct {
	Partner string       `json:"partner"`
	What    string       `json:"what"` // dashboard, alert policy, alert condition, monitor
	Name    string       `json:"name"`
	Did     newrelic.Did `json:"did"`               // created, updated or unchanged
	DryRun  bool         `json:"dry_run,omitempty"` // nothing was done: that is what would be
}

// onboardForMachines does it and prints what was done, an object for each thing. Each is printed when it is done, so that
// what was done before New Relic refused something is told.
func onboardForMachines(ctx context.Context, graph *newrelic.Graph, config Config, partner partners.Partner, dry bool, out io.Writer) error {
	var unprinted error
	err := graph.Onboard(ctx, config.plan(partner), dry, func(s newrelic.Step) {
		unprinted = errors.Join(unprinted, printFacts(out, onboarded{partner.ID, s.What, s.Name, s.Did, dry}))
	})
	return errors.Join(err, unprinted)
}

// onboardPartner does it and prints what was done, a line for each thing.
func onboardPartner(ctx context.Context, graph *newrelic.Graph, config Config, partner partners.Partner, dry bool, out io.Writer) error {
	changed := 0
	err := graph.Onboard(ctx, config.plan(partner), dry, func(s newrelic.Step) {
		did := string(s.Did)
		if s.Did != newrelic.Unchanged {
			changed++
			if dry {
				did = map[newrelic.Did]string{newrelic.Created: "would be created", newrelic.Updated: "would be updated"}[s.Did]
			}
		}
		fmt.Fprintf(out, "%-16s %s: %s\n", s.What, s.Name, did)
	})
	switch {
	case err != nil:
		return err
	case changed == 0:
		fmt.Fprintf(out, "%s is as it is to be; nothing was changed.\n", partner.Name)
	case dry:
		fmt.Fprintf(out, "Nothing was changed: run it without --dry-run.\n")
	}
	return nil
}

// plan is what the partner is to have in New Relic.
func (c Config) plan(p partners.Partner) newrelic.Plan {
	plan := newrelic.Plan{Partner: p.ID, Name: p.Name, Windows: map[string]time.Duration{}, Location: monitorLocation}
	for _, a := range c.NewRelic.Alerts {
		if a.Partner == p.ID {
			plan.Alerts = append(plan.Alerts, a)
		}
	}
	for _, probe := range p.Probes {
		if plan.Reach == "" {
			plan.Reach = reachable(probe)
		}
		if probe.Kind == partners.KindNewRelic {
			continue
		}
		for _, l := range newrelic.Limits(p.ID, probe) {
			plan.Alerts = append(plan.Alerts, l.Alert)
			plan.Windows[l.Alert.Name] = l.Over
		}
	}
	return plan
}

// reachable is scheme and host of what a probe calls; empty where it calls none, or where the address is a secret.
func reachable(c partners.ProbeConfig) string {
	for _, address := range []string{c.BaseURL, c.URL} {
		u, err := url.Parse(address)
		if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			return u.Scheme + "://" + u.Host + "/"
		}
	}
	return ""
}

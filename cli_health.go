package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"sparky/internal/httpcall"
)

// newHealthCommand is `sparky health`: what a supervisor asks where there is no curl.
func newHealthCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the Sparky that runs on this machine whether it can do what it is for",
		Long: "Ask the Sparky that runs on this machine with the same configuration, at its listen address, whether it can do what it\n" +
			"is for: what /readyz says. For supervisors, and for containers without a shell.\n\n" +
			"Another Sparky that has the address, such as the demo world, is told from this one by its store, and is bad news.\n\n" +
			"Ends with status 0 where it is well, 1 where it is not or does not answer.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return askHealth(cmd, env) },
	}
	cmd.Flags().Bool("json", false, "print what /readyz says")
	return cmd
}

// askHealth asks the Sparky of the configuration, and prints what it says. It returns errBad where that is bad news.
func askHealth(cmd *cobra.Command, env lookupEnv) error {
	config, err := configSparing(cmd, env, besideTheAddress)
	if err != nil {
		return err
	}
	address, err := askedAt(config.Listen, "/readyz")
	if err != nil {
		return err
	}
	client := newOccupantClient(config)
	defer client.CloseIdleConnections()
	answer, err := client.Do(cmd.Context(), httpcall.Request{URL: address})
	if err != nil {
		return fmt.Errorf("no Sparky answers at %s; does it run with this configuration? %w", config.Listen, err)
	}
	who, said, err := occupantOf(config, answer.Body)
	switch {
	case err != nil:
		return fmt.Errorf("what answers at %s is not Sparky (status %d); is the port another program's?", config.Listen, answer.Status)
	case who == occupantOther:
		return fmt.Errorf("a Sparky answers at %s, but it is another one: its store is not this one's (%s). %s", config.Listen, config.Store.Place(),
			"Give each a listen of its own; where the path of the store is relative, call this from the folder where Sparky runs")
	case who == occupantUntold:
		why := "it is older and does not say"
		if said.Instance != "" {
			why = "store.url refers to what is not there"
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "A Sparky answers at %s, of which cannot be told whether it is this one: %s.\n", config.Listen, why)
	}
	p := printer{out: cmd.OutOrStdout()}
	switch {
	case wantsJSON(cmd):
		if err := printFacts(cmd.OutOrStdout(), said); err != nil {
			return err
		}
	case said.Problem != "":
		p.line("Not ready: %s", said.Problem)
	default:
		p.line("Well.")
	}
	if p.err == nil && answer.Status != http.StatusOK {
		return errBad
	}
	return p.err
}

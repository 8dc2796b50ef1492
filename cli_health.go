package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// newHealthCommand is `sparky health`: what a supervisor asks where there is no curl.
func newHealthCommand(env lookupEnv) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the Sparky that runs on this machine whether it can do what it is for",
		Long: "Ask the Sparky that runs on this machine with the same configuration, at its listen address, whether it can do what it\n" +
			"is for: what /readyz says. For supervisors, and for containers without a shell.\n\n" +
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
	address, err := readyAddress(config.Listen)
	if err != nil {
		return err
	}
	client := httpcall.New(httpcall.Options{Timeout: lookTimeout + time.Second, Retries: -1, Redactor: setting.NewRedactor(config.Secrets()...),
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}) //nolint:nilnil // no proxy stands before this machine
	defer client.CloseIdleConnections()
	answer, err := client.Do(cmd.Context(), httpcall.Request{URL: address})
	if err != nil {
		return fmt.Errorf("no Sparky answers at %s; does it run with this configuration? %w", config.Listen, err)
	}
	var said commands.Health
	if err := json.Unmarshal(answer.Body, &said); err != nil {
		return fmt.Errorf("what answers at %s is not Sparky (status %d); is the port another program's?", config.Listen, answer.Status)
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

// readyAddress is where a Sparky that listens so is asked. One that listens on every interface is asked on this machine.
func readyAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("reading the address that Sparky listens on: %w", err)
	}
	if port == "0" {
		return "", errors.New("listen names port 0, which is another one at each start; write a port to ask at")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}

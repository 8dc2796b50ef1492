package main

import (
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/isolate"
)

// newWorkerCommand is what Sparky starts itself as, to run the probes of one partner apart. It is for nobody else.
func newWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    isolate.Command,
		Short:  "Run the probes of one partner; started by Sparky itself",
		Hidden: true,
		Args:   noArguments,
		RunE:   func(*cobra.Command, []string) error { return isolate.Serve(newProbe) },
	}
}

// newWorkers are the processes for the partners with isolation: process, which start when they are needed; nil where this
// system has none. Connections are made by the client.
func newWorkers(config Config, client *httpcall.Client, log *slog.Logger, now func() time.Time, moved func(string, httpcall.Breaker)) *isolate.Pool {
	if !isolate.Supported {
		return nil
	}
	secrets := config.Secrets()
	return isolate.NewPool(isolate.Options{
		Client: client, Secrets: secrets, Redactor: setting.NewRedactor(secrets...), Env: os.LookupEnv, Log: log, Now: now,
		Calls: patientWorker, OnBreaker: moved,
	})
}

// workersMissing is what `sparky validate` says of workers that cannot be what isolation: process asks for; empty where
// they can, or where nobody asks.
func (c Config) workersMissing() []string {
	asked := slices.ContainsFunc(c.Partners, func(p partners.Partner) bool {
		return p.Isolation == partners.IsolationProcess && len(c.runnable(p)) > 0
	})
	switch {
	case !asked:
		return nil
	case !isolate.Supported:
		return []string{"isolation: process: this system has no workers, and all probes run in Sparky's own process"}
	}
	var missing []string
	for _, what := range isolate.Able() {
		missing = append(missing, "isolation: process: on this machine a worker cannot be kept from "+what)
	}
	return missing
}

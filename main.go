// Sparky is a Slack-first guardian for the third-party integrations that a software company depends on: it reads what
// partners announce and how they are doing, tells the team in Slack, and answers when somebody asks.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a zone in the configuration is known on machines that have none
)

func main() {
	os.Exit(run())
}

// run is the program; the first signal asks it to finish what it has begun, the second ends it at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
}

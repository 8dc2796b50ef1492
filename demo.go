package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"

	"sparky/fixtures/page"
	"sparky/fixtures/world"
	"sparky/internal/httpcall"
)

// Where the demo listens, where these are free; elsewhere where it can.
const (
	demoListen = "127.0.0.1:8780"
	demoPage   = "127.0.0.1:8781"
	anyPort    = "127.0.0.1:0"
)

// demo is Sparky with its world and the page to see both.
type demo struct {
	world  *world.World
	sparky *sparky
	page   net.Listener
	dir    string
}

// newDemo makes a world, its page at pageAddress or elsewhere where that is taken, and Sparky in it, which listens in the
// same way near listenAddress. Close it when it has run.
func newDemo(ctx context.Context, pageAddress, listenAddress string, logs io.Writer) (d *demo, err error) {
	d = &demo{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.dir, err = demoFolder(); err != nil {
		return d, err
	}
	if d.world, err = world.Start(context.WithoutCancel(ctx), world.Options{}); err != nil {
		return d, err
	}
	if d.page, err = listenNear(ctx, pageAddress); err != nil {
		return d, err
	}
	config := demoConfig(d.world, d.dir)
	config.Listen = listenAddress
	d.world.Actions.SetExecute(compatWorkflow(config, httpcall.Options{}))
	d.sparky, err = newSparky(ctx, config, newLog(logs, config))
	if errors.Is(err, syscall.EADDRINUSE) {
		config.Listen = anyPort
		d.sparky, err = newSparky(ctx, config, newLog(logs, config))
	}
	return d, err
}

// demoFolder makes a place for the demo's database: among the temporary files, or here where there is no place for those, as
// in a container that holds nothing but Sparky.
func demoFolder() (string, error) {
	const pattern = "sparky-demo-"
	dir, err := os.MkdirTemp("", pattern)
	if err == nil {
		return dir, nil
	}
	here, second := os.MkdirTemp(".", pattern)
	if second != nil {
		return "", fmt.Errorf("making a place for the demo's database: %w", errors.Join(err, second))
	}
	return filepath.Abs(here)
}

// Address is where a browser finds the page.
func (d *demo) Address() string { return "http://" + d.page.Addr().String() + "/" }

// Run runs Sparky and the page until ctx is done.
func (d *demo) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.sparky.Run(ctx) })
	group.Go(func() error { return serve(ctx, d.page, page.Handler(d.world)) })
	return group.Wait()
}

// Close ends the world and forgets what Sparky remembered of it.
func (d *demo) Close() error {
	var all []error
	if d.sparky != nil {
		all = append(all, d.sparky.Close())
	}
	if d.page != nil {
		if err := d.page.Close(); !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
	}
	if d.world != nil {
		all = append(all, d.world.Close())
	}
	if d.dir != "" {
		all = append(all, os.RemoveAll(d.dir))
	}
	return errors.Join(all...)
}

// runDemo runs Sparky against a world of stand-ins on this machine. What it remembers is forgotten when it ends.
func runDemo(ctx context.Context, out, logs io.Writer) (err error) {
	d, err := newDemo(ctx, demoPage, demoListen, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	fmt.Fprintf(out, `There is no sparky.yaml here, so this is the demo world: Sparky as it runs in production, with stand-ins for Slack,
Jira, GitHub Actions, PagerDuty, Statuspage, New Relic and five partners on this machine. Nothing leaves it, and nothing is kept.
For your own, begin with sparky init.

  Open %s

Stop it with Ctrl-C.
`, d.Address())
	return d.Run(ctx)
}

// listenNear listens at the address, or where there is room if somebody else does.
func listenNear(ctx context.Context, address string) (net.Listener, error) {
	listener, err := listen(ctx, address)
	if err == nil {
		return listener, nil
	}
	return listen(ctx, anyPort)
}

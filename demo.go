package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"sparky/bot"
	"sparky/fixtures/page"
	"sparky/fixtures/world"
	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
	"sparky/partners"
)

// Where the demo listens, where these are free; elsewhere where it can.
const (
	demoListen = "127.0.0.1:8780"
	demoPage   = "127.0.0.1:8781"
)

// The demo looks often, so that a lever shows its effect within seconds.
const (
	demoChangelog = 4 * time.Second
	demoStatus    = 2 * time.Second
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
	if d.dir, err = os.MkdirTemp("", "sparky-demo-"); err != nil {
		return d, fmt.Errorf("making a place for the demo's database: %w", err)
	}
	if d.world, err = world.Start(context.WithoutCancel(ctx), world.Options{}); err != nil {
		return d, err
	}
	if d.page, err = listenNear(ctx, pageAddress); err != nil {
		return d, err
	}
	config := demoConfig(d.world, d.dir)
	if config.Listen, err = freeNear(ctx, listenAddress); err != nil {
		return d, err
	}
	d.sparky, err = newSparky(ctx, config, newLog(logs, config))
	return d, err
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
	fmt.Fprintf(out, `There is no sparky.yaml here, so this is the demo world: Sparky as it runs in production, with stand-ins for Slack
and five partners on this machine. Nothing leaves it, and nothing is kept. For your own, begin with sparky init.

  Open %s

Stop it with Ctrl-C.
`, d.Address())
	return d.Run(ctx)
}

// demoConfig is the configuration of the demo: what a person would write about these partners, and the addresses of
// their stand-ins.
func demoConfig(w *world.World, dir string) Config {
	var c Config
	c.SetDefaults()
	c.Slack.AppToken, c.Slack.BotToken = setting.NewSecret(w.AppToken()), setting.NewSecret(w.BotToken())
	c.Slack.APIURL = w.SlackAPI()
	c.Slack.Roles = bot.Roles{Operator: []string{"S0OPERATORS"}, Publisher: []string{"S0COMMS"}}
	c.Store.URL = "sqlite:" + filepath.Join(dir, "sparky.db")
	c.Schedule.Changelog, c.Schedule.Status = setting.Duration(demoChangelog), setting.Duration(demoStatus)
	for _, id := range vendors.IDs() {
		p := partners.Partner{
			ID: id, Name: vendors.Name(id), Aliases: demoAliases()[id], Affects: demoFeatures()[id],
			Owner:     partners.Owner{Team: "Platform Integrations", SlackGroup: "S0PLATFORM"},
			Changelog: []partners.Source{{Kind: partners.SourceKind(w.FeedKind(id)), URL: w.Feed(id)}},
			Status:    partners.StatusSource{URL: w.StatusPage(id)},
		}
		c.Partners = append(c.Partners, p)
	}
	c.Complete()
	return c
}

func demoAliases() map[string][]string {
	return map[string][]string{
		vendors.Microsoft: {"teams", "power bi", "o365", "graph"}, vendors.ServiceNow: {"snow"}, vendors.Workday: {"hr"}, vendors.GitHub: {"gh"},
	}
}

func demoFeatures() map[string][]string {
	return map[string][]string{
		vendors.Microsoft: {"Card notifications", "Usage reports"}, vendors.ServiceNow: {"Ticket sync"},
		vendors.Workday: {"Employee import"}, vendors.Okta: {"Single sign-on"}, vendors.GitHub: {"Release notes"},
	}
}

// listenNear listens at the address, or where there is room if somebody else does.
func listenNear(ctx context.Context, address string) (net.Listener, error) {
	listener, err := listen(ctx, address)
	if err == nil {
		return listener, nil
	}
	return listen(ctx, "127.0.0.1:0")
}

// freeNear is the address, or one that leaves the port to the system where it is taken.
func freeNear(ctx context.Context, address string) (string, error) {
	if listener, err := listen(ctx, address); err == nil {
		return address, listener.Close()
	}
	return "127.0.0.1:0", nil
}

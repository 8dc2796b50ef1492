package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world"
	"sparky/fixtures/world/vendors"
	"sparky/ours/statuspage"
	"sparky/partners"
)

// startDemo runs the demo for as long as the test, and returns it when Sparky has read and probed everything for
// the first time: what was announced before is no news to it, and what fails from now on has worked before.
func startDemo(t *testing.T) *demo {
	t.Helper()
	return startDemoOf(t, func(ctx context.Context) (*demo, error) { return newDemo(ctx, anyPort, anyPort, t.Output()) })
}

// startDemoWith is a demo of a company that has configured something else.
func startDemoWith(t *testing.T, change func(*Config)) *demo {
	t.Helper()
	return startDemoOf(t, func(ctx context.Context) (*demo, error) {
		d := &demo{dir: t.TempDir()}
		var err error
		if d.world, err = world.Start(context.WithoutCancel(ctx), world.Options{}); err != nil {
			return nil, err
		}
		config := demoConfig(d.world, d.dir)
		config.Listen = anyPort
		change(&config)
		if d.page, err = listen(ctx, anyPort); err != nil {
			return nil, err
		}
		d.sparky, err = newSparky(ctx, config, newLog(t.Output(), config))
		return d, err
	})
}

func startDemoOf(t *testing.T, start func(ctx context.Context) (*demo, error)) *demo {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d, err := start(ctx)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended badly: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("closing the demo: %v", err)
		}
	})
	eventually(t, "Sparky has read every partner", func() bool {
		statuses, err := d.sparky.memory.Statuses(ctx)
		results, failed := d.sparky.memory.LastResults(ctx)
		for _, p := range d.sparky.config.Partners {
			for _, c := range p.Probes {
				if failed != nil || results[p.ID][c.ID].At.IsZero() {
					return false
				}
			}
		}
		for _, id := range vendors.IDs() {
			sources, problem := d.sparky.memory.SourceStates(ctx, id)
			_, read := statuses[id]
			if err != nil || problem != nil || len(sources) == 0 || !read {
				return false
			}
		}
		return true
	})
	return d
}

// eventually waits until something holds that tells nobody when it does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	// A circuit breaker that opened lets nobody through for half a minute, and may open once more.
	late := time.After(2 * time.Minute)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("it did not come about that %s", what)
		}
	}
}

// sees waits until Sparky has read on the partner's page whether it is well.
func sees(t *testing.T, d *demo, partner string, well bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("Sparky sees that it is %t that %s is well", well, partner), func() bool {
		statuses, err := d.sparky.memory.Statuses(t.Context())
		return err == nil && (statuses[partner].Status.Level == partners.Operational) == well
	})
}

// pull pulls a lever of a partner with the mouse.
func pull(p *browser.Page, partner, lever string) {
	button := `[data-lever="` + partner + ` ` + lever + `"]`
	if !browser.Eval[bool](p, `document.querySelector('`+button+`')?.checkVisibility() ?? false`) {
		p.Click(`[data-partner="`+partner+`"]`, "")
	}
	p.Click(button, "")
}

// say types a text into the message box and sends it with the Enter key.
func say(p *browser.Page, text string) {
	p.Click("#composer-text", "")
	p.Press(text + "\r")
}

// TestPictures takes the pictures of the README, into the directory that SPARKY_PICTURES names.
func TestPictures(t *testing.T) {
	dir := os.Getenv("SPARKY_PICTURES")
	if dir == "" && os.Getenv("SPARKY_FULL_SUITE") == "" {
		t.Skip("SPARKY_PICTURES names no directory for pictures")
	}
	if dir == "" {
		dir = t.TempDir()
	}
	for name, draw := range map[string]func(*testing.T, *camera){
		"what is announced":  announcementPictures,
		"what fails":         failurePictures,
		"what is tried":      betaPicture,
		"what was caused":    journalPictures,
		"what is asked":      chartPicture,
		"what customers see": publicPicture,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draw(t, &camera{t, dir})
		})
	}
}

// camera takes pictures into a directory.
type camera struct {
	t   *testing.T
	dir string
}

func (c *camera) take(p *browser.Page, name, selector string) {
	c.t.Helper()
	const most = 320_000
	data := p.Picture(selector)
	if len(data) > most {
		c.t.Errorf("%s has %d bytes; more than %d make the README slow", name, len(data), most)
	}
	if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// takeAll takes one picture of all messages that the selector finds. They are copied beside the channel: what is put into the
// channel itself is gone when the next news are drawn.
func (c *camera) takeAll(p *browser.Page, name, selector string) {
	c.t.Helper()
	browser.Eval[bool](p, fmt.Sprintf(`(() => {
		const pane = document.querySelector("#messages"), beside = pane.cloneNode(false), picture = document.createElement("div");
		beside.id = "beside";
		picture.id = "together";
		picture.append(...[...pane.querySelectorAll(%s)].map((n) => n.cloneNode(true)));
		beside.append(picture);
		pane.before(beside);
		pane.style.display = "none";
		return true;
	})()`, browser.Quote(selector)))
	c.take(p, name, "#together")
	browser.Eval[bool](p, `(() => {
		document.querySelector("#beside").remove();
		document.querySelector("#messages").style.display = "";
		return true;
	})()`)
}

// demoAtWork opens a demo as wide as pictures are.
func demoAtWork(t *testing.T, width, height int64) (*demo, *browser.Page) {
	t.Helper()
	d := startDemo(t)
	return d, browser.Open(t, d.Address(), width, height)
}

func announcementPictures(t *testing.T, c *camera) {
	d, p := demoAtWork(t, 1440, 900)
	pull(p, vendors.Okta, "beta")
	p.Says(".message", "Okta: a beta is on offer")
	pull(p, vendors.ServiceNow, "feature")
	pull(p, vendors.ServiceNow, "breaking")
	p.Says(".message", "ServiceNow: 1 change needs a look")
	c.take(p, "digest.png", ".message:last-child")
	pull(p, vendors.GitHub, "outage")
	sees(t, d, vendors.GitHub, false)
	say(p, "/sparky status")
	p.Says(".ephemeral", "Partners")
	c.take(p, "status.png", ".message:last-child")
}

func failurePictures(t *testing.T, c *camera) {
	d, p := demoAtWork(t, 1440, 900)
	lever(p, vendors.ServiceNow, "It fails, its page is ten seconds late")
	card(p, "ServiceNow", "theirs: their page reports", "Our customers are told on our public page")
	p.Says(publicPanel, "Ticket sync: trouble at ServiceNow")
	thereAre(p, 1, ".fold")
	browser.Eval[bool](p, `(document.querySelector(".message:not(.reply)").scrollIntoView(), true)`) // its first lines are what matters
	c.take(p, "demo.png", "body")
	p.Resize(1440, 1500) // a card that is longer than the pane would be cut by the channel's name
	c.take(p, "card-external.png", ".message:not(.reply)")
	p.Resize(1440, 900)
	// As most do, the partner is well before its page says so.
	if err := d.world.Partners.BreakAPI(vendors.ServiceNow, vendors.APIBreak{}); err != nil {
		t.Fatal(err)
	}
	card(p, "ServiceNow", "work again", "that it is over")
	p.Click(".fold", "earlier")
	p.Says(".message.reply", "Over: it works again")
	p.Click("#channel-name", "") // a mouse over a reply would colour it
	c.takeAll(p, "incident-thread.png", ".message.reply")
	lever(p, vendors.Okta, "Our credentials expired")
	card(p, "Okta", "ours: our credentials are refused; on-call was paged", "ECO-2 (Open, Ada Osei)")
	p.Click("#channel-name", "")
	c.take(p, "card-internal.png", ".message:nth-last-child(1 of .message:not(.reply))")
}

// publicPicture is our built-in page on a phone while a partner is down.
func publicPicture(t *testing.T, c *camera) {
	d := startDemoWith(t, func(config *Config) { config.StatusPage.Provider = statuspage.ProviderBuiltin })
	if err := d.world.Partners.BreakAPI(vendors.ServiceNow, vendors.APIBreak{How: vendors.APIError}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.world.Partners.Post(vendors.ServiceNow, vendors.Outage{Component: d.world.Partners.Components(vendors.ServiceNow)[0].Name}); err != nil {
		t.Fatal(err)
	}
	address := "http://" + d.sparky.listener.Addr().String() + "/status/"
	eventually(t, "our page tells of the outage", func() bool {
		posts, err := d.sparky.memory.Posts(t.Context(), time.Now().Add(-time.Hour))
		return err == nil && len(posts) > 0
	})
	p := browser.Open(t, address, 390, 760)
	p.Says("body", "trouble at ServiceNow")
	if browser.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("our public page is wider than a phone")
	}
	c.take(p, "status-page.png", "html")
}

// journalPictures are what a lever made Sparky ask of whom, and App Home meanwhile.
func journalPictures(t *testing.T, c *camera) {
	_, p := demoAtWork(t, 1440, 760)
	lever(p, vendors.ServiceNow, "Answers 500")
	card(p, "ServiceNow", "on-call was paged", "ECO-1")
	p.Says("#cause", "Answers 500")
	p.Click("#cause button", "See what it caused")
	p.Says("#journal-list .what", "calls whoever is on call")
	c.take(p, "journal.png", "body")
	p.Click("#home-button", "")
	p.Says(".home button", "Acknowledge")
	c.take(p, "home.png", ".conversation")
}

// betaPicture is the channel from the announcement of a beta to the P2 of its owner.
func betaPicture(t *testing.T, c *camera) {
	_, p := demoAtWork(t, 1440, 1500)
	lever(p, vendors.ServiceNow, "Announce v3, which breaks us")
	p.Says(".message", "our integration does not work with it")
	p.Says(jiraPanel, "breaks our integration")
	p.Says("[data-panel=actions]", "failure")
	p.Click("#channel-name", "")
	c.takeAll(p, "beta.png", ".message")
}

// chartPicture is the answer to a question with its chart, after a month of which the demo has told nobody.
func chartPicture(t *testing.T, c *camera) {
	d, p := demoAtWork(t, 390, 1200)
	for _, probe := range d.sparky.config.Partners[1].Probes {
		if err := d.sparky.memory.SaveResults(t.Context(), aMonth(d.sparky.config.Partners[1].ID, probe.ID)); err != nil {
			t.Fatal(err)
		}
	}
	say(p, "/sparky status "+d.sparky.config.Partners[1].ID+" --chart --public")
	p.Wait("the chart", `document.querySelector(".picture img")?.naturalWidth > 0`)
	c.take(p, "chart.png", ".message:last-child")
}

// aMonth is a probe that ran every ten minutes, with slow mornings, an outage, and a day on which nobody looked.
func aMonth(partner, probe string) []partners.ProbeResult {
	chance := rand.New(rand.NewPCG(1, 2))
	var all []partners.ProbeResult
	for ago := 10 * time.Minute; ago < 30*24*time.Hour; ago += 10 * time.Minute {
		at := time.Now().Add(-ago)
		slow := 1 + 0.25*math.Sin(ago.Hours()/24*2*math.Pi)
		r := partners.ProbeResult{Partner: partner, Probe: probe, At: at, Took: time.Duration(float64(220*time.Millisecond) * slow * math.Exp(chance.NormFloat64()/5))}
		switch hours := ago.Hours(); {
		case hours > 400 && hours < 424:
			continue
		case hours > 6 && hours < 8 || hours > 180 && hours < 184, chance.Float64() < 0.001:
			r.Class, r.Problem = partners.FailServer, "it was answered with 503"
		}
		all = append(all, r)
	}
	return all
}

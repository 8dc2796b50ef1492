package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/vendors"
	"sparky/partners"
)

// startDemo runs the demo for as long as the test, and returns it when Sparky has read and probed everything for
// the first time: what was announced before is no news to it, and what fails from now on has worked before.
func startDemo(t *testing.T) *demo {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d, err := newDemo(ctx, "127.0.0.1:0", "127.0.0.1:0", t.Output())
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
	t.Parallel()
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	take := func(name, selector string) {
		const most = 250_000
		data := p.Picture(selector)
		if len(data) > most {
			t.Errorf("%s has %d bytes; more than %d make the README slow", name, len(data), most)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pull(p, vendors.Okta, "beta")
	pull(p, vendors.Microsoft, "break feed")
	p.Says(".message", "Okta: a beta is on offer")
	pull(p, vendors.ServiceNow, "feature")
	pull(p, vendors.ServiceNow, "breaking")
	p.Says(".message", "ServiceNow: 1 change needs a look")
	take("digest.png", ".message:last-child")
	pull(p, vendors.GitHub, "outage")
	sees(t, d, vendors.GitHub, false)
	say(p, "/sparky status")
	p.Says(".ephemeral", "This is the partners' own word")
	take("status.png", ".message:last-child")
	p.Wait("the other channel has news", `document.querySelector('[data-channel="integration-alerts"]').className === "unread"`)
	take("demo.png", "body")
}

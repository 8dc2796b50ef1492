package main

import (
	"testing"

	"sparky/fixtures/page/browser"
	"sparky/fixtures/world/vendors"
)

func TestTmpShots(t *testing.T) {
	d := startDemo(t)
	p := browser.Open(t, d.Address(), 1440, 900)
	lever(p, vendors.ServiceNow, "Answers 500")
	card(p, "ServiceNow", "on-call was paged")
	shoot(t, p, "t-lever", "body")
	p.Click("#cause button", "See what it caused")
	p.Says("#journal-list", "calls whoever is on call")
	say2(t, p)
	shoot(t, p, "t-journal", "body")
	p.Click(".entry summary", "calls whoever")
	p.Says(".entry .more", "It sent")
	shoot(t, p, "t-journal-open", "body")
	p.Resize(390, 844)
	shoot(t, p, "t-journal-phone", "body")
	p.Click("[data-channel=integration-alerts]", "")
	shoot(t, p, "t-phone", "html")
	if browser.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("wider than a phone")
	}
	q := browser.OpenDark(t, d.Address(), 1440, 900)
	q.Click("#home-button", "")
	q.Says(".home", "Coming changes")
	shoot(t, q, "t-home-dark", "body")
	q.Click("#journal-button", "")
	q.Says("#journal-list", "calls whoever is on call")
	shoot(t, q, "t-journal-dark", "body")
}

func say2(t *testing.T, p *browser.Page) {}

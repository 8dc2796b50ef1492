package bot

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
)

// spaced fails where two calls of apps.connections.open lie closer together than Slack's limit wants.
func spaced(t *testing.T, at []time.Time) {
	t.Helper()
	for i := 1; i < len(at); i++ {
		if gap := at[i].Sub(at[i-1]); gap < openEvery {
			t.Errorf("opening %d came %s after the one before", i, gap)
		}
	}
}

func TestLinkAcknowledgesBeforeItWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		working, finish := make(chan string), make(chan struct{})
		r := f.run(func(ctx context.Context, req commands.Request) commands.Reply {
			working <- req.Text
			<-finish
			return echo(ctx, req)
		})
		c := f.waitLink(0)
		f.waitLink(1)
		c.send(slash("E1", "status okta"))
		if a := c.ack(t); a.ID != "E1" || a.Payload != nil {
			t.Errorf("ack = %+v, want an empty one of E1", a)
		}
		if got := <-working; got != "status okta" {
			t.Errorf("asked %q", got)
		}
		close(finish)
		synctest.Wait()
		answers := f.called("respond/1")
		if len(answers) != 1 || answers[0].JSON["text"] != "You asked: status okta" || answers[0].JSON["response_type"] != "ephemeral" {
			t.Errorf("answers = %+v", answers)
		}
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		for n := range linkLines {
			if !f.waitLink(n).closedProperly() {
				t.Errorf("link %d was not closed by a handshake: %v", n, f.links[n].err)
			}
		}
	})
}

func TestTwoLinksAndHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		f.waitLink(1).send(slash("E1", "help"))
		elapse(10 * time.Minute)
		h := r.link.Health()
		if h.Problem != "" || len(h.Links) != 2 || !h.Links[0].Up || !h.Links[1].Up {
			t.Errorf("health = %+v", h)
		}
		for n, l := range h.Links {
			if age := time.Since(l.Since); age < 9*time.Minute || time.Since(l.LastPing) > 6*time.Second {
				t.Errorf("link %d: %s old, last ping %s ago", n, age, time.Since(l.LastPing))
			}
		}
		if h.Links[1].LastEvent.IsZero() || !h.Links[0].LastEvent.IsZero() {
			t.Errorf("events: %+v", h.Links)
		}
		if n := len(f.opens()); n != 2 {
			t.Errorf("%d links opened for two that lived", n)
		}
		spaced(t, f.opens())
		_ = r.stop()
	})
}

// Row 1 of what was measured of slack-go: a server that accepts and closes.
func TestAcceptThenCloseIsApproachedSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.link = func(int, *serverLink) {}
		r := f.run(echo)
		elapse(10 * time.Minute)
		at := f.opens()
		spaced(t, at)
		// 1+2+4+8+16+32 s, then one a minute: about 15 in ten minutes and a line.
		if n := len(at); n < 20 || n > 34 {
			t.Errorf("%d openings in ten minutes", n)
		}
		if h := r.link.Health(); h.Problem == "" || h.Links[0].Up {
			t.Errorf("health = %+v", h)
		}
		_ = r.stop()
	})
}

func TestBackoffIsForgottenOnlyAfterAMinute(t *testing.T) {
	for _, c := range []struct {
		life     time.Duration
		min, max int
	}{{59 * time.Second, 60, 72}, {61 * time.Second, 110, 118}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			f.link = func(_ int, s *serverLink) {
				timer := time.AfterFunc(c.life, func() { s.Conn.Close() })
				defer timer.Stop()
				s.serve()
			}
			r := f.run(echo)
			elapse(time.Hour)
			if n := len(f.opens()); n < c.min || n > c.max {
				t.Errorf("links of %s: %d openings in an hour, want %d to %d", c.life, n, c.min, c.max)
			}
			spaced(t, f.opens())
			_ = r.stop()
		})
	}
}

func TestBackoff(t *testing.T) {
	b := backoff{jitter: func() float64 { return 0 }}
	var waits []time.Duration
	for range 9 {
		b.after(trouble{words: "x"})
		waits = append(waits, b.next)
	}
	if got, want := fmt.Sprint(waits), "[1s 2s 4s 8s 16s 32s 1m0s 1m0s 1m0s]"; got != want {
		t.Errorf("waits = %s, want %s", got, want)
	}
	b.reset()
	b.after(trouble{atOnce: true})
	if b.next != 0 {
		t.Errorf("a refresh of a good link waits %s", b.next)
	}
	b.after(trouble{atOnce: true})
	if b.next != 2*time.Second {
		t.Errorf("a second refresh at once waits %s", b.next)
	}
	b = backoff{jitter: func() float64 { return 0.999 }}
	b.after(trouble{words: "x", least: 20 * time.Second})
	if b.next < 20*time.Second || b.next > 25*time.Second {
		t.Errorf("with jitter: %s", b.next)
	}
}

// Rows 2 and 3: the reason of a disconnect is understood, and a refresh leaves no gap.
func TestRefreshOpensTheNewLinkFirst(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			r := f.run(echo)
			first, _ := f.waitLink(0), f.waitLink(1)
			elapse(2 * time.Hour)
			first.send(`{"type":"disconnect","reason":"` + reason + `","debug_info":{"host":"x"}}`)
			fresh := f.waitLink(2)
			synctest.Wait()
			select {
			case <-first.closed:
				t.Error("the old link was closed when the new one came up")
			default:
			}
			// What still comes on the old link is acknowledged there, and what comes on the new one too.
			first.send(slash("E1", "help"))
			fresh.send(slash("E2", "help"))
			if a := first.ack(t); a.ID != "E1" {
				t.Errorf("old link acknowledged %+v", a)
			}
			if a := fresh.ack(t); a.ID != "E2" {
				t.Errorf("new link acknowledged %+v", a)
			}
			elapse(2 * time.Minute)
			if !first.closedProperly() {
				t.Error("the old link was left open")
			}
			if h := r.link.Health(); h.Problem != "" || !h.Links[0].Up || !h.Links[1].Up {
				t.Errorf("health = %+v", h)
			}
			if told := r.told(); len(told) != 0 {
				t.Errorf("the operator was told %q about a refresh", told)
			}
			_ = r.stop()
		})
	}
}

func TestDisabledLinkWaitsForAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		var enabled atomic.Bool
		f.link = func(_ int, c *serverLink) {
			if enabled.Load() {
				c.serve()
				return
			}
			c.send(`{"type":"disconnect","reason":"link_disabled"}`)
		}
		r := f.run(echo)
		elapse(21 * time.Minute)
		if n := len(f.opens()); n < 6 || n > 12 {
			t.Errorf("%d openings in 21 minutes of a disabled link", n)
		}
		if p := r.link.Health().Problem; !strings.Contains(p, "Socket Mode is switched off") {
			t.Errorf("problem = %q", p)
		}
		enabled.Store(true)
		elapse(6 * time.Minute)
		told := r.told()
		if h := r.link.Health(); h.Problem != "" || len(told) != 2 || !strings.Contains(told[0], "switch it on") || told[1] != "" {
			t.Errorf("health = %+v, told %q", h, told)
		}
		_ = r.stop()
	})
}

func TestTooManyLinksBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.link = func(_ int, c *serverLink) { c.send(`{"type":"disconnect","reason":"too_many_websockets"}`) }
		r := f.run(echo)
		elapse(10*time.Minute + 30*time.Second)
		if n := len(f.opens()); n < 18 || n > 24 {
			t.Errorf("%d openings in ten minutes", n)
		}
		if p := r.link.Health().Problem; !strings.Contains(p, "another Sparky") {
			t.Errorf("problem = %q", p)
		}
		_ = r.stop()
	})
}

// Rows 2 and 14: tokens that will not get better by trying are said and tried slowly; 404 names both possible causes.
func TestRefusedOpenings(t *testing.T) {
	body := func(code string) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"` + code + `"}`} }
	for _, c := range []struct {
		name     string
		answer   apiAnswer
		words    string
		min, max int // openings in 21 minutes
	}{
		{"invalid_auth", body("invalid_auth"), "valid token", 10, 10},
		{"token_expired", body("token_expired"), "valid token", 10, 10},
		{"token_revoked", body("token_revoked"), "install Sparky", 10, 10},
		{"account_inactive", body("account_inactive"), "install Sparky", 10, 10},
		{"missing_scope", body("missing_scope"), "add the scope", 10, 10},
		{"not_allowed_token_type", body("not_allowed_token_type"), "xapp-", 10, 10},
		{"404", apiAnswer{Status: http.StatusNotFound, Body: "<html>"}, "api_url is wrong, or slack.app_token is bad", 10, 10},
		{"401", apiAnswer{Status: http.StatusUnauthorized}, "app_token is bad, or a proxy", 10, 10},
		{"503", apiAnswer{Status: http.StatusServiceUnavailable, Body: "<html>"}, "503", 40, 60},
		{"internal_error", body("internal_error"), "internal_error", 40, 60},
		{"429", apiAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"300"}}}, "slow down", 8, 10},
		{"429 for ever", apiAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"99999999"}}}, "slow down", 4, 4},
		{"no address", apiAnswer{Body: `{"ok":true}`}, "no address", 40, 60},
		{"unreadable address", apiAnswer{Body: `{"ok":true,"url":"wss://x/%zz?ticket=secret-1"}`}, "no address", 40, 60},
		{"not JSON", apiAnswer{Body: "<html>"}, "invalid character", 40, 60},
		{"no network", apiAnswer{Err: errReset}, "reset", 40, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeSlack(t)
				f.method["apps.connections.open"] = func(apiCall) apiAnswer { return c.answer }
				r := f.run(echo)
				elapse(20*time.Minute + 30*time.Second)
				at := f.opens()
				spaced(t, at)
				if len(at) < c.min || len(at) > c.max {
					t.Errorf("%d openings, want %d to %d", len(at), c.min, c.max)
				}
				if p := r.link.Health().Problem; !strings.Contains(p, c.words) {
					t.Errorf("problem = %q, want something with %q", p, c.words)
				}
				if err := r.stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestDialFailuresNeverShowTheTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.link = func(int, *serverLink) {}
		r := f.run(echo)
		elapse(time.Minute)
		_ = r.stop()
		shown := f.log.String() + fmt.Sprint(r.told()) + r.link.Health().Problem
		if strings.Contains(shown, "secret-") || strings.Contains(shown, "xapp-") || len(shown) == 0 {
			t.Errorf("shown: %s", shown)
		}
	})
}

// Row 15: nothing shortens the links.
func TestAPIAsksForFullLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		c := f.waitLink(0)
		_ = r.stop()
		handshake := string(c.client.written()[0])
		if !strings.Contains(handshake, "ticket=secret-") || strings.Contains(handshake, "debug_reconnects") {
			t.Errorf("handshake: %q", handshake)
		}
		call := f.called("apps.connections.open")[0]
		if call.Header.Get("Authorization") != "Bearer xapp-1" {
			t.Errorf("authorization: %q", call.Header.Get("Authorization"))
		}
	})
}

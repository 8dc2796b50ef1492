package bot

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"sparky/commands"
)

func TestSilentLinkIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.link = func(n int, c *serverLink) {
			if n == 0 {
				// Half-open: it answers our pings and never sends one.
				c.serveWith(24 * time.Hour)
				return
			}
			c.serve()
		}
		r := f.run(echo)
		dead := f.waitLink(0)
		fresh := f.waitLink(2)
		if took := fresh.opened.Sub(dead.opened); took < silence || took > silence+3*time.Second {
			t.Errorf("replaced after %s", took)
		}
		elapse(time.Minute)
		if h := r.link.Health(); h.Problem != "" || !h.Links[0].Up || !h.Links[1].Up {
			t.Errorf("health = %+v", h)
		}
		if !strings.Contains(f.log.String(), "no ping from Slack for 30s") {
			t.Errorf("log: %s", f.log.String())
		}
		_ = r.stop()
		elapse(time.Until(dead.opened.Add(25 * time.Hour))) // its server's last ping
	})
}

// Slack may refresh every link at once. That is no news, as long as others come up; that none does is.
func TestAllLinksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		one, other := f.waitLink(0), f.waitLink(1)
		elapse(time.Hour)
		for _, c := range []*serverLink{one, other} {
			c.send(`{"type":"disconnect","reason":"refresh_requested"}`)
			c.Conn.Close()
		}
		elapse(10 * time.Second)
		if told := r.told(); len(told) != 0 {
			t.Errorf("told %q about a refresh", told)
		}
		f.method["apps.connections.open"] = func(apiCall) apiAnswer { return apiAnswer{Err: errReset} }
		for n := range linkLines {
			f.waitLink(n + 2).Conn.Close()
		}
		elapse(20 * time.Second)
		if told := r.told(); len(told) != 1 || !strings.Contains(told[0], "reset") {
			t.Errorf("told %q when no link came up any more", told)
		}
		_ = r.stop()
	})
}

func TestWePingToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		var pings atomic.Int32
		f.link = func(_ int, c *serverLink) {
			c.SetPingHandler(func(string) error { pings.Add(1); return nil })
			c.serve()
		}
		r := f.run(echo)
		f.waitLink(1)
		elapse(time.Minute)
		if n := pings.Load(); n < 10 || n > 14 {
			t.Errorf("%d pings of ours in a minute on two links", n)
		}
		_ = r.stop()
	})
}

// Row 5: work that hangs holds up neither acknowledgements nor pings; a full queue tells the person.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		finish := make(chan struct{})
		r := f.run(func(ctx context.Context, req commands.Request) commands.Reply {
			<-finish
			return echo(ctx, req)
		}, func(o *InboxOptions) { o.Workers, o.Queue = 2, 3 })
		c := f.waitLink(0)
		for n := range 5 {
			c.send(slash(fmt.Sprint("E", n), "status"))
			if a := c.ack(t); a.ID != fmt.Sprint("E", n) || a.Payload != nil {
				t.Fatalf("ack %d = %+v", n, a)
			}
			synctest.Wait()
		}
		c.send(slash("E5", "status"))
		if a := c.ack(t); a.ID != "E5" || a.Payload["response_type"] != "ephemeral" || !strings.Contains(fmt.Sprint(a.Payload["text"]), "busy") {
			t.Errorf("ack of what did not fit = %+v", a)
		}
		// A click and an event are left to Slack: it tells the person, or brings the event again.
		c.send(click("E6", "1:status"))
		c.send(mention("E7", "Ev7", "<@B> status"))
		elapse(5 * time.Minute)
		if len(c.frames) != 0 {
			t.Errorf("acknowledged without taking on: %s", <-c.frames)
		}
		if h := r.link.Health(); h.Queued != 3 || h.Working != 2 || h.Skipped.Refused != 3 || h.Problem != "" {
			t.Errorf("health = %+v", h)
		}
		close(finish)
		synctest.Wait()
		c.send(mention("E8", "Ev7", "<@B> status"))
		if a := c.ack(t); a.ID != "E8" {
			t.Errorf("ack = %+v", a)
		}
		synctest.Wait()
		if n := len(f.called("chat.postMessage")); n != 1 {
			t.Errorf("the event that came again was answered %d times", n)
		}
		_ = r.stop()
	})
}

// Row 6: a peer that takes nothing any more holds an acknowledgement for seconds, not for ever.
func TestBlockedAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		stuck := make(chan struct{})
		f.link = func(n int, c *serverLink) {
			if n > 0 {
				c.serve()
				return
			}
			c.send(`{"type":"hello"}`)
			for i := range pipeRoom + 4 {
				c.send(slash(fmt.Sprint("E", i), "help"))
			}
			<-stuck
		}
		r := f.run(echo)
		first := f.waitLink(0)
		fresh := f.waitLink(2)
		if took := fresh.opened.Sub(first.opened); took > ackWithin+2*time.Second {
			t.Errorf("replaced after %s", took)
		}
		close(stuck)
		fresh.send(slash("E99", "help"))
		if a := fresh.ack(t); a.ID != "E99" {
			t.Errorf("ack = %+v", a)
		}
		_ = r.stop()
	})
}

// Row 7: at the end every acknowledgement is out, and what was taken on is answered.
func TestShutdownLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(func(ctx context.Context, req commands.Request) commands.Reply {
			elapse(time.Second)
			return echo(ctx, req)
		})
		c := f.waitLink(0)
		for n := range 15 {
			c.send(slash(fmt.Sprint("E", n), "status"))
		}
		synctest.Wait()
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		answers := 0
		for _, call := range f.called("respond/1") {
			if call.JSON["text"] == "You asked: status" {
				answers++
			}
		}
		if acks := len(c.frames); acks != 15 || answers != 15 {
			t.Errorf("%d acknowledgements and %d answers for 15 commands", acks, answers)
		}
	})
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(func(ctx context.Context, _ commands.Request) commands.Reply {
			<-ctx.Done()
			return commands.Reply{Text: "cut short"}
		})
		f.waitLink(0).send(slash("E1", "probe"))
		synctest.Wait()
		began := time.Now()
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < drainFor || took > drainFor+5*time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

func TestShutdownNamesWorkThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		release := make(chan struct{})
		r := f.run(func(context.Context, commands.Request) commands.Reply {
			<-release
			return commands.Reply{Text: "late"}
		})
		f.waitLink(0).send(slash("E1", "probe"))
		synctest.Wait()
		if err := r.stop(); err == nil || !strings.Contains(err.Error(), "1 requests still at work") {
			t.Errorf("err = %v", err)
		}
		close(release)
	})
}

// Rows 8 and 9: what cannot be read or is not known is acknowledged, or Slack would bring it three times more.
func TestStrangeEnvelopesAreAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		c := f.waitLink(0)
		envelopes := []string{
			`{"type":"sparkles","envelope_id":"E0","payload":{}}`,
			`{"envelope_id":"E1"}`,
			`{"type":"events_api","envelope_id":"E2","payload":{"type":"event_callback","event_id":"Ev1"}}`,
			`{"type":"events_api","envelope_id":"E3","payload":"text"}`,
			`{"type":"events_api","envelope_id":"E4","payload":{"event":{"type":"reaction_added","user":"U1"}}}`,
			`{"type":"interactive","envelope_id":"E5","payload":{"type":"block_actions","user":{"id":7}}}`,
			`{"type":"interactive","envelope_id":"E6","payload":{"type":"view_closed"}}`,
			`{"type":"slash_commands","envelope_id":"E7","payload":null}`,
			`{"type":"slash_commands","envelope_id":"E8","retry_attempt":"three","payload":{}}`,
			`{"type":"interactive","envelope_id":"E9"}`,
		}
		for _, frame := range []string{"null", "[]", "{", `"text"`, "{}", `{"type":"disconnect"`, `{"type":"hello","envelope_id":5}`} {
			c.send(frame)
		}
		for n, frame := range envelopes {
			c.send(frame)
			if a := c.ack(t); a.ID != fmt.Sprint("E", n) {
				t.Errorf("ack of %s = %+v", frame, a)
			}
		}
		c.mu.Lock()
		_ = c.WriteMessage(websocket.BinaryMessage, []byte(slash("B1", "help")))
		c.mu.Unlock()
		c.send(slash("E99", "help"))
		if a := c.ack(t); a.ID != "E99" {
			t.Errorf("after all of them: %+v", a)
		}
		if s := r.link.Health().Skipped; s.Unreadable < 10 || s.Unknown != 4 {
			t.Errorf("skipped = %+v", s)
		}
		if n := len(f.opens()); n > 2 {
			t.Errorf("%d links were opened: strange frames broke one", n)
		}
		_ = r.stop()
	})
}

func TestRepetitionsAreWorkedOnOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		one, other := f.waitLink(0), f.waitLink(1)
		for n, c := range []*serverLink{one, other, one, other} {
			c.send(mention(fmt.Sprint("E", n), "Ev1", "<@B> status"))
			if a := c.ack(t); a.ID != fmt.Sprint("E", n) {
				t.Errorf("ack = %+v", a)
			}
			elapse(100 * time.Second) // Slack's last repetition comes after five minutes
		}
		// A repetition of what was never seen is no repetition.
		other.send(strings.Replace(mention("E9", "Ev2", "<@B> status"), `{`, `{"retry_attempt":2,"retry_reason":"timeout",`, 1))
		elapse(3 * time.Second)
		if n := len(f.called("chat.postMessage")); n != 2 {
			t.Errorf("%d answers to two events", n)
		}
		if s := r.link.Health().Skipped; s.Repeated != 3 {
			t.Errorf("skipped = %+v", s)
		}
		_ = r.stop()
	})
}

// Slack drops acknowledgements in several frames, and those of 20 KB and more.
func TestAcknowledgementIsOneFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		r := f.run(echo)
		f.waitLink(0)
		s := newSession(r.link, 0, nil)
		for name, length := range map[string]int{"long": 19 << 10, "too long": 21 << 10} {
			client, server := bufferedPipe()
			s.conn = clientConn(t, client, server)
			before := len(client.written())
			if err := s.acknowledge("E1", map[string]string{"text": strings.Repeat("x", length)}); err != nil {
				t.Fatal(err)
			}
			frames := client.written()[before:]
			// 0x81: the final frame of a text message, and the first (RFC 6455, section 5.2).
			if len(frames) != 1 || frames[0][0] != 0x81 {
				t.Errorf("%s: %d frames", name, len(frames))
			}
			if n := len(frames[0]); length < longestAck && n < length || length > longestAck && n > 100 {
				t.Errorf("%s: a frame of %d bytes", name, n)
			}
			s.conn.Close()
			server.Close()
		}
		_ = r.stop()
	})
}

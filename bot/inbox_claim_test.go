package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
)

// claims is a memory that several inboxes share.
type claims struct {
	mu    sync.Mutex
	owner map[string]string
	until map[string]time.Time
	asked []string // the ids that were asked about
	away  func(ctx context.Context) error
}

func newClaims() *claims { return &claims{owner: map[string]string{}, until: map[string]time.Time{}} }

func (c *claims) ClaimEvent(ctx context.Context, id, owner string, hold time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, id)
	if c.away != nil {
		return false, c.away(ctx)
	}
	if time.Now().Before(c.until[id]) {
		return false, nil
	}
	c.owner[id], c.until[id] = owner, time.Now().Add(hold)
	return true, nil
}

func (c *claims) EventDone(ctx context.Context, id, owner string, keep time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return c.away(ctx)
	}
	if c.owner[id] == owner {
		c.until[id] = time.Now().Add(keep)
	}
	return ctx.Err()
}

// as makes an inbox one of several replicas that share the claims.
func (c *claims) as(owner string) func(*InboxOptions) {
	return func(o *InboxOptions) { o.Claims, o.Owner = c, owner }
}

// counting is a runner that counts what it did, each of which takes its time.
func counting(ran *atomic.Int32, takes time.Duration) runnerFunc {
	return func(_ context.Context, req commands.Request) commands.Reply {
		elapse(takes)
		ran.Add(1)
		return commands.Reply{Text: "did " + req.Text}
	}
}

// comesAgain is a frame as Slack brings it once more.
func comesAgain(frame, envelope string) string {
	return strings.Replace(strings.Replace(frame, `"E1"`, `"`+envelope+`"`, 1), `{`, `{"retry_attempt":1,"retry_reason":"http_timeout",`, 1)
}

func TestAnEventThatComesToTwoReplicasIsDoneOnce(t *testing.T) {
	direct := envelopeOf("events_api", "E1", map[string]any{"event_id": "Ev1",
		"event": map[string]any{"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "text": "probe okta", "ts": "2.1"}})
	for _, c := range []struct {
		name, frame  string
		takes, after time.Duration // the work, and when the event comes again
	}{
		{"a mention, done", mention("E1", "Ev1", "<@B> probe okta"), 0, time.Second},
		{"a mention, while it is worked on", mention("E1", "Ev1", "<@B> probe okta"), 30 * time.Second, 3 * time.Second},
		{"a mention, the last time", mention("E1", "Ev1", "<@B> probe okta"), 0, 5 * time.Minute},
		{"a direct message", direct, 5 * time.Second, 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, ran := newClaims(), &atomic.Int32{}
				slackOne, slackOther := newFakeSlack(t), newFakeSlack(t)
				one, other := slackOne.run(counting(ran, c.takes), shared.as("one")), slackOther.run(counting(ran, c.takes), shared.as("other"))
				first, second := slackOne.waitLink(0), slackOther.waitLink(0)
				first.send(c.frame)
				first.ack(t)
				elapse(c.after)
				second.send(comesAgain(c.frame, "E2"))
				second.ack(t)
				elapse(time.Minute)
				_, _, skipped := other.inbox.load()
				for _, r := range []*running{one, other} {
					if err := r.stop(); err != nil {
						t.Error(err)
					}
				}
				if ran.Load() != 1 || skipped.Repeated != 1 {
					t.Errorf("it was done %d times, and %d times seen to be a repetition", ran.Load(), skipped.Repeated)
				}
				if said := slackOther.called("chat.postMessage"); len(said) != 0 {
					t.Errorf("the one that it came to again says %v", said)
				}
			})
		})
	}
}

func TestOnlyWhatComesAgainIsClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := newClaims()
		deliver(t, echo, func(_ *fakeSlack, o *InboxOptions) { shared.as("one")(o) },
			slash("E1", "status"), click("E2", "1:status"), homeOpened("E3", "Ev3", "home"), mention("E4", "Ev4", "<@B> status"))
		if len(shared.asked) != 1 || shared.asked[0] != "Ev4" {
			t.Errorf("claimed: %v", shared.asked)
		}
	})
}

// What a process that died had taken on is done by another one, once the claim has run out: Slack's last time, where it never
// had the acknowledgement. Before that it may still be at work.
func TestADeadOwnersEventIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, ran := newClaims(), &atomic.Int32{}
		if mine, err := shared.ClaimEvent(t.Context(), "Ev1", "dead", claimFor); !mine || err != nil {
			t.Fatal(mine, err)
		}
		f := newFakeSlack(t)
		r := f.run(counting(ran, 0), shared.as("other"))
		link := f.waitLink(0)
		elapse(5 * time.Minute)
		link.send(comesAgain(mention("E1", "Ev1", "<@B> status"), "E2"))
		link.ack(t)
		elapse(time.Second)
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if ran.Load() != 1 || shared.owner["Ev1"] != "other" {
			t.Errorf("done %d times, by %q", ran.Load(), shared.owner["Ev1"])
		}
	})
}

// What was passed over while its owner was alive is done all the same where that one has died since: Slack had the
// acknowledgement and never brings it again.
func TestWhatADeadOwnerHadIsTakenOnByWhoPassedItOver(t *testing.T) {
	for _, c := range []struct {
		name string
		dies bool
		away func(context.Context) error // what the memory says later
		done int32
	}{
		{"it has died", true, nil, 1},
		{"it has done it", false, nil, 0},
		{"nobody can tell", true, func(context.Context) error { return errors.New("connection refused") }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, ran := newClaims(), &atomic.Int32{}
				if mine, err := shared.ClaimEvent(t.Context(), "Ev1", "one", claimFor); !mine || err != nil {
					t.Fatal(mine, err)
				}
				f := newFakeSlack(t)
				r := f.run(counting(ran, 0), shared.as("other"))
				link := f.waitLink(0)
				link.send(comesAgain(mention("E1", "Ev1", "<@B> status"), "E2"))
				link.ack(t)
				elapse(30 * time.Second)
				if !c.dies {
					if err := shared.EventDone(t.Context(), "Ev1", "one", rememberFor); err != nil {
						t.Fatal(err)
					}
				}
				shared.mu.Lock()
				shared.away = c.away
				shared.mu.Unlock()
				elapse(2 * claimFor)
				_, _, skipped := r.inbox.load()
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				if ran.Load() != c.done || skipped.Repeated != 1 || len(f.called("chat.postMessage")) != int(c.done) {
					t.Errorf("done %d times, %d times seen to be a repetition, said %v", ran.Load(), skipped.Repeated, f.called("chat.postMessage"))
				}
			})
		})
	}
}

// Who waits for a claim to run out holds up no end, and no more of them wait than there is room for in the queue.
func TestThoseWhoWaitForAClaimAreFewAndEndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, ran := newClaims(), &atomic.Int32{}
		f := newFakeSlack(t)
		r := f.run(counting(ran, 0), func(o *InboxOptions) { shared.as("other")(o); o.Queue = 2 })
		link := f.waitLink(0)
		for _, id := range []string{"Ev1", "Ev2", "Ev3"} {
			if mine, err := shared.ClaimEvent(t.Context(), id, "one", claimFor); !mine || err != nil {
				t.Fatal(mine, err)
			}
			link.send(mention("E"+id, id, "<@B> status"))
			link.ack(t)
			elapse(time.Second)
		}
		if waiting := len(r.inbox.passed); waiting != 2 || !strings.Contains(f.log.String(), "event=Ev3") {
			t.Errorf("%d wait", waiting)
		}
		began := time.Now()
		if err := r.stop(); err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("stopping took %v: %v", time.Since(began), err)
		}
		if ran.Load() != 0 {
			t.Errorf("done %d times", ran.Load())
		}
	})
}

func TestAClaimOutlivesItsWork(t *testing.T) {
	if last := 5 * time.Minute; claimFor <= workWithin+answerWithin || claimFor >= last || rememberFor <= last {
		t.Errorf("a claim holds for %v, of work that takes %v; what is done is known for %v", claimFor, workWithin+answerWithin, rememberFor)
	}
}

func TestWithoutTheSharedMemoryAnEventIsWorkedOnAllTheSame(t *testing.T) {
	for name, away := range map[string]func(context.Context) error{
		"away":            func(context.Context) error { return errors.New("connection refused") },
		"does not answer": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, ran := newClaims(), &atomic.Int32{}
				shared.away = away
				f := newFakeSlack(t)
				r := f.run(counting(ran, 0), shared.as("one"))
				link := f.waitLink(0)
				link.send(mention("E1", "Ev1", "<@B> status"))
				link.ack(t)
				elapse(claimWithin + time.Second)
				link.send(comesAgain(mention("E1", "Ev1", "<@B> status"), "E2"))
				link.ack(t)
				elapse(10 * time.Second)
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				if ran.Load() != 1 {
					t.Errorf("it was done %d times", ran.Load())
				}
			})
		})
	}
}

// A note that went out for an event which another replica has by then does not stand as if it were worked on here.
func TestANoteIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, ran := newClaims(), &atomic.Int32{}
		f := newFakeSlack(t)
		r := f.run(counting(ran, 10*time.Second), func(o *InboxOptions) { shared.as("one")(o); o.Workers = 1 })
		link := f.waitLink(0)
		link.send(mention("E0", "Ev0", "<@B> certify okta"))
		link.ack(t)
		elapse(time.Second)
		link.send(mention("E1", "Ev1", "<@B> status"))
		link.ack(t)
		elapse(4 * time.Second)
		if mine, err := shared.ClaimEvent(t.Context(), "Ev1", "other", claimFor); !mine || err != nil {
			t.Fatal(mine, err)
		}
		elapse(time.Minute)
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		edits := f.called("chat.update")
		if ran.Load() != 1 || len(edits) == 0 || !strings.Contains(edits[len(edits)-1].Form.Get("text"), "in another message") {
			t.Errorf("done %d times, and the notes became %v", ran.Load(), edits)
		}
	})
}

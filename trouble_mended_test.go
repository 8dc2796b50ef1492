package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sparky/bot"
	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// office is a system outside that refuses, or takes, what it is asked.
type office struct {
	mu  sync.Mutex
	why string // empty: it takes it
}

func (o *office) set(why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.why = why
}

// officeRefusal is for good.
type officeRefusal string

func (r officeRefusal) Error() string  { return "doing it: " + string(r) }
func (r officeRefusal) Reason() string { return string(r) }
func (officeRefusal) Permanent() bool  { return true }

func (o *office) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.why != "" {
		return nil, officeRefusal(o.why)
	}
	return []byte("{}"), nil
}

func (*office) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// board is where messages about troubles stand, as they were drawn.
type board struct {
	mu    sync.Mutex
	shut  bool
	drawn map[string][]bool // key: whether it said that it is over
}

func (b *board) Do(_ context.Context, key string, payload, previous []byte) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	over := strings.Contains(string(payload), `"over"`)
	switch {
	case b.shut:
		return nil, officeRefusal("Slack answers 401")
	case over && previous == nil:
		return nil, nil // as bot.TroubleLetter does
	}
	b.drawn[key] = append(b.drawn[key], over)
	return []byte("{}"), nil
}

func (b *board) Find(context.Context, string, []byte) ([]byte, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return nil, false, officeRefusal("Slack answers 401")
	}
	return nil, false, nil
}

func (b *board) open(open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = !open
}

// said is each message as it was drawn: - that something cannot be done, + that it can again.
func (b *board) said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, drawings := range b.drawn {
		text := ""
		for _, over := range drawings {
			text += map[bool]string{true: "+", false: "-"}[over]
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// clinic is a queue whose effects are refused by offices, and people who are told.
type clinic struct {
	*testing.T
	memory *store.Store
	jira   *office
	page   *office
	slack  *office
	board  *board
	teller *troubleTeller
}

func inClinic(t *testing.T, do func(c *clinic)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		c := &clinic{T: t, memory: memory, jira: &office{}, page: &office{}, slack: &office{}, board: &board{drawn: map[string][]bool{}},
			teller: &troubleTeller{memory: memory, log: log}}
		routes := map[string]scheduler.Route{
			"jira.ticket": {Performer: c.jira}, "public.post": {Performer: c.page}, "public.components": {Performer: c.page}, "slack.digest": {Performer: c.slack},
			bot.EffectTrouble: {Performer: &belated{Performer: c.board}},
		}
		dispatcher := scheduler.NewDispatcher(memory, routes, scheduler.Options{OnTrouble: c.teller.tell, Woken: memory.Recorded(), TroubleEvery: troubleEvery})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := dispatcher.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		running.Go(func() {
			for tick := time.NewTicker(mendedEvery); ; {
				select {
				case <-ctx.Done():
					tick.Stop()
					return
				case <-tick.C:
				}
				if err := c.teller.sweep(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
		do(c)
		cancel()
		running.Wait()
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (c *clinic) asks(kind, key string) {
	c.Helper()
	if err := c.memory.Record(c.Context(), incidents.NewEffect(kind, key, 1)); err != nil {
		c.Fatal(err)
	}
}

func (c *clinic) passes(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (c *clinic) want(said string) {
	c.Helper()
	if got := c.board.said(); got != said {
		c.Errorf("said %q, want %q", got, said)
	}
}

// The message about a trouble is taken back once, when all that it held up is done.
func TestATroubleIsTakenBackOnceWhenItIsMended(t *testing.T) {
	inClinic(t, func(c *clinic) {
		c.jira.set("the token is bad")
		c.asks("jira.ticket", "a")
		c.asks("jira.ticket", "b")
		c.passes(5 * time.Minute)
		c.want("-")
		c.teller = &troubleTeller{memory: c.memory, log: c.teller.log} // a restart does not tell it again
		c.asks("jira.ticket", "c")
		c.passes(5 * time.Minute)
		c.want("-")
		c.jira.set("it fails otherwise now")
		c.passes(5 * time.Minute)
		c.want("-")
		c.jira.set("")
		c.passes(2 * time.Minute)
		c.want("-+")
		c.passes(time.Hour)
		c.want("-+")
		c.jira.set("the token is bad")
		c.asks("jira.ticket", "d")
		c.passes(5 * time.Minute)
		c.jira.set("")
		c.passes(2 * time.Minute)
		c.want("-+ -+")
	})
}

func TestACauseInASystemIsToldOnceWhateverIsDone(t *testing.T) {
	inClinic(t, func(c *clinic) {
		c.page.set("give a valid API key")
		c.jira.set("give a valid API key")
		c.asks("public.post", "a")
		c.asks("public.components", "b")
		c.passes(time.Minute)
		c.want("-")
		c.asks("jira.ticket", "c") // another system's
		c.passes(2 * time.Minute)
		c.want("- -")
		c.page.set("")
		c.jira.set("")
		c.passes(2 * time.Minute)
		c.want("-+ -+")
	})
}

// What could not be said before it was mended is not said at all.
func TestATroubleThatIsMendedBeforeItCouldBeToldIsNotTold(t *testing.T) {
	for name, after := range map[string]time.Duration{"in minutes": 4 * time.Minute, "in hours": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inClinic(t, func(c *clinic) {
				c.slack.set("Slack answers 401")
				c.board.open(false)
				c.asks("slack.digest", "a")
				c.passes(after)
				c.slack.set("")
				c.board.open(true)
				c.passes(10 * time.Minute)
				c.want("")
				if waiting, err := c.memory.Troubles(c.Context()); err != nil || len(waiting) > 0 {
					c.Errorf("waiting: %v, %v", waiting, err)
				}
			})
		})
	}
}

// What could not be said for a while and is still so then is said.
func TestABelatedTroubleThatIsStillSoIsTold(t *testing.T) {
	inClinic(t, func(c *clinic) {
		c.slack.set("Sparky is not in the channel")
		c.board.open(false)
		c.asks("slack.digest", "a")
		c.passes(4 * time.Minute)
		c.board.open(true)
		c.passes(5 * time.Minute)
		c.want("-")
		c.slack.set("")
		c.passes(5 * time.Minute)
		c.want("-+")
	})
}

// A message that waits says why, and that nothing was posted.
func TestABelatedMessageWaits(t *testing.T) {
	var err error = secondLook{time.Minute}
	var waits interface{ RetryAfter() time.Duration }
	var unsent interface{ NotSent() bool }
	if !errors.As(err, &waits) || waits.RetryAfter() != time.Minute || !errors.As(err, &unsent) || !unsent.NotSent() {
		t.Errorf("%v", err)
	}
}

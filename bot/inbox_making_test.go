package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/commands"
)

// telling is a runner that shows its answer in the making, a step every few seconds, and then answers.
func telling(every time.Duration, answer commands.Reply, steps ...string) runnerFunc {
	return func(_ context.Context, req commands.Request) commands.Reply {
		for _, step := range steps {
			req.Progress(commands.Reply{Text: step, Public: answer.Public})
			elapse(every)
		}
		return answer
	}
}

// shown are the messages that were posted and edited, in their order.
func (f *fakeSlack) shown() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var shown []string
	for _, call := range f.calls {
		switch {
		case call.JSON != nil:
			text := whereTo(call)
			if call.JSON["replace_original"] == true {
				text += " replace"
			}
			shown = append(shown, fmt.Sprint(text, ": ", call.JSON["text"]))
		case strings.HasPrefix(call.Method, "chat."):
			shown = append(shown, whereTo(call)+": "+call.Form.Get("text"))
		}
	}
	return shown
}

func atHome(value string) string {
	return envelopeOf("interactive", "E1", map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1"},
		"actions": []any{map[string]string{"value": value}}})
}

func TestAnAnswerIsShownInTheMaking(t *testing.T) {
	private, public := commands.Reply{Text: "Done."}, commands.Reply{Text: "Done.", Public: true}
	never := func(f *fakeSlack, _ *InboxOptions) { f.method["chat.postMessage"] = saysNo("not_in_channel") }
	for _, c := range []struct {
		name    string
		runner  runnerFunc
		frame   string
		prepare func(*fakeSlack, *InboxOptions)
		want    []string
	}{
		{"command, public", telling(3*time.Second, public, "1 of 2", "2 of 2"), slash("E1", "probe okta"), asIs,
			[]string{"chat.postMessage C1: 1 of 2", "chat.update C1: 2 of 2", "chat.update C1: Done."}},
		{"command", telling(3*time.Second, private, "1 of 2", "2 of 2"), slash("E1", "probe okta"), asIs,
			[]string{"respond/1 ephemeral: 1 of 2", "respond/1 ephemeral replace: 2 of 2", "respond/1 ephemeral replace: Done."}},
		{"command, more steps than a response_url takes", telling(3*time.Second, private, "1", "2", "3", "4", "5", "6"), slash("E1", "x"), asIs,
			[]string{"respond/1 ephemeral: 1", "respond/1 ephemeral replace: 2", "respond/1 ephemeral replace: 3", "respond/1 ephemeral replace: Done."}},
		{"click, public: in the thread of the card", telling(3*time.Second, public, "1 of 2", "2 of 2"), click("E1", "1:probe okta"), asIs,
			[]string{"chat.postMessage C1 thread 111.000001: 1 of 2", "chat.update C1: 2 of 2", "chat.update C1: Done."}},
		// The original of a click is the card: it must not be replaced.
		{"click", telling(3*time.Second, private, "1 of 2", "2 of 2"), click("E1", "1:probe okta"), asIs,
			[]string{"respond/2 ephemeral: 1 of 2", "respond/2 ephemeral: Done."}},
		{"mention", telling(3*time.Second, private, "1 of 2", "2 of 2"), mention("E1", "Ev1", "<@B> probe"), asIs,
			[]string{"chat.postMessage C1 thread 222.000001: 1 of 2", "chat.update C1: 2 of 2", "chat.update C1: Done."}},
		{"home", telling(3*time.Second, public, "1 of 1"), atHome("1:probe okta"), asIs,
			[]string{"chat.postMessage U1: 1 of 1", "chat.update U1: Done."}},
		{"what is over at once is shown once at most", telling(0, public), slash("E1", "x"), asIs, []string{"respond/1 in_channel: Done."}},
		{"where Sparky cannot post", telling(3*time.Second, public, "1", "2"), slash("E1", "x"), never,
			[]string{"chat.postMessage C1: 1", "respond/1 in_channel: Done."}},
		{"a refusal stands where the making stood", telling(3*time.Second, commands.Reply{Text: "Sorry.", Public: true, Refused: true}, "1"), slash("E1", "x"), asIs,
			[]string{"chat.postMessage C1: 1", "chat.update C1: Sorry."}},
		{"after a note", func(_ context.Context, req commands.Request) commands.Reply {
			elapse(3 * time.Second)
			return telling(time.Second, public, "1")(context.Background(), req)
		}, slash("E1", "x"), asIs, []string{"respond/1 ephemeral: Working on it … `x`", "chat.postMessage C1: 1", "chat.update C1: Done."}},
		{"after a note that can be edited", func(_ context.Context, req commands.Request) commands.Reply {
			elapse(3 * time.Second)
			return telling(time.Second, private, "1")(context.Background(), req)
		}, mention("E1", "Ev1", "<@B> x"), asIs, []string{"chat.postMessage C1 thread 222.000001: Working on it … `x`", "chat.update C1: 1", "chat.update C1: Done."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeSlack(t)
				r := f.run(c.runner, func(o *InboxOptions) { c.prepare(f, o) })
				link := f.waitLink(0)
				f.waitLink(1)
				link.send(c.frame)
				link.ack(t)
				elapse(time.Minute)
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(c.want, f.shown()); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestAPanicLeavesNoHalfAnswer(t *testing.T) {
	for name, frame := range map[string]string{"command": slash("E1", "x"), "click": click("E1", "1:x"), "mention": mention("E1", "Ev1", "<@B> x")} {
		synctest.Test(t, func(t *testing.T) {
			f := deliver(t, func(_ context.Context, req commands.Request) commands.Reply {
				req.Progress(commands.Reply{Text: "half", Public: true})
				elapse(3 * time.Second)
				panic("nil map")
			}, asIs, frame)
			shown := f.shown()
			if len(shown) != 2 || !strings.HasPrefix(shown[1], "chat.update C1: That went wrong inside Sparky, reference ref-1") {
				t.Errorf("%s: %q", name, shown)
			}
		})
	}
}

// An edit that Slack does not take at once is tried again; one that it never takes is followed by the answer elsewhere.
func TestTheAnswerReplacesTheMakingEvenWhereSlackStumbles(t *testing.T) {
	for name, c := range map[string]struct {
		stumbles int
		with     apiAnswer
		want     string
	}{
		"busy twice":  {2, apiAnswer{Status: 429, Header: map[string][]string{"Retry-After": {"2"}}}, "chat.update C1: Done."},
		"lost once":   {1, apiAnswer{Err: errReset}, "chat.update C1: Done."},
		"deleted":     {99, apiAnswer{Body: `{"ok":false,"error":"message_not_found"}`}, "respond/1 in_channel: Done."},
		"always lost": {99, apiAnswer{Err: errReset}, "respond/1 in_channel: Done."},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			left := c.stumbles
			f.method["chat.update"] = func(call apiCall) apiAnswer {
				if left > 0 {
					left--
					return c.with
				}
				return f.ordinary(call, 1)
			}
			r := f.run(telling(3*time.Second, commands.Reply{Text: "Done.", Public: true}, "half"))
			link := f.waitLink(0)
			link.send(slash("E1", "x"))
			link.ack(t)
			elapse(time.Minute)
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			shown := f.shown()
			if last := shown[len(shown)-1]; last != c.want {
				t.Errorf("%s: the last that was shown is %q: %q", name, last, shown)
			}
		})
	}
}

// What comes faster than Slack takes edits is left out, the newest excepted, and nothing follows the answer.
func TestManyStepsAtOnceAreShownAsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late func(commands.Reply)
		f := deliver(t, func(_ context.Context, req commands.Request) commands.Reply {
			var all sync.WaitGroup
			for n := range 40 {
				all.Go(func() { req.Progress(commands.Reply{Text: fmt.Sprint("step ", n), Public: true}) })
			}
			all.Wait()
			req.Progress(commands.Reply{Text: "the last step", Public: true})
			elapse(5 * time.Second)
			late = req.Progress
			return commands.Reply{Text: "Done.", Public: true}
		}, asIs, slash("E1", "x"))
		late(commands.Reply{Text: "too late"})
		shown := f.shown()
		want := []string{"chat.update C1: the last step", "chat.update C1: Done."}
		if len(shown) == 0 {
			t.Fatal("nothing was shown")
		}
		if shown[0] == "chat.postMessage C1: the last step" {
			want = want[1:]
		}
		if diff := cmp.Diff(want, shown[1:]); diff != "" {
			t.Errorf("after the first (-want +got)\n%s", diff)
		}
	})
}

func TestARefusalIsSeenByThePresserAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(commands.Reply{Text: "Only operators may do that.", Public: true, Refused: true}, 0), asIs, click("E1", "1:ack ECO-1"))
		if shown := f.shown(); len(shown) != 1 || !strings.HasPrefix(shown[0], "respond/2 ephemeral: Only operators") {
			t.Errorf("%q", shown)
		}
	})
}

package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/commands"
	"sparky/incidents"
)

// deliver brings frames to a running Sparky, lets time go by and stops it.
func deliver(t *testing.T, runner runnerFunc, prepare func(*fakeSlack, *InboxOptions), frames ...string) *fakeSlack {
	t.Helper()
	f := newFakeSlack(t)
	r := f.run(runner, func(o *InboxOptions) { prepare(f, o) })
	c := f.waitLink(0)
	f.waitLink(1)
	for _, frame := range frames {
		c.send(frame)
		c.ack(t)
		elapse(10 * time.Second)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	return f
}

func asIs(*fakeSlack, *InboxOptions) {}

// saying is a runner with one reply, which takes its time.
func saying(reply commands.Reply, takes time.Duration) runnerFunc {
	return func(context.Context, commands.Request) commands.Reply {
		elapse(takes)
		return reply
	}
}

func TestRequestsAreWhatWasAsked(t *testing.T) {
	direct := func(event map[string]any) string {
		event["type"], event["channel_type"], event["channel"] = "message", "im", "D1"
		return envelopeOf("events_api", "E1", map[string]any{"type": "event_callback", "event_id": "Ev1", "event": event})
	}
	homeClick := envelopeOf("interactive", "E1", map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1", "name": "Ada"},
		"view": map[string]string{"type": "home"}, "actions": []any{map[string]any{"type": "overflow", "selected_option": map[string]string{"value": "1:probe okta"}}}})
	for _, c := range []struct {
		name, frame string
		want        commands.Request
	}{
		{"slash", slash("E1", "status okta"), commands.Request{Text: "status okta", Person: commands.Person{ID: "U1", Name: "ada"}, Channel: "C1", Origin: incidents.ByCommand}},
		{"slash, escaped", slash("E1", "mute <https://okta.com|okta.com> 2h a &amp; b &lt;c&gt; <@U2|bob> <#C2|ops>"),
			commands.Request{Text: "mute okta.com 2h a & b <c> @bob #ops", Person: commands.Person{ID: "U1", Name: "ada"}, Channel: "C1", Origin: incidents.ByCommand}},
		{"click", click("E1", "1:ack ECO-12"), commands.Request{Text: "ack ECO-12", Person: commands.Person{ID: "U1", Name: "ada"}, Channel: "C1", Origin: incidents.ByButton}},
		{"click in Home", homeClick, commands.Request{Text: "probe okta", Person: commands.Person{ID: "U1", Name: "Ada"}, Origin: incidents.ByHome}},
		{"mention", mention("E1", "Ev1", "<@B> status  okta"), commands.Request{Text: "status okta", Person: commands.Person{ID: "U1"}, Channel: "C1", Origin: incidents.ByMessage}},
		{"mention in the middle", mention("E1", "Ev1", "hey <@B|sparky> status <@U7>"), commands.Request{Text: "hey status @U7", Person: commands.Person{ID: "U1"}, Channel: "C1", Origin: incidents.ByMessage}},
		{"mention, bot not named", strings.Replace(mention("E1", "Ev1", "<@B> help"), `"is_bot":true`, `"is_bot":false`, 1),
			commands.Request{Text: "help", Person: commands.Person{ID: "U1"}, Channel: "C1", Origin: incidents.ByMessage}},
		{"direct message", direct(map[string]any{"user": "U1", "text": "status", "ts": "1.1"}), commands.Request{Text: "status", Person: commands.Person{ID: "U1"}, Channel: "D1", Origin: incidents.ByMessage}},
		{"a bot's words", direct(map[string]any{"user": "U1", "bot_id": "B9", "text": "status"}), commands.Request{}},
		{"an edit", direct(map[string]any{"user": "U1", "subtype": "message_changed"}), commands.Request{}},
		{"our own words", strings.Replace(mention("E1", "Ev1", "<@B> help"), `"user":"U1"`, `"user":"B"`, 1), commands.Request{}},
		{"a channel's talk", envelopeOf("events_api", "E1", map[string]any{"event": map[string]any{"type": "message", "channel_type": "channel", "user": "U1", "text": "status"}}), commands.Request{}},
		{"a button that is a link", envelopeOf("interactive", "E1", map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1"},
			"actions": []any{map[string]string{"type": "button", "url": "https://a.example"}}}), commands.Request{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got commands.Request
				deliver(t, func(_ context.Context, req commands.Request) commands.Reply {
					got = req
					return commands.Reply{Text: "ok"}
				}, asIs, c.frame)
				got.Progress = nil
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAnswersGoWhereTheyBelong(t *testing.T) {
	facts := commands.Reply{Text: "All is well.", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("All is well.")}}}}
	public := facts
	public.Public = true
	gone := func(f *fakeSlack, _ *InboxOptions) {
		used := func(apiCall) apiAnswer {
			return apiAnswer{Status: http.StatusNotFound, Body: `{"ok":false,"error":"used_url"}`}
		}
		f.method["respond/1"], f.method["respond/2"] = used, used
	}
	lost := func(f *fakeSlack, _ *InboxOptions) {
		f.method["respond/1"] = func(apiCall) apiAnswer { return apiAnswer{Err: errReset} }
	}
	no := func(f *fakeSlack, _ *InboxOptions) {
		f.method["respond/1"] = func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"expired_url"}`} }
	}
	inHome := envelopeOf("interactive", "E1", map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1"},
		"actions": []any{map[string]string{"value": "1:status"}}})
	for _, c := range []struct {
		name    string
		frame   string
		reply   commands.Reply
		prepare func(*fakeSlack, *InboxOptions)
		want    string // method and the fields that matter
	}{
		{"command", slash("E1", "status"), facts, asIs, "respond/1 ephemeral"},
		{"command, public", slash("E1", "status --public"), public, asIs, "respond/1 in_channel"},
		{"click", click("E1", "1:status"), facts, asIs, "respond/2 ephemeral"},
		{"click, public: in the thread", click("E1", "1:ack"), public, asIs, "respond/2 in_channel thread 111.000001"},
		{"mention: in the thread", mention("E1", "Ev1", "<@B> status"), facts, asIs, "chat.postMessage C1 thread 222.000001"},
		{"home: by direct message", inHome, facts, asIs, "chat.postMessage U1"},
		{"used up", slash("E1", "status"), facts, gone, "chat.postEphemeral C1 to U1"},
		{"used up, public", slash("E1", "ack"), public, gone, "chat.postMessage C1"},
		{"used up, click", click("E1", "1:ack"), public, gone, "chat.postMessage C1 thread 111.000001"},
		{"refused in the body", slash("E1", "status"), facts, no, "chat.postEphemeral C1 to U1"},
		// It may have been shown: the channel does not see it twice, the asker sees it for certain.
		{"lost, public", slash("E1", "ack"), public, lost, "chat.postEphemeral C1 to U1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(c.reply, 0), c.prepare, c.frame)
				f.mu.Lock()
				last := f.calls[len(f.calls)-1]
				f.mu.Unlock()
				if got := whereTo(last); got != c.want {
					t.Errorf("answered by %q, want %q", got, c.want)
				}
				if strings.Contains(f.log.String(), "slack.test/respond") {
					t.Errorf("a response_url is in the log: %s", f.log.String())
				}
				checkAnswer(t, last)
			})
		})
	}
}

func whereTo(call apiCall) string {
	if call.JSON != nil {
		text := fmt.Sprint(call.Method, " ", call.JSON["response_type"])
		if thread := call.JSON["thread_ts"]; thread != nil {
			text += fmt.Sprint(" thread ", thread)
		}
		return text
	}
	text := call.Method + " " + call.Form.Get("channel")
	if user := call.Form.Get("user"); user != "" {
		text += " to " + user
	}
	if thread := call.Form.Get("thread_ts"); thread != "" {
		text += " thread " + thread
	}
	return text
}

// checkAnswer holds an answer to the documented limits.
func checkAnswer(t *testing.T, call apiCall) {
	t.Helper()
	raw := []byte(call.Form.Get("blocks"))
	if call.JSON != nil {
		raw, _ = json.Marshal(call.JSON["blocks"])
	}
	for _, problem := range blockProblems(raw, maxMessageBlocks) {
		t.Errorf("Slack would refuse: %s", problem)
	}
}

func TestWhoWaitsIsTold(t *testing.T) {
	slow := saying(commands.Reply{Text: "Done."}, 4*time.Second)
	slowPublic := saying(commands.Reply{Text: "Done.", Public: true}, 4*time.Second)
	for _, c := range []struct {
		name   string
		runner runnerFunc
		frame  string
		want   []string
	}{
		{"command", slow, slash("E1", "probe okta"), []string{"respond/1 ephemeral Working on it … `probe okta`", "respond/1 ephemeral replace Done."}},
		{"command, public", slowPublic, slash("E1", "probe"), []string{"respond/1 ephemeral Working on it … `probe`", "respond/1 in_channel Done."}},
		// The original of a click is the card: it must not be replaced.
		{"click", slow, click("E1", "1:probe"), []string{"respond/2 ephemeral Working on it … `probe`", "respond/2 ephemeral Done."}},
		{"click, told in the thread", saying(commands.Reply{Text: "Done.", Public: true, Told: true}, time.Second), click("E1", "1:ack X"), nil},
		{"mention", slow, mention("E1", "Ev1", "<@B> probe"), []string{"chat.postMessage Working on it … `probe`", "chat.update Done."}},
		{"in time", saying(commands.Reply{Text: "Done."}, time.Second), slash("E1", "x"), []string{"respond/1 ephemeral Done."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, c.runner, asIs, c.frame)
				var got []string
				for _, call := range f.calls {
					switch {
					case call.JSON != nil:
						text := fmt.Sprint(call.Method, " ", call.JSON["response_type"])
						if call.JSON["replace_original"] == true {
							text += " replace"
						}
						got = append(got, fmt.Sprint(text, " ", call.JSON["text"]))
					case strings.HasPrefix(call.Method, "chat."):
						got = append(got, call.Method+" "+call.Form.Get("text"))
					}
				}
				if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Errorf("the person saw\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			})
		})
	}
}

// Row 10: a panic costs its own answer only, and is found again in the log.
func TestPanicIsToldUnderAReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, func(_ context.Context, req commands.Request) commands.Reply {
			if req.Text == "boom" {
				panic("nil map")
			}
			return commands.Reply{Text: "fine"}
		}, func(_ *fakeSlack, o *InboxOptions) {
			o.Workers = 1
			o.HomeVisited = func(context.Context, Visit) { panic("no home") }
		}, slash("E1", "boom"), homeOpened("E2", "Ev2", "home"), slash("E3", "x"))
		answers := f.called("respond/1")
		if len(answers) != 2 || !strings.Contains(fmt.Sprint(answers[0].JSON["text"]), "reference ref-1") || answers[1].JSON["text"] != "fine" {
			t.Errorf("answers = %+v", answers)
		}
		if log := f.log.String(); !strings.Contains(log, "reference=ref-1") || !strings.Contains(log, "nil map") || !strings.Contains(log, "no home") {
			t.Errorf("log: %s", log)
		}
	})
}

// panicking is a way to Slack that has a mistake in it.
type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("no transport") }

func TestAPanicInDeliveryEndsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(commands.Reply{Text: "fine"}, 5*time.Second), func(_ *fakeSlack, o *InboxOptions) {
			o.Workers = 1
			o.HTTP = &http.Client{Transport: panicking{}}
		}, slash("E1", "status"), slash("E2", "status"))
		if n := strings.Count(f.log.String(), "no transport"); n != 4 {
			t.Errorf("%d of two notes and two answers are in the log: %s", n, f.log.String())
		}
	})
}

func TestUndeliverableAnswerIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(commands.Reply{Text: "x"}, 0), func(f *fakeSlack, _ *InboxOptions) {
			f.method["respond/1"] = func(apiCall) apiAnswer { return apiAnswer{Status: http.StatusInternalServerError} }
			f.method["chat.postEphemeral"] = func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"not_in_channel"}`} }
		}, slash("E1", "status"))
		if log := f.log.String(); !strings.Contains(log, "could not be delivered") || !strings.Contains(log, "ref-1") || !strings.Contains(log, "/invite @Sparky") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestStaleButtonChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		f := deliver(t, func(context.Context, commands.Request) commands.Reply {
			asked++
			return commands.Reply{}
		}, asIs, click("E1", "ack ECO-1"))
		answers := f.called("respond/2")
		if asked != 0 || len(answers) != 1 || !strings.Contains(fmt.Sprint(answers[0].JSON["text"]), "changed nothing") {
			t.Errorf("asked %d times, answered %+v", asked, answers)
		}
	})
}

func homeOpened(id, event, tab string) string {
	return envelopeOf("events_api", id, map[string]any{"type": "event_callback", "event_id": event,
		"event": map[string]any{"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab}})
}

func TestHomeIsDrawnWhenOpenedOrPressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var drawn []string
		deliver(t, saying(commands.Reply{Text: "ok"}, 0), func(_ *fakeSlack, o *InboxOptions) {
			o.HomeVisited = func(_ context.Context, visit Visit) { drawn = append(drawn, visit.User) }
		}, homeOpened("E1", "Ev1", "home"), homeOpened("E2", "Ev2", "messages"),
			envelopeOf("interactive", "E3", map[string]any{"type": "block_actions", "user": map[string]string{"id": "U2"},
				"actions": []any{map[string]string{"value": "1:status"}}}))
		if fmt.Sprint(drawn) != "[U1 U2]" {
			t.Errorf("drawn for %v", drawn)
		}
	})
}

func TestOnlyYouSeeThis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Bad news is what people want to share most.
		reply := commands.Reply{Title: "x", Text: "x", Failed: true, Sections: []commands.Section{{Lines: []commands.Line{commands.Say("x")}}}}
		f := deliver(t, saying(reply, 0), asIs, slash("E1", "status"), click("E2", "1:status"))
		said := func(method string) bool {
			raw, _ := json.Marshal(f.called(method)[0].JSON["blocks"])
			return strings.Contains(string(raw), "--public")
		}
		if !said("respond/1") || said("respond/2") {
			t.Error("a command's answer says how to share it, a click's does not")
		}
		reply.Title = ""
		for what, said := range map[string]commands.Reply{"that nothing was changed": reply, "a refusal": {Title: "x", Text: "x", Refused: true}, "a kind word": {Text: "x"}} {
			for _, origin := range []origin{bySlash, byClick} {
				got := markups(t, hintPublic(ask{origin: origin}, said, render(said)).Blocks)
				if last := got[len(got)-1]; last != onlyYou {
					t.Errorf("%s is to be shared, or seen by all: %q", what, got)
				}
			}
		}
	})
}

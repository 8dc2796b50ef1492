package bot

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/commands"
	"sparky/incidents"
)

// submitted is a form that somebody sends off.
func submitted(id, view, callback, metadata string, values map[string]any) string {
	raw, _ := json.Marshal(map[string]any{"type": "interactive", "envelope_id": id, "accepts_response_payload": true, "payload": map[string]any{
		"type": "view_submission", "user": map[string]string{"id": "U1", "username": "ada"}, "trigger_id": "t", "response_urls": []any{},
		"view": map[string]any{"id": view, "type": "modal", "callback_id": callback, "private_metadata": metadata, "state": map[string]any{"values": values}}}})
	return string(raw)
}

func typedIn(value any) map[string]any {
	return map[string]any{fieldAction: map[string]any{"type": "plain_text_input", "value": value}}
}

func chosen(option any) map[string]any {
	return map[string]any{fieldAction: map[string]any{"type": "static_select", "selected_option": option}}
}

const fromSlash = `{"command":"compat snow","channel":"C1","response_url":"https://slack.test/respond/1"}`

// send brings frames to a running Sparky and returns its acknowledgements' payloads.
func send(t *testing.T, runner runnerFunc, prepare func(*InboxOptions), frames ...string) (*fakeSlack, []map[string]any) {
	t.Helper()
	f := newFakeSlack(t)
	r := f.run(runner, prepare)
	c := f.waitLink(0)
	f.waitLink(1)
	var payloads []map[string]any
	for _, frame := range frames {
		c.send(frame)
		payloads = append(payloads, c.ack(t).Payload)
		elapse(5 * time.Second)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	return f, payloads
}

func TestFormsBecomeRequests(t *testing.T) {
	person := commands.Person{ID: "U1", Name: "ada"}
	for name, c := range map[string]struct {
		metadata string
		values   map[string]any
		want     commands.Request
	}{
		"typed": {fromSlash, map[string]any{"field.version": typedIn(`v3 "quoted" --public <b>`), "field.announced": chosen(nil), "b000": typedIn("not ours")},
			commands.Request{Text: "compat snow", Person: person, Channel: "C1", Origin: incidents.ByCommand, Form: map[string]string{"version": `v3 "quoted" --public <b>`}}},
		"chosen": {fromSlash, map[string]any{"field.version": typedIn(nil), "field.announced": chosen(map[string]any{"value": "v4", "text": map[string]string{"text": "x"}})},
			commands.Request{Text: "compat snow", Person: person, Channel: "C1", Origin: incidents.ByCommand, Form: map[string]string{"announced": "v4"}}},
		"nothing":   {fromSlash, map[string]any{"field.version": typedIn(" \n")}, commands.Request{Text: "compat snow", Person: person, Channel: "C1", Origin: incidents.ByCommand, Form: map[string]string{}}},
		"from Home": {`{"command":"resolve m1","origin":2}`, nil, commands.Request{Text: "resolve m1", Person: person, Origin: incidents.ByHome, Form: map[string]string{}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got commands.Request
				_, payloads := send(t, func(_ context.Context, req commands.Request) commands.Reply {
					got = req
					return commands.Reply{Text: "ok"}
				}, func(*InboxOptions) {}, submitted("E1", "V1", formVersion, c.metadata, c.values))
				got.Progress = nil
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(map[string]any{"response_action": "clear"}, payloads[0]); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatComesOfAFormIsAnsweredWhereItWasAskedFor(t *testing.T) {
	quiet := commands.Reply{Text: "Done.", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("Done.")}}}}
	public := quiet
	public.Public, public.Told = true, true
	for name, c := range map[string]struct {
		metadata string
		reply    commands.Reply
		want     string
	}{
		"command":                {fromSlash, quiet, "respond/1 ephemeral"},
		"command, public":        {fromSlash, public, "respond/1 in_channel"},
		"no response_url":        {`{"command":"x","channel":"C1"}`, quiet, "chat.postEphemeral C1 to U1"},
		"home":                   {`{"command":"x","origin":2}`, quiet, "chat.postMessage U1"},
		"click on a card, quiet": {`{"command":"x","origin":1,"channel":"C1","thread":"1.1","response_url":"https://slack.test/respond/2"}`, quiet, "respond/2 ephemeral"},
		"click on a card, told":  {`{"command":"x","origin":1,"channel":"C1","thread":"1.1","response_url":"https://slack.test/respond/2"}`, public, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _ := send(t, saying(c.reply, 0), func(*InboxOptions) {}, submitted("E1", "V1", formVersion, c.metadata, nil))
				last := f.calls[len(f.calls)-1]
				got := whereTo(last)
				if strings.HasPrefix(last.Method, "apps.") {
					got = ""
				}
				if got != c.want {
					t.Errorf("answered by %q, want %q", got, c.want)
				}
				if strings.Contains(got, "respond") && strings.Contains(mustJSON(t, last.JSON), "--public") {
					t.Error("who filled in a form is told of --public")
				}
			})
		})
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestMistakesStandBesideTheirFields(t *testing.T) {
	values := map[string]any{"field.announced": chosen(nil), "field.version": typedIn("$")}
	for name, c := range map[string]struct {
		wrong map[string]string
		want  map[string]any
	}{
		"one":         {map[string]string{"version": "No\nversion."}, map[string]any{"field.version": "No version."}},
		"at no field": {map[string]string{"nowhere": "Odd."}, map[string]any{"field.announced": "Odd."}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ran := 0
				wrong := c.wrong
				frame := func(id string) string { return submitted(id, "V1", formVersion, fromSlash, values) }
				_, payloads := send(t, func(context.Context, commands.Request) commands.Reply {
					ran++
					return commands.Reply{Text: "ok"}
				}, func(o *InboxOptions) {
					o.Check = func(commands.Request) map[string]string {
						now := wrong
						wrong = nil // the person mends it
						return now
					}
				}, frame("E1"), frame("E2"), frame("E3"))
				want := []map[string]any{{"response_action": "errors", "errors": c.want}, {"response_action": "clear"}, {"response_action": "clear"}}
				if diff := cmp.Diff(want, payloads); diff != "" || ran != 1 {
					t.Errorf("worked on %d times: %s", ran, diff)
				}
			})
		})
	}
}

func TestACheckThatPanicsLetsTheFormThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, payloads := send(t, echo, func(o *InboxOptions) { o.Check = func(commands.Request) map[string]string { panic("oh") } },
			submitted("E1", "V1", formVersion, fromSlash, map[string]any{"field.version": typedIn("v3")}))
		if payloads[0]["response_action"] != "clear" || len(f.called("respond/1")) != 1 || !strings.Contains(f.log.String(), "ref-1") {
			t.Errorf("%v\n%s", payloads, f.log.String())
		}
	})
}

func TestFormsOfAnotherSparkyAreRefused(t *testing.T) {
	for _, frame := range []string{
		submitted("E1", "V1", "sparky.form:0", fromSlash, nil), submitted("E1", "V1", formVersion, "", nil), submitted("E1", "V1", formVersion, `{"command":""}`, nil),
		submitted("E1", "V1", formVersion, `{"command":"x","origin":4}`, nil), submitted("E1", "V1", formVersion, `[]`, nil),
	} {
		synctest.Test(t, func(t *testing.T) {
			_, payloads := send(t, func(_ context.Context, req commands.Request) commands.Reply {
				t.Errorf("it was carried out: %+v", req)
				return commands.Reply{}
			}, func(*InboxOptions) {}, frame)
			if payloads[0]["response_action"] != "update" || !strings.Contains(mustJSON(t, payloads[0]), "another version of Sparky") {
				t.Errorf("%v", payloads)
			}
		})
	}
}

func TestABusySparkyKeepsTheFormOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFakeSlack(t)
		r := f.run(func(context.Context, commands.Request) commands.Reply {
			<-release
			return commands.Reply{Text: "ok"}
		}, func(o *InboxOptions) { o.Workers, o.Queue = 1, 1 })
		c := f.waitLink(0)
		values := map[string]any{"field.version": typedIn("v3")}
		var last map[string]any
		for _, id := range []string{"E1", "E2", "E3"} {
			c.send(submitted(id, "V"+id, formVersion, fromSlash, values))
			last = c.ack(t).Payload
			elapse(time.Millisecond)
		}
		if last["response_action"] != "errors" || !strings.Contains(mustJSON(t, last), "Sparky is busy") {
			t.Errorf("the third is told %v", last)
		}
		close(release)
		elapse(5 * time.Second)
		c.send(submitted("E4", "VE3", formVersion, fromSlash, values))
		if again := c.ack(t).Payload; again["response_action"] != "clear" {
			t.Errorf("sent off again: %v", again)
		}
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzSubmissions holds that no form, however strange, is a crash, and that what comes of it keeps to what it says.
func FuzzSubmissions(f *testing.F) {
	f.Add(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"sparky.form:1","private_metadata":"{\"command\":\"x\"}","state":{"values":{"field.a":{"value":{"value":"b"}}}}}}`)
	f.Add(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","state":{"values":null}}}`)
	f.Add(`{"type":"view_submission","view":7}`)
	f.Add(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V","callback_id":"sparky.form:1","private_metadata":"{\"command\":\"x\",\"origin\":-1}"}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		e := envelope{Type: "interactive", ID: "E1", AcceptsPayload: true, Payload: json.RawMessage(payload)}
		a, verdict, err := parse(e)
		if (err != nil) != (verdict == notReadable) {
			t.Errorf("verdict %d with %v", verdict, err)
		}
		if verdict != toDo || a.what != "form" {
			return
		}
		if a.person.ID == "" || !a.stale && (a.text == "" || a.form == nil || !a.origin.asksByForm()) {
			t.Errorf("read as %+v", a)
		}
		b := NewInbox(InboxOptions{Check: func(commands.Request) map[string]string { return map[string]string{"a": payload} }})
		if objection := b.objection(a); objection == nil && (a.stale || len(a.fields) > 0) {
			t.Error("nothing keeps it open")
		} else if _, err := json.Marshal(objection); err != nil {
			t.Error(err)
		}
	})
}

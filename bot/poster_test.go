package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func card(text string) Message {
	return Message{Channel: "C1", Text: text, Blocks: json.RawMessage(`[{"type":"section","block_id":"own","text":{"type":"mrkdwn","text":"*` + text + `*","verbatim":true}}]`)}
}

func saysNo(code string) func(apiCall) apiAnswer {
	return func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"` + code + `"}`} }
}

func TestDoPostsThenEdits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		result, err := p.Do(context.Background(), "card/ECO-1", card("open"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var at Posted
		if err := json.Unmarshal(result, &at); err != nil || at.Channel != "C1" || at.TS == "" {
			t.Fatalf("result = %s", result)
		}
		post := f.called("chat.postMessage")[0].Form
		for field, want := range map[string]string{"channel": "C1", "text": "open", "unfurl_links": "false", "unfurl_media": "false",
			"blocks": string(card("open").Blocks)} {
			if got := post.Get(field); got != want {
				t.Errorf("%s = %q, want %q", field, got, want)
			}
		}
		if meta := post.Get("metadata"); !strings.Contains(meta, `"event_type":"sparky_effect"`) || !strings.Contains(meta, `"key":"card/ECO-1"`) {
			t.Errorf("metadata = %s", meta)
		}
		again, err := p.Do(context.Background(), "card/ECO-1", card("resolved"), result)
		if err != nil || string(again) != string(result) {
			t.Errorf("edited to %s, %v", again, err)
		}
		edits := f.called("chat.update")
		if len(edits) != 1 || edits[0].Form.Get("ts") != at.TS || edits[0].Form.Get("text") != "resolved" || edits[0].Form.Get("blocks") == "" {
			t.Errorf("edits = %+v", edits)
		}
		if len(f.called("chat.postMessage")) != 1 {
			t.Error("the edit posted a message")
		}
	})
}

func TestLongTextIsCutForUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		m := card("x")
		m.Text = strings.Repeat("a &lt; <https://a.example/|b> ", 400)
		if _, err := NewPoster(f.api(), f.logger()).Do(context.Background(), "k", m, []byte(`{"channel":"C1","ts":"1.1"}`)); err != nil {
			t.Fatal(err)
		}
		text := f.called("chat.update")[0].Form.Get("text")
		if size(text) > 4000 || size(text) < 3000 || strings.Contains(text, "&"+ellipsis) || len(activeParts(text)) != strings.Count(text, "<") {
			t.Errorf("text of %d: …%q", size(text), text[len(text)-60:])
		}
	})
}

func TestWhatCannotBeEditedIsPostedAnew(t *testing.T) {
	for _, code := range []string{"message_not_found", "cant_update_message", "edit_window_closed"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			f.method["chat.update"] = saysNo(code)
			result, err := NewPoster(f.api(), f.logger()).Do(context.Background(), "k", card("x"), []byte(`{"channel":"C1","ts":"1.1"}`))
			if err != nil || strings.Contains(string(result), `"1.1"`) || len(f.called("chat.postMessage")) != 1 {
				t.Errorf("%s: %s, %v", code, result, err)
			}
		})
	}
}

// A card was deleted and posted anew, and the answer to that was lost: the dispatcher knows of the old one only.
func TestWhatWasPostedAnewIsNotPostedOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.method["chat.update"] = func(c apiCall) apiAnswer {
			if c.Form.Get("ts") == "1.100000" {
				return apiAnswer{Body: `{"ok":false,"error":"message_not_found"}`}
			}
			return apiAnswer{Body: `{"ok":true,"channel":"C1","ts":"2.100000"}`}
		}
		var stands []map[string]any
		f.method["conversations.history"] = func(apiCall) apiAnswer { return history("", stands...) }
		f.method["chat.postMessage"] = func(apiCall) apiAnswer {
			stands = append(stands, standing("2.100000", metadata("k", card("older"))))
			return apiAnswer{Err: errReset}
		}
		p, old := NewPoster(f.api(), f.logger()), []byte(`{"channel":"C1","ts":"1.100000"}`)
		if _, err := p.Do(t.Context(), "k", card("x"), old); err == nil {
			t.Fatal("a lost answer is no error")
		}
		result, err := p.Do(t.Context(), "k", card("y"), old)
		if err != nil || !strings.Contains(string(result), `"2.100000"`) || len(stands) != 1 {
			t.Errorf("%d messages, and the result is %s, %v", len(stands), result, err)
		}
	})
}

func TestBadMessagesAndResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		p := NewPoster(f.api(), f.logger())
		for name, c := range map[string]struct {
			m        Message
			previous string
		}{
			"no channel":      {Message{Text: "x"}, ``},
			"blocks no list":  {Message{Channel: "C1", Text: "x", Blocks: []byte(`{"type":"divider"}`)}, ``},
			"previous broken": {Message{Channel: "C1", Text: "x"}, `{"channel":`},
			"previous empty":  {Message{Channel: "C1", Text: "x"}, `{}`},
		} {
			_, err := p.Do(context.Background(), "k", c.m, []byte(c.previous))
			if how(err) != "permanent not-sent" {
				t.Errorf("%s: %v (%s)", name, err, how(err))
			}
		}
		if len(f.calls) != 0 {
			t.Errorf("calls: %+v", f.calls)
		}
	})
}

// how is what an error tells a dispatcher by its methods.
func how(err error) string {
	var words []string
	var permanent interface{ Permanent() bool }
	if errors.As(err, &permanent) && permanent.Permanent() {
		words = append(words, "permanent")
	}
	var after interface{ RetryAfter() time.Duration }
	if errors.As(err, &after) && after.RetryAfter() > 0 {
		words = append(words, "after "+after.RetryAfter().String())
	}
	if notSent(err) {
		words = append(words, "not-sent")
	}
	if len(words) == 0 && err != nil {
		return "unknown"
	}
	return strings.Join(words, " ")
}

// Rows 11 to 13: an error says what to do next, carries Slack's hints, and an unknown outcome is not repeated.
func TestErrorsSayHowToGoOn(t *testing.T) {
	body := func(text string) apiAnswer { return apiAnswer{Body: text} }
	no := func(code string) apiAnswer { return body(`{"ok":false,"error":"` + code + `"}`) }
	for _, c := range []struct {
		name   string
		answer apiAnswer
		how    string
		words  string
	}{
		{"429", apiAnswer{Status: 429, Header: http.Header{"Retry-After": {"17"}}, Body: `{"ok":false,"error":"ratelimited"}`}, "after 17s not-sent", "slow down"},
		{"429 without a time", apiAnswer{Status: 429}, "after 30s not-sent", "429"},
		{"ratelimited", no("ratelimited"), "after 30s not-sent", "ratelimited"},
		{"not invited", no("not_in_channel"), "permanent not-sent", "invite it with /invite @Sparky in #alerts"},
		{"no channel", no("channel_not_found"), "permanent not-sent", "sparky.yaml"},
		{"archived", no("is_archived"), "permanent not-sent", "unarchive"},
		{"token", no("invalid_auth"), "permanent not-sent", "valid token"},
		{"scope", body(`{"ok":false,"error":"missing_scope","needed":"chat:write","provided":"commands"}`), "permanent not-sent", "scope chat:write"},
		{"new word", no("something_new"), "not-sent", "something_new"},
		{"perhaps done", no("fatal_error"), "unknown", "outcome is unknown"},
		{"perhaps done too", no("internal_error"), "unknown", "outcome is unknown"},
		{"no reason", body(`{"ok":false}`), "unknown", "names no message"},
		{"empty", body(`{}`), "unknown", "names no message"},
		{"not JSON", body(`<html>`), "unknown", "invalid character"},
		{"502", apiAnswer{Status: 502, Body: "<html>"}, "unknown", "502"},
		{"404", apiAnswer{Status: 404}, "permanent not-sent", "api_url is wrong"},
		{"302", apiAnswer{Status: 302}, "not-sent", "302"},
		{"reset", apiAnswer{Err: errReset}, "unknown", "reset"},
		{"timeout", apiAnswer{Err: context.DeadlineExceeded}, "unknown", "deadline"},
		{"never connected", apiAnswer{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, "not-sent", "refused"},
		{"no such host", apiAnswer{Err: &net.DNSError{Err: "no such host", Name: "slack.test"}}, "not-sent", "no such host"},
		{"breaker", apiAnswer{Err: openBreaker{}}, "after 9s not-sent", "breaker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeSlack(t)
				f.method["conversations.list"] = func(apiCall) apiAnswer {
					return body(`{"ok":true,"channels":[{"id":"C9","name":"alerts"}]}`)
				}
				f.method["chat.postMessage"] = func(apiCall) apiAnswer { return c.answer }
				f.method["chat.update"] = f.method["chat.postMessage"]
				m := card("x")
				m.Channel = "#alerts"
				p := NewPoster(f.api(), f.logger())
				_, err := p.Do(context.Background(), "k", m, nil)
				if how(err) != c.how || !strings.Contains(fmt.Sprint(err), c.words) {
					t.Errorf("%v\nis %q, want %q with %q", err, how(err), c.how, c.words)
				}
				if n := len(f.called("chat.postMessage")); n != 1 {
					t.Errorf("posted %d times", n)
				}
				// An edit gives the same message however often it is made: none of its outcomes needs a look.
				_, err = p.Do(context.Background(), "k", m, []byte(`{"channel":"C9","ts":"1.1"}`))
				if !notSent(err) {
					t.Errorf("an edit that failed with %v wants a look", err)
				}
			})
		})
	}
}

type openBreaker struct{}

func (openBreaker) Error() string             { return "breaker open" }
func (openBreaker) NotSent() bool             { return true }
func (openBreaker) RetryAfter() time.Duration { return 9 * time.Second }

func TestRefusedBlocksGoOutAsPlainText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.method["chat.postMessage"] = func(call apiCall) apiAnswer {
			if call.Form.Get("blocks") != "" {
				return apiAnswer{Body: `{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]}}`}
			}
			return apiAnswer{Body: `{"ok":true,"channel":"C1","ts":"9.9"}`}
		}
		d := render(statusReply())
		raw, _ := json.Marshal(d.Blocks)
		result, err := NewPoster(f.api(), f.logger()).Do(context.Background(), "k", Message{Channel: "C1", Text: d.Text, Blocks: raw}, nil)
		if err != nil || !strings.Contains(string(result), "9.9") {
			t.Fatalf("%s, %v", result, err)
		}
		if !strings.Contains(f.log.String(), "json-pointer:/blocks/0/text/text") {
			t.Errorf("the log does not say what was refused: %s", f.log.String())
		}
		sent := f.called("chat.postMessage")[1].Form
		for _, part := range []string{"Okta reports a disruption", "Status of Okta &amp; friends", "<https://status.okta.example/|Status page>", "❓ Workday"} {
			if !strings.Contains(sent.Get("text"), part) {
				t.Errorf("the plain text lacks %q:\n%s", part, sent.Get("text"))
			}
		}
		if strings.Contains(sent.Get("text"), "Mute 1h") || !strings.Contains(sent.Get("metadata"), `"key":"k"`) {
			t.Errorf("sent %v", sent)
		}
	})
}

func TestPlainTextIsBounded(t *testing.T) {
	s := newSheet(maxMessageBlocks)
	for range 40 {
		s.sections(strings.Repeat("a &lt; ", 60))
	}
	raw, _ := json.Marshal(s.done())
	text := plainText(Message{Text: strings.Repeat("t", 9000), Blocks: raw})
	if size(text) > 4000 || !strings.Contains(text, "more lines that Slack would not show") && !strings.Contains(text, "lines that Slack would not show") {
		t.Errorf("%d: …%s", size(text), text[len(text)-80:])
	}
	if got := plainText(Message{Text: "x", Blocks: json.RawMessage(`"y"`)}); got != "x" {
		t.Errorf("got %q", got)
	}
}

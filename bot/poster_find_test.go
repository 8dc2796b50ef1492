package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

// standing is a message in a history, as Slack gives it with its metadata.
func standing(ts string, meta *slack.SlackMetadata) map[string]any {
	return map[string]any{"type": "message", "ts": ts, "text": "x", "metadata": meta}
}

func history(next string, messages ...map[string]any) apiAnswer {
	raw, _ := json.Marshal(map[string]any{"ok": true, "messages": messages, "has_more": next != "", "response_metadata": map[string]string{"next_cursor": next}})
	return apiAnswer{Body: string(raw)}
}

func TestFind(t *testing.T) {
	for _, thread := range []string{"", "1795300000.000100"} {
		m := card("open")
		m.Since, m.Thread = noon, thread
		same, older, other := metadata("card/1", m), metadata("card/1", card("earlier")), metadata("card/2", m)
		foreign := &slack.SlackMetadata{EventType: "deploy", EventPayload: same.EventPayload}
		for _, c := range []struct {
			name  string
			pages []apiAnswer
			found string // the ts, empty where not
			edits int
		}{
			{"nothing there", []apiAnswer{history("")}, "", 0},
			{"others", []apiAnswer{history("", standing("3.000000", other), standing("2.000000", foreign), standing("1.000000", nil))}, "", 0},
			{"there", []apiAnswer{history("", standing("3.000000", other), standing("2.000000", same))}, "2.000000", 0},
			{"on the second page", []apiAnswer{history("p2", standing("3.000000", other)), history("", standing("2.000000", same))}, "2.000000", 0},
			{"the newest", []apiAnswer{history("p2", standing("3.000000", same), standing("2.000000", older)), history("")}, "3.000000", 0},
			{"an earlier drawing", []apiAnswer{history("", standing("2.000000", older))}, "2.000000", 1},
		} {
			t.Run(c.name+" "+thread, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFakeSlack(t)
					method, asked := "conversations.history", 0
					if thread != "" {
						method = "conversations.replies"
					}
					f.method[method] = func(apiCall) apiAnswer { asked++; return c.pages[asked-1] }
					result, found, err := NewPoster(f.api(), f.logger()).Find(t.Context(), "card/1", m)
					if err != nil {
						t.Fatal(err)
					}
					if found != (c.found != "") || found && !strings.Contains(string(result), `"ts":"`+c.found+`"`) {
						t.Errorf("found %v: %s", found, result)
					}
					if n := len(f.called("chat.update")); n != c.edits {
						t.Errorf("%d edits", n)
					}
					form := f.called(method)[0].Form
					if form.Get("include_all_metadata") != "1" || form.Get("oldest") != fmt.Sprint(noon.Add(-clockSkew).Unix(), ".000000") || form.Get("ts") != thread {
						t.Errorf("asked for %v", form)
					}
				})
			})
		}
	}
}

// A message is not posted again because our clock was ahead of Slack's when it was recorded.
func TestFindLooksBehindAClockThatIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		posted := noon
		m := card("open")
		m.Since = posted.Add(time.Hour)
		f.method["conversations.history"] = func(c apiCall) apiAnswer {
			oldest, err := strconv.ParseFloat(c.Form.Get("oldest"), 64)
			if err != nil || oldest > float64(posted.Unix()) {
				return history("")
			}
			return history("", standing(fmt.Sprint(posted.Unix(), ".000100"), metadata("card/1", m)))
		}
		if _, found, err := NewPoster(f.api(), f.logger()).Find(t.Context(), "card/1", m); !found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
	})
}

// What is asked for after a backup was put in place may have been posted long before it was asked for.
func TestFindLooksAsFarBackAsItIsAskedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * time.Hour
		now := time.Now()
		for name, c := range map[string]struct{ asked, since, want time.Time }{
			"nothing was restored":        {now, time.Time{}, now.Add(-clockSkew)},
			"a backup of three days ago":  {now, now.Add(-3 * day), now.Add(-3*day - clockSkew)},
			"one of a year ago":           {now, now.Add(-365 * day), now.Add(-findBack - clockSkew)},
			"asked for before the backup": {now.Add(-4 * day), now.Add(-3 * day), now.Add(-4*day - clockSkew)},
			"asked for long ago":          {now.Add(-9 * day), now.Add(-10 * day), now.Add(-9*day - clockSkew)},
			"nobody knows since when":     {time.Time{}, now.Add(-3 * day), now.Add(-findBack)},
		} {
			f := newFakeSlack(t)
			var oldest string
			f.method["conversations.history"] = func(call apiCall) apiAnswer {
				oldest = call.Form.Get("oldest")
				return history("")
			}
			m := card("x")
			m.Since = c.asked
			_, _, err := NewPoster(f.api(), f.logger()).Since(c.since).Find(t.Context(), "k", m)
			if want := fmt.Sprintf("%d.000000", c.want.Unix()); err != nil || oldest != want {
				t.Errorf("%s: it looks back to %s, %v, want %s", name, oldest, err, want)
			}
		}
	})
}

// What stands there as it was and cannot be changed any more is not what was to be shown: it must be posted anew.
func TestFindDoesNotTakeAnOldDrawingForTheNewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.method["conversations.history"] = func(apiCall) apiAnswer {
			return history("", standing("2.000000", metadata("k", card("earlier"))))
		}
		f.method["chat.update"] = saysNo("edit_window_closed")
		p := NewPoster(f.api(), f.logger())
		if _, found, err := p.Find(t.Context(), "k", card("x")); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		f.method["chat.update"] = func(apiCall) apiAnswer { return apiAnswer{Err: errReset} }
		if _, found, err := p.Find(t.Context(), "k", card("x")); found || err == nil || notSent(err) {
			t.Errorf("found %v, %v (%s)", found, err, how(err))
		}
	})
}

// A look that failed must never read as "nothing was sent": that is how doubles are made.
func TestFailedLookSaysNothing(t *testing.T) {
	for name, answer := range map[string]apiAnswer{
		"not invited": {Body: `{"ok":false,"error":"not_in_channel"}`},
		"no scope":    {Body: `{"ok":false,"error":"missing_scope","needed":"channels:history"}`},
		"429":         {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}},
		"reset":       {Err: errReset},
		"same page":   history("again", standing("1.000000", nil)),
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeSlack(t)
			f.method["conversations.history"] = func(apiCall) apiAnswer { return answer }
			_, found, err := NewPoster(f.api(), f.logger()).Find(t.Context(), "k", card("x"))
			if err == nil || found || notSent(err) {
				t.Errorf("%s: found %v, %v (%s)", name, found, err, how(err))
			}
			if name == "no scope" && (how(err) != "permanent" || !strings.Contains(err.Error(), "channels:history")) {
				t.Errorf("%s: %v (%s)", name, err, how(err))
			}
			if name == "429" && how(err) != "after 30s" {
				t.Errorf("%s: %s", name, how(err))
			}
		})
	}
}

func TestChannelsAreFoundByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		pages := map[string]string{
			"":   `{"ok":true,"channels":[{"id":"C1","name":"general"}],"response_metadata":{"next_cursor":"p2"}}`,
			"p2": `{"ok":true,"channels":[{"id":"C2","name":"alerts"}],"response_metadata":{"next_cursor":""}}`,
		}
		f.method["conversations.list"] = func(call apiCall) apiAnswer { return apiAnswer{Body: pages[call.Form.Get("cursor")]} }
		p := NewPoster(f.api(), f.logger())
		say := func(channel string) (Posted, error) {
			elapse(2 * time.Second)
			return p.Say(t.Context(), Message{Channel: channel, Text: "x"})
		}
		for range 3 {
			if at, err := say("#Alerts"); err != nil || at.Channel != "C2" {
				t.Errorf("posted to %v, %v", at, err)
			}
		}
		if n := len(f.called("conversations.list")); n != 2 {
			t.Errorf("the list of two pages was read with %d calls", n)
		}
		for range 5 {
			if _, err := say("#nowhere"); how(err) != "permanent not-sent" || !strings.Contains(err.Error(), "create #nowhere") {
				t.Errorf("%v (%s)", err, how(err))
			}
		}
		if n := len(f.called("conversations.list")); n != 2 {
			t.Errorf("a name that is not there was looked up again at once: %d calls", n)
		}
		// A person makes the channel; the next message finds it.
		elapse(relistAfter)
		pages["p2"] = strings.Replace(pages["p2"], `{"id":"C2"`, `{"id":"C3","name":"nowhere"},{"id":"C4"`, 1)
		if at, err := say("#nowhere"); err != nil || at.Channel != "C3" {
			t.Errorf("posted to %v, %v", at, err)
		}
		// A channel that is gone is looked up anew.
		f.method["chat.postMessage"] = saysNo("channel_not_found")
		_, _ = say("#nowhere")
		delete(f.method, "chat.postMessage")
		elapse(relistAfter)
		pages["p2"] = strings.Replace(pages["p2"], "C3", "C5", 1)
		if at, err := say("#nowhere"); err != nil || at.Channel != "C5" {
			t.Errorf("posted to %v, %v", at, err)
		}
	})
}

func TestChannelsWithoutTheScopeForPrivateOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSlack(t)
		f.method["conversations.list"] = func(call apiCall) apiAnswer {
			if strings.Contains(call.Form.Get("types"), "private") {
				return saysNo("missing_scope")(call)
			}
			return apiAnswer{Body: `{"ok":true,"channels":[{"id":"C1","name":"alerts"}]}`}
		}
		p := NewPoster(f.api(), f.logger())
		if at, err := p.Say(t.Context(), Message{Channel: "#alerts", Text: "x"}); err != nil || at.Channel != "C1" {
			t.Errorf("posted to %v, %v", at, err)
		}
		elapse(relistAfter)
		f.method["conversations.list"] = func(apiCall) apiAnswer { return apiAnswer{Err: errReset} }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, err := p.Say(ctx, Message{Channel: "#other", Text: "x"}); how(err) != "not-sent" || !strings.Contains(err.Error(), "reset") {
			t.Errorf("a list that could not be read: %v (%s)", err, how(err))
		}
	})
}

package bot

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
	"sparky/partners"
)

// charted is an answer with a chart of one busy hour.
func charted() commands.Reply {
	steps := []partners.ProbeStats{{Runs: 12, Passed: 12, P50: time.Second, P95: 2 * time.Second}}
	whole := steps[0]
	whole.From, whole.To = time.Unix(0, 0), time.Unix(3600, 0)
	return commands.Reply{Text: "Okta <!here>: our probe sign-in.",
		Sections: []commands.Section{{Lines: []commands.Line{commands.Say("Last 24 hours: 100% of 12 runs passed.")}}},
		Chart:    &commands.Chart{Title: "Okta: our probe sign-in", Alt: "A chart.", Windows: []commands.ChartWindow{{Name: "24 hours", Whole: whole, Steps: steps}}}}
}

const uploadPath = "upload/v1/secret-key"

// before is an answer that was asked for with --public.
func before(reply commands.Reply) commands.Reply {
	reply.Public = true
	return reply
}

// takesFiles is a Slack that gives an address for files, and knows Ada, whose direct messages with Sparky are D1.
func takesFiles(f *fakeSlack, _ *InboxOptions) {
	f.method["chat.postMessage"] = func(c apiCall) apiAnswer {
		channel := c.Form.Get("channel")
		if channel == "U1" {
			channel = "D1"
		}
		return apiAnswer{Body: `{"ok":true,"channel":"` + channel + `","ts":"333.000001"}`}
	}
	f.method["chat.getPermalink"] = func(c apiCall) apiAnswer {
		return apiAnswer{Body: `{"ok":true,"permalink":"https://acme.slack.test/archives/` + c.Form.Get("channel") + `/p` + c.Form.Get("message_ts") + `"}`}
	}
	f.method["files.getUploadURLExternal"] = func(apiCall) apiAnswer {
		return apiAnswer{Body: `{"ok":true,"file_id":"F012345678","upload_url":"https://slack.test/` + uploadPath + `"}`}
	}
}

func TestAChartIsUploadedInThreeSteps(t *testing.T) {
	for name, c := range map[string]struct{ frame, thread, by string }{
		"typed":                {slash("E1", "status okta --chart --public"), "", " Asked by Chidi &lt;Ruiz&gt;."},
		"pressed":              {click("E1", "1:status okta --chart --public"), "111.000001", " Asked by Chidi &lt;Ruiz&gt;."},
		"asked in a mention":   {mention("E1", "Ev1", "<@B> status okta --chart"), "222.000001", ""},
		"pressed, only theirs": {strings.Replace(click("E1", "1:status okta --chart --public"), `"message_ts"`, `"is_ephemeral":true,"message_ts"`, 1), "", " Asked by Chidi &lt;Ruiz&gt;."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(before(charted()), 0), takesFiles, c.frame)
				announced, sent, done := f.called("files.getUploadURLExternal"), f.called(uploadPath), f.called("files.completeUploadExternal")
				if len(announced) != 1 || len(sent) != 1 || len(done) != 1 {
					t.Fatalf("%d, %d and %d calls of the three steps", len(announced), len(sent), len(done))
				}
				if got := announced[0].Form; got.Get("length") != fmt.Sprint(len(sent[0].Bytes)) || got.Get("alt_txt") != "A chart." {
					t.Errorf("announced as %v", got)
				}
				if _, err := png.Decode(bytes.NewReader(sent[0].Bytes)); err != nil {
					t.Errorf("what was sent is no PNG: %v", err)
				}
				if sent[0].Header.Get("Authorization") != "" {
					t.Error("the token went to the address of the upload")
				}
				got := done[0].Form
				if got.Get("channel_id") != "C1" || got.Get("thread_ts") != c.thread || !strings.Contains(got.Get("files"), "F012345678") {
					t.Errorf("shown as %v; want it in C1, thread %q", got, c.thread)
				}
				if said := got.Get("initial_comment"); said != "Okta &lt;!here&gt;: our probe sign-in."+c.by {
					t.Errorf("above it stands %q", said)
				}
				if more := len(f.called("respond/1")) + len(f.called("respond/2")) + len(f.called("chat.postMessage")); more != 0 {
					t.Errorf("%d more answers", more)
				}
			})
		})
	}
}

func TestAChartThatOneAsksForIsForThemAlone(t *testing.T) {
	for name, c := range map[string]struct {
		frame string
		where bool // they are told where it is
	}{
		"typed":                {slash("E1", "status okta --chart"), true},
		"pressed on a message": {click("E1", "1:status okta --chart"), true},
		"pressed, only theirs": {strings.Replace(click("E1", "1:status okta --chart"), `"message_ts"`, `"is_ephemeral":true,"message_ts"`, 1), true},
		"typed in their own":   {strings.Replace(slash("E1", "status okta --chart"), `"channel_id":"C1"`, `"channel_id":"D1"`, 1), false},
		"pressed in App Home":  {strings.Replace(homeClick("E1"), "compat snow", "status okta --chart", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(charted(), 0), takesFiles, c.frame)
				said, done := f.called("chat.postMessage"), f.called("files.completeUploadExternal")
				if len(said) != 1 || said[0].Form.Get("channel") != "U1" || said[0].Form.Get("text") != "Okta &lt;!here&gt;: our probe sign-in." {
					t.Fatalf("said %v; want the figures, to the person", said)
				}
				if len(done) != 1 || done[0].Form.Get("channel_id") != "D1" || done[0].Form.Get("thread_ts") != "" || done[0].Form.Get("initial_comment") != "" {
					t.Fatalf("shown as %v; want it below the figures", done)
				}
				answers := append(f.called("respond/1"), f.called("respond/2")...)
				if !c.where {
					if len(answers) != 0 {
						t.Errorf("%d answers more", len(answers))
					}
					return
				}
				if len(answers) != 1 || answers[0].JSON["response_type"] != "ephemeral" {
					t.Fatalf("the answers are %v; want one, to the asker alone", answers)
				}
				if blocks := fmt.Sprint(answers[0].JSON["blocks"]); !strings.Contains(blocks, "<https://acme.slack.test/archives/D1/p333.000001|your direct messages with Sparky>") {
					t.Errorf("said %s; want where it is", blocks)
				}
			})
		})
	}
}

func TestWhereAChartIsIsSaidWithoutALink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(charted(), 0), func(f *fakeSlack, o *InboxOptions) {
			takesFiles(f, o)
			f.method["chat.getPermalink"] = saysNo("message_not_found")
		}, slash("E1", "status okta --chart"))
		answers := f.called("respond/1")
		if len(answers) != 1 || !strings.Contains(fmt.Sprint(answers[0].JSON["text"]), "in your direct messages with Sparky") {
			t.Errorf("the answers are %v", answers)
		}
	})
}

func TestAChartThatTakesLongEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(before(charted()), 5*time.Second), takesFiles, slash("E1", "status okta --chart"))
		answers := f.called("respond/1")
		if len(answers) != 2 || answers[1].JSON["replace_original"] != true || !strings.Contains(fmt.Sprint(answers[1].JSON["text"]), "Here is the chart of Okta") {
			t.Errorf("the answers are %v; want the note and its end", answers)
		}
		if len(f.called("files.completeUploadExternal")) != 1 {
			t.Error("the chart was not shown once")
		}
	})
}

func TestAChartThatCannotBeShownIsToldInWords(t *testing.T) {
	no := func(code string) func(apiCall) apiAnswer {
		return func(apiCall) apiAnswer { return apiAnswer{Body: `{"ok":false,"error":"` + code + `"}`} }
	}
	for name, c := range map[string]struct {
		method string
		answer func(apiCall) apiAnswer
		want   string
	}{
		"not a member":       {"files.completeUploadExternal", no("not_in_channel"), "/invite @Sparky"},
		"a private channel":  {"files.completeUploadExternal", no("channel_not_found"), "/invite @Sparky"},
		"an older app":       {"files.getUploadURLExternal", no("missing_scope"), "needs the scope"},
		"uploads are off":    {"files.getUploadURLExternal", no("file_uploads_disabled"), "does not let Sparky upload"},
		"the upload fails":   {uploadPath, func(apiCall) apiAnswer { return apiAnswer{Status: http.StatusBadGateway} }, "the log says why"},
		"the upload is lost": {uploadPath, func(apiCall) apiAnswer { return apiAnswer{Err: errors.New("reset")} }, "the log says why"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(before(charted()), 0), func(f *fakeSlack, o *InboxOptions) {
					takesFiles(f, o)
					f.method[c.method] = c.answer
				}, slash("E1", "status okta --chart"))
				answers := f.called("respond/1")
				if len(answers) != 1 || answers[0].JSON["response_type"] != "ephemeral" {
					t.Fatalf("the answers are %v; want one, to the asker alone", answers)
				}
				said := fmt.Sprint(answers[0].JSON["blocks"])
				if !strings.Contains(said, c.want) || !strings.Contains(said, "100% of 12 runs") {
					t.Errorf("said %s; want the figures and %q", said, c.want)
				}
				if log := f.log.String(); strings.Contains(log, "secret-key") || !strings.Contains(log, "could not be shown") {
					t.Errorf("the log: %s", log)
				}
			})
		})
	}
}

func TestAPictureNeedsAPlace(t *testing.T) {
	f := newFakeSlack(t)
	_, err := NewPoster(f.api(), f.logger()).Show(t.Context(), &http.Client{Transport: f}, Picture{Name: "a.png", PNG: []byte("x")})
	if !permanent(err) || len(f.calls) != 0 {
		t.Errorf("shown nowhere: %v after %d calls", err, len(f.calls))
	}
}

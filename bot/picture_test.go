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
	return commands.Reply{Text: "Okta <!here>: our probe sign-in.", Public: true,
		Sections: []commands.Section{{Lines: []commands.Line{commands.Say("Last 24 hours: 100% of 12 runs passed.")}}},
		Chart:    &commands.Chart{Title: "Okta: our probe sign-in", Alt: "A chart.", Windows: []commands.ChartWindow{{Name: "24 hours", Whole: whole, Steps: steps}}}}
}

const uploadPath = "upload/v1/secret-key"

// takesFiles is a Slack that gives an address for files.
func takesFiles(f *fakeSlack, _ *InboxOptions) {
	f.method["files.getUploadURLExternal"] = func(apiCall) apiAnswer {
		return apiAnswer{Body: `{"ok":true,"file_id":"F012345678","upload_url":"https://slack.test/` + uploadPath + `"}`}
	}
}

func TestAChartIsUploadedInThreeSteps(t *testing.T) {
	for name, c := range map[string]struct{ frame, thread string }{
		"typed":                {slash("E1", "status okta --chart"), ""},
		"pressed":              {click("E1", "1:status okta --chart"), "111.000001"},
		"asked in a mention":   {mention("E1", "Ev1", "<@B> status okta --chart"), "222.000001"},
		"pressed, only theirs": {strings.Replace(click("E1", "1:status okta --chart"), `"message_ts"`, `"is_ephemeral":true,"message_ts"`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := deliver(t, saying(charted(), 0), takesFiles, c.frame)
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
				if said := got.Get("initial_comment"); !strings.HasPrefix(said, "Okta &lt;!here&gt;") {
					t.Errorf("above it stands %q", said)
				}
				if more := len(f.called("respond/1")) + len(f.called("respond/2")) + len(f.called("chat.postMessage")); more != 0 {
					t.Errorf("%d more answers", more)
				}
			})
		})
	}
}

func TestAChartThatTakesLongEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := deliver(t, saying(charted(), 5*time.Second), takesFiles, slash("E1", "status okta --chart"))
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
				f := deliver(t, saying(charted(), 0), func(f *fakeSlack, o *InboxOptions) {
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
	err := NewPoster(f.api(), f.logger()).Show(t.Context(), &http.Client{Transport: f}, Picture{Name: "a.png", PNG: []byte("x")})
	if !permanent(err) || len(f.calls) != 0 {
		t.Errorf("shown nowhere: %v after %d calls", err, len(f.calls))
	}
}

package githubactions

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const logPath = "GET /repos/acme/integrations/actions/jobs/70/logs"

// ended is a GitHub whose run 7 is over.
func newEnded(t *testing.T, conclusion string, jobs ...string) *hub {
	t.Helper()
	h := newHub(t)
	h.says(runPath, 200, fmt.Sprintf(`{"id":7,"status":"completed","conclusion":%q}`, conclusion))
	h.says(jobsPath, 200, fmt.Sprintf(`{"total_count":%d,"jobs":[%s]}`, len(jobs), strings.Join(jobs, ",")))
	h.keeps()
	return h
}

// over is a job that has ended; its steps are name and conclusion in turn.
func over(id int, name, conclusion string, steps ...string) string {
	var all []string
	for i := 0; i+1 < len(steps); i += 2 {
		all = append(all, fmt.Sprintf(`{"name":%q,"status":"completed","conclusion":%q}`, steps[i], steps[i+1]))
	}
	return fmt.Sprintf(`{"id":%d,"name":%q,"status":"completed","conclusion":%q,"html_url":"https://github.example/job/%d","steps":[%s]}`,
		id, name, conclusion, id, strings.Join(all, ","))
}

func (h *hub) verdict() Verdict {
	h.t.Helper()
	verdict, err := h.client.Verdict(h.t.Context(), repo, 7)
	if err != nil {
		h.t.Fatal(err)
	}
	return verdict
}

func TestVerdictOfAFailure(t *testing.T) {
	h := newEnded(t, "failure",
		over(69, "build", "success", "Set up job", "success"),
		over(70, "compat (servicenow)", "failure", "Set up job", "success", "Run the suite", "failure", "Upload", "skipped", "Tear down", "timed_out"),
		over(71, "report", "skipped"), over(72, "compat (okta)", "cancelled"), "null")
	store := h.blobs(logPath, 200, failing())
	h.keeps(artifact(4, "compat-report"))
	h.blobs(zipPath(4), 200, zipped(t, "junit.xml", good))
	verdict := h.verdict()
	if verdict.Conclusion != "failure" || len(verdict.Failed) != 1 || len(verdict.Notes) != 0 {
		t.Fatalf("got %+v", verdict)
	}
	failed := verdict.Failed[0]
	if failed.Name != "compat (servicenow)" || failed.URL != "https://github.example/job/70" || !slices.Equal(failed.Steps, []string{"Run the suite", "Tear down"}) {
		t.Errorf("got %+v", failed)
	}
	if got := failed.Log; len(got) != 8 || got[7] != "Error: Process completed with exit code 1." {
		t.Errorf("the log ends with %q", got)
	}
	if verdict.Report == nil || verdict.Report.Failures != 1 || verdict.Report.Cases[0].Message != "field result.sys_id is missing" {
		t.Errorf("the report is %+v", verdict.Report)
	}
	if len(store.auth) != 1 || store.auth[0] != "" {
		t.Errorf("the store of logs got the credentials %q", store.auth)
	}
	if h.auth[len(h.auth)-1] != "Bearer "+canary {
		t.Error("GitHub itself got no credential")
	}
}

func TestVerdictOfASuccess(t *testing.T) {
	h := newEnded(t, "success", over(70, "compat", "success"))
	if verdict := h.verdict(); verdict.Conclusion != "success" || verdict.Failed != nil || verdict.Report != nil || verdict.Notes != nil {
		t.Errorf("got %+v", verdict)
	}
	for _, call := range h.asked() {
		if strings.Contains(call, "logs") {
			t.Errorf("asked %s", call)
		}
	}
}

func TestVerdictsThatAreNone(t *testing.T) {
	for _, conclusion := range []string{"cancelled", "timed_out", "startup_failure", "action_required", "stale"} {
		h := newEnded(t, conclusion)
		if verdict := h.verdict(); verdict.Conclusion != conclusion || verdict.Failed != nil {
			t.Errorf("%s: %+v", conclusion, verdict)
		}
	}
}

func TestVerdictBeforeTheEnd(t *testing.T) {
	h := newHub(t)
	h.says(runPath, 200, `{"id":7,"status":"in_progress"}`)
	_, err := h.client.Verdict(t.Context(), repo, 7)
	wantFailure(t, err, "refused", "verdict of run 7 of acme/integrations", "not ended yet")
}

// TestALogThatCannotBeRead holds that a verdict does not wait for a log.
func TestALogThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(h *hub)
		says    string
	}{
		"gone":          {func(h *hub) { h.says(logPath, 410, `{"message":"gone"}`) }, "The log of compat is not there any more."},
		"never written": {func(h *hub) { h.says(logPath, 404, `{"message":"Not Found"}`) }, "The log of compat is not there any more."},
		"trouble":       {func(h *hub) { h.says(logPath, 500, "") }, "The log could not be read: reading the log of compat: GitHub has trouble (500)."},
		"too long":      {func(h *hub) { h.blobs(logPath, 200, make([]byte, maxLog+1)) }, "longer than 32 MiB"},
		"refused there": {func(h *hub) { h.blobs(logPath, 403, []byte("<Error/>")) }, "may not do that (403)"},
	} {
		h := newEnded(t, "failure", over(70, "compat", "failure", "Run", "failure"))
		test.prepare(h)
		verdict := h.verdict()
		if len(verdict.Failed) != 1 || verdict.Failed[0].Log != nil || len(verdict.Notes) != 1 || !strings.Contains(verdict.Notes[0], test.says) {
			t.Errorf("%s: %+v", name, verdict)
		}
		if strings.Contains(verdict.Notes[0], "canary") {
			t.Errorf("%s: %q holds the signed address", name, verdict.Notes[0])
		}
	}
}

// TestALimitIsWaitedFor holds that a verdict waits for its details where GitHub only asks for time.
func TestALimitIsWaitedFor(t *testing.T) {
	for _, path := range []string{logPath, artifactsPath} {
		h := newEnded(t, "failure", over(70, "compat", "failure", "Run", "failure"))
		h.blobs(logPath, 200, failing())
		h.says(path, 429, "")
		_, err := h.client.Verdict(t.Context(), repo, 7)
		wantFailure(t, err, "after 1m0s", "fewer calls (429)")
		h.asked()
		_, err = h.client.Verdict(t.Context(), repo, 7)
		wantFailure(t, err, "after 1m0s", "fewer calls; the next try is in 1m0s")
		if asked := h.asked(); len(asked) != 0 {
			t.Errorf("asked %v within the minute", asked)
		}
	}
}

func TestVerdictOfManyFailures(t *testing.T) {
	var jobs []string
	for id := range 25 {
		jobs = append(jobs, over(100+id, fmt.Sprint("job ", id), "failure"))
	}
	h := newEnded(t, "failure", jobs...)
	for id := range 25 {
		h.blobs(fmt.Sprintf("GET /repos/acme/integrations/actions/jobs/%d/logs", 100+id), 200, failing())
	}
	verdict := h.verdict()
	if len(verdict.Failed) != mostFailed || verdict.Failed[mostLogs-1].Log == nil || verdict.Failed[mostLogs].Log != nil {
		t.Errorf("%d failed", len(verdict.Failed))
	}
	if want := []string{"5 more jobs failed.", "Only the logs of the first 5 failed jobs were read."}; !slices.Equal(verdict.Notes, want) {
		t.Errorf("notes %q", verdict.Notes)
	}
}

func TestJobsArePaged(t *testing.T) {
	h := newEnded(t, "failure")
	h.on(jobsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("filter") != "latest" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		if r.URL.Query().Get("page") == "1" {
			w.Header().Set("Link", `<`+h.server.URL+`/x?page=2>; rel="next"`)
			fmt.Fprint(w, `{"jobs":[]}`)
			return
		}
		fmt.Fprintf(w, `{"jobs":[%s]}`, over(70, "late", "failure"))
	})
	if verdict := h.verdict(); len(verdict.Failed) != 1 || verdict.Failed[0].Name != "late" {
		t.Errorf("got %+v", verdict)
	}
}

// TestAVerdictThatIsCalledOff holds that a program that ends takes no half verdict for a whole one.
func TestAVerdictThatIsCalledOff(t *testing.T) {
	for _, path := range []string{runPath, jobsPath, logPath, artifactsPath} {
		h := newEnded(t, "failure", over(70, "compat", "failure"))
		h.blobs(logPath, 200, failing())
		ctx, cancel := context.WithCancel(t.Context())
		h.on(path, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		if verdict, err := h.client.Verdict(ctx, repo, 7); err == nil {
			t.Errorf("at %s: %+v", path, verdict)
		}
		cancel()
	}
}

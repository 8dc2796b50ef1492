package githubactions

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	runPath  = "GET /repos/acme/integrations/actions/runs/7"
	jobsPath = runPath + "/jobs"
)

// running is a run whose state a test moves on.
type running struct {
	*hub
	status, conclusion string
	attempt            int
	jobs               string
}

func newRunning(t testing.TB) *running {
	t.Helper()
	r := &running{hub: newHub(t), status: "queued", attempt: 1}
	r.tagged(runPath, func() string {
		return fmt.Sprintf(`{"id":7,"status":%q,"conclusion":%q,"run_attempt":%d,"html_url":"https://github.example/r/7",`+
			`"created_at":"2026-11-02T11:59:00Z","run_started_at":"2026-11-02T12:00:00Z","updated_at":"2026-11-02T12:01:00Z"}`,
			r.status, r.conclusion, r.attempt)
	})
	r.tagged(jobsPath, func() string { return fmt.Sprintf(`{"total_count":1,"jobs":[%s]}`, r.jobs) })
	return r
}

// look looks, and holds how many calls that took.
func (r *running) look(seen Seen, calls int) (Progress, Seen) {
	r.t.Helper()
	r.asked()
	progress, now, err := r.client.Look(r.t.Context(), repo, 7, seen)
	if err != nil {
		r.t.Fatal(err)
	}
	if made := r.asked(); len(made) != calls {
		r.t.Errorf("asked %q, want %d calls", made, calls)
	}
	return progress, now
}

func job(name, status string, steps ...string) string {
	var all []string
	for i := 0; i+1 < len(steps); i += 2 {
		all = append(all, fmt.Sprintf(`{"name":%q,"status":%q,"number":%d}`, steps[i], steps[i+1], i/2+1))
	}
	return fmt.Sprintf(`{"id":70,"run_id":7,"name":%q,"status":%q,"steps":[%s]}`, name, status, strings.Join(all, ","))
}

// TestLookFollowsARunToItsEnd holds what a look tells in each state, and that what has not changed costs nothing.
func TestLookFollowsARunToItsEnd(t *testing.T) {
	r := newRunning(t)
	progress, seen := r.look(Seen{}, 1)
	if progress.Status != "queued" || progress.RunAttempt != 1 || progress.URL != "https://github.example/r/7" || progress.Unchanged {
		t.Errorf("queued: %+v", progress)
	}
	if !progress.StartedAt.Equal(noon) || !progress.UpdatedAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("from %s to %s", progress.StartedAt, progress.UpdatedAt)
	}
	if progress, seen = r.look(seen, 1); progress != (Progress{Unchanged: true}) {
		t.Errorf("still queued: %+v", progress)
	}

	r.status = StatusInProgress
	r.jobs = job("compat", "in_progress", "Set up job", "completed", "Run the suite", "in_progress", "Tear down", "queued")
	if progress, seen = r.look(seen, 2); progress.Current != "compat: Run the suite" || progress.Done != 1 || progress.Total != 3 {
		t.Errorf("running: %+v", progress)
	}
	if progress, seen = r.look(seen, 2); !progress.Unchanged {
		t.Errorf("still running: %+v", progress)
	}

	// The run itself stays as it is while its steps go on.
	r.jobs = job("compat", "in_progress", "Set up job", "completed", "Run the suite", "completed", "Tear down", "in_progress")
	if progress, seen = r.look(seen, 3); progress.Current != "compat: Tear down" || progress.Done != 2 || progress.Status != StatusInProgress {
		t.Errorf("further: %+v", progress)
	}

	r.status, r.conclusion = StatusCompleted, "failure"
	if progress, seen = r.look(seen, 1); progress.Status != StatusCompleted || progress.Conclusion != "failure" || progress.Current != "" {
		t.Errorf("over: %+v", progress)
	}
	if progress, seen = r.look(seen, 1); !progress.Unchanged {
		t.Errorf("still over: %+v", progress)
	}

	r.status, r.conclusion, r.attempt = "queued", "", 2
	if progress, _ = r.look(seen, 1); progress.RunAttempt != 2 || progress.Status != "queued" {
		t.Errorf("again: %+v", progress)
	}
}

func TestLookWhenARunEndsBetweenTwoCalls(t *testing.T) {
	r := newRunning(t)
	r.status, r.jobs = StatusInProgress, job("compat", "in_progress", "Run", "in_progress")
	_, seen := r.look(Seen{}, 2)
	r.jobs = job("compat", "completed", "Run", "completed")
	r.on(jobsPath, func(w http.ResponseWriter, _ *http.Request) {
		r.status, r.conclusion = StatusCompleted, "success"
		fmt.Fprintf(w, `{"jobs":[%s]}`, r.jobs)
	})
	if progress, seen := r.look(seen, 3); progress.Conclusion != "success" || strings.Contains(seen.ETag, " ") {
		t.Errorf("got %+v, %+v", progress, seen)
	}
}

func TestLookWithoutTags(t *testing.T) {
	r := newRunning(t)
	r.says(runPath, 200, `{"id":7,"status":"in_progress","html_url":"javascript:alert(1)"}`)
	r.says(jobsPath, 200, `{"jobs":[null,{"name":"a","status":"in_progress"},{"name":"b","status":"in_progress","steps":[null]}]}`)
	var seen Seen
	var progress Progress
	for range 2 {
		if progress, seen = r.look(seen, 2); progress.Unchanged || progress.Current != "a and 1 more" || progress.URL != "" {
			t.Errorf("got %+v", progress)
		}
	}
}

func TestLookAtWhatIsNotTheRun(t *testing.T) {
	h := newHub(t)
	h.says(runPath, 200, `{"ok":true}`)
	_, _, err := h.client.Look(t.Context(), repo, 7, Seen{})
	wantFailure(t, err, "refused", "something else")
	r := newRunning(t)
	r.status = StatusInProgress
	r.says(jobsPath, 500, "")
	if _, _, err := r.client.Look(t.Context(), repo, 7, Seen{}); err == nil {
		t.Error("the jobs could not be read, and nothing was said")
	}
}

// TestSeenIsOnlyATag holds that whatever was remembered, a look asks and answers.
func TestSeenIsOnlyATag(t *testing.T) {
	for _, tag := range []string{" ", `W/"old"`, `W/"old" W/"old"`, "a b c", "ü"} {
		r := newRunning(t)
		r.status, r.jobs = StatusInProgress, job("compat", "in_progress")
		if progress, _ := r.look(Seen{tag}, 2); progress.Status != StatusInProgress || progress.Current != "compat" {
			t.Errorf("%q: %+v", tag, progress)
		}
	}
}

// BenchmarkLookUnchanged is the cost of following one run that is as it was, over a connection that is kept: one request
// while it is queued, two while it runs.
func BenchmarkLookUnchanged(b *testing.B) {
	for _, status := range []string{"queued", StatusInProgress} {
		b.Run(status, func(b *testing.B) {
			r := newRunning(b)
			r.status, r.jobs = status, job("compat", "in_progress", "Run", "in_progress")
			_, seen, err := r.client.Look(b.Context(), repo, 7, Seen{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.asked()
				progress, _, err := r.client.Look(b.Context(), repo, 7, seen)
				if err != nil || !progress.Unchanged {
					b.Fatalf("%+v, %v", progress, err)
				}
			}
		})
	}
}

package githubactions

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	dispatches = "POST /repos/acme/integrations/actions/workflows/compat.yml/dispatches"
	runsPath   = "GET /repos/acme/integrations/actions/workflows/compat.yml/runs"
)

func sample() Dispatch {
	return Dispatch{Repo: repo, Workflow: "compat.yml", Ref: "main", RequestID: "req-7f3a", Inputs: map[string]string{
		"partner": "okta", "api_version": "2026.12.0", "request_id": "req-7f3a", "suite": "okta"}}
}

// bodies has the dispatches answered one after the other, and keeps what came.
func (h *hub) bodies(answers ...func(w http.ResponseWriter)) *[]map[string]any {
	var seen []map[string]any
	h.on(dispatches, func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			h.t.Error(err)
		}
		var body map[string]any
		if err := json.Unmarshal(content, &body); err != nil {
			h.t.Error(err)
		}
		seen = append(seen, body)
		answers[min(len(seen), len(answers))-1](w)
	})
	return &seen
}

func told(w http.ResponseWriter) {
	fmt.Fprint(w, `{"workflow_run_id":42,"run_url":"https://api.github.example/repos/acme/integrations/actions/runs/42",`+
		`"html_url":"https://github.example/acme/integrations/actions/runs/42"}`)
}

func older(w http.ResponseWriter) {
	w.WriteHeader(http.StatusUnprocessableEntity)
	fmt.Fprint(w, `{"message":"Invalid request.\n\n\"return_run_details\" is not a permitted key.","status":"422"}`)
}

func noContent(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }

func TestStart(t *testing.T) {
	h := newHub(t)
	seen := h.bodies(told)
	started, err := h.client.Start(t.Context(), sample())
	if want := (Started{42, "https://github.example/acme/integrations/actions/runs/42"}); err != nil || started != want {
		t.Fatalf("got %+v, %v", started, err)
	}
	want := `[{"inputs":{"api_version":"2026.12.0","partner":"okta","request_id":"req-7f3a","suite":"okta"},"ref":"main","return_run_details":true}]`
	if got := encode(t, *seen); got != want {
		t.Errorf("sent %s", got)
	}
	if h.auth[0] != "Bearer "+canary {
		t.Errorf("the credential was %q", h.auth[0])
	}
}

func TestStartOnAServerThatDoesNotTell(t *testing.T) {
	h := newHub(t)
	h.bodies(noContent)
	if started, err := h.client.Start(t.Context(), sample()); err != nil || started != (Started{}) {
		t.Errorf("got %+v, %v", started, err)
	}
}

func TestStartOnAnOlderServer(t *testing.T) {
	h := newHub(t)
	seen := h.bodies(older, noContent)
	for range 3 {
		if started, err := h.client.Start(t.Context(), sample()); err != nil || started.RunID != 0 {
			t.Fatalf("got %+v, %v", started, err)
		}
	}
	if len(*seen) != 4 {
		t.Fatalf("asked %d times, want once with the field and three times without", len(*seen))
	}
	for i, body := range *seen {
		if _, with := body["return_run_details"]; with != (i == 0) {
			t.Errorf("request %d: %v", i, body)
		}
	}
}

// TestStartFallsBackOnceAndForThatFieldOnly holds that nothing else is asked twice.
func TestStartFallsBackOnceAndForThatFieldOnly(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(w http.ResponseWriter)
		asked  int
	}{
		"the field, again and again": {older, 2},
		"another field": {func(w http.ResponseWriter) {
			w.WriteHeader(422)
			fmt.Fprint(w, `{"message":"Unexpected inputs provided: [\"suite\"]"}`)
		}, 1},
		"trouble that names it": {func(w http.ResponseWriter) {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"message":"return_run_details"}`)
		}, 1},
	} {
		h := newHub(t)
		seen := h.bodies(test.answer)
		if _, err := h.client.Start(t.Context(), sample()); err == nil || len(*seen) != test.asked {
			t.Errorf("%s: %v after %d requests, want %d", name, err, len(*seen), test.asked)
		}
	}
}

func TestStartSendsTheRequestInAnyCase(t *testing.T) {
	h := newHub(t)
	seen := h.bodies(told)
	d := sample()
	delete(d.Inputs, "request_id")
	before := maps.Clone(d.Inputs)
	if _, err := h.client.Start(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := (*seen)[0]["inputs"].(map[string]any)["request_id"]; got != "req-7f3a" || !maps.Equal(d.Inputs, before) {
		t.Errorf("sent %v, and the inputs are %v now", got, d.Inputs)
	}
}

func TestStartTakesTheFolderOfWorkflowsToo(t *testing.T) {
	h := newHub(t)
	h.bodies(told)
	d := sample()
	d.Workflow = ".github/workflows/compat.yml"
	if started, err := h.client.Start(t.Context(), d); err != nil || started.RunID != 42 {
		t.Errorf("got %+v, %v", started, err)
	}
}

func TestWhatIsNoNameStaysOutOfThePath(t *testing.T) {
	h := newHub(t)
	for _, name := range []string{"", "acme", "acme/", "/x", "acme/x/y", "acme/..", "../x", "acme/x?y", "acme/x#", "acme/x y", "acme/x%2f"} {
		d := sample()
		d.Repo = name
		_, err := h.client.Start(t.Context(), d)
		wantFailure(t, err, "permanent", "is not a repository")
		_, _, err = h.client.Look(t.Context(), name, 1, Seen{})
		wantFailure(t, err, "permanent", "owner/name")
	}
	for _, name := range []string{"", ".", "..", "../compat.yml", "a/b.yml"} {
		d := sample()
		d.Workflow = name
		_, err := h.client.Start(t.Context(), d)
		wantFailure(t, err, "permanent", "is not a workflow")
		_, _, err = h.client.FindRun(t.Context(), repo, name, "x", noon)
		wantFailure(t, err, "permanent", "compat.workflow")
	}
	if calls := h.asked(); len(calls) != 0 {
		t.Errorf("asked %q", calls)
	}
	d := sample()
	d.Workflow = "odd name?.yml"
	_, err := h.client.Start(t.Context(), d)
	wantFailure(t, err, "permanent", "(404)")
	if calls := h.asked(); len(calls) != 1 || !strings.Contains(calls[0], "/workflows/odd%20name%3F.yml/dispatches") {
		t.Errorf("asked %q", calls)
	}
}

// listed has the list of runs answer in pages of the given titles, the newest first, whose IDs count down.
func (h *hub) listed(pages ...[]string) {
	h.on(runsPath, func(w http.ResponseWriter, r *http.Request) {
		at := 0
		fmt.Sscan(r.URL.Query().Get("page"), &at)
		if at < len(pages) {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?page=%d>; rel="next", <%s?page=9>; rel="last"`, h.server.URL, r.URL.Path, at+1, h.server.URL))
		}
		id := 1000 - 10*at
		var runs []map[string]any
		for _, title := range pages[at-1] {
			id--
			runs = append(runs, map[string]any{"id": id, "display_title": title, "name": "compat",
				"html_url": fmt.Sprint("https://github.example/acme/integrations/actions/runs/", id)})
		}
		fmt.Fprint(w, encode(h.t, map[string]any{"total_count": 99, "workflow_runs": runs}))
	})
}

func TestFindRun(t *testing.T) {
	h := newHub(t)
	h.listed([]string{"compat okta 2 [req-1]", "by hand"}, []string{"compat snow v3 [req-7f3a]", "compat snow v3 [req-7f3a-2]"})
	began := noon.Add(30 * time.Second).In(time.FixedZone("east", 2*3600))
	found, ok, err := h.client.FindRun(t.Context(), repo, "compat.yml", "req-7f3a", began)
	if want := (Started{979, "https://github.example/acme/integrations/actions/runs/979"}); err != nil || !ok || found != want {
		t.Errorf("got %+v, %t, %v", found, ok, err)
	}
	calls := h.asked()
	for _, part := range []string{"event=workflow_dispatch", "created=%3E%3D2026-11-02T11%3A59%3A30Z", "per_page=100", "page=1"} {
		if len(calls) != 2 || !strings.Contains(calls[0], part) {
			t.Errorf("asked %q, want %s", calls, part)
		}
	}
	if found, ok, err := h.client.FindRun(t.Context(), repo, "compat.yml", "req-9", noon); ok || err != nil || found != (Started{}) {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestFindRunTakesTheFirstOfSeveral(t *testing.T) {
	h := newHub(t)
	h.listed([]string{"[req-7f3a]"}, []string{"[req-7f3a] again", "[req-7f3a]"})
	if found, ok, err := h.client.FindRun(t.Context(), repo, "compat.yml", "req-7f3a", noon); !ok || err != nil || found.RunID != 978 {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestFindRunEnds(t *testing.T) {
	h := newHub(t)
	h.listed(slices.Repeat([][]string{{"x"}}, 50)...)
	if _, ok, err := h.client.FindRun(t.Context(), repo, "compat.yml", "req-7f3a", noon); ok || err != nil {
		t.Errorf("found %t, %v", ok, err)
	}
	if calls := h.asked(); len(calls) != mostPages {
		t.Errorf("%d pages were read", len(calls))
	}
	_, _, err := h.client.FindRun(t.Context(), repo, "compat.yml", "", noon)
	wantFailure(t, err, "permanent", "no request")
	h.says(runsPath, 200, `{"workflow_runs":[null,{}]}`)
	if _, ok, err := h.client.FindRun(t.Context(), repo, "compat.yml", "x", noon); ok || err != nil {
		t.Errorf("found %t, %v", ok, err)
	}
}

func TestNames(t *testing.T) {
	for title, want := range map[string]bool{
		"req-1": true, "[req-1]": true, "compat-req-1": true, "compat okta (req-1).": true, "x req-10, req-1": true, "req-1 – okta": true,
		"req-12": false, "req-1-2": false, "req-1.2": false, "xreq-1": false, "req-1a": false, "req-1é": false, "ñreq-1": false, "": false,
		"req-1_b": false, "req-1-": true, "REQ-1": false,
	} {
		if got := names(title, "req-1"); got != want {
			t.Errorf("%q: %t", title, got)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("compat [", "req-1", "]")
	f.Add("\xff", "x", "\xff")
	f.Fuzz(func(t *testing.T, before, id, after string) {
		if id == "" || len(before)+len(id)+len(after) > 10_000 {
			return
		}
		if names(before+id+after, id) && !strings.Contains(before+id+after, id) {
			t.Error("found what is not there")
		}
		if !names(before+" "+id+" ", id) {
			t.Errorf("%q does not stand by itself in %q", id, before+" "+id+" ")
		}
	})
}

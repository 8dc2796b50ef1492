package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sparky/store"
)

// TestHealthAsksTheSparkyThatRuns holds what a supervisor relies on: the exit status, and words for who reads it.
func TestHealthAsksTheSparkyThatRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	ours := store.Config{}.Instance()
	for name, test := range map[string]struct {
		status int
		body   string
		args   []string
		exit   int
		says   string
	}{
		"well":            {200, `{"slack_links":2,"jobs":{},"instance":"` + ours + `"}`, nil, exitDone, "Well.\n"},
		"ill":             {503, `{"slack_links":0,"problem":"no link to Slack","instance":"` + ours + `"}`, nil, exitBad, "Not ready: no link to Slack\n"},
		"for a program":   {503, `{"slack_links":0,"problem":"no link","instance":"` + ours + `"}`, []string{"--json"}, exitBad, `"problem":"no link"`},
		"all of it":       {200, `{"slack_links":2,"instance":"` + ours + `"}`, []string{"--json"}, exitDone, `"slack_links":2`},
		"another program": {200, `<html>`, nil, exitBad, "is not Sparky"},
		"another's JSON":  {200, `{"status":"ok"}`, nil, exitBad, "is not Sparky"},
		"another Sparky":  {200, `{"slack_links":2,"instance":"0123456789abcdef"}`, nil, exitBad, "it is another one"},
		"an older one":    {200, `{"slack_links":2,"jobs":{}}`, nil, exitDone, "cannot be told whether it is this one"},
	} {
		t.Run(name, func(t *testing.T) {
			exit, out := askedHealth(t, healthAt(t, test.status, test.body, "/readyz"), test.args...)
			if exit != test.exit || !strings.Contains(out, test.says) || exit == exitBad && strings.Contains(out, "Well.") {
				t.Errorf("exit %d: %s", exit, out)
			}
		})
	}
	if exit, out := askedHealth(t, healthAt(t, 200, `{"slack_links":2,"instance":"0123456789abcdef"}`, "/readyz")+"\nstore: {url: \"${STORE_THAT_IS_NOT_SET}\"}"); exit != exitDone ||
		!strings.Contains(out, "cannot be told whether it is this one: store.url refers to what is not there") {
		t.Errorf("without the store: exit %d: %s", exit, out)
	}
	if exit, out := askedHealth(t, "127.0.0.1:1"); exit != exitBad || !strings.Contains(out, "no Sparky answers at 127.0.0.1:1") {
		t.Errorf("where nothing listens: exit %d: %s", exit, out)
	}
}

// healthAt is the address of something that answers so, and that wants to be asked for that path alone.
func healthAt(t *testing.T, status int, body, path string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path || r.Method != http.MethodGet {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestAStartSaysWhichSparkyHasTheAddress is what README's order leads to: the demo runs, and another one is begun.
func TestAStartSaysWhichSparkyHasTheAddress(t *testing.T) {
	config := Config{Store: storeConfig{store.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "sparky.db")}}}
	for body, says := range map[string]string{
		`{"slack_links":2,"instance":"` + config.Store.Instance() + `"}`: "this Sparky runs already",
		`{"slack_links":2,"instance":"0123456789abcdef"}`:                "another Sparky, with another store, has it, such as the demo world; give each a listen of its own",
		`{"slack_links":2}`: "an older Sparky has it",
		`{"hello":"you"}`:   "address already in use; change listen in the configuration",
	} {
		config.Listen = healthAt(t, http.StatusOK, body, "/healthz")
		err := runConfig(t.Context(), config, slog.New(slog.DiscardHandler), io.Discard)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), config.Listen) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if other := errors.New("no such address"); !errors.Is(explainTaken(t.Context(), config, other), other) {
		t.Error("another error is changed")
	}
}

// askedHealth is what `sparky health` says with a configuration that listens there.
func askedHealth(t *testing.T, listen string, args ...string) (int, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sparky.yaml")
	if err := os.WriteFile(path, []byte(testSlack+"partners: [{id: a, status: {url: https://status.a.example}}]\nlisten: "+listen+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	exit := execute(t.Context(), append([]string{"health", "--config", path}, args...), lookup(testEnv()), &out, &out)
	return exit, out.String()
}

func TestWhereHealthIsAsked(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8780": "http://127.0.0.1:8780/readyz", ":8780": "http://127.0.0.1:8780/readyz", "0.0.0.0:1": "http://127.0.0.1:1/readyz",
		"[::]:8780": "http://[::1]:8780/readyz", "sparky.internal:80": "http://sparky.internal:80/readyz", "127.0.0.1:0": "", "x": "",
	} {
		got, err := askedAt(listen, "/readyz")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", listen, got, err)
		}
	}
}

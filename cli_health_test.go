package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHealthAsksTheSparkyThatRuns holds what a supervisor relies on: the exit status, and words for who reads it.
func TestHealthAsksTheSparkyThatRuns(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		args   []string
		exit   int
		says   string
	}{
		"well":            {200, `{"slack_links":2,"jobs":{}}`, nil, exitDone, "Well.\n"},
		"ill":             {503, `{"problem":"no link to Slack","jobs":{}}`, nil, exitBad, "Not ready: no link to Slack\n"},
		"for a program":   {503, `{"problem":"no link to Slack","jobs":{}}`, []string{"--json"}, exitBad, `"problem":"no link to Slack"`},
		"another program": {200, `<html>`, nil, exitBad, "is not Sparky"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/readyz" || r.Method != http.MethodGet {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			exit, out := askedHealth(t, strings.TrimPrefix(server.URL, "http://"), test.args...)
			if exit != test.exit || !strings.Contains(out, test.says) {
				t.Errorf("exit %d: %s", exit, out)
			}
		})
	}
	if exit, out := askedHealth(t, "127.0.0.1:1"); exit != exitBad || !strings.Contains(out, "no Sparky answers at 127.0.0.1:1") {
		t.Errorf("where nothing listens: exit %d: %s", exit, out)
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
		got, err := readyAddress(listen)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", listen, got, err)
		}
	}
}

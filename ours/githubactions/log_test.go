package githubactions

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"sparky/internal/setting"
)

// reader is a client that needs no network.
func reader() *Client {
	return New(Config{APIURL: "http://github.example", Token: setting.NewSecret(canary)}, quickClient(), time.Now)
}

// stamped is a log with the times that GitHub puts before its lines.
func stamped(lines ...string) []byte {
	var b strings.Builder
	b.WriteString("\ufeff")
	for i, line := range lines {
		fmt.Fprintf(&b, "%s %s\r\n", noon.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.0000000Z"), line)
	}
	return []byte(b.String())
}

// failing is the shape of a job's log as the runner writes it: a step that fails, and then the tidying up.
func failing() []byte {
	return stamped(
		"Current runner version: '2.330.0'",
		"##[group]Run ./sparky compat servicenow --api-version v3",
		"\x1b[36;1m./sparky compat servicenow --api-version v3\x1b[0m",
		"shell: /usr/bin/bash -e {0}",
		"##[endgroup]",
		"\x1b[32mok\x1b[0m   incident.read",
		"\x1b[31mfail\x1b[0m incident.create",
		"     field result.sys_id is missing from POST /api/now/v3/table/incident",
		"",
		"-----",
		"##[error]Process completed with exit code 1.",
		"Post job cleanup.",
		"[command]/usr/bin/git version",
		"git version 2.52.0",
		"Cleaning up orphan processes",
	)
}

func TestTheEndOfALog(t *testing.T) {
	want := []string{
		"Current runner version: '2.330.0'",
		"Run ./sparky compat servicenow --api-version v3",
		"./sparky compat servicenow --api-version v3",
		"shell: /usr/bin/bash -e {0}",
		"ok   incident.read",
		"fail incident.create",
		"     field result.sys_id is missing from POST /api/now/v3/table/incident",
		"Error: Process completed with exit code 1.",
	}
	if got := reader().logEnd(failing()); !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

func TestTheEndOfALongLog(t *testing.T) {
	var lines []string
	for i := range 1000 {
		line := fmt.Sprint("line ", i)
		if i == 100 || i == 900 {
			line = "##[error]wrong at " + fmt.Sprint(i)
		}
		lines = append(lines, line)
	}
	got := reader().logEnd(stamped(lines...))
	if len(got) != logLines || got[0] != "Error: wrong at 100" || got[1] != "line 882" || got[19] != "Error: wrong at 900" {
		t.Errorf("with two errors: %d lines %q", len(got), got)
	}
	for i := range lines {
		lines[i] = fmt.Sprint("##[error]", i)
	}
	if got = reader().logEnd(stamped(lines...)); len(got) != logLines || got[0] != "Error: 980" || got[19] != "Error: 999" {
		t.Errorf("with nothing but errors: %q", got)
	}
	for i := range lines {
		lines[i] = fmt.Sprint("line ", i)
	}
	if got = reader().logEnd(stamped(append(lines, "Post job cleanup.", "Cleaning up orphan processes")...)); got[19] != "line 999" {
		t.Errorf("without an error: %q", got)
	}
	if got = reader().logEnd(stamped(lines...)); got[0] != "line 980" || got[19] != "line 999" {
		t.Errorf("that was cut off: %q", got)
	}
}

func TestLogsThatSayNothing(t *testing.T) {
	for _, log := range []string{"", "\n\n", "\ufeff", "=====\n\x1b[0m\n", "##[endgroup]\n##[debug]x\n"} {
		if got := reader().logEnd([]byte(log)); len(got) != 0 {
			t.Errorf("%q: %q", log, got)
		}
	}
	if got := reader().logEnd(stamped("Post job cleanup.", "Cleaning up orphan processes")); len(got) != 2 {
		t.Errorf("nothing but tidying up: %q", got)
	}
}

func TestLinesOfALog(t *testing.T) {
	for raw, want := range map[string]string{
		"2026-11-02T12:00:00.1234567Z hello":          "hello",
		"2026-11-02T12:00:00Z hello":                  "hello",
		"\ufeff2026-11-02T12:00:00.1Z   indented":     "  indented",
		"2026-11-02 12:00:00 hello":                   "2026-11-02 12:00:00 hello",
		"\x1b[1;31mred\x1b[0m \x1b]0;title\x07end":    "red end",
		"\x1b]8;;https://evil.example\x1b\\link":      "link",
		"10%\r50%\r100% done\r\n":                     "100% done",
		"##[warning]slow":                             "Warning: slow",
		"##[notice]new":                               "Notice: new",
		"##[section]Starting: x":                      "Starting: x",
		"[command]/usr/bin/git version":               "/usr/bin/git version",
		"##[add-mask]x":                               "",
		"token *** is masked":                         "token *** is masked",
		"Authorization: Bearer " + canary:             "Authorization: Bearer [secret]",
		"push with github_pat_11ABCDEFG0123456789abc": "push with [secret]",
		"a ghost_writer gh_x ghp_short":               "a ghost_writer gh_x ghp_short",
		"mixed \u202ereversed\u202c \x00 null":        "mixed reversed  null",
		"bad \xff bytes":                              "bad � bytes",
		strings.Repeat("é", 400):                      strings.Repeat("é", 299) + "…",
		"***":                                         "",
	} {
		if got, _ := reader().logLine([]byte(raw)); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	if _, bad := reader().logLine([]byte("2026-11-02T12:00:00Z ##[error]x")); !bad {
		t.Error("an error is not told")
	}
}

// FuzzLogEnd holds that whatever a log holds, its end is short, plain and without our token.
func FuzzLogEnd(f *testing.F) {
	f.Add(failing())
	f.Add([]byte("##[error]\x1b[31m" + canary + "\r\x1b]"))
	f.Add([]byte("2026-11-02T12:00:00Z \x1b\n\xff\xfe"))
	client := reader()
	f.Fuzz(func(t *testing.T, log []byte) {
		lines := client.logEnd(log)
		if len(lines) > logLines {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines {
			if line == "" || utf8.RuneCountInString(line) > logLineLong || !utf8.ValidString(line) || strings.Contains(line, canary) {
				t.Errorf("shows %q", line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("shows what is not seen in %q", line)
			}
		}
	})
}

// BenchmarkLogEnd is the cost of the end of a log of 10 MB.
func BenchmarkLogEnd(b *testing.B) {
	var lines []string
	for i := range 100_000 {
		lines = append(lines, fmt.Sprint("\x1b[36m2026/11/02\x1b[0m a line of some length that a build may well have, number ", i))
	}
	log := stamped(lines...)
	client := reader()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if len(client.logEnd(log)) != logLines {
			b.Fatal("not the end")
		}
	}
}

// blobs has a path redirect to another host, which answers with the content and refuses who brings a credential along, as
// the stores behind GitHub do.
func (h *hub) blobs(path string, status int, content []byte) *hub {
	store := newHub(h.t)
	store.on("GET /signed", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(status)
		if _, err := w.Write(content); err != nil {
			h.t.Error(err)
		}
	})
	h.on(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", store.server.URL+"/signed?sig=canary")
		w.WriteHeader(http.StatusFound)
	})
	return store
}

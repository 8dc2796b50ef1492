package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/store"
)

// TestBackupAndRestoreInATerminal holds what a timer and a person rely on: the exit status, and words with the mend.
func TestBackupAndRestoreInATerminal(t *testing.T) {
	folder := t.TempDir()
	url, file := "sqlite:"+filepath.Join(folder, "sparky.db"), filepath.Join(folder, "backup")
	memory, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := memory.Close(); err != nil {
		t.Fatal(err)
	}
	const server = "postgres://sparky@127.0.0.1:1/sparky"
	const other = "postgres://o'hara:hidden@db.example:5433/our%20memory"
	for _, c := range []struct {
		args string
		exit int
		says string
	}{
		{"backup", exitUsage, "sparky backup takes the name of one file: sparky backup FILE\n"},
		{"backup a b", exitUsage, "takes the name of one file"},
		{"backup --store mysql://x " + file, exitUsage, "store.url is sqlite:PATH"},
		{"backup --store " + server + " " + file, exitBad, "pg_dump --format=custom --file=" + file + " --host=127.0.0.1 --port=1 --username=sparky --dbname=sparky (see"},
		{"backup --store " + other + " " + file, exitBad, `--host=db.example --port=5433 '--username=o'\''hara' '--dbname=our memory' (see`},
		{"backup --config " + folder + "/none.yaml " + file, exitBad, "there is no such file"},
		{"backup --store " + url + " " + file, exitDone, "whole and readable"},
		{"backup --store " + url + " " + file, exitBad, "there already"},
		{"restore --store " + url, exitUsage, "sparky restore FILE"},
		{"restore --store " + server + " " + file, exitBad, "pg_restore --clean --if-exists --host=127.0.0.1 --port=1 --username=sparky --dbname=sparky " + file + ", and then"},
		{"restore --store " + server, exitBad, "nobody answers there"},
		{"restore --store " + url + " " + folder + "/none", exitBad, "look at the backup"},
		{"restore --store " + url + " " + file, exitDone, "is kept as"},
	} {
		var out bytes.Buffer
		if exit := execute(t.Context(), strings.Fields(c.args), lookup(testEnv()), &out, &out); exit != c.exit || !strings.Contains(out.String(), c.says) {
			t.Errorf("sparky %s ends with %d, want %d and %q: %s", c.args, exit, c.exit, c.says, &out)
		}
		if strings.Contains(out.String(), "hidden") {
			t.Errorf("sparky %s tells the password: %s", c.args, &out)
		}
	}
}

func TestARestoreNamesWhatIsLeftToPeople(t *testing.T) {
	opened := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	left := incidents.Incident{ID: "sparky-okta-1", Name: "Okta", Opened: opened, Ticket: incidents.Ticket{Key: "ECO-7", URL: "https://acme.example/browse/ECO-7"},
		Post: incidents.Post{State: incidents.PostPublished, URL: "https://status.acme.example/1"}, Page: incidents.Page{Done: incidents.PageTriggered}}
	for says, done := range map[string]store.Restored{
		"Okta, since 2026-11-23 03:00:00 UTC: https://acme.example/browse/ECO-7, and on our public page https://status.acme.example/1, and on-call was called\n": {
			Aside: "x", Unknown: []incidents.Incident{left}},
		"sparky-odd, since no moment that is known\n": {Aside: "x", Unknown: []incidents.Incident{{ID: "sparky-odd"}}},
		"Close by hand what is open of them.\n":       {},
	} {
		var out bytes.Buffer
		tellUnknown(&printer{out: &out}, done)
		if !strings.Contains(out.String(), says) {
			t.Errorf("it does not say %q: %s", says, &out)
		}
	}
	var out bytes.Buffer
	if tellUnknown(&printer{out: &out}, store.Restored{Aside: "x"}); strings.Contains(out.String(), "by hand") {
		t.Errorf("where all is known, it sends people to look: %s", &out)
	}
}

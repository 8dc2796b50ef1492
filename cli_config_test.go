package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
	yaml "go.yaml.in/yaml/v4"

	"sparky/partners"
	"sparky/store"
)

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"sparky": main, floorProgram: floor, "sparky-next": mainOfTheNext, "sparky-after-next": mainOfTheOneAfter})
}

// leakless runs all tests, and fails where they leave a goroutine behind.
type leakless struct{ *testing.M }

// Run is the tests' exit code.
func (m leakless) Run() int {
	code := m.M.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "the tests left behind:", err)
		return 1
	}
	return 0
}

// TestScripts runs the program as a person would; the scripts tell what they see.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/config/scripts",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"wrong": wrongUsage, "remembered": rememberedStore},
	})
}

// rememberedStore is the script command `remembered FILE`: an empty store as a Sparky that ran has left it.
func rememberedStore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: remembered file")
	}
	memory, err := store.Open(context.Background(), "sqlite:"+ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	ts.Check(memory.Close())
}

// wrongUsage is the script command `wrong PATTERN PROGRAM ARGS…`: the call ends with status 2 and says what the pattern
// wants.
func wrongUsage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: wrong pattern program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitUsage {
		ts.Fatalf("%q ended with %v, want status %d", args[1:], err, exitUsage)
	}
	stderr := ts.ReadFile("stderr")
	if !strings.Contains(stderr, args[0]) || !strings.Contains(stderr, "sparky --help") {
		ts.Fatalf("%q says %q, want %q and where help is", args[1:], stderr, args[0])
	}
}

func sparkyCalled(args ...string) (stdout, stderr string, status int) {
	var out, err strings.Builder
	status = execute(context.Background(), args, lookup(testEnv()), &out, &err)
	return out.String(), err.String(), status
}

// TestStarter switches every setting of the starter on and holds that all of it is right.
func TestStarter(t *testing.T) {
	for name, document := range map[string][]byte{
		"as it is":  starter,
		"all of it": regexp.MustCompile(`(?m)^#(\S|  )`).ReplaceAll(starter, []byte("$1")),
	} {
		l := parseConfig("starter.yaml", document, expander{env: lookup(testEnv())}, vendorCatalogue())
		for _, p := range append(l.problems, l.notes...) {
			t.Errorf("%s: %s", name, p)
		}
		if name == "as it is" {
			continue
		}
		c := l.config
		if c.Jira == nil || c.GitHub == nil || c.StatusPage == nil || c.Oncall == nil || c.NewRelic == nil || c.Partners[0].Compat == nil || len(c.Slack.Roles.Operator) == 0 || len(c.Partners[0].Probes) == 0 {
			t.Error("the starter does not show every block")
		}
		if okta := c.Partners[1]; okta.Name != "Okta" || len(okta.Changelog) == 0 || okta.Status.URL == "" {
			t.Errorf("nothing came from the catalogue: %+v", okta)
		}
	}
}

func TestStarterIsOfToday(t *testing.T) {
	if bytes.Contains(starter, []byte("later version")) {
		t.Error("the starter sends people to a later version")
	}
	for _, kind := range partners.ProbeKinds() {
		if !bytes.Contains(starter, []byte(kind)) {
			t.Errorf("the starter does not tell of probes of kind %s", kind)
		}
	}
}

func TestValidateJSON(t *testing.T) {
	t.Chdir("testdata/config")
	for file, want := range map[string]struct {
		status                           int
		problems, notes, configured, off int
	}{
		"bad/many.yaml":      {exitBad, 11, 0, 0, 0},
		"good/small.yaml":    {exitDone, 0, 0, 6, 12},
		"good/literals.yaml": {exitDone, 0, 5, 10, 8},
	} {
		out, stderr, status := sparkyCalled("validate", "--json", "--config", file)
		var got struct {
			File            string
			Valid           *bool
			Problems, Notes []Problem
			Configured      []fact
			Off             []off
			Missing         []string
		}
		if strings.Contains(out, ": null") {
			t.Errorf("%s: what is empty is told as null: %s", file, out)
		}
		decoder := json.NewDecoder(strings.NewReader(out))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, out)
		}
		if status != want.status || stderr != "" || got.File != file || got.Valid == nil || *got.Valid != (want.status == exitDone) {
			t.Errorf("%s: status %d, %+v, stderr %s", file, status, got, stderr)
		}
		if len(got.Problems) != want.problems || len(got.Notes) != want.notes || len(got.Configured) != want.configured || len(got.Off) != want.off {
			t.Errorf("%s: %d problems, %d notes, %d configured, %d off; want %+v", file, len(got.Problems), len(got.Notes), len(got.Configured), len(got.Off), want)
		}
		for _, list := range []string{`"problems": [`, `"notes": [`} {
			if !strings.Contains(out, list) {
				t.Errorf("%s: no %s, which programs read without asking whether it is there", file, list)
			}
		}
	}
}

// closedPipe is an output that nobody reads any more.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestOutputThatFails(t *testing.T) {
	for _, args := range [][]string{
		{"validate", "--config", "testdata/config/good/small.yaml"}, {"validate", "--json", "--config", "testdata/config/good/small.yaml"},
		{"manifest"}, {"manifest", "--json"}, {"version"}, {"version", "--json"},
	} {
		var stderr strings.Builder
		status := execute(context.Background(), args, lookup(testEnv()), closedPipe{}, &stderr)
		if status != exitBad || !strings.Contains(stderr.String(), "broken pipe") {
			t.Errorf("%q: status %d, stderr %q", args, status, stderr.String())
		}
	}
}

func TestManifestJSON(t *testing.T) {
	asYAML, _, _ := sparkyCalled("manifest")
	asJSON, _, status := sparkyCalled("manifest", "--json")
	var a, b any
	if err := yaml.Load([]byte(asYAML), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(asJSON), &b); err != nil || status != exitDone {
		t.Fatal(status, err)
	}
	first, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("the two forms differ:\n%s\n%s", first, second)
	}
}

func TestBuild(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "2026-11-22T10:00:00Z"},
	}}
	b := buildOf(info)
	b.Go, b.Platform = "go1.26.8", "linux/amd64"
	if got, want := b.String(), "sparky v1.2.3 0123456789ab with local changes (go1.26.8, linux/amd64)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Version = "v0.0.0-20261123100457-0123456789ab+dirty"
	if got, want := b.String(), "sparky v0.0.0-20261123100457-0123456789ab+dirty (go1.26.8, linux/amd64)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if b.Built != "2026-11-22T10:00:00Z" {
		t.Errorf("committed %q", b.Built)
	}
	if got := buildOf(nil).String(); !strings.HasPrefix(got, "sparky unknown (go") {
		t.Errorf("got %q", got)
	}
}

// TestWriteNewIsAllOrNothing makes the second file fail and looks for the first.
func TestWriteNewIsAllOrNothing(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "no-such-folder", "second")
	if err := writeNew(newFile{first, nil}, newFile{second, nil}); err == nil || !strings.Contains(err.Error(), second) {
		t.Errorf("got %v, want an error that names %s", err, second)
	}
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the first file was left behind (%v)", err)
	}
}

// TestWriteNewFollowsNoLink holds that a link that leads nowhere counts as a file that is there.
func TestWriteNewFollowsNoLink(t *testing.T) {
	folder := t.TempDir()
	link, target := filepath.Join(folder, "link"), filepath.Join(folder, "target")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(newFile{link, []byte("x")}); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("got %v", err)
	}
	if err := create(newFile{link, []byte("x")}); err == nil {
		t.Error("create wrote through the link")
	}
}

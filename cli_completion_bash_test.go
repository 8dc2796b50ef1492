package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pressed is what bash, without any package, offers for a line on which Tab is pressed. What Sparky would answer is given.
func pressed(t *testing.T, line, answer string) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	script, complaint, status := sparkyCalled("completion", "bash")
	if status != exitDone || complaint != "" {
		t.Fatal(status, complaint)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{"script": script, "acme.yaml": "", "notes.txt": "", "answer": answer} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-c", `source ./script
sparky() { echo "asked: $*" >&2; cat answer; }
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_WORDS=()
__start_sparky
printf '%s\n' "${COMPREPLY[@]}"`, "bash", line)
	cmd.Dir, cmd.Env = folder, []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if strings.Contains(string(out), "not found") {
		t.Errorf("%q: bash complains: %s", line, out)
	}
	return string(out)
}

// TestBashCompletesWithoutItsPackage holds that Tab works where bash-completion is not installed.
func TestBashCompletesWithoutItsPackage(t *testing.T) {
	for line, want := range map[string]string{
		"sparky status ok":                   "okta\n",
		"sparky mute github/":                "github/api\n",
		"sparky --config a=b:c.yaml status ": "github\nokta\n",
	} {
		offers := "okta\tOkta\ngithub\tGitHub\n:36\n"
		if strings.Contains(line, "mute") {
			offers = "github/api\thttp\nokta\tOkta\n:36\n"
		}
		got := pressed(t, line, offers)
		for _, word := range strings.Fields(want) {
			if !strings.Contains(got, word) {
				t.Errorf("%q offers %s", line, got)
			}
		}
	}
	if got := pressed(t, "sparky run --config ", "yaml\nyml\n:8\n"); !strings.Contains(got, "acme.yaml\n") || strings.Contains(got, "notes.txt") {
		t.Errorf("of files it offers %s", got)
	}
}

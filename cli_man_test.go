package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestManualTellsEveryCommand(t *testing.T) {
	out, complaint, status := sparkyCalled("man")
	if status != exitDone || complaint != "" {
		t.Fatal(status, complaint)
	}
	for _, c := range newRootCommand(lookup(nil)).Commands() {
		if heading := `.SS "sparky ` + roff(c.Use); strings.Contains(out, heading) == (c.Hidden || c.Name() == "help") {
			t.Errorf("%s: told %t, hidden %t", c.Name(), strings.Contains(out, heading), c.Hidden)
		}
	}
	for _, word := range []string{".TH \"SPARKY\" \"1\"", ".SH \"EXIT STATUS\"", `\-\-api\-version`, "NO_COLOR", "completion bash", "sparky.schema.json"} {
		if !strings.Contains(out, word) {
			t.Errorf("it has no %s", word)
		}
	}
	if strings.Contains(out, "worker") {
		t.Error("it tells of what is for Sparky itself")
	}
}

// TestManualIsRead holds, where there is a groff, that it has nothing to complain of.
func TestManualIsRead(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("there is no groff here")
	}
	page, _, _ := sparkyCalled("man")
	cmd := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page)
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if len(said) > 0 || err != nil && !errors.As(err, &exit) {
		t.Errorf("%v: %s", err, said)
	}
}

func TestManualOfHardTexts(t *testing.T) {
	m := &manual{}
	m.text(".SH forged\n'br\n  \\fBx -y")
	m.request("B", `say "it"`, "two\nlines")
	want := "\\&.SH forged\n\\&'br\n\\efBx \\-y\n.B \"say \\(dqit\\(dq\" \"two lines\"\n"
	if m.String() != want {
		t.Errorf("got %q, want %q", m.String(), want)
	}
}

// FuzzManual holds that no text can begin a macro or an escape of roff.
func FuzzManual(f *testing.F) {
	for _, seed := range []string{"", ".so /etc/passwd", "'sy rm", `\fB`, "a\n.b", "\u00a0.x", "-", `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := &manual{}
		m.text(text)
		for line := range strings.Lines(m.String()) {
			if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
				t.Errorf("%q becomes a macro: %q", text, line)
			}
			if left := strings.NewReplacer(`\e`, "", `\-`, "", `\&`, "").Replace(line); strings.Contains(left, `\`) {
				t.Errorf("%q has an escape: %q", text, line)
			}
		}
		m = &manual{}
		m.request("B", text)
		if strings.Count(m.String(), "\n") != 1 || strings.Count(m.String(), `"`) != 2 {
			t.Errorf("%q breaks out of its macro: %q", text, m.String())
		}
	})
}

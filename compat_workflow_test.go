package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflow is the part of a GitHub workflow that is held here. The key on reads as text in YAML 1.2.
type workflow struct {
	RunName     string            `yaml:"run-name"`
	On          map[string]called `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Uses        string            `yaml:"uses"`
		With        map[string]string `yaml:"with"`
		Timeout     int               `yaml:"timeout-minutes"`
		Env         map[string]string `yaml:"env"`
		Concurrency struct {
			Group string `yaml:"group"`
		} `yaml:"concurrency"`
		Steps []workflowStep `yaml:"steps"`
	} `yaml:"jobs"`
}

type called struct {
	Inputs map[string]struct {
		Required bool   `yaml:"required"`
		Type     string `yaml:"type"`
	} `yaml:"inputs"`
}

type workflowStep struct {
	Name string            `yaml:"name"`
	If   string            `yaml:"if"`
	Uses string            `yaml:"uses"`
	Run  string            `yaml:"run"`
	Env  map[string]string `yaml:"env"`
	With map[string]string `yaml:"with"`
}

func readWorkflow(t *testing.T, document []byte) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal(document, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func shippedWorkflow(t *testing.T) workflow {
	t.Helper()
	document, err := os.ReadFile(".github/workflows/compat.yml")
	if err != nil {
		t.Fatal(err)
	}
	return readWorkflow(t, document)
}

// sent are the inputs that Sparky gives to every run, beside those of the configuration.
var sent = []string{"api_version", "partner", "request_id"}

func required(c called) []string {
	var names []string
	for name, input := range c.Inputs {
		if input.Required {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (w workflow) step(t *testing.T, name string) workflowStep {
	t.Helper()
	for _, s := range w.Jobs["compat"].Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the workflow has no step %q", name)
	return workflowStep{}
}

func TestTheWorkflowThatIsShipped(t *testing.T) {
	w := shippedWorkflow(t)
	for _, input := range sent {
		if !strings.Contains(w.RunName, "${{ inputs."+input+" }}") {
			t.Errorf("run-name %q does not name %s", w.RunName, input)
		}
	}
	dispatch, call := w.On["workflow_dispatch"], w.On["workflow_call"]
	if !slices.Equal(required(dispatch), sent) || !slices.Equal(required(call), sent) {
		t.Errorf("a person must give %v, a caller %v; Sparky sends %v", required(dispatch), required(call), sent)
	}
	if !maps.Equal(dispatch.Inputs, call.Inputs) || len(call.Inputs) < 4 {
		t.Errorf("it takes %v from a person and %v from a caller", dispatch.Inputs, call.Inputs)
	}
	if !maps.Equal(w.Permissions, map[string]string{"contents": "read"}) {
		t.Errorf("it may %v", w.Permissions)
	}
	job := w.Jobs["compat"]
	if job.Timeout <= 0 || !strings.Contains(job.Concurrency.Group, "inputs.partner") || !strings.Contains(job.Concurrency.Group, "inputs.api_version") {
		t.Errorf("it ends after %d min, and runs of %q go one after the other", job.Timeout, job.Concurrency.Group)
	}
	for _, s := range job.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s: an expression stands in a shell's line:\n%s", s.Name, s.Run)
		}
		if s.Uses != "" && !regexp.MustCompile(`^actions/[a-z-]+@v[0-9]+$`).MatchString(s.Uses) {
			t.Errorf("%s uses %s", s.Name, s.Uses)
		}
	}
	for _, name := range []string{"Keep the report", "Tear the sandbox down"} {
		if s := w.step(t, name); !strings.HasPrefix(s.If, "always()") {
			t.Errorf("%s: only if %q", name, s.If)
		}
	}
	if report := w.step(t, "Keep the report"); report.With["name"] != "compat-report" || report.With["path"] != "report.xml" {
		t.Errorf("the report is kept as %v", report.With)
	}
	known := newCompatCommand(lookup(nil))
	for _, flag := range regexp.MustCompile(`--([a-z][a-z-]+)`).FindAllStringSubmatch(w.step(t, "Try the version").Run, -1) {
		if known.Flags().Lookup(flag[1]) == nil && flag[1] != "config" {
			t.Errorf("sparky compat has no --%s", flag[1])
		}
	}
}

// TestTheCallerOfTheDocs holds the example in the documentation to the workflow that it calls.
func TestTheCallerOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the page shows no workflow")
	}
	caller, shipped := readWorkflow(t, []byte(example)), shippedWorkflow(t)
	if caller.RunName != shipped.RunName || !slices.Equal(required(caller.On["workflow_dispatch"]), sent) {
		t.Errorf("the example is named %q and takes %v", caller.RunName, caller.On)
	}
	job := caller.Jobs["compat"]
	if !strings.Contains(job.Uses, "/.github/workflows/compat.yml@") {
		t.Errorf("it calls %s", job.Uses)
	}
	for input := range job.With {
		if _, ok := shipped.On["workflow_call"].Inputs[input]; !ok {
			t.Errorf("it gives %s, which the workflow does not take", input)
		}
	}
	for _, input := range sent {
		if job.With[input] != "${{ inputs."+input+" }}" {
			t.Errorf("it passes %s on as %q", input, job.With[input])
		}
	}
}

// stage runs the script of a step in a folder, as a runner would, and gives what it printed.
func stage(t *testing.T, dir, script string, env ...string) (string, error) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here to run the steps with")
	}
	c := exec.CommandContext(t.Context(), bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_ENV=" + filepath.Join(dir, "env"), "GITHUB_OUTPUT=" + filepath.Join(dir, "output")}, env...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err = c.Run()
	return out.String(), err
}

func executable(t *testing.T, path, script string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/usr/bin/env bash\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestInputsStayWords(t *testing.T) {
	dir, try := t.TempDir(), shippedWorkflow(t).step(t, "Try the version").Run
	executable(t, filepath.Join(dir, "sparky"), `printf '<%s>' "$@"; exit 1`)
	told, err := stage(t, dir, try, `PARTNER=--help $(touch a)`, "API_VERSION=v3; touch b", "CONFIG=my file.yaml", "BASE_URL=", "SUITE=`touch c`")
	want := "<compat><--config><my file.yaml><--api-version><v3; touch b><--junit><report.xml><--suite><`touch c`><--><--help $(touch a)>"
	if told != want || err == nil {
		t.Errorf("sparky was called with %s (%v), want %s", told, err, want)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("an input was carried out: %v", files)
	}
}

func TestTheSandboxAndItsSecrets(t *testing.T) {
	dir, w := t.TempDir(), shippedWorkflow(t)
	read := func(name string) string {
		content, _ := os.ReadFile(filepath.Join(dir, name))
		return string(content)
	}
	told, err := stage(t, dir, w.step(t, "Take the secrets into the environment").Run,
		"SPARKY_ENV=# of the sandbox\nSN_PASSWORD=a b=$(id)\r\n\nno secret here\nEMPTY=\nLAST=z")
	if err != nil || read("env") != "SN_PASSWORD=a b=$(id)\nEMPTY=\nLAST=z\n" {
		t.Errorf("the environment is %q: %v", read("env"), err)
	}
	if told != "::add-mask::a b=$(id)\n::warning::line 4 of the secret SPARKY_ENV is not NAME=value and was left out\n::add-mask::z\n" {
		t.Errorf("it tells %q", told)
	}
	if told, err := stage(t, dir, w.step(t, "Build the sandbox").Run, "CONFIG=sparky.yaml"); err != nil || !strings.Contains(told, "no ./sandbox/up") || read("output") != "" {
		t.Errorf("without a hook: %q, %v", told, err)
	}
	executable(t, filepath.Join(dir, "sandbox", "up"), "echo preparing; echo https://s.example")
	if _, err := stage(t, dir, w.step(t, "Build the sandbox").Run); err != nil || read("output") != "base_url=https://s.example\n" {
		t.Errorf("the sandbox is at %q: %v", read("output"), err)
	}
	executable(t, filepath.Join(dir, "sandbox", "up"), "echo https://half.example; exit 3")
	if _, err := stage(t, dir, w.step(t, "Build the sandbox").Run); err == nil || strings.Contains(read("output"), "half") {
		t.Error("a sandbox that failed to come up is used")
	}
	executable(t, filepath.Join(dir, "sandbox", "down"), "exit 1")
	if told, err := stage(t, dir, w.step(t, "Tear the sandbox down").Run); err != nil || !strings.Contains(told, "::warning::") {
		t.Errorf("a sandbox that stays: %q, %v", told, err)
	}
}

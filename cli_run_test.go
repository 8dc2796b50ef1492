package main

import (
	"os"
	"testing"
)

// TestWhichWorldIsRun holds that the demo world is what nobody configured, and nothing else: a variable that is set to
// nothing names no file, and a file that was named is never passed over.
func TestWhichWorldIsRun(t *testing.T) {
	t.Chdir(t.TempDir())
	which := func(env map[string]string, args ...string) (string, bool) {
		t.Helper()
		lookup := func(name string) (string, bool) { value, set := env[name]; return value, set }
		run, rest, err := newRootCommand(lookup).Find(append([]string{"run"}, args...))
		if err != nil {
			t.Fatal(err)
		}
		if err := run.ParseFlags(rest); err != nil {
			t.Fatal(err)
		}
		path, demo, err := whichWorld(run, lookup)
		if err != nil {
			t.Fatal(err)
		}
		return path, demo
	}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		path string
		demo bool
	}{
		"nothing is configured":     {demo: true},
		"the variable is empty":     {env: map[string]string{"SPARKY_CONFIG": ""}, demo: true},
		"the variable names a file": {env: map[string]string{"SPARKY_CONFIG": "a.yaml"}, path: "a.yaml"},
		"the flag names a file":     {args: []string{"--config", "b.yaml"}, path: "b.yaml"},
		"the flag outranks it":      {env: map[string]string{"SPARKY_CONFIG": "a.yaml"}, args: []string{"--config", "b.yaml"}, path: "b.yaml"},
	} {
		if path, demo := which(c.env, c.args...); path != c.path || demo != c.demo {
			t.Errorf("%s: %q, demo %v", name, path, demo)
		}
	}
	if err := os.WriteFile("sparky.yaml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if path, demo := which(map[string]string{"SPARKY_CONFIG": ""}); path != "sparky.yaml" || demo {
		t.Errorf("the file that is there is passed over: %q, demo %v", path, demo)
	}
}

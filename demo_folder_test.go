package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTheDemoRunsWhereNothingElseIs holds what a container that holds nothing but Sparky needs of the demo: no folder for
// temporary files, and a SPARKY_CONFIG that is taken back.
func TestTheDemoRunsWhereNothingElseIs(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	dir, err := demoFolder()
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 1 || !filepath.IsAbs(dir) || filepath.Base(dir) != entries[0].Name() {
		t.Errorf("it is %s, and here is %v, %v", dir, entries, err)
	}
	for named, demo := range map[string]bool{"": true, "sparky.yaml": false} {
		env := lookup(map[string]string{"SPARKY_CONFIG": named})
		cmd, _, err := newRootCommand(env).Find([]string{"run"})
		if err == nil {
			err = cmd.ParseFlags(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if path, got, err := whichWorld(cmd, env); err != nil || got != demo {
			t.Errorf("SPARKY_CONFIG=%s: the demo %v, %s, %v", named, got, path, err)
		}
	}
	if err := os.Mkdir("locked", 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		t.Chdir("locked")
		if _, err := demoFolder(); err == nil {
			t.Error("it found a place where there is none")
		}
	}
}

package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnInstanceIsWhereItRemembers names one place in several ways, and others.
func TestAnInstanceIsWhereItRemembers(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	here := Config{URL: "sqlite:sparky.db"}.Instance()
	if len(here) != 16 {
		t.Fatalf("it is %q", here)
	}
	must(t, os.Symlink(folder, filepath.Join(folder, "link")))
	for _, url := range []string{"", "sqlite:./sparky.db", "sqlite:" + filepath.Join(folder, "sparky.db"), "sqlite:link/sparky.db"} {
		if got := (Config{URL: url}).Instance(); got != here {
			t.Errorf("%q is another one", url)
		}
	}
	must(t, os.WriteFile("sparky.db", nil, 0o600))
	if got := (Config{URL: "sqlite:link/sparky.db"}).Instance(); got != here {
		t.Error("once the file is there it is another one")
	}
	there := Config{URL: "postgres://sparky:hidden@db.example:5433/sparky"}
	if got := (Config{URL: "postgres://other:word@db.example:5433/sparky"}).Instance(); got != there.Instance() {
		t.Error("another password is another one")
	}
	for _, url := range []string{"sqlite:other.db", "postgres://sparky@db.example:5433/other", "postgres://sparky@db.example/sparky", "postgres://sparky@other.example:5433/sparky"} {
		if got := (Config{URL: url}).Instance(); got == here || got == there.Instance() || got == "" {
			t.Errorf("%q is %q, as another", url, got)
		}
	}
	if place := there.Place(); place != "PostgreSQL database sparky at db.example:5433" || strings.Contains(there.Instance(), "hidden") {
		t.Errorf("it is at %q", place)
	}
	if bad := (Config{URL: "mysql://x"}); bad.Place() != "" || bad.Instance() != "" {
		t.Errorf("what cannot be read is %q", bad.Place())
	}
}

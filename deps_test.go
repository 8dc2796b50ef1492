package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSQLiteHasItsOwnLibc holds a pair together that breaks apart silently: modernc.org/sqlite is generated against one
// version of modernc.org/libc, and another one crashes. Whoever raises one reads the other's version in the go.mod of
// that release of sqlite, and writes both here.
func TestSQLiteHasItsOwnLibc(t *testing.T) {
	file, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modernc.org/sqlite v1.61.1\n", "modernc.org/libc v1.79.0 "} {
		if !strings.Contains(string(file), want) {
			t.Errorf("go.mod does not name %s", want)
		}
	}
}

// TestNoTemplates keeps 8 MB out of the binary: a call of reflect's MethodByName with a name that is not known when the
// program is linked, as text/template has, keeps every exported method of every type in it. What draws in that
// call is named here by what we would have to write.
func TestNoTemplates(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, heavy := range []string{`"text/template"`, `"html/template"`, ".MethodByName(", ".NewDefaultLocalizer(", ".NewLocalizer(", ".SetUsageTemplate(", ".SetHelpTemplate("} {
			if strings.Contains(string(text), heavy) {
				t.Errorf("%s uses %s", path, heavy)
			}
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestTheBinaryIsSmall holds that what make build builds is under 40 MB, which are 40,000,000 bytes.
func TestTheBinaryIsSmall(t *testing.T) {
	if os.Getenv("SPARKY_FULL_SUITE") == "" {
		t.Skip("building the whole program anew takes a minute; it is done where nothing may be left out")
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	recipe := regexp.MustCompile(`(?m)^build:.*\n\t(CGO_ENABLED=0 go build .*) -o sparky \.$`).FindStringSubmatch(string(makefile))
	if recipe == nil {
		t.Fatal("the Makefile does not say how the binary is built")
	}
	binary := filepath.Join(t.TempDir(), "sparky")
	if said, err := exec.CommandContext(t.Context(), "sh", "-c", recipe[1]+" -o "+binary+" .").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", recipe[1], err, said)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if size := info.Size(); size >= 40_000_000 {
		t.Errorf("it has %d bytes; go tool nm -size -sort size tells what is large", size)
	}
}

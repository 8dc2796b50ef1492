package all

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is a block of the how-to: a whole file, or lines to put below one that is there.
type step struct{ kind, file, text string }

var block = regexp.MustCompile("(?ms)^```(go|diff|yaml) file=(\\S+)\n(.*?)^```$")

// TestHowToAddAPartner does what docs/adding-a-partner.md says, in a copy of the tree, and holds that the module builds, passes its tests and those that know all kinds, and can be configured.
func TestHowToAddAPartner(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command here to follow the how-to with")
	}
	if testing.Short() {
		t.Skip("building the program once more takes a while")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "adding-a-partner.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, found := range block.FindAllStringSubmatch(string(page), -1) {
		follow(t, root, files, step{found[1], found[2], found[3]})
	}
	if len(files) != 6 {
		t.Fatalf("the how-to is about %d files, not 6", len(files))
	}
	tree := written(t, root, files)
	if told := command(t, tree, nil, "gofmt", "-l", "partners"); told != "" {
		t.Errorf("not formatted as it should be after the how-to: %s", told)
	}
	// This test would follow the how-to within the how-to.
	command(t, tree, nil, "go", "test", "-skip", "^"+t.Name()+"$", "./partners", "./partners/all", "./partners/parcelhub")
	told := command(t, tree, []string{"SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1", "PARCELHUB_KEY=k"}, "go", "run", ".", "validate")
	if strings.Contains(told, "parcelhub.depots") {
		t.Errorf("the new kind cannot be used:\n%s", told)
	}
}

// follow does one step.
func follow(t *testing.T, root string, files map[string]string, s step) {
	t.Helper()
	if s.kind != "diff" {
		files[s.file] = s.text
		return
	}
	if files[s.file] == "" {
		there, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.file)))
		if err != nil {
			t.Fatal(err)
		}
		files[s.file] = string(there)
	}
	var before, after strings.Builder
	for line := range strings.Lines(s.text) {
		if was, ok := strings.CutPrefix(line, " "); ok {
			before.WriteString(was)
		}
		after.WriteString(line[1:])
	}
	if n := strings.Count(files[s.file], before.String()); n != 1 {
		t.Fatalf("the how-to puts something below a line that stands %d times in %s:\n%s", n, s.file, before.String())
	}
	files[s.file] = strings.Replace(files[s.file], before.String(), after.String(), 1)
}

// written is a copy of the tree with the files in it.
func written(t *testing.T, root string, files map[string]string) string {
	t.Helper()
	tree := t.TempDir()
	err := filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, at)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || name == "tools"):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(tree, name), 0o700)
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(tree, name), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		at := filepath.Join(tree, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

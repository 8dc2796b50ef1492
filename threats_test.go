package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testNamed = regexp.MustCompile("`((?:[a-z/]+\\.)?)((?:Test|Fuzz)[A-Za-z0-9]+)(?:/([^`]+))?`")
	anyFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
)

// TestThreatModel holds that each line of the threat model names a test, and that each of them is there.
func TestThreatModel(t *testing.T) {
	document, err := os.ReadFile("docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.SplitSeq(string(document), "\n") {
		cells := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 3 || strings.HasPrefix(cells[2], "test") || strings.HasPrefix(line, "| ---") {
			continue
		}
		lines++
		if !testNamed.MatchString(cells[2]) {
			t.Errorf("no test holds %q", cells[0])
		}
	}
	named := 0
	for _, found := range testNamed.FindAllStringSubmatch(string(document), -1) {
		named++
		if problem := missingTest(filepath.FromSlash(strings.TrimSuffix(found[1], ".")), found[2], found[3]); problem != "" {
			t.Error(problem)
		}
	}
	if lines < 25 || named < 50 {
		t.Errorf("%d lines with %d tests were read", lines, named)
	}
}

// missingTest says that a package has no such test, or the test no story of that name.
func missingTest(folder, test, story string) string {
	files, err := filepath.Glob(filepath.Join(".", folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		return "there is no package " + folder
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return err.Error()
		}
		for _, found := range anyFunc.FindAllStringSubmatch(string(source), -1) {
			if found[1] == test && (story == "" || strings.Contains(string(source), `"`+story+`"`)) {
				return ""
			}
		}
	}
	return filepath.Join(folder, test) + " " + story + " is not there"
}

func TestMissingTestsAreFound(t *testing.T) {
	for _, c := range []struct{ folder, test, story string }{
		{"", "TestNothing", ""}, {"nowhere", "TestThreatModel", ""}, {"bot", "TestThreatModel", ""}, {"", "TestThreatModel", "no such" + " story"},
	} {
		if missingTest(c.folder, c.test, c.story) == "" {
			t.Errorf("%+v is found", c)
		}
	}
	if problem := missingTest("", "TestThreatModel", ""); problem != "" {
		t.Error(problem)
	}
}

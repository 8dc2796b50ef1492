package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExpectationsAreHeld reads the README's table of what people expect of a bot in Slack: it is complete, each row says
// how it is met, and each test that it names is there.
func TestExpectationsAreHeld(t *testing.T) {
	document, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(document), "## What people expect of a bot in Slack\n")
	table, _, ended := strings.Cut(table, "\n## ")
	if !found || !ended {
		t.Fatal("the README has no such table")
	}
	for _, problem := range expectationProblems(table, testNames(t)) {
		t.Error(problem)
	}
}

// expectations is how many there are.
const expectations = 25

// expectationProblems are the faults of the table, given the tests that there are.
func expectationProblems(table string, tests map[string]bool) []string {
	var problems []string
	next := 1
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		var number int
		if _, err := fmt.Sscan(cells[0], &number); err != nil {
			continue
		}
		if number != next || len(cells) != 4 {
			problems = append(problems, fmt.Sprintf("row %d stands where %d belongs, with %d cells", number, next, len(cells)))
		}
		next++
		if len(cells) != 4 || strings.TrimSpace(cells[1]) == "" || strings.TrimSpace(cells[2]) == "" {
			problems = append(problems, fmt.Sprintf("row %d does not say what is expected and how it is met", number))
			continue
		}
		named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 {
			problems = append(problems, fmt.Sprintf("row %d names no test", number))
		}
		for _, name := range named {
			if !tests[name[1]] {
				problems = append(problems, fmt.Sprintf("row %d: there is no %s", number, name[1]))
			}
		}
	}
	if next != expectations+1 {
		problems = append(problems, fmt.Sprintf("it has %d rows of %d", next-1, expectations))
	}
	return problems
}

// testNames are the tests of all packages.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(t \*testing\.T\)`)
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range declared.FindAllStringSubmatch(string(source), -1) {
			names[name[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestExpectationProblems(t *testing.T) {
	row := func(n int, rest string) string { return fmt.Sprintf("| %d %s\n", n, rest) }
	good := func(from, to int) string {
		var rows strings.Builder
		for n := from; n <= to; n++ {
			rows.WriteString(row(n, "| a | b | `TestA` |"))
		}
		return rows.String()
	}
	for name, c := range map[string]struct{ table, want string }{
		"all is well":     {"| # | expect | how | held by |\n| --- | --- | --- | --- |\n" + good(1, expectations), ""},
		"one is missing":  {good(1, 3) + good(5, expectations), "row 5 stands where 4 belongs"},
		"too few":         {good(1, 24), "it has 24 rows of 25"},
		"no test":         {row(1, "| a | b | none |") + good(2, expectations), "row 1 names no test"},
		"a test is gone":  {row(1, "| a | b | `TestGone` |") + good(2, expectations), "there is no TestGone"},
		"nothing is said": {row(1, "| a |  | `TestA` |") + good(2, expectations), "does not say"},
		"cells too many":  {row(1, "| a | b | c | `TestA` |") + good(2, expectations), "with 5 cells"},
	} {
		got := strings.Join(expectationProblems(c.table, map[string]bool{"TestA": true}), "; ")
		if got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

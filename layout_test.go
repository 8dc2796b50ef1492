package main

import (
	"bufio"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "sparky"

// TestImports holds the code to the table in README.md: a package may import of ours what its row names, and a package
// without a row fails. Tests of a package may reach further: they may use the stand-ins of fixtures, and main's may use
// anything.
func TestImports(t *testing.T) {
	table := importTable(t)
	for pkg, imports := range importsOfEveryPackage(t) {
		row, ok := rowOf(table, pkg)
		if !ok {
			t.Errorf("package %s has no row in the import table of README.md", pkg)
			continue
		}
		for imported, file := range imports {
			if !mayImport(row, imported) {
				t.Errorf("%s imports %s, which the import table of README.md does not allow to %s", file, imported, pkg)
			}
		}
	}
}

// importTable is the block of README.md that is fenced as imports, a row a package.
func importTable(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open("README.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, inside := map[string][]string{}, false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "```imports":
			inside = true
		case inside && line == "```":
			return table
		case inside:
			words := strings.Fields(line)
			table[words[0]] = words[1:]
		}
	}
	t.Fatal("README.md has no block fenced as imports")
	return nil
}

// importsOfEveryPackage maps each package to the packages of ours that its non-test files import, and to a file that does.
func importsOfEveryPackage(t *testing.T) map[string]map[string]string {
	t.Helper()
	packages := map[string]map[string]string{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "tools" || name != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(name))
		if pkg == "." {
			pkg = "main"
		}
		if packages[pkg] == nil {
			packages[pkg] = map[string]string{}
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if rest, ours := strings.CutPrefix(imported, module+"/"); ours {
				packages[pkg][rest] = name
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// rowOf finds the package's own row, or the row of a pattern that it matches.
func rowOf(table map[string][]string, pkg string) ([]string, bool) {
	if row, ok := table[pkg]; ok {
		return row, true
	}
	for pattern, row := range table {
		if ok, _ := path.Match(pattern, pkg); ok {
			return row, true
		}
	}
	return nil, false
}

func mayImport(row []string, imported string) bool {
	for _, allowed := range row {
		if allowed == "everything" {
			return true
		}
		if ok, _ := path.Match(allowed, imported); ok {
			return true
		}
	}
	return false
}

package main

import (
	"os"
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

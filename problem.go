package main

import (
	"cmp"
	"fmt"
	"slices"
)

// Problem is one thing that is wrong with a configuration file, with the mend, in words that can be read aloud. No
// problem holds a secret.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1; 0 where the file could not be read at all
	Column int    `json:"column"` // from 1, in characters
	Text   string `json:"problem"`
}

// String is the problem as compilers write theirs: file:line:column: what is wrong, and the mend.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// sortProblems puts them in the order of the file and drops those that say the same of the same place, as a block that
// is used twice through an alias gives.
func sortProblems(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(problems)
}

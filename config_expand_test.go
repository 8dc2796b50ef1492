package main

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testExpander() expander {
	return expander{
		env: lookup(map[string]string{"NAME": "ada", "EMPTY": "", "DOLLARS": "${NAME} $$", "YAML": "a: [b] # c"}),
		file: func(path string) (string, error) {
			switch path {
			case "token":
				return "\n  t0k3n \n", nil
			case "locked":
				return "", &fs.PathError{Op: "open", Path: "/etc/locked", Err: fs.ErrPermission}
			default:
				return "", fs.ErrNotExist
			}
		},
	}
}

func TestExpand(t *testing.T) {
	for raw, want := range map[string]string{
		"":                      "",
		"plain":                 "plain",
		"${NAME}":               "ada",
		"a ${NAME}-${NAME} b":   "a ada-ada b",
		"${EMPTY}":              "",
		"${file:token}":         "t0k3n",
		"${file: token }":       "t0k3n",
		"x${file:token}${NAME}": "xt0k3nada",
		"$$":                    "$",
		"$${NAME}":              "${NAME}",
		"$$${NAME}":             "$ada",
		"$":                     "$",
		"$5 and 5$":             "$5 and 5$",
		"$NAME":                 "$NAME",
		// What is put in is not looked at again.
		"${DOLLARS}": "${NAME} $$",
		"${YAML}":    "a: [b] # c",
	} {
		got := testExpander().value(raw)
		if got.text != want || len(got.problems) > 0 {
			t.Errorf("%q is %q %q, want %q", raw, got.text, got.problems, want)
		}
	}
}

func TestExpandProblems(t *testing.T) {
	for raw, want := range map[string][]string{
		"${MISSING}":            {"the environment variable MISSING is not set"},
		"${MISSING} ${NAME} ${": {"the environment variable MISSING is not set", "is not closed"},
		"${}":                   {"${…} is not understood"},
		"${NAME:-s3cr3t}":       {"${NAME…} is not understood"},
		"${NA ME}":              {"${NA…} is not understood"},
		"${1}":                  {"${1…} is not understood"},
		"${file:}":              {"${file:} names no file"},
		"${file:gone}":          {"the file gone of ${file:gone} is not there"},
		"${file:locked}":        {"the file locked of ${file:locked} cannot be read: permission denied"},
	} {
		got := testExpander().value(raw).problems
		if len(got) != len(want) {
			t.Errorf("%q: got %q, want %q", raw, got, want)
			continue
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) || strings.Contains(got[i], "s3cr3t") {
				t.Errorf("%q: got %q, want %q", raw, got[i], want[i])
			}
		}
	}
}

func TestExpandRemembersWhatItPutIn(t *testing.T) {
	got := testExpander().value("Bearer ${NAME} ${file:token} $$").inserted
	if diff := cmp.Diff([]string{"ada", "t0k3n"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("${NAME} $$ ${file:token} ${", "${NAME}")
	f.Fuzz(func(t *testing.T, raw, inserted string) {
		e := expander{
			env:  func(string) (string, bool) { return inserted, true },
			file: func(string) (string, error) { return "", errors.New("no files here") },
		}
		got := e.value(raw)
		if !strings.Contains(raw, "$") && got.text != raw {
			t.Errorf("%q became %q without a dollar in it", raw, got.text)
		}
		// A value without references comes through unchanged when its dollars are doubled.
		if doubled := e.value(strings.ReplaceAll(raw, "$", "$$")); doubled.text != raw || len(doubled.problems) > 0 {
			t.Errorf("%q became %q %q", raw, doubled.text, doubled.problems)
		}
	})
}

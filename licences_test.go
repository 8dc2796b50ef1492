package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// updateLicences has docs/licences.md written anew; see make licences.
var updateLicences = flag.Bool("update-licences", false, "write docs/licences.md")

// licensed is a module that is part of what we give out, and under what.
type licensed struct {
	path, version, licence string
	problem                string
}

// free are the licences that ask for no more than that they and the names of the authors are given along.
var free = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "FTL", "Unlicense", "0BSD"}

// byFile are the modules under the Mozilla Public License 2.0, which asks for the source of changed files of theirs alone.
// We change none. A module that is not named here has to be looked at by a person first. That of SQLite names it for a module
// of its graph which is compiled into nothing.
var byFile = []string{"github.com/hashicorp/go-cleanhttp", "github.com/hashicorp/go-retryablehttp", "modernc.org/sqlite"}

// secondary is where the Mozilla Public License says to which others it gives way, which does not put anything under them.
var secondary = regexp.MustCompile(`means either the gnu general public license.*?any later versions? of those licenses`)

// marks are words by which a licence is known; those that others quote come later. The texts are those of the SPDX list.
var marks = []struct{ licence, words string }{
	{"AGPL", `gnu affero general public license\W+version`},
	{"LGPL", `gnu lesser general public license\W+version|gnu library general public license\W+version`},
	{"GPL", `gnu general public license\W+version \d`},
	{"EUPL", `european union public licen[cs]e`},
	{"SSPL", `server side public license`},
	{"BUSL", `business source license`},
	{"CC", `creative commons`},
	{"EPL", `eclipse public license`},
	{"CDDL", `common development and distribution license`},
	{"MPL-2.0", `mozilla public license,? version 2\.0`},
	{"Apache-2.0", `apache license,? version 2\.0|licensed under the apache license`},
	{"FTL", `the freetype project license|freetype license`},
	{"MIT", `permission is hereby granted, free of charge, to any person obtaining a copy`},
	{"BSD-3-Clause", `redistribution and use in source and binary forms.*neither the names? of`},
	{"BSD-2-Clause", `redistribution and use in source and binary forms`},
	{"ISC", `permission to use, copy, modify, (and/or|and) distribute this software for any purpose`},
	{"Unlicense", `this is free and unencumbered software released into the public domain`},
}

// licencesIn are the licences that a text holds, none where it is known as no licence.
func licencesIn(text string) []string {
	plain := strings.Join(strings.Fields(strings.ToLower(strings.NewReplacer("*", " ", "//", " ", "#", " ").Replace(text))), " ")
	plain = secondary.ReplaceAllString(plain, "")
	var found []string
	for _, m := range marks {
		if m.licence == "BSD-2-Clause" && slices.Contains(found, "BSD-3-Clause") {
			continue
		}
		if regexp.MustCompile(m.words).MatchString(plain) {
			found = append(found, m.licence)
		}
	}
	return found
}

// licenceOf reads the licence of a module that lies in a folder.
func licenceOf(path, folder string) (licence, problem string) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return "", "its files cannot be read: " + err.Error()
	}
	var found []string
	for _, file := range files {
		name := strings.ToUpper(file.Name())
		if file.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return "", err.Error()
		}
		found = append(found, licencesIn(string(text))...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return strings.Join(found, ", "), judgeLicences(path, found)
}

func judgeLicences(path string, found []string) string {
	if len(found) == 0 {
		return "no licence was found"
	}
	for _, one := range found {
		switch {
		case slices.Contains(free, one), one == "MPL-2.0" && slices.Contains(byFile, path):
		case one == "GPL" && slices.Contains(found, "FTL"): // one may choose
		default:
			return "it is under " + one + ", which asks for more than we give"
		}
	}
	return ""
}

// modulesOf are the modules of what is built for a system, by their paths.
func modulesOf(system string) (map[string]licensed, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Module", ".")
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing what is built for %s: %w", system, err)
	}
	all := map[string]licensed{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if m := pkg.Module; m != nil && !m.Main && all[m.Path].path == "" {
			one := licensed{path: m.Path, version: m.Version}
			one.licence, one.problem = licenceOf(m.Path, m.Dir)
			all[m.Path] = one
		}
	}
}

func licenceTable(all map[string]licensed) string {
	var b strings.Builder
	b.WriteString("# What Sparky is built of\n\nThe modules in the binary, for Linux and macOS, and what they are given out under. `make licences` writes this table from the\n" +
		"licence files of the modules; `TestLicences` fails for a licence that nobody has looked at, and for a table that is old.\n\n" +
		"| module | version | licence |\n| --- | --- | --- |\n")
	b.WriteString("| Go, its runtime and standard library | as in `go.mod` | BSD-3-Clause |\n")
	for _, path := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", path, all[path].version, all[path].licence)
	}
	b.WriteString("\nWhere two are named, both are in the module, for parts of it, or to choose from (FTL or GPL: FTL). The Mozilla Public License\n" +
		"asks for the source of changed files of theirs; Sparky changes none.\n")
	return b.String()
}

// TestLicences holds that what we give out is made of what may be given out so, and that its list is that of today.
func TestLicences(t *testing.T) {
	all := map[string]licensed{}
	for _, system := range []string{"linux", "darwin"} {
		found, err := modulesOf(system)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, found)
	}
	for _, one := range slices.SortedFunc(maps.Values(all), func(a, b licensed) int { return cmp.Compare(a.path, b.path) }) {
		if one.problem != "" {
			t.Errorf("%s %s: %s", one.path, one.version, one.problem)
		}
	}
	const file = "docs/licences.md"
	want := licenceTable(all)
	if *updateLicences {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s is not of today (%v); run make licences", file, err)
	}
	if len(all) < 40 {
		t.Errorf("only %d modules", len(all))
	}
}

// TestLicencesAreKnown holds that each licence is told from the others, however its text is broken into lines.
func TestLicencesAreKnown(t *testing.T) {
	for text, want := range map[string]string{
		"The MIT License\n\nPermission is hereby granted, free\nof charge, to any person obtaining a copy of":                                                          "MIT",
		"Redistribution and use in source and binary forms, with or without":                                                                                           "BSD-2-Clause",
		"// Redistribution and use in source and\n// binary forms … Neither the name of Google Inc.":                                                                   "BSD-3-Clause",
		"Apache License\n   Version 2.0, January 2004":                                                                                                                 "Apache-2.0",
		"Mozilla Public License, version 2.0\n1. Definitions":                                                                                                          "MPL-2.0",
		"Mozilla Public License, version 2.0 \"Secondary License\" means either the GNU General Public License, Version 2.0, or any later versions of those licenses.": "MPL-2.0",
		"GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007":                                                                                                        "GPL",
		"GNU LESSER GENERAL PUBLIC LICENSE Version 2.1":                                                                                                                "LGPL",
		"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3":                                                                                                                 "AGPL",
		"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee":                                                         "ISC",
		"This is free and unencumbered software released into the public domain.":                                                                                      "Unlicense",
		"The FreeType Project LICENSE … and the GNU General Public License version 2":                                                                                  "GPL,FTL",
		"Business Source License 1.1":                                                                                                                                  "BUSL", "All rights reserved.": "", "": "",
	} {
		if got := strings.Join(licencesIn(text), ","); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
	for found, fine := range map[string]bool{"MIT": true, "MIT,Apache-2.0": true, "MPL-2.0": false, "GPL": false, "FTL,GPL": true, "MIT,AGPL": false, "LGPL": false, "BUSL": false, "": false} {
		list := strings.FieldsFunc(found, func(r rune) bool { return r == ',' })
		if problem := judgeLicences("example.com/surprise", list); (problem == "") != fine {
			t.Errorf("%q: %q", found, problem)
		}
	}
	if judgeLicences(byFile[0], []string{"MPL-2.0"}) != "" {
		t.Error("a module that somebody looked at is refused")
	}
}

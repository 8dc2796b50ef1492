package feed

import (
	"os"
	"strings"
	"testing"

	"sparky/partners"
)

func TestSettingsAreNoChangelog(t *testing.T) {
	starter, err := os.ReadFile("../../starter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ text, want string }{
		"our own":            {string(starter), "a YAML file"},
		"with a byte order":  {"\ufeff# Settings\n\nslack:\n  token: x # yes\n", "a YAML file"},
		"with other lines":   {"# Settings\r\nslack:\r\n  token: x\r\n", "a YAML file"},
		"a workflow":         {"# Runs the tests\nname: test\non: [push]\njobs:\n  test:\n    steps:\n    - run: |\n        echo hello world\n", "a YAML file"},
		"two documents":      {"---\n# one\na: 1\n---\n# two\nb:\n  c: 2\n", "a YAML file"},
		"TOML":               {"# Settings\n[server]\nport = 80\nlist = [\n  1,\n]\n", "a file of settings"},
		"INI":                {"# Settings\n[server one]\n; more\nport=80\n", "a file of settings"},
		"a script":           {"#!/bin/sh\n# Builds it\nmake\n", "a script"},
		"a changelog":        {"# Changelog\n\n## 1.2.0\n\nAdded: a field.\n\n- one\n", ""},
		"lists under names":  {"# 1.2.0\n\nAdded:\n- one\n- two\n\nFixed:\n  - three\n", ""},
		"names and values":   {"# v2\nDate: 2027-01-02\nAuthor: Ada\n", ""},
		"front matter":       {"---\ntitle: News\nmenu:\n  main: yes\n---\n# 2 January 2027\n\nThe field is gone.\n", ""},
		"settings in fences": {"# v2\n\n```yaml\nslack:\n  token: x\n```\n", ""},
		"settings and words": {"# v2\nslack:\n  token: x\n\nThat is new.\n", ""},
		"links":              {"# v2\n[one]\nx = 1 is new now\n\nText it is.\n", ""},
		"nothing":            {"", ""},
	} {
		if got := settingsName(row.text); got != row.want {
			t.Errorf("%s is %q, want %q", name, got, row.want)
		}
		if row.want == "" {
			continue
		}
		if _, err := Items([]byte(row.text), "", partners.Source{URL: "a-file"}); err == nil || !strings.Contains(err.Error(), "this is no changelog: got "+row.want) {
			t.Errorf("%s was read: %v", name, err)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("# a\nb:\n  c: d\n")
	f.Add("#!/bin/sh")
	f.Add("[a]\nb=c\n")
	f.Fuzz(func(t *testing.T, text string) {
		if name := settingsName(text + "\n\nSome prose at the margin, which no settings have.\n"); name != "" && name != "a script" && len(text) < sniffed/2 && !strings.HasPrefix(strings.TrimSpace(text), "---") {
			t.Errorf("%q with prose is %s", text, name)
		}
	})
}

package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// headings prints an outline as its levels and titles.
func headings(n *node) []string {
	var found []string
	for _, child := range n.children {
		found = append(found, fmt.Sprintf("%d %s", child.level, child.title))
		found = append(found, headings(child)...)
	}
	return found
}

func TestOutline(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"ATX", "# a\n## b ##\n#no\n###### c\n####### no\n", "1 a, 2 b, 6 c"},
		{"setext", "a\n===\nb\n---\n", "1 a, 2 b"},
		{"no setext under a list, a quote, a row or nothing", "- a\n---\n> b\n---\n| c |\n---\n\n---\n", ""},
		{"fences", "# a\n```\n# no\n```\n~~~md\n# no\n```\n~~~\n## b\n", "1 a, 2 b"},
		{"longer fences", "````\n```\n# no\n```\n````\n# a\n", "1 a"},
		{"unclosed fence", "# a\n```\n# no\n", "1 a"},
		{"front matter", "---\ntitle: x\n# no\n---\n# a\n", "1 a"},
		{"a rule is no front matter without its end", "---\n# a\n", "1 a"},
		{"comments", "<!--\n# no\n-->\n# a\n<!-- # no -->\n## b\n", "1 a, 2 b"},
		{"Windows line ends", "# a\r\n\r\nb\r\n---\r\n", "1 a, 2 b"},
		{"levels that jump", "### a\n# b\n#### c\n## d\n", "3 a, 1 b, 4 c, 2 d"},
	}
	for _, c := range cases {
		root, _, _ := outline(c.in)
		if got := strings.Join(headings(root), ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	_, references, title := outline("---\ntitle: \"The news\"\n---\n[A b]: https://a.example/x \"t\"\n[c]: <https://a.example/y>\ntext\n")
	if title != "The news" || references["a b"] != "https://a.example/x" || references["c"] != "https://a.example/y" {
		t.Errorf("the title is %q, the references are %v", title, references)
	}
}

func TestVersion(t *testing.T) {
	for title, want := range map[string]string{
		"1.2.0":                             "1.2.0",
		"v1.2.0":                            "1.2.0",
		"[1.2.0] - 2026-11-02":              "1.2.0",
		"1.2.0 (November 2, 2026) [stable]": "1.2.0",
		"Version 3.1":                       "3.1",
		"Release 5.0.0-rc.1":                "5.0.0-rc.1",
		"winch@2.0.0":                       "2.0.0",
		"@acme/winch 2.0.0":                 "2.0.0",
		"2.15.9 (2 Nov 2026)":               "2.15.9",
		"Monthly release 2026.11.0":         "",
		"2026-11-02":                        "",
		"November 2, 2026":                  "",
		"1.2.0 brings gears":                "",
		"Windows 11 and 3.5 mm jacks":       "",
		"Added":                             "",
	} {
		if got := version(title); got != want {
			t.Errorf("version(%q) is %q, want %q", title, got, want)
		}
	}
}

func TestIsSection(t *testing.T) {
	for title, want := range map[string]bool{
		"Added": true, "Removed": true, "🚀 Features": true, "Bug Fixes": true, "**Fixed bugs:**": true, "BREAKING CHANGES": true,
		"⚠ Breaking": true, "What's Changed": true, "New Contributors": true, "Security fixes": true, "Dependencies": true,
		"Old search is going": false, "Stairs": false, "Beacons | Lamps": false, "Deprecated - old hinge API": false,
		"Tokens are removed from responses": false, "": false,
	} {
		if got := isSection(title); got != want {
			t.Errorf("isSection(%q) is %v", title, got)
		}
	}
}

// TestMarkdownStructures holds which headings are entries, and what of their parents reaches them.
func TestMarkdownStructures(t *testing.T) {
	cases := []struct {
		name, in string
		want     []string
	}{
		{"versions as first headings", "# 2.0.0\n## Added\n- a\n# 1.0.0\n- b\n", []string{"2.0.0 [Added]", "1.0.0 []"}},
		{"dates with titles under them", "# News\n## 2026-11-02\n### Gulls retire\nx\n### Buoys arrive\ny\n", []string{"Gulls retire [2026-11-02]", "Buoys arrive [2026-11-02]"}},
		{"dates with sections under them", "# News\n## 2026-11-02\n### Added\n- a\n### Fixed\n- b\n", []string{"2026-11-02 [Added, Fixed]"}},
		{"stages", "# News\n## In preview\n### Gulls\nx\n## Upcoming changes\nWhat will come.\n### Buoys\ny\n", []string{"Gulls [In preview]", "Buoys [Upcoming changes]"}},
		{"three levels", "# N\n## November 2026\n### New in preview only\n#### Lamps\nx\n", []string{"Lamps [November 2026, New in preview only]"}},
		{"an announcement with parts", "# N\n## The old crane goes\nIt goes.\n### When\nIn May.\n### What to do\nLeave.\n", []string{"The old crane goes []"}},
		{"no document title", "## 1.1.0\na\n## 1.0.0\nb\n", []string{"1.1.0 []", "1.0.0 []"}},
		{"boilerplate", "# N\n## One thing\na\n## See also\n- x\n## Table of contents\n- y\n", []string{"One thing []"}},
		{"empty unreleased", "# N\n## [Unreleased]\n## 1.0.0\na\n", []string{"1.0.0 []"}},
		{"unreleased with text", "# N\n## Unreleased\n### Removed\n- a\n", []string{"Unreleased [Removed]"}},
		{"a release of titles", "# N\n### Monthly release 2026.11.0\n| Change | Expected |\n|---|---|\n| [Gulls](#gulls) | Nov 5, 2026 |\n#### Gulls are EA\nx\n#### Bugs in 2026.11.0\ny\n", []string{"Gulls are EA [Monthly release 2026.11.0]", "Bugs in 2026.11.0 [Monthly release 2026.11.0]"}},
	}
	for _, c := range cases {
		var got []string
		for _, e := range read(t, c.in, partners.Source{Kind: partners.SourceMarkdown}).Changes {
			got = append(got, fmt.Sprintf("%s [%s]", e.Title, strings.Join(e.Tags, ", ")))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestMarkdownKeysKeep holds that a new entry above leaves the others as they are.
func TestMarkdownKeysKeep(t *testing.T) {
	src := partners.Source{Kind: partners.SourceMarkdown, URL: "https://a.example/CHANGELOG.md"}
	before := read(t, "# N\n\n## 1.0.0\n\nfirst\n\n## November 2026\n\n### Gulls\n\nx\n", src)
	after := read(t, "# N\n\nA new intro.\n\n## 1.1.0 - 2026-11-02\n\nsecond\n\n## 1.0.0 - 2026-10-01\n\nfirst\n\n## November 2026\n\n### Buoys\n\ny\n\n### Gulls\n\nx\n", src)
	keys := map[string]bool{}
	for _, c := range after.Changes {
		keys[c.Key] = true
	}
	if len(before.Changes) != 2 || len(after.Changes) != 4 {
		t.Fatalf("%d and %d entries", len(before.Changes), len(after.Changes))
	}
	for _, c := range before.Changes {
		if !keys[c.Key] {
			t.Errorf("the key %q is gone", c.Key)
		}
	}
}

func TestMarkdownLinks(t *testing.T) {
	src := partners.Source{Kind: partners.SourceMarkdown, URL: "https://raw.githubusercontent.com/o/r/refs/heads/main/docs/NEWS.md"}
	got := read(t, "# N\n## [1.3.0]\na\n## [1.2.0](https://a.example/1.2?utm_source=x) (2026-11-02)\na\n## 1.1.0 {#one-one}\na\n## It's *new*: API_v2!\na\n## [x](javascript:alert(1)) y\na\n\n[1.3.0]: https://a.example/compare\n", src)
	want := []string{"https://a.example/compare", "https://a.example/1.2", "https://github.com/o/r/blob/main/docs/NEWS.md#one-one",
		"https://github.com/o/r/blob/main/docs/NEWS.md#its-new-api_v2", "https://github.com/o/r/blob/main/docs/NEWS.md#x-y"}
	for i, c := range got.Changes {
		if c.Link != want[i] {
			t.Errorf("%q leads to %q, want %q", c.Title, c.Link, want[i])
		}
	}
	if len(got.Changes) != len(want) || got.Changes[1].Published.Format(time.DateOnly) != "2026-11-02" {
		t.Errorf("%d entries", len(got.Changes))
	}
}

func TestStatedDay(t *testing.T) {
	for body, want := range map[string]string{
		"Released on 2026-11-02\ntext": "2026-11-02",
		"2026-11-02\ntext":             "2026-11-02",
		"Date: November 2, 2026":       "2026-11-02",
		"Ends on 2026-11-02\ntext":     "",
		"text\n2026-11-02":             "",
	} {
		day := statedDay(body)
		if got := day.Format(time.DateOnly); !day.IsZero() && got != want || day.IsZero() && want != "" {
			t.Errorf("%q states %s, want %q", body, got, want)
		}
	}
}

func TestMarkdownThatIsNone(t *testing.T) {
	src := partners.Source{Kind: partners.SourceMarkdown}
	for document, want := range map[string]string{
		"just text":                  "no heading",
		"":                           "empty document",
		"# Only a title\n\nand text": "none of them holds an announcement",
		"<!doctype html><html><title>404</title>x": `titled "404"`,
		oneItem:                   "got a feed",
		`{"message":"Not Found"}`: "Not Found",
	} {
		if reading, err := Parse([]byte(document), "", src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %d entries; want %q", document, err, len(reading.Changes), want)
		}
	}
}

// TestTableOfNothing holds that a table inside an announcement stays a part of it.
func TestTableOfNothing(t *testing.T) {
	got := read(t, "# N\n\n## Limits rise\n\n| Plan | Limit |\n|---|---|\n| A | 1 |\n| B | 2 |\n", partners.Source{Kind: partners.SourceMarkdown})
	if len(got.Changes) != 1 || got.Changes[0].Body != "Plan | Limit\nA | 1\nB | 2" {
		t.Errorf("read %+v", got.Changes)
	}
}

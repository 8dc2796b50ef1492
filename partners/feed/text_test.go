package feed

import (
	"strings"
	"testing"
	"time"

	"sparky/internal/plaintext"
)

func TestPlainText(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"text", "Plain & simple", "Plain & simple"},
		{"entities", "AT&amp;T &lt;tag&gt; caf&eacute;", "AT&T <tag> café"},
		{"generic types", "Map<String, List<Int>> changes", "Map<String, List<Int>> changes"},
		{"a comparison", "a < b and b > a", "a < b and b > a"},
		{"paragraphs", "<p>One.</p><p>Two.</p>", "One.\nTwo."},
		{"line breaks", "One<br>Two<br/>Three", "One\nTwo\nThree"},
		{"list", "<p>See:</p><ul><li>one</li><li><p>two</p></li></ul>end", "See:\n- one\n- two\nend"},
		{"table", "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A | B\n1 | 2"},
		{"table of paragraphs", "<table><tr><td><p>1</p></td><td><p>2</p><p>3</p></td></tr><tr><td></td><td>4</td></tr></table>", "1\n| 2\n3\n| 4"},
		{"inline elements", "<b>bo</b>ld and <code>a&lt;b</code>", "bold and a<b"},
		{"white space", "<p>  a \n\t b  </p>\n\n<p>c</p>", "a b\nc"},
		{"code blocks", "<pre>line 1\n  line 2</pre>", "line 1\nline 2"},
		{"scripts and styles", "<p>a</p><script>b('<p>c</p>')</script><style>p{}</style><p>d</p>", "a\nd"},
		{"struck out", "<p>On <del>1 May</del> <s>2 May</s><strike>3 May</strike> 4 May</p>", "On 4 May"},
		{"struck by style", `<p>On <span style="text-decoration: line-through">1 May</span> 2 May</p>`, "On 2 May"},
		{"struck list item", "<ul><li><del>old</del></li><li>new</li></ul>", "- new"},
		{"unclosed strike in a paragraph", "<p><s>old</p><p>new</p>", "new"},
		{"unclosed strike to the end", "<s>all of it stays", "all of it stays"},
		{"unclosed tags", "<p>a<b>b", "ab"},
		{"stray end tags", "<p>a</b></p></div>b", "a\nb"},
		{"comments", "<p>a<!-- <b>x</b> -->b</p>", "ab"},
		{"images", `<p><img src="x.png" alt="y">a</p>`, "a"},
		{"control characters", "a\x00b\x1b[31mc\u202ed\u200be", "ab[31mcde"},
		{"no-break space", "a\u00a0b&nbsp;c", "a b c"},
		{"windows line ends", "a\r\nb\rc", "a\nb\nc"},
		{"nested strikes", "<del>a<del>b</del>c</del>d<p></p>", "d"},
		{"definition list", "<dl><dt>Key</dt><dd>Value</dd></dl>", "Key\nValue"},
	}
	for _, c := range cases {
		if got := plainText(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMarkdownText(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"emphasis", "**bold** and *it* and __under__ and _it_", "bold and it and under and it"},
		{"names with underscores", "call list_all_users and __init__ now", "call list_all_users and init now"},
		{"links", "see [the guide](https://a.example/g \"t\") and [ref][1]", "see the guide and ref"},
		{"link with brackets", "[`a[b]`](https://a.example/x)", "a[b]"},
		{"badge that is a link", "[![build](https://a.example/b.svg)](https://a.example) text", "text"},
		{"bare address", "<https://a.example/x>", "https://a.example/x"},
		{"struck out", "on ~~1 May~~ 2 May", "on 2 May"},
		{"code", "use `a_b**c` and ``x ` y``", "use a_b**c and x ` y"},
		{"emphasis around code", "**the `x` flag** is gone", "the x flag is gone"},
		{"emphasis over lines", "**one\ntwo** three", "one two three"},
		{"paragraph over lines", "one\ntwo\n\nthree", "one two\nthree"},
		{"hard breaks", "one  \ntwo\\\nthree", "one\ntwo\nthree"},
		{"list", "intro\n* a\n  more\n* b\n1. c", "intro\n- a more\n- b\n1. c"},
		{"task list", "- [x] done\n- [ ] open", "- done\n- open"},
		{"quote", "> quoted\n> on\n\nnot", "quoted on\nnot"},
		{"alert", "> [!WARNING]\n> Hot.", "WARNING:\nHot."},
		{"fence", "```go\nif a < b { **x** }\n```\nafter", "if a < b { **x** }\nafter"},
		{"unclosed fence", "a\n```\ncode", "a\ncode"},
		{"table", "| A | B |\n|---|---|\n| 1 | 2 |", "A | B\n1 | 2"},
		{"heading", "## Fixed ##\ntext", "Fixed\ntext"},
		{"rule", "a\n\n---\n\nb", "a\nb"},
		{"escapes", `repeat\_enabled \[KB1\] 1\. \*`, "repeat_enabled [KB1] 1. *"},
		{"html", "a <del>b</del><br>c <kbd>d</kbd>", "a\nc d"},
		{"comment", "a <!-- b\nc --> d", "a d"},
		{"entities", "a &amp; b &lt;c&gt;", "a & b <c>"},
		{"pivots", "::: zone pivot=\"x\"\ntext\n::: zone-end", "text"},
		{"labels", "**Type:** Fixed\n**Service category:** Doors\nText", "Type: Fixed\nService category: Doors\nText"},
	}
	for _, c := range cases {
		if got := markdownText(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLooksLikeMarkdown(t *testing.T) {
	for text, want := range map[string]bool{
		"plain words, 3 * 4 = 12":           false,
		"a snake_case_name and [brackets]":  false,
		"see [x](https://a.example)":        true,
		"- one\n- two":                      true,
		"**Added** the property":            true,
		"Use `v2`":                          true,
		"It's 5 - 3":                        false,
		"on ~~May~~ June":                   true,
		"# Heading":                         true,
		"costs $5, or #1 in the list":       false,
		"C# and F# are not headings":        false,
		"two ** stars ** apart and nothing": true,
	} {
		if got := looksLikeMarkdown(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestCutBody(t *testing.T) {
	long := cutBody(strings.Repeat("a", maxBody+1))
	if !strings.HasSuffix(long, "(cut after 20000 characters; the whole text has 20001)") {
		t.Errorf("a long body ends in %q", long[len(long)-80:])
	}
}

func TestParseDate(t *testing.T) {
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	midnight := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Mon, 02 Nov 2026 12:00:00 GMT":       noon,
		"Mon, 02 Nov 2026 04:00:00 PST":       noon,
		"Mon, 02 Nov 2026 05:00:00 PDT":       noon,
		"Mon, 2 Nov 2026 13:00:00 +0100":      noon,
		"Monday, 2 November 2026 12:00:00":    noon,
		"02 Nov 26 12:00 UTC":                 noon,
		"Mon Nov  2 12:00:00 2026":            noon,
		"2026-11-02T12:00:00Z":                noon,
		"2026-11-02T12:00:00.0000000Z":        noon,
		"2026-11-02T13:00:00+01:00":           noon,
		"2026-11-02T13:00:00+0100":            noon,
		"2026-11-02T12:00":                    noon,
		"2026-11-02 12:00:00 UTC":             noon,
		"2026-11-02 12:00":                    noon,
		"1793620800":                          noon,
		"1793620800000":                       noon,
		"Nov 2, 2026 12:00 PM":                noon,
		"November 2, 2026 at 12:00":           noon,
		"2026-11-02":                          midnight,
		"2026/11/02":                          midnight,
		"2026-11-2":                           midnight,
		"02.11.2026":                          midnight,
		"11/2/2026":                           midnight,
		"Nov. 2, 2026":                        midnight,
		"2nd November 2026":                   midnight,
		"MONDAY, NOVEMBER 2ND, 2026":          midnight,
		"  Sept 2 2026 ":                      time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC),
		"25/12/2026":                          time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC),
		"":                                    {},
		"soon":                                {},
		"0001-01-01T00:00:00Z":                {},
		"Thu, 01 Jan 1970 00:00:00 GMT":       {},
		"9999-12-31":                          {},
		"2026-02-30":                          {},
		"2026":                                {},
		"v2.11.2026 of the thing":             {},
		strings.Repeat("2026-11-02 ", 100_00): {},
	} {
		got, ok := parseDate(text)
		if !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("%q is %v, %v; want %v", plaintext.Clip(text, 60), got, ok, want)
		}
	}
}

func TestDays(t *testing.T) {
	for text, want := range map[string]bool{
		"July 14, 2025":            true,
		"Monday, 14 July 2025":     true,
		"2025-07-14":               true,
		"[2025-07-14]":             true,
		"July 14, 2025: Zoom":      false,
		"July 2025":                false,
		"Removed on July 14, 2025": false,
		"":                         false,
	} {
		if got := isDay(text); got != want {
			t.Errorf("isDay(%q) is %v", text, got)
		}
	}
	for title, want := range map[string]string{
		"2026-11-02: the crane moves":            "2026-11-02",
		"The crane moves (November 2, 2026)":     "2026-11-02",
		"The crane moves - 2 November 2026":      "2026-11-02",
		"1.2.0 / 2026-11-02":                     "2026-11-02",
		"Release 2026-11-02":                     "2026-11-02",
		"Cranes stop on November 2, 2026":        "",
		"Act by November 2, 2026: crane":         "",
		"Changes on November 2, 2026":            "",
		"November 2026":                          "",
		"Extended to 2 November 2026 (was June)": "",
	} {
		day, ok := headingDay(title)
		if got := day.Format(time.DateOnly); ok != (want != "") || ok && got != want {
			t.Errorf("headingDay(%q) is %s, %v", title, got, ok)
		}
	}
}

func TestAbsolute(t *testing.T) {
	for _, c := range []struct {
		link  string
		bases []string
		want  string
	}{
		{"https://a.example/x", nil, "https://a.example/x"},
		{"/x", []string{"https://a.example/feed/y.xml"}, "https://a.example/x"},
		{"x", []string{"https://a.example/feed/"}, "https://a.example/feed/x"},
		{"//b.example/x", []string{"https://a.example/"}, "https://b.example/x"},
		{"#part", []string{"https://a.example/page"}, "https://a.example/page#part"},
		{"x", []string{"", "not a base", "https://a.example/"}, "https://a.example/x"},
		{"x", nil, ""},
		{"javascript:alert(1)", []string{"https://a.example/"}, ""},
		{"data:text/html,x", []string{"https://a.example/"}, ""},
		{"mailto:a@a.example", nil, ""},
		{"ftp://a.example/x", nil, ""},
		{"https://user:pass@a.example/x", nil, ""},
		{"https://a.example/%zz", nil, ""},
		{"https://", nil, ""},
		{" https://a.example/x\n", nil, "https://a.example/x"},
		{"https://a.example/?utm_source=x&id=7&fbclid=y&UTM_Medium=z#f", nil, "https://a.example/?id=7#f"},
		{"https://a.example/?utm_source=x", nil, "https://a.example/"},
		{"https://a.example/?b=2&a=1", nil, "https://a.example/?b=2&a=1"},
		{"https://a.example/" + strings.Repeat("x", maxLink), nil, ""},
	} {
		if got := absolute(c.link, c.bases...); got != c.want {
			t.Errorf("absolute(%q, %q) is %q, want %q", plaintext.Clip(c.link, 80), c.bases, got, c.want)
		}
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x":                       "https://a.example/x",
		"https://user:hush@a.example/x?token=hush#": "https://a.example/x?…",
	} {
		if got := shown(in); got != want {
			t.Errorf("shown(%q) is %q", in, got)
		}
	}
	if got := shown("http://[::1"); strings.Contains(got, "::1") {
		t.Errorf("a broken address is shown as %q", got)
	}
}

package bot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Orders API v2", "Orders API v2"},
		{"the three", "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
		{"channel", "<!channel> <!here> <!everyone>", "&lt;!channel&gt; &lt;!here&gt; &lt;!everyone&gt;"},
		{"person", "<@U012AB3CD> <!subteam^S1>", "&lt;@U012AB3CD&gt; &lt;!subteam^S1&gt;"},
		{"lying link", "<https://evil.example|Acknowledge>", "&lt;https://evil.example|Acknowledge&gt;"},
		{"entity stays what was written", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"},
		{"lines", "one\r\ntwo\n\n  three", "one two three"},
		{"outer spaces part words", " and ", " and "},
		{"quotation", "> all is well", "\u200b&gt; all is well"},
		{"quotation after a break", "\n> all is well", " \u200b&gt; all is well"},
		{"code", "use `id` and ```x```", "use ˋidˋ and ˋˋˋxˋˋˋ"},
		{"identifier can be copied", "user_id and a*b and x~y", "user_id and a*b and x~y"},
		{"bold", "*urgent*", "*\u200burgent\u200b*"},
		{"italic", "see _this_ now", "see _\u200bthis\u200b_ now"},
		{"alone", "2 * 3 ~ 6", "2 * 3 ~ 6"},
		{"emoji", ":white_check_mark: fine", ":\u200bwhite_check_mark: fine"},
		{"clock", "at 10:30:45 UTC", "at 10:30:45 UTC"},
		{"direction", "safe\u202egnp.exe", "safegnp.exe"},
		{"controls", "a\x00b\x1b[31mc", "ab[31mc"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"empty", "", ""},
	} {
		if got := escape(c.text); got != c.want {
			t.Errorf("%s: escape(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestLink(t *testing.T) {
	for _, c := range []struct{ name, address, label, want string }{
		{"web", "https://status.example/x", "Status page", "<https://status.example/x|Status page>"},
		{"no label", "https://status.example", "", "<https://status.example|https://status.example>"},
		{"query", "https://a.example/?a=1&b=2", "x", "<https://a.example/?a=1&amp;b=2|x>"},
		{"label escaped", "https://a.example", "<!here>|y", "<https://a.example|&lt;!here&gt;¦y>"},
		{"address that ends the link", "https://a.example/>|<!channel>", "x", "<https://a.example/%3E%7C%3C%21channel%3E|x>"},
		{"script", "javascript:alert(1)", "x", "x"},
		{"mail", "mailto:a@b.example", "x", "x"},
		{"slack's own", "slack://open", "x", "x"},
		{"relative", "/notes/1", "Notes", "Notes"},
		{"hidden host", "https://bank.example@evil.example/", "Sign in", "Sign in"},
		{"no host", "https:///x", "x", "x"},
		{"another address as label", "https://evil.example/", "https://bank.example/login", "https://bank.example/login (<https://evil.example/|evil.example>)"},
		{"another host as label", "https://evil.example/", "bank.example", "bank.example (<https://evil.example/|evil.example>)"},
		{"www", "https://example.com/a", "www.example.com/b", "<https://example.com/a|www.example.com/b>"},
		{"same host", "https://a.example/1", "see https://a.example/2", "<https://a.example/1|see https://a.example/2>"},
		{"version is no host", "https://a.example/1", "v2.3.1", "<https://a.example/1|v2.3.1>"},
		{"sentence with a name", "https://a.example/1", "Node.js 20 is retired", "<https://a.example/1|Node.js 20 is retired>"},
		{"too long", "https://a.example/" + strings.Repeat("a", longestURL), "x", "x"},
	} {
		if got := link(c.address, c.label); got != c.want {
			t.Errorf("%s: link(%q, %q) = %q, want %q", c.name, c.address, c.label, got, c.want)
		}
	}
}

func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 22, 16, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		at       time.Time
		fallback string
		want     string
	}{
		{"with fallback", at, "4 min ago", "<!date^1795363500^{date_short_pretty} {time}|4 min ago>"},
		{"without", at, "", "<!date^1795363500^{date_short_pretty} {time}|22 Nov 2026 16:05 UTC>"},
		{"forged fallback", at, "x|y><!here>", "<!date^1795363500^{date_short_pretty} {time}|x¦y&gt;&lt;!here&gt;>"},
		{"before time", time.Unix(-5, 0), "long ago", "long ago"},
		{"beyond", time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), "far", "far"},
	} {
		if got := dateAs(c.at, dayAndTime, c.fallback); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"/sparky status okta": "`/sparky status okta`",
		"a`b\nc <x> & *y*":    "`aˋb c &lt;x&gt; &amp; *y*`",
		" \n":                 "",
	} {
		if got := code(text); got != want {
			t.Errorf("code(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"longer text", 8, "longer…"},
		{"make a new one as a user", 14, "make a new…"},
		{"make a new one", 11, "make a new…"},
		{"see https://a.example/a/very/long/path", 36, "see https://a.example/a/very/long/p…"},
		{"🔕🔕🔕", 5, "🔕🔕…"},
		{"🔕🔕🔕", 4, "🔕…"},
	} {
		if got := cut(c.text, c.limit); got != c.want || size(got) > c.limit {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

// hostile is what the fuzz targets start from.
func hostile() []string {
	return []string{
		"", "<!channel>", "<@U1>", "<!subteam^S1^x>", "<https://evil.example|Acknowledge>", "&lt;!here&gt;", "*_~`", "> quote",
		"a\nb\r\nc", ":tada:", "<!date^1^x|y>", "\xff\xfe", "\u202e\u2066", strings.Repeat("<&>", 50), "]]>", "<", ">", "|", "https://a.example/>|x",
	}
}

func FuzzEscape(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, markup := range map[string]string{"escape": escape(text), "code": code(text), "strong": strong(text), "faint": faint(text)} {
			if parts := activeParts(markup); len(parts) > 0 {
				t.Fatalf("%s(%q) is alive: %q", name, text, parts)
			}
			if strings.ContainsAny(markup, "\n\r") || !utf8.ValidString(markup) {
				t.Fatalf("%s(%q) = %q is not one line of UTF-8", name, text, markup)
			}
		}
		if markup := escape(text); strings.Contains(markup, "`") || strings.HasPrefix(strings.TrimSpace(markup), "&gt;") {
			t.Fatalf("escape(%q) = %q opens code or a quotation", text, markup)
		}
		if inner := strings.Trim(code(text), "`"); strings.Contains(inner, "`") {
			t.Fatalf("code(%q) ends early: %q", text, inner)
		}
	})
}

func FuzzLink(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text, text)
		f.Add("https://a.example/"+text, text)
	}
	f.Fuzz(func(t *testing.T, address, label string) {
		parts := activeParts(link(address, label))
		if len(parts) > 1 {
			t.Fatalf("link(%q, %q) holds %q", address, label, parts)
		}
		for _, part := range parts {
			if !strings.HasPrefix(part, "<http://") && !strings.HasPrefix(part, "<https://") {
				t.Fatalf("link(%q, %q) holds %q", address, label, part)
			}
			if strings.Count(part, "|") != 1 || strings.ContainsAny(part, "\n\r") {
				t.Fatalf("link(%q, %q) = %q has not one label on one line", address, label, part)
			}
		}
		when := activeParts(dateAs(time.Unix(1795363500, 0), dayAndTime, label))
		if len(when) != 1 || strings.Count(when[0], "|") != 1 || !strings.HasPrefix(when[0], "<!date^1795363500^") {
			t.Fatalf("date(…, %q) = %q", label, when)
		}
	})
}

// TestEscapingTakesNoLongerForMore holds that a long hostile text costs by its length and not by the square of it. What is
// counted is memory: a time would depend on the machine.
func TestEscapingTakesNoLongerForMore(t *testing.T) {
	for _, text := range []string{"<&>", ">", ":", "*_~", "`", ": :a: ", "\u202e>"} {
		long := strings.Repeat(text, 5000)
		if n := testing.AllocsPerRun(3, func() { escape(long) }); n > 40 {
			t.Errorf("%q, 5,000 times, takes %.0f allocations", text, n)
		}
	}
}

package statuspage

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func rendered(t *testing.T, part nodes) string {
	t.Helper()
	var b bytes.Buffer
	for _, node := range part {
		if err := html.Render(&b, node); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestMarkupEscapesWhatItHolds(t *testing.T) {
	for want, part := range map[string]nodes{
		`a &lt;b&gt; &amp; c`:                  say("a <b> & c"),
		`<p class="x&#34;&gt;">&lt;i&gt;</p>`:  tag(atom.P, `x">`, say("<i>")),
		`<a href="&#34; onclick=&#34;x">y</a>`: link(`" onclick="x`, "y"),
		`<ol reversed=""><li>1</li></ol>`:      tag(atom.Ol, "", tag(atom.Li, "", say("1"))).with("reversed", ""),
		"<b>1</b>\n<b>2</b>\n":                 beside(tag(atom.B, "", say("1")), tag(atom.B, "", say("2"))),
		"<i>x</i>\n<i>y</i>\n":                 each([]string{"x", "y"}, func(s string) nodes { return tag(atom.I, "", say(s)) }),
		"":                                     each(nil, func(s string) nodes { return say(s) }),
		"\uFFFD":                               say("\xff\xfe"),
		`<time datetime="` + "\uFFFD" + `">t</time>`: tag(atom.Time, "", say("t")).with("datetime", "\xff"),
	} {
		if got := rendered(t, part); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
}

func TestASheetIsAWholePage(t *testing.T) {
	body, err := sheet("</title><script>", tag(atom.Link, "").with("rel", "x"), tag(atom.Main, "", say("here")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!DOCTYPE html>\n<html lang=\"en\"><head>", "<title>&lt;/title&gt;&lt;script&gt;</title>", `<link rel="x"/>`,
		"<style>" + style + "</style>", "<main>here</main></body></html>"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("it lacks %s:\n%s", want, body)
		}
	}
}

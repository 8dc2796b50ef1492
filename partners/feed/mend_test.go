package feed

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMend(t *testing.T) {
	cases := []struct{ name, in, want, repaired string }{
		{"well formed", `<rss v="1"><a>x &amp; y</a><b/></rss>`, `<rss v="1"><a>x &amp; y</a><b></b></rss>`, ""},
		{"comments and instructions", `<rss><?x y?><a>1<!-- <b> -->2</a></rss>`, `<rss><a>12</a></rss>`, ""},
		{"CDATA", `<rss><a><![CDATA[<p>&</p>]]></a></rss>`, `<rss><a><![CDATA[<p>&</p>]]></a></rss>`, ""},
		{"CDATA that shows CDATA", `<rss><a><![CDATA[x <![CDATA[ y]]></a></rss>`, `<rss><a><![CDATA[x ]]><![CDATA[ y]]></a></rss>`, ""},
		{"after the root", `<rss><a>1</a></rss><junk>`, `<rss><a>1</a></rss>`, ""},
		{"ampersands", `<rss><a>R&D &; &#; &#xzz; & &amp</a></rss>`, `<rss><a>R&amp;D &amp;; &amp;#; &amp;#xzz; &amp; &amp;amp</a></rss>`, "unescaped ampersands (6)"},
		{"entities of HTML", `<rss><a>&nbsp;&eacute;&lt;&#233;&#xe9;</a></rss>`, "<rss><a>\u00a0é&lt;&#233;&#xe9;</a></rss>", ""},
		{"characters that XML forbids", `<rss><a>x&#0;&#x1F;y</a></rss>`, `<rss><a>xy</a></rss>`, ""},
		{"entities of the document", `<rss><a>&own;&other;</a></rss>`, `<rss><a>Own &amp; &lt;1&gt;&amp;other;</a></rss>`, "unescaped ampersands (1)"},
		{"brackets", `<rss><a>1 < 2 <3 <- x</a></rss>`, `<rss><a>1 &lt; 2 &lt;3 &lt;- x</a></rss>`, "unescaped angle brackets (3)"},
		{"unquoted attributes", `<rss><a b=c d e = "f" g='h"'>x</a></rss>`, `<rss><a b="c" d="" e="f" g="h&quot;">x</a></rss>`, ""},
		{"addresses in attributes", `<rss><a href="?x=1&copy=2&amp;y=3"/></rss>`, `<rss><a href="?x=1&amp;copy=2&amp;y=3"></a></rss>`, ""},
		{"names that are none", `<rss><a1:0b>x</a1:0b><a:b:c d:e:f="g" h::i="j"/></rss>`, `<rss><a1>x</a1><a:b></a:b></rss>`, ""},
		{"wrong order", `<rss><a><b>x</a></b></rss>`, `<rss><a><b>x</b></a></rss>`, "elements without an end tag (1), end tags without a beginning (1)"},
		{"next item begins", `<rss><item><a>x<item>y</item></rss>`, `<rss><item><a>x</a></item><item>y</item></rss>`, "elements without an end tag (1)"},
		{"void elements of HTML", `<rss><channel><item><d>a<br>b<hr></d></item></channel></rss>`, `<rss><channel><item><d>a<br></br>b<hr></hr></d></item></channel></rss>`, ""},
		{"cut in text", `<rss><item><a>x`, `<rss><item><a>x</a></item></rss>`, "it ends before its last closing tag"},
		{"cut in a tag", `<rss><item><a>x</a><b c="`, `<rss><item><a>x</a></item></rss>`, "it ends before its last closing tag"},
		{"cut in an end tag", `<rss><item><a>x</a></ite`, `<rss><item><a>x</a></item></rss>`, "it ends before its last closing tag, end tags without a beginning (1)"},
		{"cut in CDATA", `<rss><item><a><![CDATA[x`, `<rss><item><a><![CDATA[x]]></a></item></rss>`, "it ends before its last closing tag"},
		{"cut in the beginning of CDATA", `<rss><item><a><![CD`, `<rss><item><a></a></item></rss>`, "it ends before its last closing tag"},
		{"cut in a comment", `<rss><item><a>x</a><!-- y`, `<rss><item><a>x</a></item></rss>`, "it ends before its last closing tag"},
	}
	for _, c := range cases {
		got, err := mend(c.in, map[string]string{"own": "Own & <1>"})
		if err != nil || got.text != c.want || got.repaired != c.repaired {
			t.Errorf("%s: %s\n got %s, %q, %v\nwant %s, %q", c.name, c.in, got.text, got.repaired, err, c.want, c.repaired)
		}
	}
}

// FuzzMend holds that what is mended is well formed, by the strict reader of XML.
func FuzzMend(f *testing.F) {
	seeds(f, ".xml")
	f.Add([]byte(`<rss><item a=b c='d"'>x & y <z></item>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		text := string(document)
		if !utf8.ValidString(text) {
			return
		}
		at := strings.IndexByte(text, '<')
		if at < 0 {
			return
		}
		whole, err := mend(onlyAllowed(text[at:]), nil)
		if err != nil {
			return
		}
		decoder := xml.NewDecoder(strings.NewReader(whole.text))
		found := 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q was mended to %q, which is not well formed: %v", text, whole.text, err)
			}
			if start, ok := token.(xml.StartElement); ok && start.Name.Space == "" && isItem(start.Name.Local) {
				found++
			}
		}
		if found > whole.items && whole.items < maxItems {
			t.Errorf("%d items were counted of %d", whole.items, found)
		}
	})
}

func TestDeclaredEntities(t *testing.T) {
	got := declaredEntities(`<!DOCTYPE x [ <!ENTITY a "one"> <!ENTITY b 'two&#33;'> <!ENTITY c "&a;&a;"> <!ENTITY % d "x"> <!ENTITY e SYSTEM "file:///etc/passwd"> <!ENTITY f "<x>"> ]>`)
	if len(got) != 2 || got["a"] != "one" || got["b"] != "two!" {
		t.Errorf("the entities are %v", got)
	}
}

// TestExpansionIsBounded holds that an entity used often does not make a small document a large one.
func TestExpansionIsBounded(t *testing.T) {
	entities := map[string]string{"big": strings.Repeat("x", 1000)}
	whole, err := mend(`<rss><a>`+strings.Repeat("&big;", 20_000)+`</a></rss>`, entities)
	if err != nil || len(whole.text) > maxExpansion+300_000 {
		t.Errorf("%d bytes, %v", len(whole.text), err)
	}
}

// TestMiddleIsLeftOut holds that of too many items those at both ends are read.
func TestMiddleIsLeftOut(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<rss><channel>`)
	for i := range maxItems + 10 {
		b.WriteString(`<item>` + strings.Repeat("i", i%3) + `</item>`)
	}
	b.WriteString(`</channel></rss>`)
	whole, err := mend(b.String(), nil)
	if err != nil || whole.items != maxItems+10 || strings.Count(whole.text, "<item>") != maxItems || !strings.HasSuffix(whole.text, "</item></channel></rss>") {
		t.Errorf("%d items, %d left, %v", whole.items, strings.Count(whole.text, "<item>"), err)
	}
	for n, want := range map[int][2]int{0: {}, maxItems: {}, maxItems + 1: {maxItems / 2, maxItems/2 + 1}} {
		if from, to := middle(n); from != want[0] || to != want[1] {
			t.Errorf("the middle of %d is %d to %d", n, from, to)
		}
	}
}

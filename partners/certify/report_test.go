package certify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

func sample(words string) partners.Certificate {
	item := func(part, name string, required bool, outcome partners.CertificateOutcome) partners.CertificateItem {
		return partners.CertificateItem{Probe: "p" + words, Part: part, Name: name + words, Required: required, Outcome: outcome, Measured: "m" + words, Budget: "b" + words, Took: 1500 * time.Millisecond}
	}
	return partners.Certificate{
		Partner: "acme" + words, Name: "Acme" + words, At: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), Took: 12 * time.Second,
		Fingerprint: partners.CertificatePrint{Code: "v1", Config: "abc"}, Modules: []partners.CertificateModule{{Probe: "p" + words, Kind: "okta.org"}},
		Items: []partners.CertificateItem{
			item(partners.PartSecurity, "s", true, partners.ItemPassed), item(partners.PartPerformance, "f", true, partners.ItemFailed),
			item(partners.PartResilience, "a", false, partners.ItemFailed), item(partners.PartResilience, "k", true, partners.ItemSkipped),
		},
	}
}

func TestVerdict(t *testing.T) {
	if got := Verdict(sample("")); got != "Acme is not certified: 1 of 4 items passed, 1 failed, 1 to look at, 1 does not apply." {
		t.Error(got)
	}
	good := sample("")
	good.Items = good.Items[:1]
	if got := Verdict(good); got != "Acme is certified: 1 of 1 items passed." {
		t.Error(got)
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := Markdown(&b, sample("")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Certificate of Acme\n", "| made | 22 November 2026 09:30 UTC, in 12s |", "## p\n", "### Security\n",
		"| passed | s | m | b | 1.5s |", "| **failed** | f | m | b | 1.5s |", "| look | a | m | b | 1.5s |", "| skipped | k | m | b | 1.5s |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if err := Markdown(closed{}, sample("")); err == nil || !strings.Contains(err.Error(), "acme") {
		t.Errorf("%v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := JUnit(&b, sample("")); err != nil {
		t.Fatal(err)
	}
	var read junitSuites
	if err := xml.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.Tests != 4 || read.Failures != 1 || read.Skipped != 2 || len(read.Suites) != 3 || read.Suites[1].Cases[0].Failure.Message != "m; must be: b" ||
		read.Suites[0].Cases[0].Out == "" || read.Suites[2].Time != "3.000" || read.Suites[2].Cases[0].Class != "acme.p.resilience" {
		t.Errorf("%s", b.String())
	}
	if err := JUnit(closed{}, sample("")); err == nil {
		t.Error("a pipe that was closed")
	}
}

// FuzzReports writes certificates with texts of anybody: a document stays one table a part, an XML can be read back.
func FuzzReports(f *testing.F) {
	for _, words := range []string{"", "a|b", "<b>", "[x](http://e.example)", "\x1b[2J\r\n# x", "\u202e", "`", "\\", "]]>", "\xff", "https://a.example", "&amp;", "\x00"} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, words string) {
		var b strings.Builder
		if err := Markdown(&b, sample(words)); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for line := range strings.Lines(b.String()) {
			if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| made") || strings.HasPrefix(line, "| Sparky") || strings.HasPrefix(line, "| configuration") || strings.HasPrefix(line, "| |") || strings.HasPrefix(line, "| ---") {
				continue
			}
			rows++
			if cells := strings.Count(strings.NewReplacer(`\\`, "", `\|`, "").Replace(line), "|"); cells != 6 {
				t.Errorf("%d bars in %q", cells, line)
			}
		}
		if rows != 4 || strings.ContainsAny(b.String(), "\x1b\r\u202e\x00") || strings.Contains(strings.ReplaceAll(b.String(), `\]`, ""), "](") {
			t.Errorf("%d rows of\n%q", rows, b.String())
		}
		var x bytes.Buffer
		if err := JUnit(&x, sample(words)); err != nil {
			t.Fatal(err)
		}
		var read junitSuites
		if err := xml.Unmarshal(x.Bytes(), &read); err != nil || read.Tests != 4 {
			t.Errorf("%v\n%s", err, x.String())
		}
	})
}

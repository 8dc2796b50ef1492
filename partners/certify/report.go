package certify

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"sparky/partners"
)

// Verdict is a certificate in one sentence.
func Verdict(c partners.Certificate) string {
	failed, advice := 0, 0
	for _, i := range c.Items {
		switch {
		case i.Outcome == partners.ItemFailed && i.Required:
			failed++
		case i.Outcome == partners.ItemFailed:
			advice++
		}
	}
	words := fmt.Sprintf("%d of %d items passed", c.Count(partners.ItemPassed), len(c.Items))
	if failed > 0 {
		words += fmt.Sprintf(", %d failed", failed)
	}
	if advice > 0 {
		words += fmt.Sprintf(", %d to look at", advice)
	}
	if skipped := c.Count(partners.ItemSkipped); skipped > 0 {
		verb := "do"
		if skipped == 1 {
			verb = "does"
		}
		words += fmt.Sprintf(", %d %s not apply", skipped, verb)
	}
	if c.Passed() {
		return c.Name + " is certified: " + words + "."
	}
	return c.Name + " is not certified: " + words + "."
}

// partNames are the parts in their order.
var partNames = [...]string{partners.PartSecurity, partners.PartPerformance, partners.PartResilience}

// Markdown writes a certificate as a document for people. Text in it is escaped: it may come from the partner.
func Markdown(w io.Writer, c partners.Certificate) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Certificate of %s\n\n%s\n\n", escaped(c.Name), escaped(Verdict(c)))
	fmt.Fprintf(&b, "| | |\n| --- | --- |\n| made | %s, in %s |\n| Sparky | %s |\n| configuration | `%s` |\n",
		c.At.UTC().Format("2 January 2006 15:04 MST"), span(c.Took), escaped(or(c.Fingerprint.Code, "not known")), c.Fingerprint.Config)
	for _, m := range c.Modules {
		fmt.Fprintf(&b, "\n## %s\n\nKind `%s`, API %s.\n", escaped(m.Probe), m.Kind, escaped(or(m.API, "without a version in its addresses")))
		for _, part := range partNames {
			fmt.Fprintf(&b, "\n### %s\n\n| | item | measured | must be | took |\n| --- | --- | --- | --- | --: |\n", titled(part))
			for _, i := range c.Items {
				if i.Probe == m.Probe && i.Part == part {
					fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", outcomeOf(i), escaped(i.Name), escaped(i.Measured), escaped(i.Budget), span(i.Took))
				}
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the certificate of %s: %w", c.Partner, err)
	}
	return nil
}

// outcomeOf is how an item ended, in a word.
func outcomeOf(i partners.CertificateItem) string {
	switch {
	case i.Outcome == partners.ItemFailed && !i.Required:
		return "look"
	case i.Outcome == partners.ItemFailed:
		return "**failed**"
	}
	return string(i.Outcome)
}

// titled is a part's name as a heading.
func titled(part string) string { return strings.ToUpper(part[:1]) + part[1:] }

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// plain is a text on one line, without what cannot be seen.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// escaped is a text within a cell of a table in Markdown: it can begin no markup, no link and no other cell.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range plain(text) {
		if strings.ContainsRune("\\`*_[]<>|&~#!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "://", "\\://")
}

// The elements of JUnit's XML, as continuous integration reads it: a suite for each probe and part, a case for each item.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
}

// JUnit writes a certificate as JUnit's XML. Items that are not required are no failures: they are skipped, with their words.
func JUnit(w io.Writer, c partners.Certificate) error {
	all := junitSuites{Name: "sparky certify " + c.Partner, Time: seconds(c.Took)}
	for _, m := range c.Modules {
		for _, part := range partNames {
			suite := junitSuite{Name: c.Partner + "/" + m.Probe + " " + part, Timestamp: c.At.UTC().Format("2006-01-02T15:04:05")}
			took := time.Duration(0)
			for _, i := range c.Items {
				if i.Probe != m.Probe || i.Part != part {
					continue
				}
				took += i.Took
				one := junitCaseOf(c, i)
				suite.Tests++
				if one.Failure != nil {
					suite.Failures++
				}
				if one.Skipped != nil {
					suite.Skipped++
				}
				suite.Cases = append(suite.Cases, one)
			}
			suite.Time = seconds(took)
			all.Tests, all.Failures, all.Skipped = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Skipped+suite.Skipped
			all.Suites = append(all.Suites, suite)
		}
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the certificate of %s as JUnit: %w", c.Partner, err)
	}
	if _, err := io.WriteString(w, xml.Header+string(text)+"\n"); err != nil {
		return fmt.Errorf("writing the certificate of %s as JUnit: %w", c.Partner, err)
	}
	return nil
}

func junitCaseOf(c partners.Certificate, i partners.CertificateItem) junitCase {
	one := junitCase{Name: plain(i.Name), Class: c.Partner + "." + i.Probe + "." + i.Part, Time: seconds(i.Took)}
	words := plain(i.Measured)
	if i.Budget != "" {
		words += "; must be: " + plain(i.Budget)
	}
	switch {
	case i.Outcome == partners.ItemFailed && i.Required:
		one.Failure = &junitMessage{Message: words, Type: i.Part}
	case i.Outcome == partners.ItemPassed:
		one.Out = words
	default:
		one.Skipped = &junitMessage{Message: words}
	}
	return one
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

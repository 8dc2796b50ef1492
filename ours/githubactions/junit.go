package githubactions

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// maxDepth is how deep suites may be nested; JUnit itself needs four levels. maxMessage is how many bytes of a failure's
// text are looked at.
const (
	maxDepth   = 50
	maxMessage = 4 << 10
)

// errOtherXML is a document that is XML, and no JUnit.
var errOtherXML = errors.New("is no JUnit file")

// outcome is how a test ended. The later ones outrank the earlier ones, where a file says several.
type outcome int

const (
	passed outcome = iota
	skipped
	erred
	failed
)

// outcomes are the elements that tell how a test ended. A flaky failure is not among them: the test passed in the end.
var outcomes = map[string]outcome{"skipped": skipped, "error": erred, "failure": failed}

// readJUnit reads a document in the form that JUnit's reporters have in common: testsuites or testsuite, nested as they
// like, with testcase in them, and in those failure, error and skipped. Tests are counted, and not taken from what the
// suites say of themselves, which differs from one reporter to the next. A failure of a suite that is in no test, of its
// preparation say, counts as one.
func (c *Client) readJUnit(source io.Reader) (Report, error) {
	decoder := xml.NewDecoder(source)
	decoder.CharsetReader = charset.NewReaderLabel
	j := junit{client: c}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && j.begun {
			return j.report, nil
		}
		if err == nil {
			err = j.take(token)
		}
		switch {
		case err == nil:
		case errors.Is(err, errOtherXML), errors.Is(err, errTooLarge), errors.Is(err, errTooDeep):
			return Report{}, err
		default:
			line, _ := decoder.InputPos()
			return Report{}, fmt.Errorf("is broken at line %d", line)
		}
	}
}

// errTooDeep is a document that is nested deeper than any report.
var errTooDeep = errors.New("is nested too deep")

// junit is a document that is being read.
type junit struct {
	client *Client
	report Report
	begun  bool
	depth  int
	suite  string
	test   *test // the one that is being read
	at     int   // its depth
	within *test // the one whose failure's text is being read
	until  int   // the depth of that failure
}

// test is one test, or what failed in a suite outside of its tests.
type test struct {
	name    string
	outcome outcome
	message string
	text    strings.Builder
}

func (j *junit) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		j.depth++
		return j.begin(token)
	case xml.EndElement:
		j.end()
		j.depth--
	case xml.CharData:
		if j.within != nil && j.within.text.Len() < maxMessage {
			j.within.text.Write(token[:min(len(token), maxMessage)])
		}
	}
	return nil
}

func (j *junit) begin(element xml.StartElement) error {
	name := element.Name.Local
	switch {
	case j.depth > maxDepth:
		return errTooDeep
	case j.depth == 1 && name != "testsuites" && name != "testsuite":
		return errOtherXML
	case name == "testsuite":
		j.suite = attribute(element, "name")
	case name == "testcase" && j.test == nil:
		j.test, j.at = &test{name: titled(attribute(element, "classname"), attribute(element, "name"))}, j.depth
	}
	j.begun = true
	how, ok := outcomes[name]
	switch {
	case !ok || j.within != nil:
	case j.test == nil && how != skipped:
		j.open(&test{name: j.suite}, how, element)
	case j.test != nil && j.depth == j.at+1 && how > j.test.outcome:
		j.open(j.test, how, element)
	}
	return nil
}

// open begins the text of a failure.
func (j *junit) open(of *test, how outcome, element xml.StartElement) {
	of.outcome, of.message = how, attribute(element, "message")
	of.text.Reset()
	j.within, j.until = of, j.depth
}

func (j *junit) end() {
	if j.within != nil && j.depth == j.until {
		if j.within != j.test {
			j.count(j.within)
		}
		j.within = nil
	}
	if j.test != nil && j.depth == j.at {
		j.report.Tests++
		j.count(j.test)
		j.test = nil
	}
}

func (j *junit) count(t *test) {
	switch t.outcome {
	case passed:
		return
	case skipped:
		j.report.Skipped++
		return
	case erred:
		j.report.Errors++
	case failed:
		j.report.Failures++
	}
	j.report.keep(Case{Name: j.client.shown(t.name, longest), Message: j.client.shown(message(t), longest), Error: t.outcome == erred})
}

// message is what a test says of its failure: the attribute, or the first line of the text.
func message(t *test) string {
	if strings.TrimSpace(t.message) != "" {
		return t.message
	}
	for line := range strings.Lines(t.text.String()) {
		if strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

// titled is a test's name with its class, which some reporters put there already.
func titled(class, name string) string {
	if class == "" || strings.Contains(name, class) {
		return name
	}
	return class + ": " + name
}

func attribute(element xml.StartElement, name string) string {
	for _, one := range element.Attr {
		if one.Name.Local == name && one.Name.Space == "" {
			return one.Value
		}
	}
	return ""
}

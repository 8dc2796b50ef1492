package compat

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
)

// The form that CI systems read as JUnit. Source: the schema of Jenkins' xunit plugin, junit-10.xsd; times are in seconds.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped"`
	Error   *junitMessage `xml:"error"`
	Failure *junitMessage `xml:"failure"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit XML: one suite, a case for each check. The class of a case is the kind of its probe; the
// message of a failure is what changed, that of an error why the check tells nothing about the version.
func (r Report) JUnit(w io.Writer) error {
	name := r.Partner + " " + r.Version
	total := seconds(r.Took)
	suite := junitSuite{
		Name: name, Tests: len(r.Checks), Failures: r.Count(Failed), Errors: r.Count(Unknown), Skipped: r.Count(Skipped), Time: total,
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"partner", r.Partner}, {"api_version", r.Version}, {"base_url", r.BaseURL},
		},
	}
	for _, c := range r.Checks {
		one := junitCase{Class: c.Kind, Name: c.Name + " (" + c.Operation + ")", Time: seconds(c.Took)}
		switch c.Outcome {
		case Failed:
			one.Failure = &junitMessage{Message: c.Detail, Type: "contract", Text: c.Operation + ": " + c.Detail}
		case Unknown:
			one.Error = &junitMessage{Message: c.Detail, Type: "unknown", Text: c.Operation + ": " + c.Detail}
		case Skipped:
			one.Skipped = &junitMessage{Message: c.Detail}
		}
		suite.Cases = append(suite.Cases, one)
	}
	all := junitSuites{Name: name, Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Skipped: suite.Skipped, Time: total, Suites: []junitSuite{suite}}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	return nil
}

func seconds(d time.Duration) string { return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 3, 64) }

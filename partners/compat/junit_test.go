package compat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// element is any element of XML, so that what the schema forbids is seen.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Inner   []element  `xml:",any"`
	Text    string     `xml:",chardata"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// junitForm is what CI systems take: for each element its attributes, those that must be there first, and what may be in it.
// Source: junit-10.xsd of Jenkins' xunit plugin.
var junitForm = map[string]struct{ must, may, inside string }{
	"testsuites": {"", "name time tests failures errors skipped disabled", "testsuite"},
	"testsuite":  {"name tests", "failures errors skipped time timestamp hostname id package file", "properties testcase system-out system-err"},
	"properties": {"", "", "property"},
	"property":   {"name value", "", ""},
	"testcase":   {"name classname", "time status assertions file line", "skipped error failure system-out system-err"},
	"error":      {"", "message type", ""},
	"failure":    {"", "message type", ""},
	"skipped":    {"", "message type", ""},
}

// conforms says where a document is not of the form.
func conforms(t testing.TB, e element) {
	t.Helper()
	form, ok := junitForm[e.XMLName.Local]
	if !ok {
		t.Fatalf("there is no element %s", e.XMLName.Local)
	}
	words := func(s string) map[string]bool {
		all := map[string]bool{}
		for _, w := range strings.Fields(s) {
			all[w] = true
		}
		return all
	}
	for name := range words(form.must) {
		if e.attr(name) == "" && e.XMLName.Local != "property" {
			t.Errorf("%s has no %s", e.XMLName.Local, name)
		}
	}
	allowed := words(form.must + " " + form.may)
	for _, a := range e.Attrs {
		if !allowed[a.Name.Local] {
			t.Errorf("%s cannot have %s", e.XMLName.Local, a.Name.Local)
		}
		if _, err := strconv.ParseFloat(a.Value, 64); a.Name.Local == "time" && err != nil {
			t.Errorf("the time %q is no number of seconds", a.Value)
		}
		if _, err := time.Parse("2006-01-02T15:04:05", a.Value); a.Name.Local == "timestamp" && err != nil {
			t.Errorf("the timestamp %q is none", a.Value)
		}
	}
	inside, names := words(form.inside), map[string]bool{}
	for _, child := range e.Inner {
		if !inside[child.XMLName.Local] {
			t.Errorf("%s cannot be in %s", child.XMLName.Local, e.XMLName.Local)
		}
		if name := child.attr("classname") + "\n" + child.attr("name"); child.XMLName.Local == "testcase" {
			if names[name] {
				t.Errorf("two cases are called %q", name)
			}
			names[name] = true
		}
		conforms(t, child)
	}
}

// count counts the cases of a suite, all or those that hold an element.
func (e element) count(within string) int {
	n := 0
	for _, child := range e.Inner {
		if child.XMLName.Local != "testcase" {
			continue
		}
		holds := within == ""
		for _, inner := range child.Inner {
			holds = holds || inner.XMLName.Local == within
		}
		if holds {
			n++
		}
	}
	return n
}

func readJUnit(t testing.TB, report Report) element {
	t.Helper()
	var document bytes.Buffer
	if err := report.JUnit(&document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.String(), "<?xml") || !utf8.Valid(document.Bytes()) {
		t.Fatalf("no document of XML: %s", document.String())
	}
	var root element
	decoder := xml.NewDecoder(&document)
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Token(); err == nil {
		if _, err = decoder.Token(); !errors.Is(err, io.EOF) {
			t.Error("something comes after the end")
		}
	}
	conforms(t, root)
	for _, e := range []element{root, root.Inner[0]} {
		for attr, within := range map[string]string{"tests": "", "failures": "failure", "skipped": "skipped", "errors": "error"} {
			if want := strconv.Itoa(root.Inner[0].count(within)); e.attr(attr) != want {
				t.Errorf("%s of %s is %s, and there are %s", attr, e.XMLName.Local, e.attr(attr), want)
			}
		}
	}
	return root
}

func example() Report {
	return Report{
		Partner: "servicenow", Version: "v3", BaseURL: "https://s.example", Took: 1234567 * time.Microsecond,
		Started: time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("CET", 3600)),
		Checks: []Check{
			{Kind: "servicenow.incident", Operation: "POST /a", Name: "create: answer", Outcome: Passed, Took: 90 * time.Millisecond},
			{Kind: "servicenow.incident", Operation: "POST /a", Name: "create: fields", Outcome: Failed, Detail: "field `a<b>` & \"c\" is missing from POST /a"},
			{Kind: "servicenow.incident", Operation: "GET /a", Name: "read", Outcome: Skipped, Detail: "not tried"},
			{Kind: "servicenow.incident", Operation: "GET /b", Name: "list: answer", Outcome: Unknown, Detail: "GET /b answers 429"},
		},
	}
}

func TestJUnit(t *testing.T) {
	root := readJUnit(t, example())
	suite := root.Inner[0]
	if suite.attr("name") != "servicenow v3" || suite.attr("time") != "1.235" || suite.attr("timestamp") != "2026-11-22T09:00:00" {
		t.Errorf("the suite is %v", suite.Attrs)
	}
	var failure element
	for _, e := range suite.Inner {
		if e.XMLName.Local == "testcase" && len(e.Inner) > 0 && e.Inner[0].XMLName.Local == "failure" {
			failure = e.Inner[0]
			if e.attr("classname") != "servicenow.incident" || e.attr("name") != "create: fields (POST /a)" || e.attr("time") != "0.000" {
				t.Errorf("the case is %v", e.Attrs)
			}
		}
	}
	if failure.attr("message") != "field `a<b>` & \"c\" is missing from POST /a" || !strings.HasPrefix(failure.Text, "POST /a: field") {
		t.Errorf("the failure is %v %q", failure.Attrs, failure.Text)
	}
	if suite.attr("failures") != "1" || suite.attr("errors") != "1" || root.attr("errors") != "1" {
		t.Errorf("the suite counts %v", suite.Attrs)
	}
	if r := example(); r.Passed() || r.Count(Skipped) != 1 || len(r.Differences()) != 1 || len(r.Unknowns()) != 1 || (Report{}).Passed() {
		t.Error("the report says otherwise of itself")
	}
}

type full struct{ after int }

func (f *full) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestJUnitThatCannotBeWritten(t *testing.T) {
	for _, after := range []int{0, 40, 300} {
		if err := example().JUnit(&full{after}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("after %d bytes: %v", after, err)
		}
	}
}

// FuzzJUnit holds that whatever stands in a report, the document is one of XML and of the form.
func FuzzJUnit(f *testing.F) {
	f.Add("servicenow", "POST /a", "field `x` is missing")
	f.Add("]]>", "<!--\x00", "\xff&amp;\ufffe\u202e")
	f.Fuzz(func(t *testing.T, partner, operation, detail string) {
		r := example()
		r.Partner, r.Checks[1].Operation, r.Checks[1].Detail, r.Checks[2].Detail, r.Checks[3].Detail = partner, operation, detail, detail, detail
		readJUnit(t, r)
	})
}

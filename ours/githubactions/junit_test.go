package githubactions

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestReadJUnit(t *testing.T) {
	for name, test := range map[string]struct {
		xml  string
		want Report
	}{
		"suites": {`<?xml version="1.0" encoding="UTF-8"?>
			<testsuites tests="9" failures="9"><testsuite name="servicenow v3">
			<properties><property name="x" value="y"/></properties>
			<testcase classname="incident" name="create"><failure message="field result.sys_id is missing" type="contract">a long text</failure></testcase>
			<testcase classname="incident" name="read" time="0.1"/>
			<testcase name="page"><skipped message="no second page"/></testcase>
			<testcase name="limits"><error>
				the connection was cut
				at line 3</error><system-out>noise</system-out></testcase>
			</testsuite></testsuites>`,
			Report{Tests: 4, Failures: 1, Errors: 1, Skipped: 1, Cases: []Case{
				{Name: "incident: create", Message: "field result.sys_id is missing"}, {Name: "limits", Message: "the connection was cut", Error: true}}}},
		"one suite":     {`<testsuite><testcase name="a"/></testsuite>`, Report{Tests: 1}},
		"no test":       {`<testsuites/>`, Report{}},
		"nested suites": {`<testsuites><testsuite><testsuite><testcase name="a"/></testsuite><testcase name="b"/></testsuite></testsuites>`, Report{Tests: 2}},
		"namespaced":    {`<j:testsuite xmlns:j="urn:x"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite>`, Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "a", Message: ""}}}},
		"the class twice": {`<testsuite><testcase classname="com.acme.A" name="com.acme.A.x"><failure>no</failure></testcase></testsuite>`,
			Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "com.acme.A.x", Message: "no"}}}},
		"flaky and passed": {`<testsuite><testcase name="a"><flakyFailure message="once"/></testcase></testsuite>`, Report{Tests: 1}},
		"failed thrice": {`<testsuite><testcase name="a"><failure message="1"/><rerunFailure message="2"/><failure message="3"/></testcase></testsuite>`,
			Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "a", Message: "1"}}}},
		"both":              {`<testsuite><testcase name="a"><error message="e"/><failure message="f"/></testcase></testsuite>`, Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "a", Message: "f"}}}},
		"skipped after all": {`<testsuite><testcase name="a"><failure message="f"/><skipped/></testcase></testsuite>`, Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "a", Message: "f"}}}},
		"the suite itself": {`<testsuite name="set-up"><error message="no sandbox">trace</error><skipped/><testcase name="a"/></testsuite>`,
			Report{Tests: 1, Errors: 1, Cases: []Case{{Name: "set-up", Message: "no sandbox", Error: true}}}},
		"in other letters":  {`<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="caf` + "\xe9" + `"><failure/></testcase></testsuite>`, Report{Tests: 1, Failures: 1, Cases: []Case{{Name: "café", Message: ""}}}},
		"secrets and lines": {`<testsuite><testcase name="a&#10;b"><failure message="` + canary + ` &lt;!channel&gt; &#27;"/></testcase></testsuite>`, Report{}},
	} {
		got, err := reader().readJUnit(strings.NewReader(test.xml))
		if name == "secrets and lines" {
			// &#27; is no character of XML, so the file is broken and nothing of it is shown.
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestJUnitThatIsShownAsText(t *testing.T) {
	got, err := reader().readJUnit(strings.NewReader(`<testsuite><testcase name="a&#10;b"><failure message="` + canary + ` &lt;!channel&gt; ` +
		strings.Repeat("x", 500) + `"/></testcase></testsuite>`))
	if err != nil || got.Cases[0].Name != "a b" || !strings.HasPrefix(got.Cases[0].Message, "[secret] <!channel> xx") || len([]rune(got.Cases[0].Message)) != longest {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestManyFailures(t *testing.T) {
	var b strings.Builder
	for i := range 25 {
		fmt.Fprintf(&b, `<testcase name="t%d"><failure/></testcase>`, i)
	}
	got, err := reader().readJUnit(strings.NewReader("<testsuite>" + b.String() + "</testsuite>"))
	if err != nil || got.Failures != 25 || len(got.Cases) != mostCases || got.More != 5 || got.Cases[19].Name != "t19" {
		t.Errorf("got %d cases and %d more, %v", len(got.Cases), got.More, err)
	}
}

func TestJUnitThatIsNone(t *testing.T) {
	for text, says := range map[string]string{
		"":                                "is broken at line 1",
		"no xml":                          "is broken",
		"<coverage/>":                     "is no JUnit file",
		"<testsuite>":                     "is broken",
		"<testsuite>\n<testcase></wrong>": "is broken at line 2",
		"<testsuite>&nope;</testsuite>":   "is broken",
		`<?xml version="1.0" encoding="x-none"?><testsuite/>`:                             "is broken",
		"<testsuite>" + strings.Repeat("<a>", 100):                                        "nested too deep",
		`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>`: "is broken",
	} {
		if got, err := reader().readJUnit(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) || !reflect.DeepEqual(got, Report{}) {
			t.Errorf("%.60q: %+v, %v, want %q", text, got, err, says)
		}
	}
}

// FuzzReadJUnit holds that whatever a file holds, the counts agree with each other and what is shown is short.
func FuzzReadJUnit(f *testing.F) {
	f.Add(`<testsuites><testsuite name="x"><testcase classname="a" name="b"><failure message="m">t</failure></testcase></testsuite></testsuites>`)
	f.Add(`<testsuite><error/><testcase><skipped/><testcase><error/></testcase></testcase></testsuite>`)
	f.Add(`<testsuite><testcase name="a"><failure><failure/></failure></testcase>`)
	client := reader()
	f.Fuzz(func(t *testing.T, text string) {
		got, err := client.readJUnit(strings.NewReader(text))
		if err != nil {
			if len(err.Error()) > 60 || !reflect.DeepEqual(got, Report{}) {
				t.Errorf("%+v, %v", got, err)
			}
			return
		}
		if bad := got.Failures + got.Errors; len(got.Cases)+got.More != bad || len(got.Cases) > mostCases || got.Skipped > got.Tests {
			t.Errorf("counts %+v", got)
		}
		for _, one := range got.Cases {
			if len([]rune(one.Name)) > longest || len([]rune(one.Message)) > longest || strings.ContainsAny(one.Name+one.Message, "\n\r\x1b") {
				t.Errorf("shows %+v", one)
			}
		}
	})
}

package compat

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"sparky/partners"
)

func TestFieldDifference(t *testing.T) {
	for _, test := range []struct {
		document string
		field    partners.Field
		is, want string
	}{
		{`{"a":{"b":"x"}}`, partners.Field{Path: "a.b", Type: partners.FieldWord}, "", ""},
		{`{"a":{"b":""}}`, partners.Field{Path: "a.b", Type: partners.FieldText}, "", ""},
		{`{"a":{"b":""}}`, partners.Field{Path: "a.b", Type: partners.FieldWord}, "", "field `a.b` of X is empty"},
		{`{"a":1}`, partners.Field{Path: "a.b", Type: partners.FieldWord}, "", "field `a.b` is missing from X"},
		{`{"a":true}`, partners.Field{Path: "a", Type: partners.FieldTruth}, "", ""},
		{`{"a":false}`, partners.Field{Path: "a", Type: partners.FieldTruth}, "", ""},
		{`{"a":"true"}`, partners.Field{Path: "a", Type: partners.FieldTruth}, "", "field `a` of X is text, and must be true or false"},
		{`{"a":1.5}`, partners.Field{Path: "a", Type: partners.FieldNumber}, "", ""},
		{`{"a":"1"}`, partners.Field{Path: "a", Type: partners.FieldNumber}, "", "field `a` of X is text, and must be a number"},
		{`{"a":{}}`, partners.Field{Path: "a", Type: partners.FieldObject}, "", ""},
		{`{"a":[]}`, partners.Field{Path: "a", Type: partners.FieldObject}, "", "field `a` of X is a list, and must be an object"},
		{`{"a":null}`, partners.Field{Path: "a", Type: partners.FieldText, Optional: true}, "", ""},
		{`{}`, partners.Field{Path: "a", Type: partners.FieldText, Optional: true}, "", ""},
		{`{"a":1}`, partners.Field{Path: "a", Type: partners.FieldText, Optional: true}, "", "field `a` of X is a number, and must be text"},
		{`{"a":"x"}`, partners.Field{Path: "a", Type: partners.FieldText}, "x", ""},
		{`{"a":"y"}`, partners.Field{Path: "a", Type: partners.FieldText}, "x", "field `a` of X is not what was written"},
		{`{"a":[{"b":[{"c":"x"}]},{"b":[]}]}`, partners.Field{Path: "a[].b[].c", Type: partners.FieldWord}, "",
			"`b` of X lists nothing, so that field `a[].b[].c` cannot be looked at; give the account something that it can see"},
		{`{"p":{"a":[]}}`, partners.Field{Path: "p.a[].c", Type: partners.FieldWord}, "",
			"`p.a` of X lists nothing, so that field `p.a[].c` cannot be looked at; give the account something that it can see"},
		{`{"a":[{"b":1}]}`, partners.Field{Path: "a[].b.c", Type: partners.FieldWord}, "", "field `a[].b.c` is missing from X"},
		{`{"a.b":"x"}`, partners.Field{Path: "a.b", Type: partners.FieldWord}, "", "field `a.b` is missing from X; what is there: a.b"},
	} {
		if got := fieldDifference(test.field, "X", gjson.Parse(test.document), test.is); got != test.want {
			t.Errorf("%s in %s: %q, want %q", test.field.Path, test.document, got, test.want)
		}
	}
}

func TestALongList(t *testing.T) {
	document := `{"a":[` + strings.Repeat(`{"id":"x"},`, mostEntries) + `{"id":7}]}`
	field := partners.Field{Path: "a[].id", Type: partners.FieldWord}
	if got := fieldDifference(field, "X", gjson.Parse(document), ""); got != "" {
		t.Errorf("what is beyond %d entries is looked at: %s", mostEntries, got)
	}
	if got := fieldDifference(field, "X", gjson.Parse(strings.Replace(document, `"x"`, `1`, 1)), ""); got == "" {
		t.Error("the first entry is not looked at")
	}
}

// FuzzAnswers holds that whatever an API answers, the run ends, and says of every check that did not pass why.
func FuzzAnswers(f *testing.F) {
	f.Add(200, `{"parcels":[{"id":"1"}]}`, "application/json")
	f.Add(200, `{"parcels":[[],{},null,7]}`, "")
	f.Add(404, `<html>`, "text/html")
	f.Add(201, `{"id":"../../x","open":[{"note":1}]}`, "")
	contracts := []partners.Contract{parcels(paged), parcels(littering)}
	f.Fuzz(func(t *testing.T, status int, body, contentType string) {
		if status < 200 || status > 599 || strings.ContainsAny(contentType, "\r\n") {
			return
		}
		for _, contract := range contracts {
			report, n := tried(t, contract, func(req *http.Request) *http.Response { return reply(status, body, "Content-Type", contentType) })
			if len(report.Checks) == 0 || len(n.asked) == 0 || len(n.asked) > 8 {
				t.Fatalf("%d checks by %v", len(report.Checks), n.asked)
			}
			for _, c := range report.Checks {
				if (c.Outcome == Passed) != (c.Detail == "") || c.Name == "" || c.Operation == "" || c.Kind != kind {
					t.Fatalf("a check is %+v", c)
				}
			}
			if _, err := json.Marshal(report); err != nil {
				t.Fatal(err)
			}
			readJUnit(t, report)
		}
	})
}

package openapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

var source = partners.Source{Kind: partners.SourceOpenAPI, URL: "https://api.example/openapi.yaml"}

func at() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// tickets is a description in YAML, with one more line where the test wants it.
func tickets(version, required, kind, extra string) string {
	return `openapi: 3.0.3
info: {title: Tickets, version: "` + version + `", description: All about tickets}
servers: [{url: "https://{instance}.example.com/api"}]
paths:
  /tickets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      ` + extra + `
      responses:
        200: {description: fine, content: {application/json: {schema: {$ref: "#/components/schemas/Ticket"}}}}
  /tickets:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [` + required + `], properties: {title: {type: ` + kind + `}, due: {type: string}}}}}}
      responses: {201: {description: made}}
  /other:
    get: {responses: {200: {description: fine}}}
components:
  schemas:
    Ticket: {type: object, required: [sys_id], properties: {sys_id: {type: string}, parent: {$ref: "#/components/schemas/Ticket"}}}
`
}

func first(t *testing.T) []byte {
	t.Helper()
	reading, err := Compare([]byte(tickets("1", "title", "string", "")), nil, source, nil, at())
	if err != nil || len(reading.Changes) != 0 || reading.Document == nil || reading.Items != 3 || reading.Title != "Tickets" {
		t.Fatalf("the first reading: %+v, %v", reading, err)
	}
	return reading.Document
}

func compare(t *testing.T, document string, before []byte, now time.Time, used ...partners.Endpoint) partners.Reading {
	t.Helper()
	reading, err := Compare([]byte(document), before, source, used, now)
	if err != nil {
		t.Fatal(err)
	}
	return reading
}

func titles(r partners.Reading) []string {
	var all []string
	for _, c := range r.Changes {
		all = append(all, strings.Join(c.Stated, "+")+"|"+c.Title)
	}
	return all
}

func wants(t *testing.T, r partners.Reading, want ...string) {
	t.Helper()
	if got := titles(r); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestABreakingDifferenceIsOneEntryForItsOperation(t *testing.T) {
	r := compare(t, tickets("1", "title, due", "integer", ""), first(t), at())
	wants(t, r, "breaking|POST /tickets: the request property “due” became required, and 1 more")
	c := r.Changes[0]
	for _, want := range []string{"Breaks callers", "“title” request property “type” changed from “string” to “integer”", "every one counts", "22 November 2026", "Tickets"} {
		if !strings.Contains(c.Body, want) {
			t.Errorf("it lacks %q: %s", want, c.Body)
		}
	}
	if c.Link != source.URL || !c.Published.Equal(at()) || c.Key == "" || c.Hash == "" {
		t.Errorf("the entry is %+v", c)
	}
}

func TestOnlyWhatWeUseCounts(t *testing.T) {
	gone := strings.Replace(tickets("1", "title, due", "string", ""), "/other:", "/another:", 1)
	r := compare(t, gone, first(t), at(), partners.Endpoint{Method: "POST", Path: "/api/tickets"})
	wants(t, r, "breaking|POST /tickets: the request property “due” became required")
	if !strings.Contains(r.Changes[0].Body, "Our probes call it.") {
		t.Errorf("it says %s", r.Changes[0].Body)
	}
	wants(t, compare(t, gone, first(t), at(), partners.Endpoint{Method: "GET", Path: "/other"}), "breaking|GET /other: the operation was removed")
	wants(t, compare(t, gone, first(t), at(), partners.Endpoint{Method: "GET", Path: "/api/tickets/{sys_id}"}))
	wants(t, compare(t, gone, first(t), at(), partners.Endpoint{Method: "GET", Path: "/nowhere"}),
		"breaking|GET /other: the operation was removed", "breaking|POST /tickets: the request property “due” became required")
}

func TestADifferenceBehindReferencesIsFound(t *testing.T) {
	without := strings.Replace(tickets("1", "title", "string", ""), "required: [sys_id], properties: {sys_id: {type: string}, ", "properties: {", 1)
	wants(t, compare(t, without, first(t), at()), "breaking|GET /tickets/{id}: removed the required property “sys_id” from the response with the “200” status")
}

func TestWhatBreaksNobodyIsNotTold(t *testing.T) {
	document := tickets("1", "title", "string", "summary: Read one")
	document = strings.Replace(document, "All about tickets", "All there is", 1)
	document = strings.Replace(document, "/tickets/{id}:", "/tickets/{number}:", 1)
	document = strings.Replace(document, "{name: id,", "{name: number,", 1)
	document = strings.Replace(document, "/other:", "/more: {get: {responses: {200: {description: new}}}}\n  /other:", 1)
	wants(t, compare(t, document, first(t), at()))
}

func TestAVersionAndADeprecationAreTold(t *testing.T) {
	r := compare(t, tickets("2026-11", "title", "string", "deprecated: true\n      x-sunset: 2027-06-30"), first(t), at())
	wants(t, r, "deprecation|GET /tickets/{id} is deprecated", "new|Tickets: version 2026-11 (it was 1)")
	if c := r.Changes[0]; c.Deadline != "2027-06-30" || !strings.Contains(c.Body, "2027-06-30") {
		t.Errorf("its date is %q: %s", c.Deadline, c.Body)
	}
	moved := compare(t, tickets("2026-11", "title", "string", "deprecated: true\n      x-sunset: 2027-09-30"), r.Document, at().Add(time.Hour))
	wants(t, moved, "deprecation|GET /tickets/{id} is deprecated")
	wants(t, compare(t, tickets("2026-11", "title", "string", ""), moved.Document, at().Add(2*time.Hour)))
}

func TestADifferenceThatComesAgainIsToldAgainButNotForEver(t *testing.T) {
	kept, now := first(t), at()
	keys := map[string]bool{}
	for range 6 {
		for _, required := range []string{"title, due", "title"} {
			r := compare(t, tickets("1", required, "string", ""), kept, now)
			for _, c := range r.Changes {
				keys[c.Key] = true
			}
			kept, now = r.Document, now.Add(time.Minute)
		}
	}
	if len(keys) != mostTellings {
		t.Errorf("a difference that comes and goes was told %d times", len(keys))
	}
	if r := compare(t, tickets("1", "title, due", "string", ""), kept, now.Add(tellingsIn)); len(r.Changes) != 1 {
		t.Errorf("a day later it was told %d times", len(r.Changes))
	}
	again, last := compare(t, tickets("1", "title, due", "string", ""), first(t), at()), compare(t, tickets("1", "title, due", "string", ""), first(t), at())
	if again.Changes[0].Key != last.Changes[0].Key {
		t.Error("the same reading gives another key")
	}
}

func TestManyOperationsAtOnceAreCounted(t *testing.T) {
	document := func(required string) string {
		text := "openapi: 3.1.0\ninfo: {title: Many, version: 1}\npaths:\n"
		for i := range 80 {
			text += fmt.Sprintf("  /p%d: {get: {parameters: [{name: q, in: query, required: %s, schema: {type: string}}], responses: {200: {description: fine}}}}\n", i, required)
		}
		return text
	}
	before := compare(t, document("false"), nil, at()).Document
	r := compare(t, document("true"), before, at())
	if n := len(r.Changes); n != mostOperations+1 || !strings.HasPrefix(r.Changes[n-1].Title, "30 more operations") {
		t.Errorf("%d entries: %s", n, titles(r)[n-1])
	}
}

package openapi

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

func TestWhatIsNoDescriptionIsSaid(t *testing.T) {
	for document, want := range map[string]string{
		"":                                "it is empty",
		"<html><body>Sign in</body>":      "a page for people",
		"{\"a\": ":                        "neither JSON nor YAML",
		"[1, 2]":                          "no object",
		"just words":                      "no object",
		"a: 1":                            "neither openapi nor swagger",
		"openapi: 3.0.0":                  "it has no paths",
		"openapi: 4.0.0\npaths: {}":       "of version 4.0.0",
		"swagger: \"1.2\"\npaths: {}":     "of version 1.2",
		"openapi: 3.0.0\npaths: [a, b]":   "it has no paths",
		"a: &a [*a]":                      "it is",
		strings.Repeat("[", 100_000):      "it is",
		strings.Repeat("{\"a\":", 50_000): "it is",
	} {
		if _, err := Compare([]byte(document), nil, source, nil, at()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", document, err)
		}
	}
}

func TestADescriptionThatBecomesEmptyIsNoNews(t *testing.T) {
	_, err := Compare([]byte("openapi: 3.0.0\npaths: {}"), first(t), source, nil, at())
	if err == nil || !strings.Contains(err.Error(), "no operation now, where it listed 3") {
		t.Errorf("it says %v", err)
	}
}

func TestYAMLAliasesThatUnfoldForEverAreRefused(t *testing.T) {
	bomb := "openapi: 3.0.0\nx-a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("x-a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	began := time.Now()
	_, err := Compare([]byte(bomb+"paths: {}"), nil, source, nil, at())
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("a bomb gave %v after %v", err, time.Since(began))
	}
}

// doubling is a description whose one schema leads to two of the next, and so on.
func doubling(levels int, last string) string {
	all := map[string]any{}
	for i := range levels {
		next := map[string]any{"$ref": fmt.Sprintf("#/components/schemas/S%d", i+1)}
		all[fmt.Sprintf("S%d", i)] = map[string]any{"type": "object", "properties": map[string]any{"a": next, "b": next}}
	}
	all[fmt.Sprintf("S%d", levels)] = map[string]any{"type": last}
	document, _ := json.Marshal(map[string]any{
		"openapi": "3.0.0", "info": map[string]any{"title": "x", "version": "1"},
		"paths": map[string]any{"/a": map[string]any{"get": map[string]any{"responses": map[string]any{"200": map[string]any{
			"description": "", "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/S0"}}}}}}}},
		"components": map[string]any{"schemas": all},
	})
	return string(document)
}

func TestReferencesThatUnfoldForEverAreFollowedOnce(t *testing.T) {
	before := compare(t, doubling(60, "string"), nil, at()).Document
	began := time.Now()
	wants(t, compare(t, doubling(60, "integer"), before, at())) // it is behind more references than are followed
	wants(t, compare(t, doubling(12, "integer"), compare(t, doubling(12, "string"), nil, at()).Document, at()),
		"breaking|GET /a: the “"+strings.Repeat("a/", 11)+"a” response's property “type” changed from “string” to “integer” for status “200”")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	// The same depth beside what changes is no obstacle.
	beside := strings.Replace(doubling(60, "string"), `"get":{`, `"get":{"parameters":[{"name":"q","in":"query","required":true,"schema":{"type":"string"}}],`, 1)
	wants(t, compare(t, beside, before, at()), "breaking|GET /a: added the new required “query” request parameter “q”")
}

func TestReferencesToOtherDocumentsAreNotFollowed(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(secret, []byte(`{"type":"integer"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{secret, "file://" + secret, "http://127.0.0.1:1/x.yaml", "other.yaml#/a", "#/components/schemas/Nobody", "#/components/schemas/Loop", "#/"} {
		document := strings.Replace(tickets("1", "title", "string", ""), "title: {type: string}", "title: {$ref: \""+ref+"\"}", 1)
		document += "    Loop: {$ref: \"#/components/schemas/Pool\"}\n    Pool: {$ref: \"#/components/schemas/Loop\"}\n"
		r := compare(t, document, nil, at())
		if r.Items != 3 || !strings.Contains(r.Repaired, "lead to other documents or nowhere") {
			t.Errorf("%s: %d operations, %q", ref, r.Items, r.Repaired)
		}
		wants(t, compare(t, strings.Replace(document, "required: [title]", "required: [title, due]", 1), r.Document, at()),
			"breaking|POST /tickets: the request property “due” became required")
	}
}

func TestSwaggerIsRead(t *testing.T) {
	document := `{"swagger": "2.0", "info": {"title": "Old", "version": "1"}, "basePath": "/v1", "paths": {"/users": {"get": {
		"produces": ["application/json"], "parameters": [{"name": "q", "in": "query", "type": "string"%s}],
		"responses": {"200": {"description": "fine", "schema": {"$ref": "#/definitions/User"}}}}}},
		"definitions": {"User": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}`
	before := compare(t, fmt.Sprintf(document, ""), nil, at())
	if before.Format != "swagger 2.0" || before.Items != 1 {
		t.Errorf("it is %s with %d operations", before.Format, before.Items)
	}
	r := compare(t, fmt.Sprintf(document, `, "required": true`), before.Document, at(), partners.Endpoint{Method: "GET", Path: "/v1/users"})
	wants(t, r, "breaking|GET /users: the “query” request parameter “q” became required")
}

func TestWhatIsRememberedMayBeDamaged(t *testing.T) {
	for _, before := range []string{"x", "\x1f\x8b\x08\x00"} {
		if _, err := Compare([]byte(tickets("1", "title", "string", "")), []byte(before), source, nil, at()); err == nil {
			t.Errorf("%q was taken", before)
		}
	}
}

func TestALargeDescriptionIsComparedInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	document := func(kind string) string {
		var b strings.Builder
		b.WriteString(`{"openapi":"3.0.3","info":{"title":"Large","version":"1"},"paths":{`)
		for i := range 12_000 {
			fmt.Fprintf(&b, `"/things%d/{id}":{"get":{"description":%q,"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"fine","content":{"application/json":{"schema":{"$ref":"#/components/schemas/T%d"}}}}}}},`,
				i, strings.Repeat("Many words. ", 100), i%3000)
		}
		b.WriteString(`"/last":{"get":{"responses":{"200":{"description":"fine"}}}}},"components":{"schemas":{`)
		for i := range 3000 {
			fmt.Fprintf(&b, `"T%d":{"type":"object","properties":{"id":{"type":%q},"next":{"$ref":"#/components/schemas/T%d"}}},`, i, kind, (i+1)%3000)
		}
		b.WriteString(`"Z":{"type":"string"}}}}`)
		return b.String()
	}
	text := document("string")
	if len(text) > 20<<20 || len(text) < 16<<20 {
		t.Fatalf("it has %d bytes", len(text))
	}
	began := time.Now()
	before := compare(t, text, nil, at())
	r := compare(t, strings.Replace(text, `"T7":{"type":"object","properties":{"id":{"type":"string"}`, `"T7":{"type":"object","properties":{"id":{"type":"integer"}`, 1),
		before.Document, at(), partners.Endpoint{Method: "GET", Path: "/things7/{id}"})
	if len(r.Changes) != 1 {
		t.Errorf("%d entries: %s", len(r.Changes), titles(r))
	}
	t.Logf("%d MB twice in %v, remembered as %d kB", len(text)>>20, time.Since(began), len(before.Document)>>10)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

// FuzzCompare holds that no document, as the first or the second, does more than give entries or an error.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(tickets("1", "title", "string", "")), []byte(tickets("2", "title, due", "integer", "deprecated: true")))
	f.Add([]byte(doubling(3, "string")), []byte(doubling(2, "integer")))
	f.Add([]byte(`{"swagger":"2.0","paths":{"/a":{"post":{"parameters":[{"in":"body","name":"b","schema":{"$ref":"#/definitions/A"}}]}}},"definitions":{"A":{"$ref":"#/definitions/A"}}}`),
		[]byte("openapi: 3.1.0\npaths: {/a: {$ref: '#/components/pathItems/a'}}\ncomponents: {pathItems: {a: {get: {responses: {}}}}}"))
	f.Add([]byte("openapi: 3.0.0\npaths: {/a: {get: {responses: {200: {content: {a/b: {schema: {allOf: [{$ref: '#/paths/~1a'}]}}}}}}}}"), []byte("a: &a {b: *a}\n<<: *a"))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		reading, err := Compare(one, nil, source, nil, at())
		if err != nil {
			return
		}
		if len(reading.Changes) != 0 {
			t.Error("the first reading has entries")
		}
		again, err := Compare(one, reading.Document, source, nil, at())
		if err == nil && len(again.Changes) != 0 {
			t.Errorf("nothing changed, and there are %s", titles(again))
		}
		then, err := Compare(other, reading.Document, source, nil, at())
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, c := range then.Changes {
			if c.Title == "" || len(c.Key) > maxKey+20 || seen[c.Key] || len(c.Stated) != 1 {
				t.Errorf("an entry is %+v", c)
			}
			seen[c.Key] = true
		}
	})
}

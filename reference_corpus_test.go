package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"
)

// compiledSchema is the schema that sparky init writes, as an editor uses it.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	file, err := os.ReadFile("docs/sparky.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sparky.schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("sparky.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// asEdited is what an editor sees of a node: references as the texts that they are, << merged in.
func asEdited(root *yaml.Node) any { return (&edited{left: 100_000}).value(root) }

// edited bounds what aliases can make of a file, as editors do.
type edited struct{ left int }

func (e *edited) value(n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch e.left--; {
	case e.left < 0:
		return nil
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, e.value(c))
		}
		return list
	case n.Kind == yaml.MappingNode:
		all := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, e.value(n.Content[i+1])
			if merged, ok := value.(map[string]any); ok && key == "<<" {
				for k, v := range merged {
					if _, own := all[k]; !own {
						all[k] = v
					}
				}
				continue
			}
			all[key] = value
		}
		return all
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// TestSchemaTakesWhatIsRight holds that an editor marks nothing in a configuration that Sparky takes.
func TestSchemaTakesWhatIsRight(t *testing.T) {
	compiled := compiledSchema(t)
	documents := map[string][]byte{
		"starter.yaml":                   starter,
		"starter.yaml with all of it on": regexp.MustCompile(`(?m)^#(\S|  )`).ReplaceAll(starter, []byte("$1")),
	}
	files, err := filepath.Glob("testdata/config/good/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, newStory(t).configFile()) {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents[file] = document
	}
	for _, file := range []string{"README.md", "../shared/design/contract.md"} { // the latter where it is there
		document, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(document), "```yaml\n")
		example, _, _ := strings.Cut(rest, "```")
		documents["the example of "+file] = []byte(example)
	}
	for name, document := range documents {
		root, problem := parseYAML(document)
		if problem != nil {
			t.Errorf("%s: %s", name, problem)
			continue
		}
		if err := compiled.Validate(asEdited(root)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// beyondASchema are the mistakes that no schema can tell, and why. sparky validate tells them.
func beyondASchema() map[string]string {
	const twice = "a schema does not compare one entry with another"
	const outside = "what the value stands for is outside of the file"
	const lengths = "a schema does not compare lengths of time"
	const later = "a schema does not read what a value says of other settings"
	return map[string]string{
		"affects-without-component": later, "alert-partner": later, "probe-newrelic": later, "probe-placeholder": later, "probe-placeholder-order": later,
		"placeholder-in-host": later, "partner-alias-twice": twice, "partner-id-twice": twice, "probe-id-twice": twice, "status-page-component-twice": twice,
		"empty-env": outside, "missing-env": outside, "missing-file": outside, "probe-auth-file": outside, "file-is-folder": outside, "github-key": outside, "heartbeat": outside,
		"swapped-tokens": outside, "value-from-outside": outside,
		"probe-timeout": lengths, "short-interval": lengths, "reopen-within-long": lengths, "resilience-backoff": lengths,
		"duplicate-key":   "it is about the YAML, and editors tell it without a schema",
		"source-selector": "a schema does not know CSS selectors", "status-glob": "a schema does not know globs",
	}
}

// TestSchemaTellsWhatIsWrong holds that an editor marks what Sparky refuses, as far as a schema can.
func TestSchemaTellsWhatIsWrong(t *testing.T) {
	compiled, beyond := compiledSchema(t), beyondASchema()
	files, err := filepath.Glob("testdata/config/bad/*.yaml")
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	told := 0
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		why, known := beyond[name]
		delete(beyond, name)
		root, problem := parseYAML(document)
		wrong := problem != nil || compiled.Validate(asEdited(root)) != nil
		switch {
		case wrong && known:
			t.Errorf("%s is told, and said to be beyond a schema (%s); take it off the list", name, why)
		case !wrong && !known:
			t.Errorf("%s is not told; say why in the list, or mend the schema", name)
		case wrong:
			told++
		}
	}
	for name := range beyond {
		t.Errorf("%s is on the list, and there is no such file", name)
	}
	t.Logf("%d of %d mistakes are told by the schema", told, len(files))
}

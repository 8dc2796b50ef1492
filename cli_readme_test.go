package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sparky/changes"
)

// TestReadmeIsRight holds the README to the program: its example of a configuration is valid and complete, every command
// stands in its table, and every figure of /metrics is named.
func TestReadmeIsRight(t *testing.T) {
	document, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(document)
	_, rest, _ := strings.Cut(readme, "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README shows no configuration")
	}
	l := parseConfig("README.md", []byte(example), expander{env: lookup(testEnv())}, vendorCatalogue())
	for _, p := range append(l.problems, l.notes...) {
		t.Errorf("the example: %s", p)
	}
	for _, off := range l.config.summary().Off {
		if slices.Contains([]string{"jira", "oncall", "status_page", "slack.roles.operator", "slack.roles.publisher"}, off.Missing) {
			t.Errorf("the example leaves off %s", off.Missing)
		}
	}
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, needed, _ := strings.Cut(string(module), "\ngo ")
	needed, _, _ = strings.Cut(needed, "\n")
	if !strings.Contains(readme, "only Go "+needed+" or newer") {
		t.Errorf("the README does not say that it takes Go %s", needed)
	}
	for _, name := range (&sparky{responder: &responder{}, workshop: &workshop{desk: &changes.RunDesk{}}}).book(nil, nil, nil).Names() {
		if !strings.Contains(readme, "`/sparky "+name) && !strings.Contains(readme, "· `"+name) {
			t.Errorf("the README does not tell of /sparky %s", name)
		}
	}
	for _, command := range newRootCommand(lookup(nil)).Commands() {
		if command.Hidden {
			continue // it is for Sparky itself
		}
		if name := command.Name(); !strings.Contains(readme, "`sparky "+name) && !strings.Contains(readme, "`"+name) {
			t.Errorf("the README does not tell of sparky %s", name)
		}
		if command.Short == "" || command.Long == "" && command.Name() != "version" {
			t.Errorf("--help does not tell what sparky %s does", command.Name())
		}
		for line := range strings.Lines(command.Long) {
			if len(line) > 121 {
				t.Errorf("--help of sparky %s is too wide: %s", command.Name(), line)
			}
		}
	}
	for _, figure := range []string{
		newTallies(nil, nil).up.String(), newTallies(nil, nil).took.String(), newTallies(nil, nil).ended.String(), newTallies(nil, nil).incidents.String(),
		newBreakerGauges(nil).state.String(),
	} {
		_, name, _ := strings.Cut(figure, `fqName: "`)
		name, _, _ = strings.Cut(name, `"`)
		if !strings.HasPrefix(name, "sparky_") || !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the README does not tell of %s", name)
		}
	}
}

// TestReadmeKnowsTheCatalogue holds that a reader finds whether a partner is known without starting Sparky.
func TestReadmeKnowsTheCatalogue(t *testing.T) {
	document, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := vendorCatalogue().ids
	if len(ids) == 0 {
		t.Fatal("the catalogue is empty")
	}
	for _, id := range ids {
		if !strings.Contains(string(document), "`"+id+"`") {
			t.Errorf("the README does not name %s of the catalogue", id)
		}
	}
}

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestMistakesKeepSecrets makes every mistake in every place of the full configuration that a credential stands in, and holds
// that what is said of it does not say the credential.
func TestMistakesKeepSecrets(t *testing.T) {
	document := string(regexp.MustCompile(`(?m)^#(\S|  )`).ReplaceAll(starter, []byte("$1")))
	places := regexp.MustCompile(`"?\$\{[A-Z_]+\}"?`).FindAllStringIndex(document, -1)
	if len(places) < 7 {
		t.Fatalf("only %d credentials in the full configuration", len(places))
	}
	canaries := map[string]string{}
	env := func(name string) (string, bool) {
		if canaries[name] == "" {
			canaries[name] = "canary-" + strings.ToLower(name) + "-4711"
		}
		return canaries[name], true
	}
	said := 0
	for _, at := range places {
		value := strings.Trim(document[at[0]:at[1]], `"`)
		for _, mistake := range []string{`["%s"]`, `{a: "%s"}`, `"%s ${not closed"`, `"%s\n%s"`, `"https://user:%s@a b"`, `"%s", more: "%s"`, `!!int "%s"`, `[[%s`, `&a "%s"`, `"" # %s`} {
			for _, l := range []loaded{
				parseConfig("sparky.yaml", []byte(document[:at[0]]+strings.ReplaceAll(mistake, "%s", value)+document[at[1]:]), expander{env: env}, vendorCatalogue()),
				parseConfig("sparky.yaml", []byte(document[:at[0]]+document[at[0]:at[1]]+"\nmisplaced: "+value+document[at[1]:]), expander{env: env}, vendorCatalogue()),
			} {
				for _, problem := range append(l.problems, l.notes...) {
					said++
					for _, canary := range canaries {
						if text := fmt.Sprint(problem); strings.Contains(text, canary) {
							t.Errorf("with %s for %s it says: %s", mistake, value, text)
						}
					}
				}
			}
		}
	}
	if said < 100 {
		t.Errorf("only %d mistakes were found", said)
	}
}

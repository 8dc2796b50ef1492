package commands

import (
	"fmt"
	"strings"

	"sparky/changes"
	"sparky/partners"
)

// The fields of the form that has a version tried.
const (
	versionField   = "version"
	announcedField = "announced"
)

// mostVersion is how many characters of a version the form takes; changes.VersionProblem refuses longer ones.
const mostVersion = 100

// mostAnnounced is how many announced versions the form offers.
const mostAnnounced = 50

// compatForm asks for the version to be tried, and offers those that were announced.
func compatForm(p partners.Partner, offers []offer, updates string) *Form {
	form := &Form{
		Title: "Try a version", Submit: "Try it", Command: "compat " + p.ID,
		Text: fmt.Sprintf("Our integration with %s is tried against that version, in a sandbox. I follow the run in %s, and say there whether it works.", p.Name, updates),
	}
	version := Field{Name: versionField, Label: "Version", Kind: FieldText, Most: mostVersion, Hint: "As the partner writes it, like v3."}
	announced := Field{Name: announcedField, Label: "Announced", Kind: FieldChoice, Optional: true}
	for _, o := range offers {
		// Any other could not be tried.
		if changes.VersionProblem(o.version) == "" && len(announced.Choices) < mostAnnounced {
			announced.Choices = append(announced.Choices, Choice{Label: shorten(o.version+": "+o.entry.Title, 70), Value: o.version})
		}
	}
	if len(announced.Choices) > 0 {
		announced.Value = announced.Choices[0].Value
		version.Label, version.Optional, version.Hint = "Another version", true, "As the partner writes it, like v3. It is tried instead of the one above."
		form.Fields = append(form.Fields, announced)
	}
	form.Fields = append(form.Fields, version)
	return form
}

// filledVersion is the version in the form, or what is wrong with it. One that was written out counts.
func filledVersion(form map[string]string) (version, problem string) {
	version = strings.Join(strings.Fields(form[versionField]), " ")
	if version == "" {
		version = form[announcedField]
	}
	if version == "" {
		return "", "Which version? Write it as the partner does, like v3."
	}
	if problem := changes.VersionProblem(version); problem != "" {
		return "", fmt.Sprintf("%q cannot be a version: %s.", clip(version), problem)
	}
	return version, ""
}

// checkCompat tells what is wrong with the form.
func checkCompat(call Call) map[string]string {
	if _, problem := filledVersion(call.Form); problem != "" {
		return map[string]string{versionField: problem}
	}
	return nil
}

package bot

import (
	"strings"
	"testing"

	"sparky/incidents"
)

// TestAPressedButtonGivesWayToWhoAndWhen holds that the card shows who pressed a button and when, in the place of it.
func TestAPressedButtonGivesWayToWhoAndWhen(t *testing.T) {
	states := cardStates()
	ours := verdictOf(incidents.Internal, incidents.ReasonPerson, "Ours, by a person's word.")
	ours.By = "U0OPERATOR"
	for name, c := range map[string]struct {
		pressed incidents.Incident
		button  string
		who     string // in the words of the card
	}{
		"Acknowledge":   {states["acknowledged"], "[primary Acknowledge:", "Acknowledged by <@U0ONCALL01>, <!date^"},
		"Mute 1h":       {states["muted"], "[Mute 1h:", "Muted by <@U0OPERATOR> until <!date^"},
		"It's theirs":   {states["overruled"], "[It's theirs:", ": *external*, decided by <@U0OPERATOR>."},
		"It's ours":     {known(ours), "[It's ours:", ": *internal*, decided by <@U0OPERATOR>."},
		"Publish":       {states["published"], "[primary Publish:", "published by <@U0PUBLISHR>, <!date^"},
		"Don't publish": {states["declined"], "[Don't publish:", "<@U0PUBLISHR> said no, <!date^"},
	} {
		got := strings.ReplaceAll(shownCard(t, c.pressed), zeroWidth, "")
		if strings.Contains(got, c.button) || !strings.Contains(got, c.who) {
			t.Errorf("%s: want %q and no %q in\n%s", name, c.who, c.button, got)
		}
	}
	// The verdict of a person carries its time before it.
	if got := shownCard(t, states["overruled"]); !strings.Contains(got, "Verdict, <!date^") {
		t.Error(got)
	}
}

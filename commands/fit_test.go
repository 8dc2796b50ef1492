package commands

import (
	"errors"
	"strings"
	"testing"

	"sparky/incidents"
)

// buttonsOf are the buttons of a reply.
func buttonsOf(reply Reply) string {
	var all []string
	for _, s := range reply.Sections {
		for _, button := range s.Buttons {
			all = append(all, button.Label)
		}
	}
	return strings.Join(all, ", ")
}

func TestNobodyIsOfferedWhatTheyMayNot(t *testing.T) {
	people := &roles{have: map[Role][]string{Operator: {ada.ID}, Publisher: {grace.ID}}}
	b := permitted(people)
	b.memory.all[0].Verdict.Word = incidents.External
	ask := func(who Person, origin incidents.Origin, text string) Reply {
		return b.book().Run(t.Context(), Request{Text: text, Person: who, Origin: origin})
	}
	const all = "Acknowledge, Publish, Don't publish, Probe again, Mute 1h, It's ours"
	for _, c := range []struct {
		who    Person
		origin incidents.Origin
		text   string
		want   string
	}{
		{ada, incidents.ByCommand, "incidents", "Acknowledge, Probe again, Mute 1h, It's ours"},
		{grace, incidents.ByButton, "incidents", "Publish, Don't publish"},
		{Person{ID: "U0GUEST"}, incidents.ByCommand, "incidents", ""},
		{Person{ID: "U0GUEST"}, incidents.ByCommand, "incidents --public", all},
		{Person{ID: "U0GUEST"}, incidents.ByMessage, "incidents", all},
		{Person{Name: "ops", Local: true}, "", "incidents", all},
		{Person{}, "", "incidents", all},
	} {
		if got := buttonsOf(ask(c.who, c.origin, c.text)); got != c.want {
			t.Errorf("%s is offered %q by %q; want %q", c.who.ID, got, c.text, c.want)
		}
	}
	people.err = errors.New("Slack did not answer")
	if got := buttonsOf(ask(ada, incidents.ByCommand, "incidents")); got != all {
		t.Errorf("where nobody can tell who may, %q is offered", got)
	}
}

func TestWhatOnlyHeldButtonsGoesWithThem(t *testing.T) {
	b := newTable().book()
	mute := Button{Label: "Mute", Command: "mute snow --ask"}
	reply := Reply{Sections: []Section{{Lines: []Line{Say("text")}, Buttons: []Button{mute}}, {Buttons: []Button{mute}}, {Heading: "More", Buttons: []Button{mute}},
		{Pick: &Pick{Label: "Show"}, Buttons: []Button{mute, {Label: "Refresh", Command: "status"}}}, {}}}
	got := b.Fit(reply, Hands{})
	if len(got.Sections) != 4 || buttonsOf(got) != "Refresh" {
		t.Errorf("left are %+v", got.Sections)
	}
	if buttonsOf(reply) != "Mute, Mute, Mute, Mute, Refresh" {
		t.Errorf("the reply itself was changed: %s", buttonsOf(reply))
	}
	if whole := b.Fit(reply, Hands{Operator: true}); buttonsOf(whole) != buttonsOf(reply) {
		t.Errorf("an operator is offered %s", buttonsOf(whole))
	}
}

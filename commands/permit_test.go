package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
)

// roles is who has which role.
type roles struct {
	have map[Role][]string
	err  error
	// asked counts the questions.
	asked int
}

func (r *roles) May(_ context.Context, person Person, role Role) (bool, error) {
	r.asked++
	return slices.Contains(r.have[role], person.ID), r.err
}

// Who names those who have a role by a group and a person.
func (r *roles) Who(_ context.Context, role Role) []Piece {
	if r.err != nil || len(r.have[role]) == 0 {
		return nil
	}
	return []Piece{{Text: "@" + string(role) + "s"}, {Text: " or "}, {Text: "Ada Osei", Person: r.have[role][0]}}
}

// everyCommand is every command with words that it understands, and the role that the contract gives it.
func everyCommand() map[string]Role {
	return map[string]Role{
		"status": "", "incidents": "", "changelog": "", "upcoming": "", "oncall": "", "help": "", "": "", "unmuet": "",
		"probe snow": Operator, "audit": Operator, "audit snow --before 2026-11-20": Operator, "ack ECO-12": Operator, "resolve ECO-12": Operator, "mute snow 2h": Operator, "unmute snow": Operator,
		"theirs ECO-12": Operator, "ours ECO-12": Operator, "compat snow v3": Operator, "handled servicenow-1": Operator, "unhandled servicenow-1": Operator, "publish ECO-12": Publisher, "decline ECO-12": Publisher,
	}
}

func permitted(permits Permits) *table {
	b := newTable()
	b.permits = permits
	i := brokenServiceNow()
	i.Post.State = incidents.PostProposed
	b.memory.all = []incidents.Incident{i}
	return b
}

func TestEachCommandAsksForItsRole(t *testing.T) {
	people := &roles{have: map[Role][]string{Operator: {ada.ID}, Publisher: {grace.ID}}}
	has := map[Role]Person{Operator: ada, Publisher: grace}
	for text, role := range everyCommand() {
		for _, who := range []Person{ada, grace, {ID: "U0GUEST", Name: "guest"}} {
			reply := permitted(people).ask(t, who, text)
			kept := strings.Contains(reply.Text, "you are not one of them")
			if want := role != "" && has[role] != who; kept != want {
				t.Errorf("%s gives %q, kept from it: %v (%s)", who.Name, text, kept, reply.Text)
			}
			if kept && (!reply.Refused || reply.Public) {
				t.Errorf("%s is told before everybody: %+v", who.Name, reply)
			}
		}
	}
}

// strangers are the people at the door, by their ids.
type strangers []string

func (s strangers) Stranger(_ context.Context, person Person) bool {
	return slices.Contains(s, person.ID)
}

func TestStrangersAreToldNothing(t *testing.T) {
	for text := range everyCommand() {
		b := permitted(&roles{have: map[Role][]string{Operator: {ada.ID}, Publisher: {ada.ID}}})
		b.door = strangers{ada.ID}
		reply := b.ask(t, ada, text+" --public")
		if !strings.Contains(reply.Text, "you are of another one") || !reply.Refused || reply.Public || len(reply.Sections) != 1 {
			t.Errorf("a stranger is answered %q with %+v", text, reply)
		}
		if len(b.memory.mutes) > 0 || b.memory.all[0].Acknowledged != nil {
			t.Errorf("%q did something", text)
		}
		if reply := b.ask(t, grace, text); strings.Contains(reply.Text, "you are of another one") {
			t.Errorf("somebody of ours is turned away: %s", reply.Text)
		}
	}
}

func TestWhoeverMayNotChangesNothing(t *testing.T) {
	b := permitted(&roles{have: map[Role][]string{Operator: {grace.ID}}})
	reply := b.ask(t, ada, "ack ECO-12 --public")
	want := "/sparky ack is for operators, and you are not one of them, so nothing was done. Please ask one of them: @operators or Ada Osei."
	if reply.Text != want || reply.Public || len(reply.Said) == 0 || !slices.Contains(reply.Sections[0].Lines[0].Pieces, Piece{Text: "Ada Osei", Person: grace.ID}) {
		t.Errorf("public %v: %s", reply.Public, reply.Text)
	}
	if got := b.ask(t, ada, "help ack"); !strings.Contains(plain(got), "For operators: @operators or Ada Osei.") {
		t.Errorf("help of it says %s", plain(got))
	}
	b = permitted(&roles{})
	if reply = b.ask(t, ada, "ack ECO-12"); !strings.HasSuffix(reply.Text, "Please ask one of them; whoever runs Sparky knows who they are.") {
		t.Errorf("where nobody knows who may: %s", reply.Text)
	}
	if i := b.memory.all[0]; i.Acknowledged != nil {
		t.Errorf("%s acknowledged it", i.Acknowledged.By)
	}
}

// TestARefusedButtonIsNamed holds that who pressed a button is told of that button, and of no command that they never typed.
func TestARefusedButtonIsNamed(t *testing.T) {
	away := errors.New("Slack did not answer")
	for _, one := range []struct {
		button string
		origin incidents.Origin
		err    error
		want   string
	}{
		{"It's ours", incidents.ByButton, nil, "“It's ours” is for operators, and you are not one of them, so nothing was done. "},
		{"Mute 1h", incidents.ByHome, nil, "“Mute 1h” is for operators, and you are not one of them"},
		{"Mute 1h", incidents.ByHome, away, "I could not check whether you may press “Mute 1h”: Slack did not answer."},
		{"", incidents.ByButton, nil, "This is for operators, and you are not one of them"},
		{"", incidents.ByButton, away, "I could not check whether you may do this: Slack did not answer."},
		{"", incidents.ByMessage, nil, "/sparky ours is for operators"},
	} {
		b := permitted(&roles{err: one.err})
		acts := &fakeActs{}
		reply := b.book().Audited(acts, func() time.Time { return noon }).Run(t.Context(), Request{Text: "ours ECO-12", Person: ada, Button: one.button, Origin: one.origin})
		if !strings.HasPrefix(reply.Text, one.want) || !reply.Refused {
			t.Errorf("%q by %s: %s", one.button, one.origin, reply.Text)
		}
		if one.button != "" && acts.all[0].Target != one.button+" (ours ECO-12)" {
			t.Errorf("kept: %+v", acts.all)
		}
	}
}

func TestWhereRolesCannotBeAskedNobodyIsLetThrough(t *testing.T) {
	b := permitted(&roles{have: map[Role][]string{Operator: {ada.ID}}, err: errors.New("Slack did not answer")})
	reply := b.ask(t, ada, "mute snow 2h")
	want := "I could not check whether you may use /sparky mute: Slack did not answer. Nothing was done; please try again in a minute."
	if reply.Text != want || !reply.Refused || len(b.memory.mutes) != 0 {
		t.Errorf("%s, %v", reply.Text, b.memory.mutes)
	}
}

func TestATerminalMayDoEverything(t *testing.T) {
	people := &roles{err: errors.New("asked")}
	for text := range everyCommand() {
		if reply := permitted(people).ask(t, Person{Name: "ops", Local: true}, text); strings.Contains(reply.Text, "whether you may") {
			t.Errorf("%s: %s", text, reply.Text)
		}
	}
	if people.asked > 0 {
		t.Errorf("Slack was asked %d times about a terminal", people.asked)
	}
}

func TestWithoutRolesEverybodyMay(t *testing.T) {
	if reply := permitted(nil).ask(t, Person{ID: "U0GUEST", Name: "guest"}, "ack ECO-12"); !reply.Public {
		t.Error(reply.Text)
	}
}

func TestHelpReadAloud(t *testing.T) {
	golden(t, "help", conversation(t, newTable(), "ada: help", "ada: help mute", "ada: help publish", "ada: help incidents"))
}

func TestHiddenCommandsAreNotOffered(t *testing.T) {
	b := newTable()
	if got := strings.Join(b.book().Names(), " "); got != "status incidents changelog upcoming oncall probe compat ack resolve mute unmute theirs ours publish decline audit help" {
		t.Errorf("listed: %s", got)
	}
	if got := b.ask(t, ada, "handld").Text; strings.Contains(got, "/sparky handled") {
		t.Errorf("a hidden command is offered: %s", got)
	}
}

func TestProgressIsRedacted(t *testing.T) {
	b := newTable()
	var shown []string
	runner := Redacted(b.book(), func(text string) string { return strings.ReplaceAll(text, "create-incident", "(hidden)") })
	reply := runner.Run(t.Context(), Request{Text: "probe snow", Person: ada, Progress: func(r Reply) { shown = append(shown, said(ada, "", r)) }})
	for _, text := range append(shown, said(ada, "", reply)) {
		if strings.Contains(text, "create-incident") || !strings.Contains(text, "(hidden)") {
			t.Errorf("got %s", text)
		}
	}
	if len(shown) != 2 {
		t.Errorf("shown %d times", len(shown))
	}
}

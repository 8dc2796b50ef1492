package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

// whoText is who has a role, in words.
func whoText(pieces []commands.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		if p.Person != "" {
			b.WriteString("(" + p.Person + ")")
		}
	}
	return b.String()
}

func TestWhoHasARoleIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		config Roles
		want   string
	}{
		"a group":                  {Roles{Operator: []string{"S1"}}, "@sparky-operators"},
		"a group without a handle": {Roles{Operator: []string{"S2"}}, "@Comms"},
		"people and a group":       {Roles{Operator: []string{"S1", "U1", "U8"}}, "@sparky-operators, Ada(U1) or somebody(U8)"},
		"many":                     {Roles{Operator: []string{"U1", "U1", "U1", "U1", "U1", "U1", "U1"}}, "Ada(U1), Ada(U1), Ada(U1), Ada(U1), Ada(U1) or 2 more"},
		"a group that is gone":     {Roles{Operator: []string{"S9"}}, ""},
		"nobody":                   {Roles{Operator: []string{}}, ""},
		"left out":                 {Roles{}, "any full member of this workspace"},
	} {
		w := acme()
		w.people["U1"] = slack.User{ID: "U1", TeamID: "T1", RealName: "Ada"}
		p := NewRoles(w, c.config, clockAt(cardNow), newFakeSlack(t).logger())
		if got := whoText(p.Who(t.Context(), commands.Operator)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := NewRoles(acme(), Roles{}, clockAt(cardNow), newFakeSlack(t).logger()).Who(t.Context(), "owner"); got != nil {
		t.Errorf("of a role that does not exist: %v", got)
	}
}

func TestWhoHasARoleWhileSlackIsAway(t *testing.T) {
	w, now, f := acme(), cardNow, newFakeSlack(t)
	p := NewRoles(w, Roles{Operator: []string{"S1", "U1"}}, func() time.Time { return now }, f.logger())
	w.down = errReset
	if got := whoText(p.Who(t.Context(), commands.Operator)); got != "somebody(U1)" {
		t.Errorf("named are %q", got)
	}
	w.down, now = nil, now.Add(time.Hour)
	if got := whoText(p.Who(t.Context(), commands.Operator)); !strings.HasPrefix(got, "@sparky-operators or ") {
		t.Errorf("once it is back: %q", got)
	}
	w.down, now = errReset, now.Add(10*time.Minute)
	if got := whoText(p.Who(t.Context(), commands.Operator)); !strings.HasPrefix(got, "@sparky-operators or ") {
		t.Errorf("what it said serves on: %q", got)
	}
	if !strings.Contains(f.log.String(), "what a user group is called could not be asked") {
		t.Errorf("the log: %s", f.log.String())
	}
}

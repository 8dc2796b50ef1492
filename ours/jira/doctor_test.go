package jira

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	standin "sparky/fixtures/world/jira"
	"sparky/incidents"
	"sparky/internal/setting"
)

// consult has a doctor look at the site, and gives what was found in lines.
func (s *stage) consult() []string {
	s.t.Helper()
	doctor := NewDoctor(s.client)
	var lines []string
	for _, look := range append(doctor.Looks(), doctor.Component("owner of okta", "Okta"), doctor.Component("owner of acme", "Acme")) {
		f := look.Try(s.t.Context())
		lines = append(lines, fmt.Sprintf("%s: %s: %s | %s | %s", look.What, f.State(), f.Tried, f.Problem, f.Mend))
	}
	return lines
}

func TestDoctorFindsJiraWell(t *testing.T) {
	for name, opts := range map[string]standin.Options{"cloud": {}, "data center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			got := newStage(t, opts).consult()
			want := []string{
				"jira.token: ok: GET myself: it is Sparky |  | ",
				"jira.project: ok: GET project/ECO: “Ecosystem” |  | ",
				"jira.project permissions: ok: GET mypermissions: it may open, edit, move and comment on issues |  | ",
				"jira.issue_type: ok: GET project/ECO: it has the issue type “[System] Incident” |  | ",
				"jira.priorities.P1: ok: GET priority: “Highest” is there |  | ",
				"jira.priorities.P2: ok: GET priority: “High” is there |  | ",
				"jira.priorities.P3: ok: GET priority: “Medium” is there |  | ",
				"jira.priorities.P4: ok: GET priority: “Low” is there |  | ",
				"jira.transitions.acknowledge: ok: GET project/ECO/statuses: “In Progress” is a status there |  | ",
				"jira.transitions.resolve: ok: GET project/ECO/statuses: “Resolved” is a status there |  | ",
				"owner of okta: ok: GET project/ECO: it has the component “Okta” |  | ",
				"owner of acme: wrong: GET project/ECO | the project has no component “Acme”, but Microsoft 365, ServiceNow, Workday, Okta, GitHub | " +
					"name one of them, or make it; tickets are opened without it",
			}
			if !slices.Equal(got, want) {
				t.Errorf("found\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

func TestDoctorFindsWhatIsWrongInJira(t *testing.T) {
	for name, c := range map[string]struct {
		opts   standin.Options
		config func(*Config)
		wants  []string
	}{
		"the token": {config: func(c *Config) { c.Token = setting.NewSecret("old") },
			wants: []string{"jira.token: wrong: GET myself | Jira does not take the token (401) | make a new API token for sparky@acme.example"}},
		"the token of a data center": {opts: standin.Options{DataCenter: true}, config: func(c *Config) { c.Token = setting.NewSecret("old") },
			wants: []string{"| Jira does not take the token (401) | make a new personal access token"}},
		"the project": {config: func(c *Config) { c.Project = "NO" },
			wants: []string{"jira.project: wrong: GET project/NO | Jira has no project NO, or sparky@acme.example may not browse it | correct jira.project"}},
		"permissions": {opts: standin.Options{Denied: []string{"ADD_COMMENTS", "TRANSITION_ISSUES"}},
			wants: []string{"permissions: wrong: GET mypermissions | sparky@acme.example lacks “Transition Issues”, “Add Comments” | give it to the account"}},
		"names": {config: func(c *Config) {
			c.IssueType, c.Priorities["P1"], c.Transitions = "Task", "Blocker", Transitions{"Doing", "Resolve"}
		}, wants: []string{"the project has no issue type “Task”, but [System] Incident | name one of them in jira.issue_type",
			"jira.priorities.P1: wrong: GET priority | Jira has no priority “Blocker”, but Highest, High, Medium, Low, Lowest | name one of them"}},
		"a transition before there is an issue": {config: func(c *Config) { c.Transitions.Acknowledge = "Doing" },
			wants: []string{"jira.transitions.acknowledge: untried: GET project/ECO/statuses and the transitions of our newest issues: “Doing” is none of the statuses (Open, In Progress, Pending, Resolved, Closed, Canceled), and there is no issue of ours"}},
	} {
		t.Run(name, func(t *testing.T) {
			change := []func(*Config){}
			if c.config != nil {
				change = append(change, c.config)
			}
			got := strings.Join(newStage(t, c.opts, change...).consult(), "\n")
			for _, want := range c.wants {
				if !strings.Contains(got, want) {
					t.Errorf("nobody says %q; found\n%s", want, got)
				}
			}
		})
	}
}

// A name that is no status may be that of a transition, which is seen once there is an issue.
func TestDoctorFindsTransitionsOfIssues(t *testing.T) {
	s := newStage(t, standin.Options{}, func(c *Config) { c.Transitions = Transitions{"start WORK", "Finish"} })
	s.draw()
	got := strings.Join(s.consult(), "\n")
	for _, want := range []string{
		"jira.transitions.acknowledge: ok: GET project/ECO/statuses and the transitions of our newest issues: “start WORK” is a transition there",
		"jira.transitions.resolve: wrong: GET project/ECO/statuses and the transitions of our newest issues | “Finish” is neither a status nor a transition there; " +
			"the statuses are Open, In Progress, Pending, Resolved, Closed, Canceled | name one of them in jira.transitions.resolve",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("nobody says %q; found\n%s", want, got)
		}
	}
	if i := s.incident; i.State != incidents.StateOpen || len(s.Issues()) != 1 || len(s.Issues()[0].Moves) > 0 {
		t.Errorf("a look changed something: %+v", s.Issues())
	}
}

func TestDoctorTellsOfAJiraThatIsAway(t *testing.T) {
	s := newStage(t, standin.Options{})
	s.SetFault(standin.OpAny, standin.Fault{Status: 503})
	for _, line := range s.consult() {
		if !strings.Contains(line, ": wrong: ") || !strings.Contains(line, "Jira has trouble (503) | see that this machine reaches") {
			t.Errorf("it is told: %s", line)
		}
	}
	for _, e := range s.Journal() {
		if e.Method != "GET" {
			t.Errorf("%s %s is no look", e.Method, e.Path)
		}
	}
}

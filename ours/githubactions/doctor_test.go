package githubactions

import (
	"fmt"
	"strings"
	"testing"

	standin "sparky/fixtures/world/github"
	"sparky/internal/setting"
	"sparky/partners"
)

const goodName = "compat ${{ inputs.partner }} ${{ inputs.api_version }} [${{ inputs.request_id }}]"

func compatOf(repo string, inputs ...string) partners.Compat {
	c := partners.Compat{}
	c.SetDefaults()
	c.Repo, c.Workflow, c.Inputs = repo, "compat.yml", map[string]string{}
	for _, name := range inputs {
		c.Inputs[name] = "x"
	}
	return c
}

// consult has a doctor look, and gives what was found in lines.
func (s *stage) consult(all ...partners.Compat) string {
	doctor := NewDoctor(s.client)
	looks := doctor.Looks()
	for i, c := range all {
		looks = append(looks, doctor.Workflow(fmt.Sprintf("compat %d", i+1), c))
	}
	var b strings.Builder
	for _, look := range looks {
		f := look.Try(s.t.Context())
		fmt.Fprintf(&b, "%s: %s: %s | %s | %s\n", look.What, f.State(), f.Tried, f.Problem, f.Mend)
	}
	return b.String()
}

func TestDoctorFindsGitHubWell(t *testing.T) {
	s := newStage(t, standin.Options{})
	got := s.consult(compatOf("acme/integrations", "suite"), compatOf("acme/integrations"))
	const well = ": ok: GET compat.yml in acme/integrations, and the file at main: workflow_dispatch has our inputs, and its runs are named by request_id; " +
		"that it may be started shows with the first run |  | \n"
	if want := "github.token: ok: GET rate_limit: GitHub takes it; 5000 of 5000 calls are left this hour |  | \ncompat 1" + well + "compat 2" + well; got != want {
		t.Errorf("found\n%s", got)
	}
	asked := 0
	for _, e := range s.Journal() {
		if e.Method != "GET" {
			t.Errorf("%s %s is no look", e.Method, e.Path)
		}
		if e.Op == standin.OpContents {
			asked++
		}
	}
	if asked != 1 || len(s.Runs()) > 0 {
		t.Errorf("the same file was asked for %d times; runs %v", asked, s.Runs())
	}
}

func TestDoctorFindsWhatIsWrongAtGitHub(t *testing.T) {
	put := func(w standin.Workflow) func(*stage) {
		w.Owner, w.Repo, w.File = "acme", "integrations", "compat.yml"
		return func(s *stage) { s.Put(w) }
	}
	all := standin.Inputs("partner!", "api_version!", "request_id!")
	for name, c := range map[string]struct {
		change func(*stage)
		compat partners.Compat
		config func(*Config)
		want   string
	}{
		"the token": {config: func(c *Config) { c.Token = setting.NewSecret("old") },
			want: "github.token: wrong: GET rate_limit | GitHub does not take the token (401): Bad credentials | make a new one, and put it where github.token comes from"},
		"the repository": {compat: compatOf("acme/nothing"), want: "GitHub knows no workflow compat.yml in acme/nothing (404), or the token may not see it | check compat.repo"},
		"no trigger":     {change: put(standin.Workflow{NoDispatch: true}), want: "the workflow has no workflow_dispatch, so that nobody can start it | add on: workflow_dispatch:"},
		"no input": {change: put(standin.Workflow{RunName: goodName, Inputs: standin.Inputs("partner!", "request_id!")}), compat: compatOf("acme/integrations", "suite"),
			want: "its workflow_dispatch has no input api_version, suite, and GitHub refuses one that it does not know | add what is missing"},
		"one too many": {change: put(standin.Workflow{RunName: goodName, Inputs: append(all, standin.Input{Name: "region", Required: true}, standin.Input{Name: "tier", Required: true, Default: "1"})}),
			want: "it requires the input region, which is not sent | give it in compat.inputs"},
		"the run's name": {change: put(standin.Workflow{RunName: "compat ${{ inputs.partner }} request_id", Inputs: all}),
			want: "its run-name does not hold request_id, by which Sparky finds the run | add [${{ inputs.request_id }}] to the run-name"},
		"disabled": {change: put(standin.Workflow{RunName: goodName, Inputs: all, Disabled: true}),
			want: "the workflow is not active (disabled_manually) | enable it on the Actions page of acme/integrations"},
		"hidden files": {change: func(s *stage) { s.HideFiles(true) }, want: "compat 1: untried: GET compat.yml in acme/integrations: it is there and active, and " +
			"the token may not read its file (contents: read) |  | see that it has workflow_dispatch"},
		"the ref": {compat: func() partners.Compat { c := compatOf("acme/integrations"); c.Ref = "gone"; return c }(),
			want: "there is no compat.yml at gone that the token may see | put it there, or correct compat 1.ref"},
	} {
		t.Run(name, func(t *testing.T) {
			change := []func(*Config){}
			if c.config != nil {
				change = append(change, c.config)
			}
			s := newStage(t, standin.Options{}, change...)
			if c.change != nil {
				c.change(s)
			}
			if c.compat.Repo == "" {
				c.compat = compatOf("acme/integrations")
			}
			if got := s.consult(c.compat); !strings.Contains(got, c.want) {
				t.Errorf("nobody says %q; found\n%s", c.want, got)
			}
		})
	}
}

func TestReadWorkflow(t *testing.T) {
	const inputs = "      partner: {}\n      api_version:\n      request_id: {required: true}\n"
	for document, want := range map[string]string{
		"run-name: a ${{inputs.request_id}}\non:\n  workflow_dispatch:\n    inputs:\n" + inputs:                         "",
		"run-name: a ${{ github.event.inputs.request_id }}\non:\n  push:\n  workflow_dispatch:\n    inputs:\n" + inputs: "",
		"run-name: ${{ format('[{0}]', inputs.request_id) }}\n\"on\":\n  workflow_dispatch:\n    inputs:\n" + inputs:    "",
		"run-name: ${{ inputs.request_ids }}\non:\n  workflow_dispatch:\n    inputs:\n" + inputs:                        "its run-name does not hold request_id",
		"on: push":                               "the workflow has no workflow_dispatch",
		"":                                       "the workflow has no workflow_dispatch",
		"on: workflow_dispatch":                  "no input partner, api_version, request_id",
		"on: [push, workflow_dispatch]":          "no input partner, api_version, request_id",
		"on: {workflow_dispatch: }":              "no input partner, api_version, request_id",
		"on: {workflow_dispatch: {inputs: [a]}}": "has inputs that Sparky cannot read",
		"on: [":                                  "could read as YAML",
	} {
		file, err := readWorkflow([]byte(document))
		said := ""
		if err != nil {
			said = err.Error()
		} else {
			said, _ = file.lacks(nil)
		}
		if want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%q: said %q, want %q", document, said, want)
		}
	}
}

func FuzzReadWorkflow(f *testing.F) {
	f.Add("run-name: a ${{inputs.request_id}}\non:\n  workflow_dispatch:\n    inputs:\n      partner: {}\n")
	f.Add("on: [push, *a]")
	f.Fuzz(func(t *testing.T, document string) {
		file, err := readWorkflow([]byte(document))
		if err != nil {
			return
		}
		if problem, mend := file.lacks(nil); (problem == "") != (mend == "") {
			t.Errorf("%q has the problem %q and the mend %q", document, problem, mend)
		}
	})
}

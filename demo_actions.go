package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"sparky/fixtures/world/github"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/compat"
)

// compatWorkflow is what the demo's GitHub does when the compatibility workflow is started: what compat.yml would do on a
// runner, with the partners' stand-ins as their sandboxes, which are called by a client with those options.
func compatWorkflow(c Config, options httpcall.Options) github.Execute {
	return func(ctx context.Context, d github.Dispatch) github.Outcome {
		partner, err := compat.Choose(partnerByID(c, d.Inputs["partner"]), d.Inputs["suite"])
		var report compat.Report
		if err == nil {
			suite := compatSuite(time.Now, setting.NewRedactor(c.Secrets()...))
			report, err = suite.Run(ctx, partner, d.Inputs["api_version"], d.Inputs["base_url"], httpcall.New(options))
		}
		return compatOutcome(d.Inputs, report, err)
	}
}

func partnerByID(c Config, id string) partners.Partner {
	for _, p := range c.Partners {
		if p.ID == id {
			return p
		}
	}
	return partners.Partner{ID: id, Name: id}
}

// compatOutcome is the run as GitHub shows it.
func compatOutcome(inputs map[string]string, report compat.Report, err error) github.Outcome {
	suite := github.Step{Name: "Try the integration against " + inputs["api_version"], Conclusion: github.Success}
	files := map[string][]byte{}
	var log []string
	switch {
	case err != nil:
		suite.Conclusion, log = github.Failure, []string{"sparky: " + err.Error()}
	default:
		for _, c := range report.Checks {
			log = append(log, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", c.Outcome, c.Operation, c.Name, c.Detail)))
		}
		var junit bytes.Buffer
		if problem := report.JUnit(&junit); problem != nil {
			log = append(log, problem.Error())
		} else {
			files["junit.xml"] = junit.Bytes()
		}
		if !report.Passed() {
			suite.Conclusion = github.Failure
			log = append(log, "##[error]Process completed with exit code 1.")
		}
	}
	suite.Log = strings.Join(log, "\n")
	return github.Outcome{Files: files, Jobs: []github.Job{{Name: "compat", Steps: []github.Step{
		{Name: "Bring up the sandbox", Log: "The sandbox is up."}, suite, {Name: "Upload the report"}, {Name: "Take down the sandbox", Log: "The sandbox is gone."},
	}}}}
}

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/fixtures/world/blockkit"
	"sparky/incidents"
)

// aRun is a run of ServiceNow's v3 in a state.
func aRun(state changes.RunState) changes.Run {
	r := changes.Run{ID: "compat-servicenow-1", Partner: "servicenow", Name: "ServiceNow", Version: "v3", Attempt: 1, Asked: digestDay, State: state,
		Entry: &changes.RunEntry{Title: "Table API v3 is in beta", Link: "https://servicenow.example/v3", Effective: "2027-03-30"}}
	if state != changes.RunAsked {
		r.URL = "https://github.example/acme/integrations/actions/runs/42"
	}
	switch state {
	case changes.RunRunning:
		r.Doing, r.Done, r.Total = "compat / Run the suite", 4, 9
	case changes.RunFailed:
		r.Outcome = &changes.RunOutcome{
			Failed: []incidents.FailedJob{{Name: "compat", URL: "https://github.example/acme/integrations/actions/runs/42/job/7", Steps: []string{"Run the suite"},
				Log: []string{"FAIL createIncident: field `result.sys_id` is missing", "1 of 12 checks failed", "exit status 1"}}},
			Report: &incidents.TestReport{Tests: 12, Failures: 2, Cases: []incidents.FailedCase{
				{Name: "createIncident", Message: "field `result.sys_id` is missing from POST /api/now/v3/table/incident"},
				{Name: "readIncident", Message: "GET /api/now/v3/table/incident answers 410: the version is gone"}}}}
	case changes.RunNoVerdict:
		r.Reason, r.Again = "It was cancelled at GitHub.", "compat-servicenow-1-2"
	}
	return r
}

func trialOf(r changes.Run, state incidents.State) incidents.Incident {
	return incidents.Incident{ID: "sparky-compat-servicenow-1", Kind: incidents.KindCompat, State: state, Priority: "P2", Trial: &incidents.Trial{Run: r.ID, Version: r.Version},
		Owner: incidents.Owner{Team: "Platform Integrations"}, Ticket: incidents.Ticket{Key: "ECO-12", URL: "https://acme.example/browse/ECO-12"}}
}

type runState struct {
	run changes.Run
	in  incidents.Incident
}

func runStates() map[string]runState {
	none := incidents.Incident{}
	failed := aRun(changes.RunFailed)
	noReport, byAda, second, final := aRun(changes.RunFailed), aRun(changes.RunQueued), aRun(changes.RunRunning), aRun(changes.RunNoVerdict)
	noReport.Outcome = &changes.RunOutcome{Failed: failed.Outcome.Failed, Notes: []string{"Its report could not be read: the archive is damaged."}}
	unheard, mixed := aRun(changes.RunFailed), aRun(changes.RunFailed)
	no := incidents.FailedCase{Name: "list", Message: "GET /api/now/v3/table answers 429: it asks us to slow down", Error: true}
	unheard.Outcome.Report = &incidents.TestReport{Tests: 12, Failures: 1, Errors: 1, Cases: []incidents.FailedCase{no}}
	mixed.Outcome.Report = &incidents.TestReport{Tests: 12, Failures: 3, Errors: 1, Cases: append(mixed.Outcome.Report.Cases, no)}
	byAda.By, byAda.Entry = "U0ADA", nil
	second.Attempt = 2
	final.Again, final.Attempt, final.Reason = "", 2, "It did not end within 60 minutes."
	acked, settled, closed, before := trialOf(failed, incidents.StateAcknowledged), trialOf(failed, incidents.StateOpen), trialOf(failed, incidents.StateRecovered), trialOf(failed, incidents.StateOpen)
	acked.Acknowledged = &incidents.Deed{By: "U0ADA", At: digestDay}
	settled.Green = &incidents.Trial{Run: "later", URL: "https://github.example/43"}
	closed.Closed = &incidents.Deed{By: "U0ADA", At: digestDay}
	before.Ticket = incidents.Ticket{}
	mended, mendedAnyhow := closed, trialOf(noReport, incidents.StateOpen)
	mended.Green, mendedAnyhow.Green = settled.Green, settled.Green
	passed := aRun(changes.RunPassed)
	passed.ID = "later"
	return map[string]runState{
		"asked": {aRun(changes.RunAsked), none}, "queued_by_a_person": {byAda, none}, "running": {aRun(changes.RunRunning), none},
		"running_second": {second, none}, "passed": {aRun(changes.RunPassed), none}, "passed_settles": {passed, settled},
		"failed": {failed, trialOf(failed, incidents.StateOpen)}, "failed_no_incident_yet": {failed, none}, "failed_no_ticket_yet": {failed, before},
		"failed_acknowledged": {failed, acked}, "failed_settled": {failed, settled}, "failed_resolved": {failed, closed},
		"failed_settled_resolved": {failed, mended}, "failed_no_report_settled": {noReport, mendedAnyhow},
		"failed_no_report": {noReport, trialOf(failed, incidents.StateOpen)},
		"failed_unheard":   {unheard, trialOf(failed, incidents.StateOpen)},
		"failed_and_some":  {mixed, trialOf(failed, incidents.StateOpen)},
		"failed_before":    {failed, trialOf(passed, incidents.StateOpen)},
		"no_verdict":       {aRun(changes.RunNoVerdict), none}, "no_verdict_for_good": {final, none},
	}
}

// TestARunThatWaitsSaysWhy holds that a run which GitHub does not take does not say for days that it is about to begin.
func TestARunThatWaitsSaysWhy(t *testing.T) {
	run := aRun(changes.RunAsked)
	run.Reason = "GitHub has not taken it yet. Why is told among the alerts."
	if got := shownReply(t, runReply(run, incidents.Incident{}, digestDay)); !strings.Contains(got, run.Reason) {
		t.Errorf("got %s", got)
	}
}

// knows knows one run and one incident, or fails.
type knows struct {
	runState
	err error
}

func (k knows) Run(context.Context, string) (changes.Run, error) { return k.run, k.err }

func (k knows) Incident(context.Context, string) (incidents.Incident, error) { return k.in, nil }

func TestARunIsDrawnAsItStands(t *testing.T) {
	for name, c := range map[string]struct {
		err       error
		permanent bool
	}{"it is known": {}, "it is forgotten": {fmt.Errorf("x: %w", changes.ErrNoRun), true}, "the store is away": {errors.New("away"), false}} {
		t.Run(name, func(t *testing.T) {
			k := knows{runStates()["failed"], c.err}
			payload, err := json.Marshal(incidents.Ref{Run: k.run.ID})
			if err != nil {
				t.Fatal(err)
			}
			sheet, err := Runs(nil, "C1", k, k, func() time.Time { return digestDay }).draw(t.Context(), payload)
			if c.err == nil {
				if err != nil || !strings.Contains(sheet.reply.Text, "does not work with it") || !sheet.since.Equal(digestDay) {
					t.Errorf("got %+v, %v", sheet, err)
				}
				return
			}
			var no *refusal
			if !errors.As(err, &no) || no.permanent != c.permanent {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzRun holds that no text from GitHub or from an announcement breaks the message, or mentions anybody.
func FuzzRun(f *testing.F) {
	f.Add("<!channel>", "v3 <@U1>", "`x` *y*", "log")
	f.Add(strings.Repeat("&", 4000), strings.Repeat("v", 400), strings.Repeat("\n", 90), strings.Repeat("<", 5000))
	f.Fuzz(func(t *testing.T, title, version, message, log string) {
		for _, state := range runStates() {
			r := state.run
			r.Version, r.Doing, r.Reason = version, message, message
			if r.Entry != nil {
				r.Entry = &changes.RunEntry{Title: title, Link: title, Effective: "2027-03-30"}
			}
			if r.Outcome != nil {
				r.Outcome = &changes.RunOutcome{Failed: []incidents.FailedJob{{Name: title, URL: message, Steps: []string{message}, Log: []string{log, log}}},
					Report: &incidents.TestReport{Tests: 2, Failures: 1, Cases: []incidents.FailedCase{{Name: title, Message: message}}}, Notes: []string{log}}
			}
			got := render(runReply(r, state.in, digestDay))
			for _, problem := range blockkit.Blocks(encodedJSON(t, got.Blocks), blockkit.Message) {
				t.Errorf("Slack would refuse %s: %s", problem.Pointer, problem.Message)
			}
			for _, markup := range append(markups(t, got.Blocks), got.Text) {
				for _, alive := range activeParts(markup) {
					if !strings.HasPrefix(alive, "<http://") && !strings.HasPrefix(alive, "<https://") && !strings.HasPrefix(alive, "<!date^") && alive != "<@U0ADA>" {
						t.Fatalf("%q is alive in %q", alive, markup)
					}
				}
			}
		}
	})
}

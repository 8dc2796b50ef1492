package incidents

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// red is a run of snow's v3 that failed.
func red(run string) Trial {
	return Trial{Run: run, Partner: "snow", Version: "v3", URL: "https://github.example/runs/" + run, At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Announced: "Table API v3 is in beta", Link: "https://snow.example/v3", Effective: "2027-03-30",
		Failed: []FailedJob{{Name: "compat", URL: "https://github.example/jobs/1", Steps: []string{"Run the suite"}, Log: []string{"FAIL createIncident"}}},
		Report: &TestReport{Tests: 12, Failures: 2, Cases: []FailedCase{
			{Name: "createIncident/fields", Message: "field `result.sys_id` is missing from POST /api/now/v3/table/incident"}, {Name: "paging"}}}}
}

func green(run string) Trial {
	t := red(run)
	t.Passed, t.Failed, t.Report = true, nil, &TestReport{Tests: 12}
	return t
}

func (d *desktop) tried(trials ...Trial) {
	d.Helper()
	for _, t := range trials {
		d.later(time.Minute)
		if err := d.desk.Tried(context.Background(), t); err != nil {
			d.Fatal(err)
		}
	}
}

// landedTrial tells the desk where the ticket and the run's message stand.
func (d *desktop) landedTrial(run string) {
	d.Helper()
	payload := NewEffect("", "", Ref{Run: run, Incident: d.only().ID}).Payload
	for kind, result := range map[string]string{EffectTicket: `{"key":"ECO-1","status":"Open"}`, EffectRun: `{"channel":"C2","ts":"` + run + `"}`} {
		if err := d.desk.Landed(context.Background(), kind, payload, []byte(result)); err != nil {
			d.Fatal(err)
		}
	}
}

func (d *desktop) comments() []string {
	var texts []string
	for _, e := range d.effects {
		if e.Kind == EffectComment {
			texts = append(texts, string(e.Payload))
		}
	}
	return texts
}

func TestAVersionThatBreaksUsIsOneP2(t *testing.T) {
	d := newDesktop(t)
	d.tried(red("1"))
	in := d.only()
	if in.Kind != KindCompat || in.Priority != "P2" || in.State != StateOpen || in.Partner != "snow" || in.ID != TrialIncident("snow", " V3 ") {
		t.Errorf("got %+v", in)
	}
	d.wantAsked(EffectTicket, EffectRun)
	d.landedTrial("1")
	if in := d.only(); in.Card.TS != "1" {
		t.Errorf("its story is told at %+v", in.Card)
	}
	d.wantAsked(EffectRun, EffectThread)
	d.tried(red("1"), red("2"), red("3"), red("2"))
	in = d.only()
	if in.Trial.Run != "3" || in.Outage != 1 || len(in.Tried) != 2 {
		t.Errorf("got %+v", in)
	}
	if got := d.comments(); len(got) != 2 || !strings.Contains(got[0], "Another compatibility run of v3 has failed") {
		t.Errorf("commented %q", got)
	}
}

func TestTheOwnerOfAVersionIsMentionedOnce(t *testing.T) {
	snow := probing("snow", "create")
	snow.Owner.SlackGroup, snow.Owner.Team = "S0PLATFORM", "Platform"
	d := newDesktop(t, snow)
	d.tried(red("1"))
	d.landedTrial("1")
	mentions := 0
	for _, e := range d.effects {
		if e.Kind == EffectThread && strings.Contains(string(e.Payload), "S0PLATFORM") {
			mentions++
		}
	}
	d.effects = nil
	d.landedTrial("1")
	d.tried(red("2"), green("3"))
	for _, e := range d.effects {
		if e.Kind == EffectThread && strings.Contains(string(e.Payload), "S0PLATFORM") {
			mentions++
		}
	}
	if mentions != 1 {
		t.Errorf("the group was mentioned %d times", mentions)
	}
}

func TestAGreenRunOffersToResolve(t *testing.T) {
	d := newDesktop(t)
	d.tried(green("0"))
	if len(d.ledger.Incidents) != 0 || len(d.effects) != 0 {
		t.Fatalf("a version that works opened %+v, %+v", d.ledger.Incidents, d.effects)
	}
	d.tried(red("1"))
	d.landedTrial("1")
	d.effects = nil
	d.tried(green("2"), green("2"))
	in := d.only()
	if in.State != StateOpen || in.Green == nil || in.Green.Run != "2" {
		t.Errorf("got %+v", in)
	}
	if got := d.comments(); len(got) != 1 || !strings.Contains(got[0], "has passed. Resolve this") {
		t.Errorf("commented %q", got)
	}
	d.wantAsked(EffectComment, EffectRun, EffectThread)
	answer, err := d.desk.Resolve(context.Background(), "ECO-1", "U1", "")
	if err != nil || !answer.Changed || answer.Incident.State != StateRecovered {
		t.Errorf("got %+v, %v", answer, err)
	}
	d.asked()
	d.tried(green("3"))
	d.wantAsked()
}

func TestAVersionThatBreaksAgainIsTheSameTicket(t *testing.T) {
	d := newDesktop(t)
	d.tried(red("1"))
	d.landedTrial("1")
	if _, err := d.desk.Resolve(context.Background(), "ECO-1", "U1", ""); err != nil {
		t.Fatal(err)
	}
	d.later(40 * 24 * time.Hour)
	d.asked()
	d.tried(red("2"))
	in := d.only()
	if in.State != StateOpen || in.Outage != 2 || in.Closed != nil || in.Ticket.Key != "ECO-1" {
		t.Errorf("got %+v", in)
	}
	d.wantAsked(EffectComment, EffectTicket, EffectRun, EffectThread)
}

// TestAVersionTouchesNothingElse holds that what is not in use yet changes nothing about what fails now, and no probe
// about it.
func TestAVersionTouchesNothingElse(t *testing.T) {
	d := newDesktop(t)
	d.tried(red("1"))
	d.asked()
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	if err := d.desk.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, in := range d.ledger.Incidents {
		if in.Kind == KindCompat && (in.State != StateOpen || len(in.Probes) != 0 || in.Verdict.Word != "") {
			t.Errorf("got %+v", in)
		}
		if in.Kind == KindProbe && in.State != StateRecovered {
			t.Errorf("got %+v", in)
		}
	}
	if _, err := d.desk.Overrule(context.Background(), TrialIncident("snow", "v3"), "U1", External); !errors.Is(err, ErrNoVerdict) {
		t.Errorf("got %v", err)
	}
	if _, err := d.desk.Publish(context.Background(), TrialIncident("snow", "v3"), "U1", ""); !errors.Is(err, ErrNoPost) {
		t.Errorf("got %v", err)
	}
	if _, err := d.desk.Mute(context.Background(), Mute{Partner: "snow", Until: d.now.Add(time.Hour), By: "U1"}); err != nil {
		t.Error(err)
	}
	answer, err := d.desk.Acknowledge(context.Background(), TrialIncident("snow", "v3"), "U1")
	if err != nil || answer.Incident.State != StateAcknowledged || answer.Incident.Page.Wanted != PageNone {
		t.Errorf("got %+v, %v", answer, err)
	}
}

func TestTheTicketOfAVersion(t *testing.T) {
	d := newDesktop(t)
	d.tried(red("1"))
	summary, description := TicketText(d.only())
	if summary != "Snow v3 breaks our integration: field `result.sys_id` is missing from POST /api/now/v3/table/incident" {
		t.Errorf("the summary is %q", summary)
	}
	for _, part := range []string{"What runs today is not affected.", "takes effect on 2027-03-30", "Announced: Table API v3 is in beta https://snow.example/v3",
		"The run: https://github.example/runs/1", "Ticket sync", "2 of 12 checks failed", "- createIncident/fields: field", "- compat, step Run the suite https://github.example/jobs/1", "FAIL createIncident"} {
		if !strings.Contains(description, part) {
			t.Errorf("the description lacks %q:\n%s", part, description)
		}
	}
}

// TestARunThatTellsNothing holds that checks which could not be carried out are never told as a version that breaks us.
func TestARunThatTellsNothing(t *testing.T) {
	unheard := red("1")
	unheard.Report = &TestReport{Tests: 12, Failures: 2, Errors: 2, Cases: []FailedCase{{Name: "list", Message: "GET /api/now/v3/table got no answer: the connection was refused", Error: true}}}
	d := newDesktop(t)
	d.tried(unheard)
	if unheard.Different() || !unheard.Unheard() || d.only().Priority != "P2" {
		t.Errorf("%+v", d.only())
	}
	summary, description := TicketText(d.only())
	all := summary + "\n" + description + "\n" + d.only().Events[0].Text
	for _, part := range []string{"Snow v3: the compatibility run could not tell whether it works", "found no difference", "let it run again", "What could not be tried (2 of 12 checks could not be carried out)",
		"- list: GET /api/now/v3/table got no answer", "- and 1 other check", "is not known"} {
		if !strings.Contains(all, part) {
			t.Errorf("it lacks %q:\n%s", part, all)
		}
	}
	if strings.Contains(all, "does not work") || strings.Contains(all, "breaks") || strings.Contains(all, "What is different") {
		t.Errorf("it says more than is known:\n%s", all)
	}
	for want, r := range map[string]TestReport{"1 of 1 check failed": {Tests: 1, Failures: 1}, "2 of 12 checks failed, 1 could not be carried out": {Tests: 12, Failures: 3, Errors: 1},
		"1 of 12 checks could not be carried out": {Tests: 12, Failures: 1, Errors: 1}} {
		if got := r.Counted(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzTrialText holds that no run, whatever it says of itself, makes a ticket that Jira refuses.
func FuzzTrialText(f *testing.F) {
	f.Add("v3", "title", "message", "log")
	f.Add(strings.Repeat("x", 500), "a\nb", strings.Repeat("é", 9000), "\x00\x1b[31m")
	f.Fuzz(func(t *testing.T, version, title, message, log string) {
		r := red("1")
		r.Version, r.Announced, r.Report.Cases[0].Message, r.Failed[0].Log = version, title, message, []string{log, log}
		summary, description := TicketText(Incident{Kind: KindCompat, Name: "Snow", Trial: &r})
		if len([]rune(summary)) > 255 || strings.ContainsAny(summary, "\n\r") || len([]rune(description)) > 8000 {
			t.Errorf("%d %d", len(summary), len(description))
		}
	})
}

// TestAPartnerThatHasLeftIsStillNamed holds that the verdict of a run whose partner is not configured any more says whose
// version it is, and who answers for it.
func TestAPartnerThatHasLeftIsStillNamed(t *testing.T) {
	d := newDesktop(t)
	trial := red("1")
	trial.Partner, trial.Name, trial.Owner = "gone", "Gone Inc.", Owner{Team: "Platform", SlackGroup: "S0PLATFORM"}
	d.tried(trial)
	if in := d.only(); in.Name != "Gone Inc." || in.Owner.Team != "Platform" || !strings.Contains(in.Events[0].Text, "Gone Inc.") {
		t.Errorf("got %+v", in)
	}
}

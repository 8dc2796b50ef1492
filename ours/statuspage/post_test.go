package statuspage

import (
	"encoding/json"
	"strings"
	"testing"

	"sparky/fixtures/openapi"
	"sparky/fixtures/world/atlassian"
	"sparky/incidents"
	"sparky/partners"
)

const in1 = "sparky-servicenow-20261102T093000"

func TestAnIncidentOnThePageFromItsBeginningToItsEnd(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync", "Search")
	d.draw(in1)
	page := d.only()
	if page.Name != "Trouble at ServiceNow" || page.Status != "investigating" || page.Impact != "minor" || page.Updates[0].Body != "ServiceNow reports trouble." {
		t.Errorf("%+v", page)
	}
	if string(page.Metadata) != `{"sparky":{"incident":"`+in1+`","outage":1}}` {
		t.Errorf("metadata %s", page.Metadata)
	}
	if a := page.Updates[0].Affected; len(a) != 1 || a[0].Name != "Ticket sync" || a[0].New != "degraded_performance" {
		t.Errorf("affected: %+v", a)
	}
	d.wantStatus("Ticket sync", "degraded_performance")
	var result incidents.PostResult
	if err := json.Unmarshal(d.results[in1], &result); err != nil || result.ID != page.ID || result.URL != "https://stspg.example/"+page.ID || result.ByHand {
		t.Errorf("%s: %v", d.results[in1], err)
	}

	d.says(in1, "identified", partners.MajorOutage, "It is worse.")
	d.draw(in1)
	d.wantStatus("Ticket sync", "major_outage")
	if page = d.only(); page.Status != "identified" || page.Impact != "critical" || page.Updates[0].Affected[0].New != "major_outage" {
		t.Errorf("%+v", page)
	}
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.draw(in1)
	d.wantStatus("Ticket sync", "operational")
	if page = d.only(); page.Status != "resolved" || page.Resolved.IsZero() || len(page.Updates) != 3 {
		t.Errorf("%+v", page)
	}
	d.wantMails(3)
}

func TestDrawnAgainNothingIsSaidTwice(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	for range 3 {
		d.must(d.drawPost(in1))
	}
	if d.wantMails(1); len(d.page.Writes()) != 1 {
		t.Errorf("%d writes", len(d.page.Writes()))
	}
}

// TestAFirstAnswerThatIsLost is the create that came through without our knowing: it is found by its mark.
func TestAFirstAnswerThatIsLost(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	if d.look(in1) {
		t.Fatal("found before anything was said")
	}
	d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	if err := d.drawPost(in1); err == nil || known(err) {
		t.Fatalf("got %v, want an unknown outcome", err)
	}
	if !d.look(in1) {
		t.Fatal("not found")
	}
	d.says(in1, "identified", partners.Degraded, "They know why.")
	d.must(d.drawPost(in1))
	if page := d.only(); len(page.Updates) != 2 || page.Updates[0].Body != "They know why." {
		t.Errorf("%+v", page.Updates)
	}
	d.wantMails(2)
}

// TestALaterAnswerThatIsLost is an update that came through without our knowing: a repetition would be a second mail.
func TestALaterAnswerThatIsLost(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	d.must(d.drawPost(in1))
	d.says(in1, "identified", partners.PartialOutage, "They  know\nwhy.")
	d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	if err := d.drawPost(in1); err == nil || known(err) {
		t.Fatalf("got %v, want an unknown outcome", err)
	}
	d.says(in1, "monitoring", partners.PartialOutage, "Better.")
	d.must(d.drawPost(in1))
	if page := d.only(); len(page.Updates) != 3 || page.Status != "monitoring" || d.result(in1).ByHand {
		t.Errorf("%+v", page.Updates)
	}
	d.wantMails(3)
}

// TestAFirstAttemptGivenUpForAnother is a create whose result was kept as nothing, and that came through all the same.
func TestAFirstAttemptGivenUpForAnother(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	d.must(d.drawPost(in1))
	d.results[in1] = []byte(`{"id":"","url":"","outage":0,"said":0}`)
	d.must(d.drawPost(in1))
	d.only()
	d.wantMails(1)
}

// TestWhatCouldNotBeSaidInTime is Statuspage away for two updates: all stand there in the end, and only the newest is mailed.
func TestWhatCouldNotBeSaidInTime(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	d.says(in1, "identified", partners.Degraded, "They know why.")
	d.says(in1, "monitoring", partners.Degraded, "Better.")
	d.draw(in1)
	page := d.only()
	if len(page.Updates) != 3 || page.Status != "monitoring" || page.Updates[2].Mailed || page.Updates[1].Mailed || !page.Updates[0].Mailed {
		t.Errorf("%+v", page.Updates)
	}
	d.wantMails(1)
}

func TestWhatWasOverBeforeItCouldBeSaidIsNotTold(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.draw(in1)
	if all := d.page.Incidents(); len(all) != 0 || d.result(in1).ID != "" {
		t.Errorf("%+v", all)
	}
	d.again(in1)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble again.")
	d.draw(in1)
	d.only()
	d.wantMails(1)
}

// TestTheSameFailureAgain reopens the incident that Sparky itself resolved.
func TestTheSameFailureAgain(t *testing.T) {
	d := newDesk(t)
	for _, phase := range []string{"investigating", resolved, "investigating"} {
		d.says(in1, phase, partners.Degraded, "It is "+phase+".", "Ticket sync")
		d.draw(in1)
	}
	page := d.only()
	if page.Status != "investigating" || !page.Resolved.IsZero() || len(page.Updates) != 3 {
		t.Errorf("%+v", page)
	}
	d.wantStatus("Ticket sync", "degraded_performance")
}

func TestAComponentThatThePageDoesNotHave(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Gone", "Not configured")
	d.draw(in1)
	if page := d.only(); len(page.Components) != 0 {
		t.Errorf("%+v", page)
	}
	if result := string(d.results["public/components"]); !strings.Contains(result, "nosuchcompon for Gone") || !strings.Contains(result, "Not configured has no component") {
		t.Error(result)
	}
}

// TestEveryRequestIsOneThatStatuspageDescribes holds what is sent against Atlassian's own description, where it is there.
func TestEveryRequestIsOneThatStatuspageDescribes(t *testing.T) {
	checker, err := openapi.Load("../../../shared/data/openapi/statuspage.json")
	if err != nil {
		t.Skip("Statuspage's description is not here")
	}
	d := newDesk(t)
	for _, phase := range []string{"investigating", "identified", "monitoring", resolved} {
		d.says(in1, phase, partners.Maintenance, "It is "+phase+".", "Ticket sync")
		d.draw(in1)
	}
	d.look(in1)
	sent := d.page.Journal()
	if len(sent) < 12 {
		t.Fatalf("only %d requests", len(sent))
	}
	for _, entry := range sent {
		err := checker.Check(openapi.Request{Method: entry.Method, Path: strings.TrimPrefix(entry.Path, "/v1"),
			Header: map[string][]string{"Content-Type": {entry.Type}}, Body: entry.Body})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestBadPayloads(t *testing.T) {
	d := newDesk(t)
	for _, payload := range []string{"", "{}", "x"} {
		if _, err := d.post.Do(t.Context(), "key", []byte(payload), nil); !permanent(err) {
			t.Errorf("%q: %v", payload, err)
		}
		if _, _, err := d.post.Find(t.Context(), "key", []byte(payload)); err == nil {
			t.Errorf("looked for %q", payload)
		}
	}
	if _, err := d.post.Do(t.Context(), "key", []byte(`{"incident":"another"}`), nil); err == nil || permanent(err) || !known(err) {
		t.Errorf("got %v", err)
	}
	d.says(in1, "investigating", partners.Degraded, "x")
	d.results[in1] = []byte("x")
	if err := d.drawPost(in1); !permanent(err) {
		t.Errorf("got %v", err)
	}
}

// TestAnotherPageThanWhenItBegan holds that a post which stood on another page, one that Sparky served or another of Statuspage's,
// is not taken for one that somebody took away: what goes on is told on the page of now, and what is over is told on none.
func TestAnotherPageThanWhenItBegan(t *testing.T) {
	for name, before := range map[string]string{
		"served by Sparky":        `{"id":"` + in1 + `","url":"https://status.acme.example/status/incidents/1"}`,
		"another of Statuspage's": `{"id":"abc","url":"https://stspg.example/abc","said":1,"outage":1,"last":"u","seen":"x","page":"another"}`,
	} {
		d := newDesk(t)
		d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
		d.results[in1] = []byte(before)
		d.says(in1, "identified", partners.MajorOutage, "It is worse.")
		d.draw(in1)
		if page := d.only(); d.result(in1).ByHand || page.Status != "identified" || page.Updates[0].Body != "It is worse." {
			t.Errorf("%s: %+v, %+v", name, page, d.result(in1))
		}
		d.says(in1, resolved, partners.Operational, "It works again.")
		d.draw(in1)
		if page := d.only(); d.result(in1).ByHand || page.Status != resolved {
			t.Errorf("%s: %+v", name, page)
		}
		d.wantStatus("Ticket sync", "operational")

		d = newDesk(t)
		d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
		d.says(in1, resolved, partners.Operational, "It works again.")
		d.results[in1] = []byte(before)
		d.draw(in1)
		if so := d.result(in1); so.ByHand || so.Said != 2 || len(d.page.Incidents()) != 0 {
			t.Errorf("%s: what was over before the page changed is told as %+v, %+v", name, d.page.Incidents(), so)
		}
	}
}

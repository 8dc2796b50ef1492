package incidents

import (
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// published is an outage of ServiceNow that customers are told of, as changed.
func published(changes ...func(*Incident)) Incident {
	i := Incident{ID: "sparky-servicenow-1", Kind: KindProbe, Partner: "servicenow", Name: "ServiceNow", Affects: []string{"Ticket sync"},
		PageURL: "https://status.sn.example/", State: StateOpen, Outage: 1, Opened: now.Add(-time.Hour), Since: now.Add(-time.Hour),
		Probes: []Failing{{Partner: "servicenow", Probe: "table-api", Last: result("table-api", partners.FailServer, 503, nil), Fails: 3}},
		Ticket: Ticket{Key: "ECO-7"}, Post: Post{State: PostPublished},
		Verdict: Verdict{Word: External, Reason: ReasonAnnounced, Says: "their own", Announced: &Announced{ID: "i", Name: "<b>API</b> degraded ETA 5 min",
			Link: "https://status.sn.example/incidents/1", Level: partners.MajorOutage, Began: now.Add(-time.Hour)}}}
	for _, c := range changes {
		c(&i)
	}
	return i
}

func reported(level partners.Level) func(*Incident) {
	return func(i *Incident) { i.Verdict.Announced.Level = level }
}
func affecting(names ...string) func(*Incident) { return func(i *Incident) { i.Affects = names } }
func inMaintenance(until time.Time) func(*Incident) {
	return func(i *Incident) {
		i.Verdict.Reason = ReasonPlanned
		i.Verdict.Announced = &Announced{ID: "w", Name: "Upgrade", Level: partners.Maintenance, Maintenance: true, Until: until}
	}
}
func saidBy(word Word) func(*Incident) {
	return func(i *Incident) { i.Verdict = Verdict{Word: word, Reason: ReasonPerson, By: "U0ADA0001"} }
}
func passes(i *Incident)    { i.Probes[0].Passes = 1 }
func recovered(i *Incident) { i.State, i.Ended, i.Post.State = StateRecovered, now, PostResolved }
func takenBack(i *Incident) { i.Post.State = PostResolved }
func again(i *Incident)     { i.Outage, i.Since = 2, now.Add(-time.Minute) }
func posted(title string) func(*Incident) {
	return func(i *Incident) { i.Post.Updates = []PostUpdate{{Title: title}} }
}

func TestWhatCustomersRead(t *testing.T) {
	const more = " More on ServiceNow's status page: https://status.sn.example/"
	const theirIncident = " More on ServiceNow's status page: https://status.sn.example/incidents/1"
	for name, c := range map[string]struct {
		i                  Incident
		phase              string
		level              partners.Level
		title, text, nohow string
	}{
		"outage": {i: published(), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"partial outage": {i: published(reported(partners.PartialOutage)), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync may be unavailable in part. ServiceNow reports a partial outage." + theirIncident},
		"degradation": {i: published(reported(partners.Degraded)), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync may be slow or fail at times. ServiceNow reports degraded service." + theirIncident},
		"unknown level": {i: published(reported(partners.Unknown)), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync may not work as usual. ServiceNow reports trouble." + theirIncident},
		"maintenance with an end": {i: published(inMaintenance(now.Add(time.Hour))), phase: "identified", level: partners.Maintenance, title: "Ticket sync: maintenance at ServiceNow",
			text: "Ticket sync may not work as usual while ServiceNow carries out maintenance. ServiceNow gives 04:00 UTC as its end." + more},
		"maintenance until tomorrow": {i: published(inMaintenance(now.Add(24 * time.Hour))), phase: "identified", level: partners.Maintenance, title: "Ticket sync: maintenance at ServiceNow",
			text: "Ticket sync may not work as usual while ServiceNow carries out maintenance. ServiceNow gives 03:00 UTC on 25 November as its end." + more},
		"maintenance without an end": {i: published(inMaintenance(time.Time{})), phase: "identified", level: partners.Maintenance, title: "Ticket sync: maintenance at ServiceNow",
			text: "Ticket sync may not work as usual while ServiceNow carries out maintenance." + more},
		"maintenance that has not begun": {i: published(inMaintenance(now.Add(2*time.Hour)), func(i *Incident) { i.Verdict.Announced.Began = now.Add(20 * time.Minute) }), phase: "identified", level: partners.Maintenance,
			title: "Ticket sync: maintenance at ServiceNow", text: "Ticket sync may not work as usual ahead of maintenance at ServiceNow, which is announced for 03:20 UTC." + more},
		"maintenance that overruns": {i: published(inMaintenance(now.Add(-time.Hour)), func(i *Incident) { i.Verdict.Reason = ReasonAnnounced }), phase: "identified", level: partners.Degraded,
			title: "Ticket sync: trouble at ServiceNow", text: "Ticket sync may not work as usual: maintenance at ServiceNow goes on for longer than was announced." + more},
		"two features": {i: published(affecting("Ticket sync", "Alerts")), phase: "identified", level: partners.Degraded, title: "Ticket sync and Alerts: trouble at ServiceNow",
			text: "Ticket sync and Alerts may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"many features, all by name": {i: published(affecting("A", "B", "C", "D")), phase: "identified", level: partners.Degraded, title: "A, B and 2 more: trouble at ServiceNow",
			text: "A, B, C and D may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"no feature configured": {i: published(affecting()), phase: "identified", level: partners.Degraded, title: "Trouble at ServiceNow",
			text: "What uses ServiceNow may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"a person's word without an announcement": {i: published(saidBy(External)), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync is affected while ServiceNow has trouble." + more},
		"a person's word, two features": {i: published(saidBy(External), affecting("A", "B")), phase: "identified", level: partners.Degraded, title: "A and B: trouble at ServiceNow",
			text: "A and B are affected while ServiceNow has trouble." + more},
		"reopened": {i: published(again), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync may be unavailable again. ServiceNow reports a major outage." + theirIncident},
		"their page says well, ours still fails": {i: published(func(i *Incident) { i.Verdict = Verdict{Word: Internal, Reason: ReasonNotAnnounced} }), phase: "investigating", level: partners.Degraded,
			title: "Trouble with Ticket sync", text: "Ticket sync is still affected. We are looking into the cause."},
		"passes again, not often enough": {i: published(passes), phase: "monitoring", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync works again in our checks. We keep watching." + theirIncident},
		"resolved after two hours": {i: published(recovered, func(i *Incident) { i.Since = now.Add(-2 * time.Hour) }), phase: "resolved", level: partners.Operational,
			title: "Ticket sync: trouble at ServiceNow", text: "Ticket sync is working as usual again. The trouble lasted 2 h."},
		"resolved, two features": {i: published(recovered, affecting("A", "B")), phase: "resolved", level: partners.Operational, title: "A and B: trouble at ServiceNow",
			text: "A and B are working as usual again. The trouble lasted 1 h."},
		"resolved, and nobody knows since when": {i: published(recovered, func(i *Incident) { i.Already = true }), phase: "resolved", level: partners.Operational,
			title: "Ticket sync: trouble at ServiceNow", text: "Ticket sync is working as usual again."},
		"ours, says a person, and it still fails": {i: published(saidBy(Internal), posted("Ticket sync: trouble at ServiceNow")), phase: "investigating", level: partners.Degraded,
			title: "Trouble with Ticket sync", text: "Ticket sync is still affected. It is not because of ServiceNow: we are looking into it ourselves."},
		"ours, says a person, two features": {i: published(saidBy(Internal), affecting("A", "B")), phase: "investigating", level: partners.Degraded,
			title: "Trouble with A and B", text: "A and B are still affected. It is not because of ServiceNow: we are looking into it ourselves."},
		"ours, says a person, and it works again": {i: published(recovered, saidBy(Internal), posted("Trouble with Ticket sync")), phase: "resolved", level: partners.Operational,
			title: "Trouble with Ticket sync", text: "Ticket sync is working as usual again. The trouble lasted 1 h."},
		"ours, and closed by a person while it lasts": {i: published(takenBack, saidBy(Internal), posted("Trouble with Ticket sync"), func(i *Incident) { i.State = StateClosed }), phase: "resolved",
			level: partners.Operational, title: "Trouble with Ticket sync", text: "We have closed this notice about Ticket sync."},
		"theirs after all": {i: published(posted("Trouble with Ticket sync")), phase: "identified", level: partners.Degraded, title: "Trouble with Ticket sync",
			text: "Ticket sync may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"closed by a person while it lasts": {i: published(takenBack, func(i *Incident) { i.State = StateClosed }), phase: "resolved", level: partners.Operational,
			title: "Ticket sync: trouble at ServiceNow", text: "We have closed this notice about ServiceNow."},
		"the title stays as it began": {i: published(posted("Ticket sync: maintenance at ServiceNow")), phase: "identified", level: partners.Degraded,
			title: "Ticket sync: maintenance at ServiceNow", text: "Ticket sync may be unavailable. ServiceNow reports a major outage." + theirIncident},
		"no page": {i: published(saidBy(External), func(i *Incident) { i.PageURL = "" }), phase: "identified", level: partners.Degraded, title: "Ticket sync: trouble at ServiceNow",
			text: "Ticket sync is affected while ServiceNow has trouble."},
	} {
		t.Run(name, func(t *testing.T) {
			u := PublicUpdate(c.i, now)
			if u.Phase != c.phase || u.Level != c.level || u.Title != c.title || u.Text != c.text || !u.At.Equal(now) {
				t.Errorf("got\n%s %s %q\n%s\nwant\n%s %s %q\n%s", u.Phase, u.Level, u.Title, u.Text, c.phase, c.level, c.title, c.text)
			}
		})
	}
}

func TestCustomersReadNothingOfOurInside(t *testing.T) {
	for name, i := range map[string]Incident{"outage": published(), "recovered": published(recovered), "passing": published(passes),
		"ours": published(saidBy(Internal)), "theirs": published(saidBy(External)), "planned": published(inMaintenance(now))} {
		u := PublicUpdate(i, now)
		for _, inside := range []string{"table-api", "ECO-7", "acme.sn.example", "503", "U0ADA0001", "<b>", "ETA", "soon", "sparky", "!", "fault", "sorry", "fail because"} {
			if strings.Contains(u.Title+u.Text, inside) {
				t.Errorf("%s: customers read %q in %q", name, inside, u.Text)
			}
		}
	}
}

func TestTheSameIncidentReadsTheSameLater(t *testing.T) {
	for name, i := range map[string]Incident{"outage": published(), "recovered": published(recovered), "planned": published(inMaintenance(now.Add(time.Hour)))} {
		a, b := PublicUpdate(i, now), PublicUpdate(i, now.Add(7*time.Minute))
		a.At = b.At
		if a != b {
			t.Errorf("%s: nothing happened, but %q became %q", name, a.Text, b.Text)
		}
	}
}

func TestLinksThatCustomersMaySee(t *testing.T) {
	for _, c := range []struct{ page, incident, want string }{
		{"https://status.sn.example", "https://status.sn.example/i/1", "https://status.sn.example/i/1"},
		{"https://status.sn.example", "https://eu.status.sn.example/i/1", "https://eu.status.sn.example/i/1"},
		{"https://status.sn.example", "https://elsewhere.example/i/1", "https://status.sn.example"},
		{"https://status.sn.example", "https://evilstatus.sn.example/i", "https://status.sn.example"},
		{"https://status.sn.example", "javascript:alert(1)", "https://status.sn.example"},
		{"https://status.sn.example/api?token=abc", "", "https://status.sn.example/api"},
		{"https://user:pw@status.sn.example/", "", "https://status.sn.example/"},
		{"", "https://status.sn.example/i/1", "https://status.sn.example/i/1"},
		{"ftp://status.sn.example", "", ""},
		{"https://status.sn.example/a b", "", ""},
		{"%zz", "", ""},
	} {
		i := published(func(i *Incident) { i.PageURL, i.Verdict.Announced.Link = c.page, c.incident })
		if got := (publicPost{i: i}).link(); got != c.want {
			t.Errorf("page %q, incident %q: got %q, want %q", c.page, c.incident, got, c.want)
		}
	}
}

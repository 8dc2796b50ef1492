package incidents

import (
	"fmt"
	"testing"
	"time"

	"sparky/partners"
)

// now is when the evidence of every row was gathered: a Tuesday, 03:00 UTC.
var now = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// scene is a failure as a row of the table tells it: ServiceNow's table-api answered 503 a minute ago, it had worked until
// then, both controls answer, two other partners are well, and ServiceNow's page, read ten seconds ago, says all is well.
// What a row names is different.
type scene struct {
	e        Evidence
	whole    partners.Status // the page
	ours     []string        // the parts of it that concern us
	unread   string
	kept     bool // the newest reading with a level is what the page says, older by keptAge
	keptAge  time.Duration
	failures []partners.ProbeResult
}

type change func(*scene)

func evidence(changes ...change) Evidence {
	s := scene{ours: []string{"Table API", "US*"}}
	s.e = Evidence{At: now, Incident: Incident{ID: "sparky-servicenow-1", Kind: KindProbe, Partner: "servicenow", Name: "ServiceNow",
		State: StateOpen, Outage: 1, Since: now.Add(-time.Minute), Opened: now.Add(-time.Minute), PageURL: "https://status.sn.example"},
		Page:     PageEvidence{Configured: true},
		Controls: []Control{{Name: "www.google.com"}, {Name: "1.1.1.1"}},
		Others:   []Neighbour{{Partner: "okta", Name: "Okta", Probes: 2}, {Partner: "github", Name: "GitHub", Probes: 1}},
		History: []History{{Partner: "servicenow", Probe: "table-api", Runs: 500, Passed: 499, LastPass: now.Add(-6 * time.Minute),
			FirstFailure: now.Add(-time.Minute), Recent: 12, RecentFailed: 1}},
	}
	s.whole = partners.Status{Kind: "statuspage", Page: "https://status.sn.example", Description: "All Systems Operational",
		ReadAt: now.Add(-10 * time.Second), Components: []partners.Component{{Name: "Table API", Level: partners.Operational}, {Name: "Reporting", Level: partners.Operational}}}
	saw(partners.FailServer, 503)(&s)
	for _, c := range changes {
		c(&s)
	}
	return s.gathered()
}

// gathered is the evidence as a witness would hand it over.
func (s scene) gathered() Evidence {
	for _, f := range s.failures {
		s.e.Incident.Probes = append(s.e.Incident.Probes, Failing{Partner: f.Partner, Probe: f.Probe, Since: s.e.Incident.Since, Last: f, Fails: 1})
	}
	whole := s.whole
	whole.Level = levelOf(whole)
	whole.Kind = "statuspage"
	switch {
	case s.kept:
		s.e.Page.LastGood = whole.Concerning(s.ours)
		s.e.Page.LastGood.ReadAt = now.Add(-s.keptAge)
		fallthrough
	case s.unread != "":
		whole = partners.UnknownStatus(s.whole.Page, s.unread, s.whole.ReadAt)
	}
	s.e.Page.Whole, s.e.Page.Status = whole, whole.Concerning(s.ours)
	if !s.e.Page.Configured {
		s.e.Page = PageEvidence{}
	}
	return s.e
}

// levelOf is the level that a reader gives a page.
func levelOf(s partners.Status) partners.Level {
	if s.Level != "" {
		return s.Level
	}
	level := partners.Operational.Worse(s.Indicator)
	for _, c := range s.Components {
		level = level.Worse(c.Level)
	}
	for _, i := range s.Incidents {
		level = level.Worse(i.OpenLevel())
	}
	for _, w := range s.Windows {
		if w.InProgress {
			level = level.Worse(partners.Maintenance)
		}
	}
	return level
}

// What the probes saw.

func result(probe string, class partners.FailureClass, status int, details []func(*partners.ProbeResult)) partners.ProbeResult {
	r := partners.ProbeResult{Partner: "servicenow", Probe: probe, At: now.Add(-time.Minute), Took: time.Second, Class: class, Status: status,
		Problem: "it failed", Host: "acme.sn.example", Connected: status != 0}
	for _, d := range details {
		d(&r)
	}
	return r
}

func saw(class partners.FailureClass, status int, details ...func(*partners.ProbeResult)) change {
	return func(s *scene) { s.failures = []partners.ProbeResult{result("table-api", class, status, details)} }
}

func alsoSaw(probe string, class partners.FailureClass, status int, details ...func(*partners.ProbeResult)) change {
	return func(s *scene) { s.failures = append(s.failures, result(probe, class, status, details)) }
}

func saying(excerpt string) func(*partners.ProbeResult) {
	return func(r *partners.ProbeResult) { r.Excerpt = excerpt }
}
func atEdge(edge string) func(*partners.ProbeResult) {
	return func(r *partners.ProbeResult) { r.Edge = edge }
}
func signedBy(issuer string) func(*partners.ProbeResult) {
	return func(r *partners.ProbeResult) { r.Issuer = issuer }
}
func connected(r *partners.ProbeResult)    { r.Connected = true }
func notAnswered(r *partners.ProbeResult)  { r.Connected, r.Status = false, 0 }
func shownExpired(r *partners.ProbeResult) { r.Expires = now.Add(-time.Hour) }
func at(host string) func(*partners.ProbeResult) {
	return func(r *partners.ProbeResult) { r.Host = host }
}

// What the page says.

func reports(i partners.PageIncident, details ...func(*partners.PageIncident)) change {
	for _, d := range details {
		d(&i)
	}
	return func(s *scene) { s.whole.Incidents = append(s.whole.Incidents, i) }
}

// outage is an incident on the part that concerns us, half an hour old.
func outage(name string) partners.PageIncident {
	return partners.PageIncident{ID: "i-" + name, Name: name, Link: "https://status.sn.example/i/1", Phase: "investigating",
		Level: partners.PartialOutage, Began: now.Add(-30 * time.Minute), Posted: now.Add(-20 * time.Minute), Updated: now.Add(-5 * time.Minute),
		Components: []string{"Table API"}}
}

func on(components ...string) func(*partners.PageIncident) {
	return func(i *partners.PageIncident) { i.Components = components }
}
func inRegion(regions ...string) func(*partners.PageIncident) {
	return func(i *partners.PageIncident) { i.Components, i.Regions = nil, regions }
}
func stale(i *partners.PageIncident)      { i.Stale = true }
func notice(i *partners.PageIncident)     { i.Notice = true }
func impactNone(i *partners.PageIncident) { i.Level = partners.Operational }
func monitoring(i *partners.PageIncident) { i.Phase = "monitoring" }
func beganAgo(d time.Duration) func(*partners.PageIncident) {
	return func(i *partners.PageIncident) { i.Began = now.Add(-d) }
}
func resolvedAgo(d time.Duration) func(*partners.PageIncident) {
	return func(i *partners.PageIncident) { i.Resolved, i.Ended, i.Phase = true, now.Add(-d), "resolved" }
}
func telling(text string) func(*partners.PageIncident) {
	return func(i *partners.PageIncident) { i.Text = text }
}

// window is maintenance from and until so long after now.
func window(from, until time.Duration, inProgress bool, components ...string) change {
	return func(s *scene) {
		w := partners.PageWindow{ID: "w", Name: "Upgrade", From: now.Add(from), Until: now.Add(until), InProgress: inProgress, Components: components}
		s.whole.Windows = append(s.whole.Windows, w)
	}
}

func component(name string, level partners.Level) change {
	return func(s *scene) {
		s.whole.Components = append(s.whole.Components, partners.Component{Name: name, Level: level})
	}
}
func indicator(level partners.Level) change { return func(s *scene) { s.whole.Indicator = level } }
func unread(why string) change              { return func(s *scene) { s.unread = why } }
func lastGood(age time.Duration) change {
	return func(s *scene) { s.unread, s.kept, s.keptAge = "HTTP 503", true, age }
}
func readAgo(d time.Duration) change { return func(s *scene) { s.whole.ReadAt = now.Add(-d) } }
func noPage(s *scene)                { s.e.Page.Configured = false }
func wholePage(s *scene)             { s.ours = nil }

// What else there is.

func noControls(s *scene)    { s.e.Controls = nil }
func controlsDown(s *scene)  { s.e.Controls = cut(s.e.Controls, len(s.e.Controls)) }
func oneControlOut(s *scene) { s.e.Controls = cut(s.e.Controls, 1) }
func cut(controls []Control, n int) []Control {
	for i := range controls[:n] {
		controls[i].Problem, controls[i].Class = "no connection", partners.FailConnect
	}
	return controls
}
func controlsMistrusted(s *scene) {
	for i := range s.e.Controls {
		s.e.Controls[i].Problem, s.e.Controls[i].Class = "signed by Acme Proxy CA", partners.FailCertificate
	}
}
func others(n ...Neighbour) change { return func(s *scene) { s.e.Others = n } }
func fails(name string, n Neighbour) Neighbour {
	n.Partner, n.Name, n.Probes, n.Failing = name, name, max(n.Probes, 1), max(n.Failing, 1)
	return n
}
func well(name string) Neighbour { return Neighbour{Partner: name, Name: name, Probes: 1} }

func history(edit func(*History)) change { return func(s *scene) { edit(&s.e.History[0]) } }
func neverWorked(s *scene) {
	s.e.History = []History{{Partner: "servicenow", Probe: "table-api", Runs: 3, FirstFailure: now.Add(-time.Minute), Recent: 3, RecentFailed: 3}}
}
func noHistory(s *scene) { s.e.History = nil }

// comesAndGoes is a failure that began an hour ago, with passes since.
func comesAndGoes(s *scene) {
	s.e.Incident.Since = now.Add(-time.Hour)
	s.e.History[0].Recent, s.e.History[0].RecentFailed, s.e.History[0].LastPass = 20, 5, now.Add(-3*time.Minute)
}
func changedAgo(d time.Duration) change {
	return func(s *scene) { s.e.OurChange = OurChange{At: now.Add(-d), What: "the probe's credentials"} }
}
func expired(ours bool) change {
	return func(s *scene) {
		s.e.Expiries = append(s.e.Expiries, Expiry{What: "the certificate of acme.sn.example", At: now.Add(-2 * time.Hour), Ours: ours})
	}
}
func announced(title string, in time.Duration, edit func(*Notice)) change {
	n := Notice{Title: title, Link: "https://sn.example/news", Published: now.Add(-30 * 24 * time.Hour),
		Effective: now.Add(in).Truncate(24 * time.Hour)}
	edit(&n)
	return func(s *scene) { s.e.Notices = append(s.e.Notices, n) }
}
func removal(n *Notice)  { n.Breaking = true }
func brownOut(n *Notice) { n.BrownOut = true }
func observed(n *Notice) { n.Observed, n.Breaking = true, true }
func observedNow(n *Notice) {
	observed(n)
	n.Published, n.Effective = now, time.Time{}
}
func since(d time.Duration) change {
	return func(s *scene) { s.e.Incident.Since = now.Add(-d); s.e.History[0].FirstFailure = now.Add(-d) }
}
func prior(v Verdict) change { return func(s *scene) { s.e.Prior = v } }
func goneAgo(d time.Duration) change {
	return func(s *scene) { s.e.Page.ResolvedAgo = d }
}

// theirOutage is the verdict that rested on outage("API errors").
func theirOutage() Verdict {
	return Verdict{Word: External, Reason: ReasonAnnounced, Announced: &Announced{ID: "i-API errors", Name: "API errors", Level: partners.PartialOutage}}
}
func oursUntil(reason Reason, lean Lean) Verdict {
	return Verdict{Word: Internal, Reason: reason, Lean: lean, Says: "as before"}
}

// row is one line of the specification: what is different, and the verdict as word/reason/lean and what follows.
type row struct {
	name string
	e    Evidence
	want string
}

func runTable(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v := Decide(r.e, DefaultTriageRules())
			if got := inWords(v); got != r.want {
				t.Errorf("got  %s\nwant %s\nsays %s", got, r.want, v.Says)
			}
			checkTold(t, v)
		})
	}
}

func inWords(v Verdict) string {
	lean := string(v.Lean)
	if lean == "" {
		lean = "-"
	}
	follows := "quiet"
	switch {
	case v.Wakes() && v.Publishes():
		follows = "wakes and publishes"
	case v.Wakes():
		follows = "wakes"
	case v.Publishes():
		follows = "publishes"
	}
	return fmt.Sprintf("%s/%s/%s: %s", v.Word, v.Reason, lean, follows)
}

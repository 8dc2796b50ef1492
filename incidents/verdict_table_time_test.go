package incidents

import (
	"testing"
	"time"

	"sparky/partners"
)

// Traps 43 to 48: a part of it, sometimes, or planned; and how a verdict goes on from the one that stands.
func TestPartsTimesAndPlans(t *testing.T) {
	const (
		theirs  = "external/announced/-: publishes"
		planned = "external/planned/-: publishes"
		looks   = "internal/not announced/theirs: wakes"
	)
	atWork := []string{"Table API"}
	runTable(t, []row{
		{"E43 another cell", evidence(reports(outage("US Cell 2 degraded"), inRegion("EU Cell 5"), func(i *partners.PageIncident) { i.Name = "Cell 5 degraded" })), looks},
		{"E43 our cell", evidence(reports(outage("Cell 2 degraded"), inRegion("US Cell 2"))), theirs},
		{"E43 the region stands only in the prose", evidence(reports(outage("Errors"), on("Web"), telling("Requests to the Table API fail."))), theirs},
		{"E43 the prose says that ours is not affected", evidence(reports(outage("Errors"), on("Web"), telling("The Table API is not affected."))), looks},
		{"E45 inside the window", evidence(window(-20*time.Minute, 40*time.Minute, true, atWork...)), planned},
		{"E45 inside the window by the clock, the page has not turned", evidence(window(-20*time.Minute, 40*time.Minute, false, atWork...)), planned},
		{"E45 the doors close before the window", evidence(window(25*time.Minute, 85*time.Minute, false, atWork...)), planned},
		{"E45 a window of this evening", evidence(window(5*time.Hour, 6*time.Hour, false, atWork...)), looks},
		{"E45 just after the window", evidence(window(-70*time.Minute, -10*time.Minute, false, atWork...)), planned},
		{"E45 well after the window", evidence(window(-90*time.Minute, -30*time.Minute, false, atWork...)), looks},
		{"E45 a window that overruns, by the page", evidence(window(-115*time.Minute, -55*time.Minute, true, atWork...)), theirs},
		{"E45 a window gone from the page at its end", evidence(prior(maintenanceUntil(-5 * time.Minute))), planned},
		{"E45 a window gone from the page, and the grace over", evidence(prior(maintenanceUntil(-20 * time.Minute))), looks},
		{"E45 a window that ended early", evidence(prior(maintenanceUntil(30*time.Minute)), goneAgo(5*time.Minute)), planned},
		{"E45 a window that ended early, and the grace over", evidence(prior(maintenanceUntil(30*time.Minute)), goneAgo(20*time.Minute)), looks},
		{"E45 maintenance explains no 401", evidence(saw(partners.FailAuth, 401), window(-20*time.Minute, 40*time.Minute, true, atWork...)), "internal/credentials/ours: wakes"},
		{"E45 maintenance of signing in does", evidence(saw(partners.FailAuth, 401), func(s *scene) {
			window(-20*time.Minute, 40*time.Minute, true)(s)
			s.whole.Windows[0].Name = "SSO maintenance"
		}), planned},
		{"E45 a window without an end that is not in progress", evidence(func(s *scene) {
			s.whole.Windows = []partners.PageWindow{{ID: "w", Name: "Some day", From: now.Add(-time.Hour)}}
		}), looks},
		{"E46 now and then", evidence(comesAndGoes), looks},
		{"E46 a 404 now and then", evidence(saw(partners.FailNotFound, 404), comesAndGoes), "internal/request/theirs: wakes"},
		{"E47 one good answer in an outage changes nothing", evidence(comesAndGoes, prior(theirOutage()), reports(outage("API errors"), beganAgo(time.Hour))), theirs},
		{"E48 green that is not green: a sign-in page with 200", evidence(saw(partners.FailContent, 200, saying("Log in to your account"))), "internal/ours/-: wakes"},
		{"E48 something else than expected, and nothing tells why", evidence(saw(partners.FailContent, 202)), "internal/ours/-: wakes"},
		{"E48 the same, and the page cannot be read", evidence(saw(partners.FailContent, 202), unread("HTTP 500")), "unclear/page unread/-: wakes"},

		{"signal: slower than ever", evidence(saw(partners.FailSlow, 200), usually(300*time.Millisecond)), looks},
		{"signal: as slow as always, so the limit is ours", evidence(saw(partners.FailSlow, 200), usually(2*time.Second)), "internal/ours/ours: wakes"},
		{"signal: slow, and nothing else was reached", evidence(saw(partners.FailSlow, 200), noControls, others(), readAgo(5*time.Minute)), "internal/ours/-: wakes"},
		{"signal: an untried probe tells nothing", evidence(saw(partners.FailNotTried, 0)), "internal/ours/-: wakes"},
		{"signal: an untried probe beside a refused one", evidence(saw(partners.FailNotTried, 0), alsoSaw("b", partners.FailAuth, 401)), "internal/credentials/ours: wakes"},
		{"signal: a probe that has recovered tells nothing", evidence(alsoSaw("b", partners.FailAuth, 401), over(0)), "internal/credentials/ours: wakes"},
	})
}

func TestAVerdictGoesOnFromTheOneThatStands(t *testing.T) {
	const (
		theirs = "external/announced/-: publishes"
		looks  = "internal/not announced/theirs: wakes"
	)
	oursFor := func(d time.Duration, reason Reason, lean Lean) change {
		return func(s *scene) { since(d)(s); prior(oursUntil(reason, lean))(s) }
	}
	unclear := prior(Verdict{Word: Unclear, Reason: ReasonPageUnread})
	runTable(t, []row{
		{"at the end of the window to look again", evidence(oursFor(45*time.Minute, ReasonOurs, ""), reports(outage("API errors"))), theirs},
		{"a second later", evidence(oursFor(45*time.Minute+time.Second, ReasonOurs, ""), reports(outage("API errors"))), "internal/announced/theirs: wakes"},
		{"long after, maintenance turns nothing either", evidence(oursFor(3*time.Hour, ReasonOurs, ""), window(-time.Hour, time.Hour, true)), "internal/announced/theirs: wakes"},
		{"long after, a finer reason still counts", evidence(saw(partners.FailAuth, 401), oursFor(3*time.Hour, ReasonNotAnnounced, LeanTheirs)), "internal/credentials/ours: wakes"},
		{"unclear may be turned whenever the page can be read", evidence(since(3*time.Hour), unclear, reports(outage("API errors"), beganAgo(3*time.Hour))), theirs},
		{"unclear becomes ours when the page says well", evidence(since(3*time.Hour), unclear), looks},
		{"ours stays ours where their page cannot be read any more", evidence(oursFor(10*time.Minute, ReasonNotAnnounced, LeanTheirs), unread("HTTP 500")), looks},
		{"another kind of failure, and the page cannot be read", evidence(oursFor(10*time.Minute, ReasonCredentials, LeanOurs), unread("HTTP 500")), "unclear/page unread/theirs: wakes"},
		{"the same, long after", evidence(oursFor(3*time.Hour, ReasonCredentials, LeanOurs), unread("HTTP 500")), looks},
		{"the same, long after, and nothing shows whose", evidence(oursFor(3*time.Hour, ReasonCredentials, LeanOurs), saw(partners.FailContent, 200), unread("HTTP 500")), "internal/ours/-: wakes"},
		{"a figure holds an outage for as long as it looks back", evidence(figure("a", time.Hour), prior(theirOutage()), goneAgo(70*time.Minute)), theirs},
		{"and no longer", evidence(figure("a", time.Hour), prior(theirOutage()), goneAgo(80*time.Minute)), "internal/ours/-: wakes"},
		{"the shorter of two", evidence(figure("a", time.Hour), alsoFigure("b", 5*time.Minute), prior(theirOutage()), goneAgo(30*time.Minute)), "internal/ours/-: wakes"},
		{"a figure, and a run that fails too", evidence(figure("a", time.Hour), alsoSaw("b", partners.FailServer, 503), prior(theirOutage()), goneAgo(30*time.Minute)), looks},
		{"theirs, and their page cannot be read for long", evidence(since(time.Hour), prior(theirOutage()), unread("HTTP 500")), "unclear/page unread/theirs: wakes"},
		{"theirs, and their page cannot be read for a moment", evidence(since(time.Hour), prior(theirOutage()), lastGood(5*time.Minute), reports(outage("API errors"))), theirs},
		{"theirs, and then our network goes", evidence(saw(partners.FailConnect, 0), controlsDown, prior(theirOutage()), reports(outage("API errors"))), "internal/network/ours: wakes"},
		{"throttled, then refused", evidence(saw(partners.FailAuth, 401), prior(oursUntil(ReasonThrottled, LeanOurs))), "internal/credentials/ours: wakes"},
		{"their network is ours no more", evidence(oursFor(10*time.Minute, ReasonNetwork, LeanOurs), reports(outage("API errors"))), theirs},
	})
}

func TestTheIncidentThatAVerdictRestsOnStaysTheSame(t *testing.T) {
	older, newer := outage("API errors"), outage("Other errors")
	newer.Began = now.Add(-time.Minute)
	if v := Decide(evidence(reports(older), reports(newer)), DefaultTriageRules()); v.Announced.ID != newer.ID {
		t.Errorf("of two, the verdict rests on %q, not on the one that began with our failure", v.Announced.Name)
	}
	onColour := Decide(evidence(func(s *scene) { s.whole.Components[0].Level = partners.Degraded }), DefaultTriageRules())
	if v := Decide(evidence(prior(onColour), reports(older), func(s *scene) { s.whole.Components[0].Level = partners.Degraded }), DefaultTriageRules()); v.Announced.ID != older.ID {
		t.Errorf("the page has an incident by now, but the verdict rests on %q", v.Announced.Name)
	}
	first := Decide(evidence(reports(older)), DefaultTriageRules())
	second := Decide(evidence(reports(newer), reports(older), prior(first)), DefaultTriageRules())
	if second.Announced == nil || second.Announced.ID != older.ID || !second.Same(first) {
		t.Errorf("a second incident on the page changed what the verdict rests on: %+v", second.Announced)
	}
	third := Decide(evidence(reports(newer), reports(older, resolvedAgo(time.Minute)), prior(second)), DefaultTriageRules())
	if third.Word != External || third.Announced.ID != newer.ID {
		t.Errorf("the first is over and the second goes on, but the verdict rests on %+v", third.Announced)
	}
}

func TestTheLevelIsTheWorstThatConcernsUs(t *testing.T) {
	for name, c := range map[string]struct {
		e    Evidence
		want partners.Level
	}{
		"the incident's":                  {evidence(reports(outage("API errors"))), partners.PartialOutage},
		"an incident without impact":      {evidence(reports(outage("API errors"), impactNone)), partners.Degraded},
		"the component's":                 {evidence(reports(outage("API errors"), impactNone), component("US East", partners.MajorOutage)), partners.MajorOutage},
		"not another component's":         {evidence(reports(outage("API errors"), impactNone), component("Mobile", partners.MajorOutage)), partners.Degraded},
		"of maintenance":                  {evidence(window(-time.Minute, time.Minute, true)), partners.Maintenance},
		"of a component in maintenance":   {evidence(component("Table API", partners.Maintenance)), partners.Maintenance},
		"of a page that only has a light": {evidence(indicator(partners.MajorOutage)), partners.MajorOutage},
	} {
		if v := Decide(c.e, DefaultTriageRules()); v.Announced == nil || v.Announced.Level != c.want {
			t.Errorf("%s: %+v", name, v.Announced)
		}
	}
}

func maintenanceUntil(end time.Duration) Verdict {
	return Verdict{Word: External, Reason: ReasonPlanned, Announced: &Announced{ID: "w", Name: "Upgrade", Level: partners.Maintenance, Maintenance: true, Until: now.Add(end)}}
}

func usually(p95 time.Duration) change { return history(func(h *History) { h.UsualP95 = p95 }) }

// over makes a failing probe one that has passed often enough since.
func over(n int) change {
	return func(s *scene) {
		f := s.failures[n]
		s.failures = append(s.failures[:n:n], s.failures[n+1:]...)
		s.e.Incident.Probes = append(s.e.Incident.Probes, Failing{Partner: f.Partner, Probe: f.Probe, Last: f, Over: true})
	}
}

func figure(name string, over time.Duration) change {
	return func(s *scene) { s.failures = nil; alsoFigure(name, over)(s) }
}

// alsoFigure is a figure of New Relic's that is past its limit, over that length of time.
func alsoFigure(name string, over time.Duration) change {
	return alsoSaw(AlertPrefix+name, partners.FailReported, 0, func(r *partners.ProbeResult) { r.LooksBack = over })
}

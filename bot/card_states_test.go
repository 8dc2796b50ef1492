package bot

import (
	"fmt"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// cardNow is when the cards of the tests are drawn.
var cardNow = time.Date(2027, 3, 1, 10, 37, 0, 0, time.UTC)

func at(hour, minute int) time.Time { return time.Date(2027, 3, 1, hour, minute, 0, 0, time.UTC) }

func failing(probe string, class partners.FailureClass, problem string) incidents.Failing {
	return incidents.Failing{Partner: "servicenow", Probe: probe, Since: at(10, 14), Fails: 3,
		Last: partners.ProbeResult{Partner: "servicenow", Probe: probe, At: at(10, 34), Class: class, Problem: problem}}
}

// opened is an incident that has just opened, before anybody looked.
func opened() incidents.Incident {
	return incidents.Incident{
		ID: "sparky-servicenow-20270301T101400", Kind: incidents.KindProbe, Partner: "servicenow", Name: "ServiceNow",
		Owner: incidents.Owner{Team: "Platform Integrations"}, Affects: []string{"Ticket sync"},
		PageURL: "https://status.servicenow.example", Priority: "P4", State: incidents.StateOpen, Outage: 1,
		Opened: at(10, 14), Since: at(10, 14),
		Probes: []incidents.Failing{failing("incident-creation", partners.FailServer, "creating an incident answered 503 (Service Unavailable) instead of 201")},
	}
}

// known is an incident that was triaged and has its issue.
func known(v incidents.Verdict) incidents.Incident {
	i := opened()
	i.Ticket = incidents.Ticket{Key: "ECO-12", URL: "https://acme.atlassian.example/browse/ECO-12", Status: "Open"}
	i.Verdict = v
	return i
}

func paged(i incidents.Incident) incidents.Incident {
	i.Page = incidents.Page{Wanted: incidents.PageTriggered, Done: incidents.PageTriggered}
	return i
}

func external() incidents.Verdict {
	return incidents.Verdict{Word: incidents.External, Reason: incidents.ReasonAnnounced, Lean: incidents.LeanTheirs,
		Says: "ServiceNow's own outage: their page reports “Degraded API” since 10:12 UTC.",
		Points: []incidents.Point{
			{Text: "Their page reports “Degraded API” for Incident Management, read at 10:14 UTC.", Link: "https://status.servicenow.example/incidents/1", For: incidents.LeanTheirs},
			{Text: "Both controls answered.", For: incidents.LeanTheirs}},
		Would:     "It becomes ours to look at when their page says that it is over and it still fails 15 min later.",
		Announced: &incidents.Announced{ID: "1", Name: "Degraded API", Level: partners.Degraded, Began: at(10, 12)}, At: at(10, 15), Moments: named(12, 14)}
}

// named are minutes after ten as a verdict names them.
func named(minutes ...int) map[string]time.Time {
	all := map[string]time.Time{}
	for _, m := range minutes {
		all[at(10, m).Format("15:04 UTC")] = at(10, m)
	}
	return all
}

func notAnnounced() incidents.Verdict {
	return incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonNotAnnounced, Lean: incidents.LeanTheirs,
		Says: "It looks like theirs, but their page says that all is well.",
		Points: []incidents.Point{
			{Text: "The 503 came from ServiceNow's own edge.", For: incidents.LeanTheirs},
			{Text: "Their page says that all is well, read at 10:14 UTC.", Link: "https://status.servicenow.example", For: incidents.LeanOurs},
			{Text: "The other 4 partners answer.", For: incidents.LeanTheirs}},
		Would:   "It becomes theirs as soon as their page reports it (I look until 10:59 UTC), or when a person says so.",
		Missing: []string{"when our certificate ends: not looked at"}, At: at(10, 15), Moments: named(14, 59)}
}

func verdictOf(word incidents.Word, reason incidents.Reason, says string) incidents.Verdict {
	v := incidents.Verdict{Word: word, Reason: reason, Says: says, At: at(10, 15)}
	if word == incidents.Internal && reason != incidents.ReasonPerson {
		v.Lean = incidents.LeanOurs
	}
	return v
}

func changed(i incidents.Incident, change func(*incidents.Incident)) incidents.Incident {
	change(&i)
	return i
}

func deed(by string, hour, minute int) *incidents.Deed {
	return &incidents.Deed{By: by, At: at(hour, minute)}
}

// cardStates are the states of an incident that its card tells apart.
func cardStates() map[string]incidents.Incident {
	planned := verdictOf(incidents.External, incidents.ReasonPlanned, "ServiceNow's planned maintenance, announced for 10:00 to 12:00 UTC.")
	planned.Announced = &incidents.Announced{ID: "2", Name: "Upgrade", Maintenance: true, Until: at(12, 0)}
	overruled := verdictOf(incidents.External, incidents.ReasonPerson, "ServiceNow's, by a person's word.")
	overruled.By = "U0OPERATOR"
	unread := verdictOf(incidents.Unclear, incidents.ReasonPageUnread, "Their page could not be read, so nobody can tell.")
	unread.Lean = incidents.LeanTheirs
	throttled := verdictOf(incidents.Internal, incidents.ReasonThrottled, "We call ServiceNow more often than it allows.")
	return map[string]incidents.Incident{
		"opened":             opened(),
		"external":           known(external()),
		"planned":            known(planned),
		"internal-paged":     paged(known(notAnnounced())),
		"internal-throttled": known(throttled),
		"internal-auth":      paged(known(verdictOf(incidents.Internal, incidents.ReasonCredentials, "Ours: our credentials were refused (401)."))),
		"unclear":            paged(known(unread)),
		"network":            networkDown(),
		"no-status-page":     changed(paged(known(unread)), func(i *incidents.Incident) { i.PageURL = "" }),
		"acknowledged": changed(paged(known(notAnnounced())), func(i *incidents.Incident) {
			i.State, i.Acknowledged = incidents.StateAcknowledged, deed("U0ONCALL01", 10, 20)
			i.Ticket.Status, i.Ticket.Assignee = "In Progress", "Chidi Ruiz"
		}),
		"overruled": changed(known(overruled), func(i *incidents.Incident) { i.Page.Wanted = incidents.PageResolved }),
		"proposed": changed(known(external()), func(i *incidents.Incident) {
			i.Post = incidents.Post{State: incidents.PostProposed}
		}),
		"announced-late": changed(paged(known(notAnnounced())), func(i *incidents.Incident) {
			i.Verdict.Reason = incidents.ReasonAnnounced
			i.Verdict.Says = "Still ours to look at, though it looks like theirs by now: their page reports “API errors” since 12:30 UTC."
		}),
		"unwatched": changed(known(external()), func(i *incidents.Incident) {
			i.State, i.Ended = incidents.StateUnwatched, cardNow
		}),
		"published": changed(known(external()), func(i *incidents.Incident) {
			i.Post = incidents.Post{State: incidents.PostPublished, By: "U0PUBLISHR", At: at(10, 18), ID: "p1", URL: "https://status.acme.example/incidents/p1"}
		}),
		"declined": changed(known(external()), func(i *incidents.Incident) {
			i.Post = incidents.Post{State: incidents.PostDeclined, By: "U0PUBLISHR", At: at(10, 18)}
		}),
		"recovered": changed(paged(known(external())), func(i *incidents.Incident) {
			i.State, i.Ended, i.Ticket.Status = incidents.StateRecovered, at(10, 37), "Resolved"
			i.Probes[0].Over = true
			i.Acknowledged = deed("U0ONCALL01", 10, 20)
			i.Post = incidents.Post{State: incidents.PostResolved, Outage: 1, ID: "p1", URL: "https://status.acme.example/incidents/p1", ByHand: true}
		}),
		"closed-while-failing": changed(known(notAnnounced()), func(i *incidents.Incident) {
			i.State, i.Closed, i.Ticket.Status, i.Ticket.ByHand = incidents.StateClosed, deed("Ada Osei", 10, 30), "Done", true
			i.Page = incidents.Page{Wanted: incidents.PageResolved, Done: incidents.PageResolved}
		}),
		"reopened": changed(paged(known(notAnnounced())), func(i *incidents.Incident) {
			i.Outage, i.Since = 3, at(10, 31)
			i.Probes[0].Since = at(10, 31)
		}),
		"folded": changed(known(notAnnounced()), func(i *incidents.Incident) {
			i.State, i.FoldedInto = incidents.StateFolded, "sparky-network-20270301T101500"
			i.Events = []incidents.Event{{At: at(10, 15), Kind: incidents.EventFolded, Text: "Our own network is down: this goes on there."}}
		}),
		"muted": changed(known(notAnnounced()), func(i *incidents.Incident) {
			i.MutedUntil = at(11, 30)
			i.Events = []incidents.Event{{At: at(10, 30), Kind: incidents.EventMuted, By: "U0OPERATOR"}}
		}),
		"already-failing": changed(known(external()), func(i *incidents.Incident) {
			i.Already = true
		}),
		"many-probes": changed(paged(known(notAnnounced())), manyProbes),
	}
}

func networkDown() incidents.Incident {
	i := incidents.Incident{ID: "sparky-network-20270301T101500", Kind: incidents.KindNetwork, Name: "Our network", Priority: "P4",
		State: incidents.StateOpen, Outage: 1, Opened: at(10, 15), Since: at(10, 15),
		Verdict: incidents.Verdict{Word: incidents.Internal, Reason: incidents.ReasonNetwork, Lean: incidents.LeanOurs,
			Says:   "Ours: our own network is down. No partner is to blame.",
			Points: []incidents.Point{{Text: "Neither of the controls answered.", For: incidents.LeanOurs}}, Would: "It ends by itself when calls are answered again."}}
	for partner, probes := range []int{2, 1, 1} {
		for n := range probes {
			i.Probes = append(i.Probes, incidents.Failing{Partner: []string{"servicenow", "okta", "workday"}[partner], Probe: fmt.Sprint("probe-", n), Since: at(10, 15)})
		}
	}
	return paged(i)
}

func manyProbes(i *incidents.Incident) {
	i.Probes[0].Over = true
	for n := range 10 {
		p := failing(fmt.Sprint("table-", n), partners.FailTimeout, "no answer within 10 s")
		p.Since = at(10, 14+n)
		i.Probes = append(i.Probes, p)
	}
}

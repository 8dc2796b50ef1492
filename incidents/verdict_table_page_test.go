package incidents

import (
	"testing"
	"time"

	"sparky/partners"
)

// Traps 1 to 24: the page is late, silent or wrong, or goes down with the partner.
func TestTheirPageIsLateOrWrong(t *testing.T) {
	const (
		theirs     = "external/announced/-: publishes"
		looks      = "internal/not announced/theirs: wakes"
		pageUnread = "unclear/page unread/theirs: wakes"
	)
	tokens := others(fails("okta", Neighbour{Auth: 1}), fails("graph", Neighbour{Auth: 1}))
	runTable(t, []row{
		{"A1 the page is late", evidence(saw(partners.FailServer, 503)), looks},
		{"A1 the page is late, timeouts", evidence(saw(partners.FailTimeout, 0, connected)), looks},
		{"A2 an hour of silence is no evidence", evidence(since(time.Hour)), looks},
		{"A2 a day of silence is none either", evidence(since(24*time.Hour), prior(oursUntil(ReasonNotAnnounced, LeanTheirs))), looks},
		{"A2 a reset at their edge", evidence(saw(partners.FailReset, 0, connected)), looks},
		{"A3 posted the next day: over, so it explains nothing now", evidence(reports(outage("Yesterday"), beganAgo(26*time.Hour), resolvedAgo(20*time.Hour))), looks},
		{"A3 posted the next day, never marked resolved, but it has an end", evidence(reports(outage("Yesterday"), beganAgo(26*time.Hour), func(i *partners.PageIncident) { i.Ended = now.Add(-20 * time.Hour) })), looks},
		{"A4 the page caught up: amended", evidence(since(30*time.Minute), prior(oursUntil(ReasonNotAnnounced, LeanTheirs)), reports(outage("API errors"), beganAgo(35*time.Minute))), theirs},
		{"A4 the page caught up after we could not read it", evidence(since(2*time.Hour), prior(Verdict{Word: Unclear, Reason: ReasonPageUnread}), reports(outage("API errors"), beganAgo(2*time.Hour))), theirs},
		{"A5 everything green, an incident open", evidence(wholePage, indicator(partners.Operational), reports(outage("Site fails to load"), impactNone, monitoring, on())), theirs},
		{"A5 the same, on our component", evidence(indicator(partners.Operational), reports(outage("API errors"), impactNone)), theirs},
		{"A6 red, but not the part that we use, 5xx", evidence(indicator(partners.MajorOutage), component("Pull Requests", partners.MajorOutage), reports(outage("PRs"), on("Pull Requests"))), looks},
		{"A6 red, but not the part that we use, 404", evidence(saw(partners.FailNotFound, 404), reports(outage("PRs"), on("Pull Requests"))), "internal/request/ours: wakes"},
		{"A6 red, but not the part that we use, 401", evidence(saw(partners.FailAuth, 401), reports(outage("PRs"), on("Pull Requests"))), "internal/credentials/ours: wakes"},
		{"A8 a zombie incident", evidence(reports(outage("Since spring"), beganAgo(150*24*time.Hour), stale)), looks},
		{"A8 a zombie beside a living one", evidence(reports(outage("Since spring"), stale), reports(outage("API errors"))), theirs},
		{"A8 an incident of a day that is still told of", evidence(reports(outage("API errors"), beganAgo(24*time.Hour))), theirs},
		{"A8 ours is days older than theirs", evidence(since(72*time.Hour), reports(outage("API errors"))), looks},
		{"A10 resolved just now, still broken", evidence(prior(theirOutage()), goneAgo(5*time.Minute), reports(outage("API errors"), resolvedAgo(5*time.Minute))), theirs},
		{"A10 resolved just now, by the page alone", evidence(prior(theirOutage()), reports(outage("API errors"), resolvedAgo(5*time.Minute))), theirs},
		{"A10 resolved, and the grace is over", evidence(prior(theirOutage()), goneAgo(16*time.Minute), reports(outage("API errors"), resolvedAgo(16*time.Minute))), looks},
		{"A10 resolved just now, but now it is our credentials", evidence(saw(partners.FailAuth, 401), prior(theirOutage()), goneAgo(time.Minute)), "internal/credentials/ours: wakes"},
		{"A10 resolved just now, and it was never theirs", evidence(reports(outage("API errors"), resolvedAgo(time.Minute))), looks},
		{"A10 resolved just now, and our network went", evidence(saw(partners.FailConnect, 0), controlsDown, prior(theirOutage()), goneAgo(time.Minute)), "internal/network/ours: wakes"},
		{"A10 the grace is 15 minutes", evidence(prior(theirOutage()), goneAgo(15*time.Minute)), theirs},
		{"A10 another incident of theirs was just over", evidence(prior(theirOutage()), reports(outage("Other"), resolvedAgo(5*time.Minute))), looks},
		{"A8 nobody knows since when ours fails", evidence(noHistory, func(s *scene) { s.e.Incident.Since = time.Time{} }, reports(outage("API errors"))), theirs},
		{"A10 monitoring means a fix, not that users are well", evidence(reports(outage("API errors"), monitoring)), theirs},
		{"A10 gone from the page without a word", evidence(prior(theirOutage())), looks},
		{"A11 an empty page is no word", evidence(unread("the document is empty")), pageUnread},
		{"A14 an old copy", evidence(unread("the answer is a copy of 26 hours ago")), pageUnread},
		{"A15 the page refuses us", evidence(unread("HTTP 420")), pageUnread},
		{"A16 information is no outage", evidence(reports(outage("New billing page"), notice)), looks},
		{"A16 information about signing in does not explain a 401", evidence(saw(partners.FailAuth, 401), reports(outage("SSO tips"), notice)), "internal/credentials/ours: wakes"},
		{"A17 maintenance that nobody announced", evidence(saw(partners.FailContent, 200, saying("This instance is down for maintenance"))), looks},
		{"A17 the same, with an incident on the page", evidence(saw(partners.FailContent, 200, saying("Down for maintenance")), reports(outage("DNS"))), theirs},

		{"B18 the domain is gone, the page on another host tells", evidence(saw(partners.FailDNS, 0, notAnswered), reports(outage("Domain on hold"))), theirs},
		{"B18 the domain is gone, and the page with it", evidence(saw(partners.FailDNS, 0, notAnswered), unread("no such host")), pageUnread},
		{"B18 the domain is gone, the page says nothing", evidence(saw(partners.FailDNS, 0, notAnswered)), looks},
		{"B19 a name that some resolvers cannot find", evidence(saw(partners.FailDNS, 0, notAnswered, saying("SERVFAIL"))), looks},
		{"B21 the token host answers 5xx", evidence(saw(partners.FailAuth, 503)), looks},
		{"B21 the token host answers 5xx, announced", evidence(saw(partners.FailAuth, 503), reports(outage("API errors"))), theirs},
		{"B21 tokens lost everywhere, the health page needs one too", evidence(saw(partners.FailAuth, 401), tokens, unread("401")), "internal/shared/theirs: wakes"},
		{"B22 one probe lives on a token that was fetched before", evidence(saw(partners.FailServer, 503), func(s *scene) {
			s.e.Siblings = []partners.ProbeResult{{Partner: "servicenow", Probe: "cached", At: now}}
		}), looks},
		{"B23 the console is down, the API is ours to judge", evidence(reports(outage("Admin center unreachable"), on("Admin center"))), looks},
		{"B23 the reverse: the API is down, the console well", evidence(component("Admin center", partners.Operational), component("US East API", partners.MajorOutage)), theirs},
		{"B24 Slack is the partner that fails", evidence(saw(partners.FailConnect, 0, notAnswered), reports(outage("Messages not delivered"), on())), theirs},
	})
}

// Traps 25 to 30, and the signals about the network.
func TestItIsNotOnePartner(t *testing.T) {
	const (
		theirs  = "external/announced/-: publishes"
		looks   = "internal/not announced/theirs: wakes"
		network = "internal/network/ours: wakes"
	)
	gone := saw(partners.FailConnect, 0, notAnswered)
	atCDN := saw(partners.FailServer, 522, atEdge("cloudflare"))
	cutOff := func(name string) Neighbour { return fails(name, Neighbour{AtNetwork: 1}) }
	behind := func(name string) Neighbour { return fails(name, Neighbour{Edge: "Cloudflare"}) }
	runTable(t, []row{
		{"C25 everybody fails at the network, no controls", evidence(gone, noControls, others(cutOff("okta"), cutOff("github"))), network},
		{"C25 the same, and no page can be read", evidence(gone, noControls, others(cutOff("okta"), cutOff("github")), unread("no connection")), network},
		{"C25 three of four, and a control answers", evidence(gone, others(cutOff("okta"), cutOff("github"), well("slack"))), network},
		{"C25 two of three, and a control answers: two may be a coincidence", evidence(gone, others(cutOff("okta"), well("github"))), looks},
		{"C25 two of two without controls", evidence(gone, noControls, others(cutOff("okta"))), network},
		{"C25 one of two is one partner", evidence(gone, noControls, others(well("okta"))), looks},
		{"C25 half is not most", evidence(gone, noControls, others(cutOff("okta"), well("github"), well("slack"))), looks},
		{"C25 most are cut off, but a page was read and tells of an outage", evidence(gone, others(cutOff("okta"), cutOff("github")), reports(outage("Network"))), theirs},
		{"C25 most are cut off, this one answers 503", evidence(others(cutOff("okta"), cutOff("github"))), looks},
		{"C25 most are cut off, this one refuses us", evidence(saw(partners.FailAuth, 401), others(cutOff("okta"), cutOff("github"))), "internal/credentials/ours: wakes"},
		{"C25 a neighbour that did not run counts for nothing", evidence(gone, noControls, others(Neighbour{Partner: "okta", Failing: 1, AtNetwork: 1})), looks},
		{"C25 the partner itself among its neighbours counts once", evidence(gone, noControls, others(Neighbour{Partner: "servicenow", Probes: 1, Failing: 1, AtNetwork: 1}, well("okta"))), looks},
		{"C25 nothing at all shows on whose side it is", evidence(gone, noControls, others(), readAgo(10*time.Minute)), "internal/ours/-: wakes"},
		{"C25 the same, and no page", evidence(gone, noControls, others(), noPage), "unclear/page unread/-: wakes"},
		{"C25 only the page was read during the failure: our way out works", evidence(gone, noControls, others()), looks},
		{"C25 our proxy refuses", evidence(saw(partners.FailProxy, 0, notAnswered)), network},
		{"C25 our proxy says that it cannot reach them, and they say why", evidence(saw(partners.FailProxy, 0, notAnswered), reports(outage("API errors"))), theirs},

		{"C27 a shared provider, announced", evidence(atCDN, others(behind("okta"), well("github")), reports(outage("CDN trouble"))), "external/shared/-: publishes"},
		{"C27 a shared provider, not announced", evidence(atCDN, others(behind("okta"), well("github"))), "internal/shared/theirs: wakes"},
		{"C27 a shared provider, and the page down with it", evidence(atCDN, others(behind("okta"), well("github")), unread("HTTP 522")), "unclear/shared/theirs: wakes"},
		{"C27 most fail at that provider, with answers: not our network", evidence(atCDN, others(behind("okta"), behind("github"), behind("slack"))), "internal/shared/theirs: wakes"},
		{"C27 the same provider, but nobody else fails", evidence(atCDN, others(Neighbour{Partner: "okta", Probes: 1, Edge: "cloudflare"})), looks},
		{"C27 another provider's customers fail", evidence(atCDN, others(fails("okta", Neighbour{Edge: "fastly"}))), looks},
		{"C27 an edge in a refusal is no outage", evidence(saw(partners.FailRights, 403, atEdge("cloudflare")), others(behind("okta"))), "internal/rights/ours: wakes"},
		{"C29 vendor red and we are broken too", evidence(saw(partners.FailAuth, 401), reports(outage("Incident forms slow"))), "internal/credentials/ours: wakes"},
		{"C29 a probe of each kind: the outage explains one, and nobody is woken", evidence(alsoSaw("users", partners.FailAuth, 401), reports(outage("API errors"))), theirs},
		{"C29 a probe of each kind, nothing announced", evidence(alsoSaw("users", partners.FailAuth, 401)), looks},
		{"C30 a man in the middle, of controls too", evidence(saw(partners.FailCertificate, 0, signedBy("Acme Proxy CA")), controlsMistrusted), network},
		{"C30 an issuer that is no public authority", evidence(saw(partners.FailCertificate, 0, signedBy("Acme Proxy CA"))), "internal/certificate/ours: wakes"},
		{"C30 the same during an outage of theirs", evidence(saw(partners.FailCertificate, 0, signedBy("Acme Proxy CA")), reports(outage("API errors"))), "internal/certificate/ours: wakes"},

		{"signal: another partner's page was read, so our way out works", evidence(gone, noControls, others(fails("okta", Neighbour{PageRead: true})), readAgo(10*time.Minute)), looks},
		{"signal: another partner is well, so our way out works", evidence(gone, noControls, others(well("okta")), readAgo(10*time.Minute)), looks},
		{"signal: another partner fails with an answer, its page unread", evidence(gone, noControls, others(fails("okta", Neighbour{})), readAgo(10*time.Minute)), "internal/ours/-: wakes"},
		{"signal: TCP to one partner, others well", evidence(gone), looks},
		{"signal: TLS to one partner, others well", evidence(saw(partners.FailTLS, 0, notAnswered)), looks},
		{"signal: the page is unreadable, others well", evidence(gone, unread("no connection")), "unclear/page unread/theirs: wakes"},
		{"signal: timeouts, one control answers", evidence(saw(partners.FailTimeout, 0, notAnswered), oneControlOut, others()), looks},
	})
}

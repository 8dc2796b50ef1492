package incidents

import (
	"testing"
	"time"

	"sparky/partners"
)

// Traps 31 to 42: credentials, rights, configuration. They look like an outage and are ours.
func TestItLooksLikeAnOutageAndIsOurs(t *testing.T) {
	const (
		theirs      = "external/announced/-: publishes"
		looks       = "internal/not announced/theirs: wakes"
		credentials = "internal/credentials/ours: wakes"
		planned     = "internal/planned/-: wakes"
		throttled   = "internal/throttled/ours: quiet"
	)
	day := 24 * time.Hour
	unauthorized := saw(partners.FailAuth, 401)
	refusedToo := others(fails("okta", Neighbour{Auth: 1}), well("github"))
	runTable(t, []row{
		{"D31 a secret expired", evidence(unauthorized, expired(true)), credentials},
		{"D31 Entra's code in a 400", evidence(saw(partners.FailRequest, 400, saying("AADSTS7000222: The provided client secret keys are expired"))), credentials},
		{"D31 invalid_client in a 400", evidence(saw(partners.FailRequest, 400, saying(`{"error":"invalid_client"}`))), credentials},
		{"D31 a refresh token that was used up", evidence(saw(partners.FailRequest, 400, saying(`{"error":"invalid_grant"}`))), credentials},
		{"D31 Okta's code", evidence(saw(partners.FailAuth, 401, saying(`{"errorCode":"E0000011"}`))), credentials},
		{"D31 the description is not acted on", evidence(saw(partners.FailRequest, 400, saying("your client is not valid"))), "internal/request/ours: wakes"},
		{"D32 several partners refuse us at once", evidence(unauthorized, refusedToo), "internal/shared/theirs: wakes"},
		{"D32 several at once, and they announce trouble with signing in", evidence(unauthorized, refusedToo, reports(outage("Azure AD token issues"))), theirs},
		{"D32 several at once, right after a change of ours", evidence(unauthorized, refusedToo, changedAgo(5*time.Minute)), credentials},
		{"D32 several at once, and our secret ran out", evidence(unauthorized, refusedToo, expired(true)), credentials},
		{"D32 refused now and then: a wrong secret is refused always", evidence(unauthorized, comesAndGoes), "internal/credentials/theirs: wakes"},
		{"D32 a sign-in incident in the incident's text", evidence(unauthorized, reports(outage("Errors"), telling("Customers cannot log in by API tokens."))), theirs},
		{"D32 a sign-in incident on another part leans, no more", evidence(unauthorized, reports(outage("Login fails"), on("Identity service"))), "internal/credentials/theirs: wakes"},
		{"D32 the sign-in component that concerns us is out", evidence(unauthorized, component("US Login", partners.MajorOutage)), theirs},
		{"D32 a sign-in incident that is over", evidence(unauthorized, reports(outage("Login fails"), resolvedAgo(time.Hour))), credentials},
		{"D32 an author is no authentication", evidence(unauthorized, reports(outage("Authoring of articles is slow"))), credentials},
		{"D34 Workday's 500 that is a rate limit", evidence(saw(partners.FailServer, 500, saying("Processing error: Rate limit exceeded"))), throttled},
		{"D34 the same with the page unread", evidence(saw(partners.FailServer, 500, saying("too many requests")), unread("HTTP 500")), throttled},
		{"D34 during an outage that they announce", evidence(saw(partners.FailServer, 503, saying("request throttled")), reports(outage("API errors"))), theirs},
		{"D34 a 500 of another kind", evidence(saw(partners.FailServer, 500, saying("NullPointerException"))), looks},
		{"D34 one probe of two was told to slow down", evidence(saw(partners.FailServer, 500, saying("rate limit")), alsoSaw("b", partners.FailServer, 500)), looks},
		{"D35 GitHub's 403 that is a rate limit", evidence(saw(partners.FailRights, 403, saying("API rate limit exceeded for installation"))), throttled},
		{"D35 429 from the token host", evidence(saw(partners.FailAuth, 429)), throttled},
		{"D35 the partner's own word for it", evidence(saw(partners.FailThrottled, 200)), throttled},
		{"D35 429 and another probe is refused", evidence(saw(partners.FailThrottled, 429), alsoSaw("b", partners.FailAuth, 401)), credentials},
		{"D35 429 and another probe sees 503", evidence(saw(partners.FailThrottled, 429), alsoSaw("b", partners.FailServer, 503)), looks},
		{"D37 a colleague's rule", evidence(saw(partners.FailRights, 403, saying("Operation against file 'incident' was aborted by Business Rule 'Check caller'"))), "internal/rights/ours: wakes"},
		{"D37 a new mandatory field", evidence(saw(partners.FailRequest, 400, saying("Data Policy Exception: caller_id is mandatory"))), "internal/request/ours: wakes"},
		{"D38 the address moved by announcement", evidence(saw(partners.FailDNS, 0, notAnswered), announced("Webhook addresses retire", -2*day, removal)), planned},
		{"D38 the moved address answers 404", evidence(saw(partners.FailNotFound, 404), announced("Webhook addresses retire", -2*day, removal)), planned},
		{"D39 the version is gone", evidence(saw(partners.FailGone, 410), announced("Version 2022-11-28 is removed", -1*day, removal)), planned},
		{"D39 the removal is a month old", evidence(saw(partners.FailGone, 410), announced("Version 2022-11-28 is removed", -30*day, removal)), "internal/request/ours: wakes"},
		{"D39 the removal is next week", evidence(saw(partners.FailGone, 410), announced("Version 2022-11-28 is removed", 7*day, removal)), "internal/request/ours: wakes"},
		{"D39 it failed long before the removal", evidence(saw(partners.FailGone, 410), since(5*day), announced("Removed", -1*day, removal)), "internal/request/ours: wakes"},
		{"D39 an entry without a date", evidence(saw(partners.FailGone, 410), announced("Removed", 0, func(n *Notice) { n.Breaking, n.Effective = true, time.Time{} })), "internal/request/ours: wakes"},
		{"D39 an entry that breaks nothing", evidence(saw(partners.FailNotFound, 404), announced("New icons", 0, func(*Notice) {})), "internal/request/ours: wakes"},
		{"D39 a removal does not explain a 503", evidence(announced("Removed", -1*day, removal)), looks},
		{"D39 a removal that is not about signing in does not explain a 401", evidence(unauthorized, announced("Old reports are removed", -1*day, removal)), credentials},
		{"D39 the end of basic authentication explains a 401", evidence(unauthorized, announced("Basic authentication is retired", -1*day, removal)), planned},
		{"D40 a brown-out on its day", evidence(saw(partners.FailRequest, 400), announced("Brown-out of the old Teams API", 0, brownOut)), planned},
		{"D40 a brown-out that answers 503", evidence(announced("Temporary outage test", 0, brownOut)), planned},
		{"D40 the day after a brown-out", evidence(announced("Temporary outage test", -3*day, brownOut)), looks},
		{"D40 a brown-out, and the page cannot be read", evidence(saw(partners.FailRequest, 400), announced("Brown-out", 0, brownOut), unread("HTTP 500")), planned},
		{"D40 a brown-out and an incident: their page's word", evidence(announced("Brown-out", 0, brownOut), reports(outage("API errors"))), theirs},
		{"D41 a sandbox overwritten", evidence(saw(partners.FailAuth, 401, at("impl-services1.wd12.sandbox.example"))), credentials},
		{"D41 a hibernating instance", evidence(saw(partners.FailContent, 200, saying("Instance Hibernating page"))), "internal/ours/ours: wakes"},
		{"D42 our clock is wrong, 401", evidence(unauthorized, func(s *scene) { s.e.ClockOff = 7 * time.Minute }), credentials},
		{"D42 our clock is wrong, certificate", evidence(saw(partners.FailCertificate, 0, shownExpired), func(s *scene) { s.e.ClockOff = -400 * day }), "internal/certificate/ours: wakes"},
		{"D42 an old trust store, or a name that is wrong for everyone", evidence(saw(partners.FailCertificate, 0, signedBy("ISRG Root X1"))), "internal/certificate/-: wakes"},
		{"D42 the same, and their incident is about certificates", evidence(saw(partners.FailCertificate, 0, signedBy("DigiCert")), reports(outage("Certificate errors on the API"))), theirs},
		{"D42 the same, and their incident is about something else", evidence(saw(partners.FailCertificate, 0, signedBy("DigiCert")), reports(outage("API errors"))), "internal/certificate/-: wakes"},
		{"D42 their certificate ran out for everybody", evidence(saw(partners.FailCertificate, 0, shownExpired)), looks},
		{"D42 their certificate ran out, announced", evidence(saw(partners.FailCertificate, 0, shownExpired), reports(outage("API errors"))), theirs},
		{"D42 their certificate ran out, the page with it", evidence(saw(partners.FailCertificate, 0, expiredOnly), expired(false), unread("certificate expired")), "unclear/page unread/theirs: wakes"},
		{"D42 their certificate runs out tomorrow, so that is not it", evidence(saw(partners.FailCertificate, 0, signedBy("DigiCert")), expired(false), ends(24*time.Hour)), "internal/certificate/-: wakes"},
		{"D42 ours runs out tomorrow, so that is not it either", evidence(saw(partners.FailTLS, 0, notAnswered), expired(true), ends(24*time.Hour)), looks},
		{"D39 a removal that had brown-outs before", evidence(saw(partners.FailGone, 410), announced("Removed", -3*day, func(n *Notice) { n.Breaking, n.BrownOut = true, true })), planned},
		{"D40 a brown-out of three days ago explains no 410", evidence(saw(partners.FailGone, 410), announced("Brown-out", -3*day, brownOut)), "internal/request/ours: wakes"},

		{"signal: 5xx that has never worked", evidence(neverWorked), "internal/never worked/ours: wakes"},
		{"signal: never worked, and the page cannot be read", evidence(neverWorked, unread("HTTP 500")), "unclear/page unread/ours: wakes"},
		{"signal: never worked, but they announce an outage", evidence(neverWorked, reports(outage("API errors"))), theirs},
		{"signal: never worked, 401", evidence(neverWorked, unauthorized), credentials},
		{"signal: no history is not never", evidence(noHistory), looks},
		{"signal: one of two probes has worked", evidence(neverWorked, alsoSaw("b", partners.FailServer, 503), func(s *scene) {
			s.e.History = append(s.e.History, History{Partner: "servicenow", Probe: "b", Runs: 9, Passed: 8})
		}), looks},
		{"signal: a change of ours minutes before", evidence(changedAgo(5 * time.Minute)), "internal/our change/ours: wakes"},
		{"signal: a change of ours, and the page cannot be read", evidence(changedAgo(5*time.Minute), unread("HTTP 500")), "unclear/page unread/ours: wakes"},
		{"signal: a change of ours, but they announce an outage", evidence(changedAgo(5*time.Minute), reports(outage("API errors"))), theirs},
		{"signal: a change of ours yesterday", evidence(changedAgo(day)), looks},
		{"signal: a change of ours, after which it still passed", evidence(changedAgo(20 * time.Minute)), looks},
		{"signal: a change of ours after it had begun to fail", evidence(since(10*time.Minute), changedAgo(5*time.Minute)), looks},
		{"signal: the probe itself broke", evidence(saw(partners.FailPanic, 0)), "internal/probe/ours: wakes"},
		{"signal: the probe itself broke during an outage", evidence(saw(partners.FailPanic, 0), reports(outage("API errors"))), "internal/probe/ours: wakes"},
	})
}

func ends(in time.Duration) change {
	return func(s *scene) { s.e.Expiries[0].At = now.Add(in) }
}

func expiredOnly(*partners.ProbeResult) {}

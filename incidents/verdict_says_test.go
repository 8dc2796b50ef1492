package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/partners"
)

// TestWhatAPersonReads holds the sentence that somebody reads who was woken, or was not.
func TestWhatAPersonReads(t *testing.T) {
	const wellHere = " while our network and other partners are well."
	for want, e := range map[string]Evidence{
		"ServiceNow's own outage: their page reports “API errors” since 02:30 UTC.":                                                                          evidence(reports(outage("API errors"))),
		"ServiceNow's own outage: their page reports “API errors” since 03:00 UTC on 22 November.":                                                           evidence(reports(outage("API errors"), beganAgo(48*time.Hour))),
		"ServiceNow's own outage: their page reports “Table API: degraded”.":                                                                                 evidence(func(s *scene) { s.whole.Components[0].Level = partners.Degraded }),
		"ServiceNow's own planned maintenance: “Upgrade”, until 04:00 UTC.":                                                                                  evidence(window(-time.Hour, time.Hour, true)),
		"ServiceNow's own maintenance, which lasts longer than they said: “Upgrade” was to end at 02:00 UTC.":                                                evidence(window(-2*time.Hour, -time.Hour, true)),
		"Still ServiceNow's: their page called “API errors” over at 02:55 UTC, and the same still fails.":                                                    evidence(prior(theirOutage()), goneAgo(5*time.Minute)),
		"Escalated: not announced by them, but it looks like theirs: ServiceNow answered 503" + wellHere:                                                     evidence(),
		"Escalated: not announced by them, but it looks like theirs: ServiceNow gave no answer in time" + wellHere:                                           evidence(saw(partners.FailTimeout, 0)),
		"Escalated: not announced by them, but it looks like theirs: ServiceNow cannot be found by its name acme.sn.example" + wellHere:                      evidence(saw(partners.FailDNS, 0)),
		"Ours: our credentials were refused (401).":                                                                                                          evidence(saw(partners.FailAuth, 401)),
		"Ours: our credentials were refused (401); the certificate of acme.sn.example ran out at 01:00 UTC.":                                                 evidence(saw(partners.FailAuth, 401), expired(true)),
		"Ours: our credentials were refused (401), right after our configuration changed at 02:55 UTC (the probe's credentials).":                            evidence(saw(partners.FailAuth, 401), changedAgo(5*time.Minute)),
		"Ours: our credentials were refused (401), and our clock is wrong by 7 min, which alone can do that.":                                                evidence(saw(partners.FailAuth, 401), func(s *scene) { s.e.ClockOff = -7 * time.Minute }),
		"Ours: our account lacks the rights (403).":                                                                                                          evidence(saw(partners.FailRights, 403)),
		"Ours: the address that we call is not there (404).":                                                                                                 evidence(saw(partners.FailNotFound, 404)),
		"Ours: what we call was removed (410).":                                                                                                              evidence(saw(partners.FailGone, 410)),
		"Ours: our request was rejected (422).":                                                                                                              evidence(saw(partners.FailRequest, 422)),
		"Ours: ServiceNow asks us to slow down (429). Nobody is woken.":                                                                                      evidence(saw(partners.FailThrottled, 429)),
		"Ours: ServiceNow asks us to slow down. Nobody is woken.":                                                                                            evidence(saw(partners.FailThrottled, 0)),
		"Ours: ServiceNow asks us to slow down (500). Nobody is woken.":                                                                                      evidence(saw(partners.FailServer, 500, saying("rate limit"))),
		"Ours: the certificate of acme.sn.example ran out at 01:00 UTC.":                                                                                     evidence(saw(partners.FailTLS, 0), expired(true)),
		"Ours: the probe itself broke, so nothing is known of ServiceNow.":                                                                                   evidence(saw(partners.FailPanic, 0)),
		"Ours: our own proxy did not let the call to ServiceNow through.":                                                                                    evidence(saw(partners.FailProxy, 0)),
		"Ours: its answers are no slower than usual, so our own limit is too tight.":                                                                         evidence(saw(partners.FailSlow, 200), usually(time.Minute)),
		"Announced by ServiceNow, and ours to act on: a change on 23 November, “Old API ends”, fits what we see: ServiceNow has removed what we call (410).": evidence(saw(partners.FailGone, 410), announced("Old API ends", -24*time.Hour, removal)),
		"Unclear whose it is: their page cannot be read (HTTP 500). It looks like theirs: ServiceNow answered 503" + wellHere:                                evidence(unread("HTTP 500")),
		"Unclear whose it is: no status page of ServiceNow is configured. It looks like theirs: ServiceNow answered 503" + wellHere:                          evidence(noPage),
	} {
		if v := Decide(e, DefaultTriageRules()); v.Says != want {
			t.Errorf("got  %s\nwant %s", v.Says, want)
		}
	}
}

func TestPointsCarryTheirWeightAndTheirLinks(t *testing.T) {
	for name, c := range map[string]struct {
		e    Evidence
		want Point
		nth  int
	}{
		"the announcement first": {evidence(reports(outage("API errors"), telling("We look\ninto it."))),
			Point{"Their page reports “API errors” (partial outage), since 02:30 UTC: “We look into it”.", "https://status.sn.example/i/1", LeanTheirs}, 0},
		"what failed first": {evidence(), Point{"table-api: ServiceNow answered 503 at 02:59 UTC (acme.sn.example).", "", ""}, 0},
		"a refusal speaks for ours": {evidence(saw(partners.FailAuth, 401, saying("no"))),
			Point{"table-api: ServiceNow refused our credentials (401) at 02:59 UTC (acme.sn.example). The answer begins: “no”", "", LeanOurs}, 0},
		"their page and its age second": {evidence(),
			Point{"Their page was read at 02:59 UTC and reports nothing that explains this. Such pages are often late.", "https://status.sn.example", ""}, 1},
		"the controls that fail first": {evidence(saw(partners.FailConnect, 0), controlsDown),
			Point{"No answer from 1.1.1.1 (no connection) and www.google.com (no connection), which has nothing to do with ServiceNow.", "", LeanOurs}, 0},
		"the entry that was announced": {evidence(saw(partners.FailGone, 410), announced("Old API ends", -24*time.Hour, removal)),
			Point{"They announced “Old API ends” for 23 November 2026.", "https://sn.example/news", ""}, 1},
		"our change":             {evidence(changedAgo(5 * time.Minute)), Point{"Our configuration of ServiceNow changed at 02:55 UTC (the probe's credentials).", "", LeanOurs}, 1},
		"never worked":           {evidence(neverWorked), Point{"table-api has not passed once in 3 runs.", "", LeanOurs}, 1},
		"an outage beside a 401": {evidence(saw(partners.FailAuth, 401), reports(outage("API errors"))), Point{"Their page reports “API errors” (partial outage), since 02:30 UTC, which does not explain it.", "https://status.sn.example/i/1", ""}, 1},
	} {
		if v := Decide(c.e, DefaultTriageRules()); len(v.Points) <= c.nth || v.Points[c.nth] != c.want {
			t.Errorf("%s:\ngot  %q\nwant %+v", name, v.Points, c.want)
		}
	}
}

func TestPointsThatMustBeAmongThem(t *testing.T) {
	sibling := func(probe string, class partners.FailureClass) change {
		return func(s *scene) {
			s.e.Siblings = append(s.e.Siblings, partners.ProbeResult{Partner: "servicenow", Probe: probe, Class: class, At: now})
		}
	}
	for want, e := range map[string]Evidence{
		"table-api failed in 5 of 20 runs in the hour before 03:00 UTC; it last passed at 02:57 UTC.":                      evidence(comesAndGoes),
		"Still passing at ServiceNow: incident-creation.":                                                                  evidence(sibling("incident-creation", "")),
		"Also failing at ServiceNow: users.":                                                                               evidence(sibling("users", partners.FailServer)),
		"Their page reports “Reports slow” (Reporting), which does not concern us.":                                        evidence(reports(outage("Reports slow"), on("Reporting"))),
		"Their page called “API errors” over at 02:55 UTC.":                                                                evidence(reports(outage("API errors"), resolvedAgo(5*time.Minute))),
		"“Since spring” stands open on their page without news for days, and explains nothing.":                            evidence(reports(outage("Since spring"), stale)),
		"Their page has the notice “New icons”, which is information and no outage.":                                       evidence(reports(outage("New icons"), notice)),
		"Their page reports “API errors”, but since 02:30 UTC, long after our failure began.":                              evidence(since(9*time.Hour), reports(outage("API errors"))),
		"Their page was last read at 02:55 UTC: operational.":                                                              evidence(lastGood(5 * time.Minute)),
		"okta (no answer) fails at the same time.":                                                                         evidence(others(fails("okta", Neighbour{AtNetwork: 1}))),
		"Their changelog announces “Ends” for 1 December 2026.":                                                            evidence(announced("Ends", 7*24*time.Hour, removal)),
		"acme.sandbox.example looks like a sandbox: refreshing one from production takes its own clients and tokens away.": evidence(saw(partners.FailAuth, 401, at("acme.sandbox.example"))),
		"Their changelog announces “v1 ends on 1 December 2026”.":                                                          evidence(announced("v1 ends on 1 December 2026", 7*24*time.Hour, removal)),
		"Their answers announce “GET /v1 will be switched off” for 1 December 2026.":                                       evidence(announced("GET /v1 will be switched off", 7*24*time.Hour, observed)),
		"a and b (no answer) fail at the same time.":                                                                       evidence(others(fails("a", Neighbour{}), fails("b", Neighbour{AtNetwork: 1}))),
		"Our clock is wrong by 5 min.":                                                                                     evidence(func(s *scene) { s.e.ClockOff = 5 * time.Minute }),
		"users: ServiceNow refused our credentials (401) at 02:59 UTC (acme.sn.example).":                                  evidence(alsoSaw("users", partners.FailAuth, 401)),
		"2 more probes of ServiceNow fail in the same way.":                                                                evidence(alsoSaw("b", partners.FailServer, 503), alsoSaw("c", partners.FailServer, 500)),
		"It took 1.0 s; 95 of 100 runs of table-api take less than 0.3 s.":                                                 evidence(saw(partners.FailSlow, 200), usually(300*time.Millisecond)),
		"Their page cannot be read (HTTP 500).":                                                                            evidence(unread("HTTP 500")),
	} {
		if texts := pointTexts(Decide(e, DefaultTriageRules())); !slices.Contains(texts, want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(texts, "\n"))
		}
	}
}

// What a probe was answered becomes an entry within the same seconds. It is told as news, and not as what they had announced.
func TestAFailureIsNoEvidenceForItself(t *testing.T) {
	v := Decide(evidence(saw(partners.FailGone, 410), announced("GET acme.sn.example/v1 is gone", 0, observedNow)), DefaultTriageRules())
	if text := strings.Join(pointTexts(v), "\n"); strings.Contains(text, "is gone") {
		t.Errorf("the failure explains itself:\n%s", text)
	}
}

// “Other partners” is said only where all of them are well.
func TestWhatElseIsWellIsNoMoreThanIsTrue(t *testing.T) {
	ill := Neighbour{AtNetwork: 1}
	for want, e := range map[string]Evidence{
		"answered 503 while our network and other partners are well.": evidence(),
		"answered 503 while our network and okta are well.":           evidence(others(well("okta"), fails("github", ill), fails("workday", ill))),
		"answered 503 while our network is well.":                     evidence(others(fails("okta", ill))),
	} {
		if v := Decide(e, DefaultTriageRules()); !strings.HasSuffix(v.Says, want) {
			t.Errorf("got  %s\nwant %s", v.Says, want)
		}
	}
}

func TestARefusalSaysWhatEndsIt(t *testing.T) {
	for status, want := range map[int]string{401: "signing in", 404: "our call fits their API", 410: "our call fits their API", 422: "our call fits their API"} {
		class := map[int]partners.FailureClass{401: partners.FailAuth, 404: partners.FailNotFound, 410: partners.FailGone, 422: partners.FailRequest}[status]
		if v := Decide(evidence(saw(class, status)), DefaultTriageRules()); !strings.Contains(v.Would, want) {
			t.Errorf("%d: %s", status, v.Would)
		}
	}
	if v := Decide(evidence(saw(partners.FailRights, 200)), DefaultTriageRules()); v.Says != "Ours: our account lacks the rights." || strings.Contains(v.Points[0].Text, "200") {
		t.Errorf("a success explains no refusal: %s %q", v.Says, v.Points[0])
	}
}

func TestAVerdictSaysUntilWhenTheirPageMayTurnIt(t *testing.T) {
	first := Decide(evidence(), DefaultTriageRules())
	if !strings.Contains(first.Would, "before 03:45 UTC") || !first.At.Equal(now) {
		t.Errorf("the first verdict: %s, %s", first.At, first.Would)
	}
	later := evidence(since(30*time.Minute), prior(first))
	later.Prior.At = now.Add(-29 * time.Minute)
	if v := Decide(later, DefaultTriageRules()); !strings.Contains(v.Would, "before 03:16 UTC") || !v.At.Equal(later.Prior.At) {
		t.Errorf("half an hour later: %s, %s", v.At, v.Would)
	}
	later.Incident.Since, later.Prior.At = now.Add(-3*time.Hour), now.Add(-46*time.Minute)
	if v := Decide(later, DefaultTriageRules()); v.Would != "Only a person's word turns it by now." {
		t.Errorf("after the window: %s", v.Would)
	}
	later.Prior.At = now.Add(-44 * time.Minute) // it was unclear until then
	later.Page = evidence(reports(outage("API errors"), beganAgo(2*time.Hour))).Page
	if v := Decide(later, DefaultTriageRules()); v.Word != External || !v.At.Equal(now) {
		t.Errorf("called ours 44 minutes ago, and their page reports it now: %s", inWords(v))
	}
}

func TestMissingEvidenceIsNamed(t *testing.T) {
	missing := []string{"the store took too long", "a control was not asked"}
	e := evidence(func(s *scene) { s.e.Missing = missing })
	v := Decide(e, DefaultTriageRules())
	if !slices.Equal(v.Missing, []string{missing[1], missing[0]}) || missing[0] != "the store took too long" {
		t.Errorf("got %q", v.Missing)
	}
}

func TestCues(t *testing.T) {
	for text, want := range map[string]bool{"Single sign-on is failing": true, "users cannot log in": true, "OAuth tokens": true, "API keys rejected": true, "SAML": true,
		"Blog in maintenance": false, "Design input": false, "API is slow": false, "Sign in to see": true, "author pages": false, "catalog index": false} {
		if signInCue.MatchString(text) != want {
			t.Errorf("%q about signing in: want %t", text, want)
		}
	}
	for text, want := range map[string]bool{"Rate limit exceeded": true, "rate-limited": true, "Too Many Requests": true, "throttling": true, "corporate limits": false, "accurate limit": false, "": false} {
		if saysSlowDown(text) != want {
			t.Errorf("%q asks to slow down: want %t", text, want)
		}
	}
	for issuer, want := range map[string]bool{"DigiCert TLS RSA SHA256 2020 CA1": true, "R11, Let's Encrypt": true, "GTS CA 1C3, Google Trust Services": true, "Acme Proxy CA": false, "Zscaler Root": false, "localhost": false} {
		if publicAuthority(issuer) != want {
			t.Errorf("%q is a public authority: want %t", issuer, want)
		}
	}
}

func TestLengthsOfTime(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", 12 * time.Second: "12 s", 61 * time.Second: "1 min", 2 * time.Hour: "2 h",
		2*time.Hour + 5*time.Minute: "2 h 5 min", 24 * time.Hour: "1 day", 80 * time.Hour: "3 days"} {
		if got := inUnits(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
	if got := stamp(now.AddDate(-1, 0, 0), now); got != "03:00 UTC on 24 November 2025" {
		t.Error(got)
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("a\r\nb\tc", 10)
	f.Add("\u202eevil\u2028x\xff", 3)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = 1 + max(most, -most, 0)%400
		got := oneLine(text, max(most, 1))
		if utf8.RuneCountInString(got) > max(most, 1) || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x00\u2028\u202e") || got != strings.TrimSpace(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func FuzzDecideOnOutsideText(f *testing.F) {
	f.Add("API errors", "we look", "<html>", "DigiCert", 503)
	f.Add("\x00", "\xff", "rate limit", "", 401)
	f.Fuzz(func(t *testing.T, name, text, excerpt, issuer string, status int) {
		e := evidence(saw(partners.FailServer, status, saying(excerpt), signedBy(issuer)), alsoSaw("b", partners.FailCertificate, 0, signedBy(issuer)), reports(outage(name), telling(text)))
		v := Decide(e, DefaultTriageRules())
		for _, s := range append([]string{v.Says, v.Would}, pointTexts(v)...) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\x00") || utf8.RuneCountInString(s) > 700 {
				t.Errorf("%q", s)
			}
		}
	})
}

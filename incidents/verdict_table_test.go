package incidents

import (
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// These tables are the specification of the verdict. A row is named by where it comes from: contract is section 4 of the
// contract with users, signal the list of what each signal proves, and a letter and number a trap that somebody fell
// into.

// checkTold holds every verdict to what a reader needs: whose it is, why, what would change it, and evidence.
func checkTold(t *testing.T, v Verdict) {
	t.Helper()
	if v.Says == "" || v.Would == "" || len(v.Points) == 0 || len(v.Points) > mostPoints || v.At.IsZero() {
		if v.Says != "as before" && v.By == "" {
			t.Errorf("a verdict without its words: %+v", v)
		}
	}
	for _, text := range append([]string{v.Says, v.Would}, pointTexts(v)...) {
		if strings.ContainsAny(text, "!\n\t") || strings.Contains(text, "  ") || strings.Contains(text, "..") {
			t.Errorf("not a sentence for people: %q", text)
		}
	}
	if v.Word == External && v.Announced == nil && v.By == "" {
		t.Error("theirs, but what they announced is missing")
	}
	if v.Word == External && v.Lean != "" || v.Word != External && v.Announced != nil && v.By == "" {
		t.Errorf("lean or announcement do not go with the word: %+v", v)
	}
}

func pointTexts(v Verdict) []string {
	var texts []string
	for _, p := range v.Points {
		texts = append(texts, p.Text)
	}
	return texts
}

func TestTheContract(t *testing.T) {
	const theirs, oursWakes = "external/announced/-: publishes", "internal/not announced/theirs: wakes"
	runTable(t, []row{
		{"contract 1: the page reports an outage that concerns our component", evidence(reports(outage("API errors"))), theirs},
		{"contract 1: an outage that concerns our region", evidence(reports(outage("US East down"), inRegion("US East"))), theirs},
		{"contract 1: an outage that names no part concerns everybody", evidence(reports(outage("Errors"), on())), theirs},
		{"contract 1: our component is degraded, without an incident", evidence(component("Table API", partners.Degraded)), theirs},
		{"contract 1: our component is out", evidence(component("US West", partners.MajorOutage)), theirs},
		{"contract 1: the page's light is red, and nothing on it says why", evidence(indicator(partners.MajorOutage)), theirs},
		{"contract 1: without patterns the whole page concerns us", evidence(wholePage, reports(outage("Reports slow"), on("Reporting"))), theirs},
		{"contract 1: no answer at all, announced", evidence(saw(partners.FailTimeout, 0), reports(outage("API errors"))), theirs},
		{"contract 1: wrong content, announced", evidence(saw(partners.FailContent, 200), reports(outage("API errors"))), theirs},
		{"contract 1: slow, announced", evidence(saw(partners.FailSlow, 200), reports(outage("API errors"))), theirs},
		{"contract 1: maintenance that concerns us", evidence(window(-10*time.Minute, 50*time.Minute, true, "Table API")), "external/planned/-: publishes"},
		{"contract 1: our component is in maintenance", evidence(component("Table API", partners.Maintenance)), "external/planned/-: publishes"},
		{"contract 1: an outage during maintenance is an outage", evidence(window(-10*time.Minute, 50*time.Minute, true), reports(outage("API errors"))), theirs},
		{"contract 1: no controls and no neighbours are needed for their own word", evidence(noControls, others(), noHistory, reports(outage("API errors"))), theirs},
		{"contract 1: one control of two is out", evidence(oneControlOut, reports(outage("API errors"))), theirs},

		{"contract 2: the page says all is well, they answer 503", evidence(), oursWakes},
		{"contract 2: only what does not concern us is reported", evidence(reports(outage("Reports slow"), on("Reporting"))), oursWakes},
		{"contract 2: another component is out", evidence(component("Mobile", partners.MajorOutage)), oursWakes},
		{"contract 2: maintenance of another part", evidence(window(-10*time.Minute, 50*time.Minute, true, "Reporting")), oursWakes},
		{"contract 2: 5xx from the partner's own edge", evidence(saw(partners.FailServer, 502, atEdge("cloudflare"))), oursWakes},
		{"contract 2: looked at again within the window: theirs by now",
			evidence(since(40*time.Minute), prior(oursUntil(ReasonNotAnnounced, LeanTheirs)), reports(outage("API errors"))), theirs},
		{"contract 2: after the window their page turns nothing",
			evidence(since(50*time.Minute), prior(oursUntil(ReasonNotAnnounced, LeanTheirs)), reports(outage("API errors"))), "internal/announced/theirs: wakes"},

		{"contract 3: the page cannot be read", evidence(unread("HTTP 500")), "unclear/page unread/theirs: wakes"},
		{"contract 3: the page is not what it was", evidence(unread("this is a sign-in page")), "unclear/page unread/theirs: wakes"},
		{"contract 3: its newest reading is older than 15 minutes", evidence(readAgo(16 * time.Minute)), "unclear/page unread/theirs: wakes"},
		{"contract 3: an outage in a reading that is too old", evidence(readAgo(16*time.Minute), reports(outage("API errors"))), "unclear/page unread/theirs: wakes"},
		{"contract 3: a reading of 14 minutes counts", evidence(readAgo(14*time.Minute), reports(outage("API errors"))), theirs},
		{"contract 3: unread now, an outage in a reading that counts", evidence(lastGood(5*time.Minute), reports(outage("API errors"))), theirs},
		{"contract 3: unread now, an outage in one that does not", evidence(lastGood(20*time.Minute), reports(outage("API errors"))), "unclear/page unread/theirs: wakes"},
		{"contract 3: unread now, well five minutes ago", evidence(lastGood(5 * time.Minute)), "unclear/page unread/theirs: wakes"},
		{"contract 3: no page is configured", evidence(noPage), "unclear/page unread/theirs: wakes"},
		{"contract 3: never read", evidence(func(s *scene) { s.whole.ReadAt = time.Time{} }), "unclear/page unread/theirs: wakes"},
		{"contract 3: none of the components that concern us is on it", evidence(func(s *scene) { s.ours = []string{"Gone"} }), "unclear/page unread/theirs: wakes"},

		{"contract 4: 401", evidence(saw(partners.FailAuth, 401)), "internal/credentials/ours: wakes"},
		{"contract 4: 401 although they have an outage", evidence(saw(partners.FailAuth, 401), reports(outage("API errors"))), "internal/credentials/ours: wakes"},
		{"contract 4: 401 and an outage of signing in", evidence(saw(partners.FailAuth, 401), reports(outage("Authentication failures"))), theirs},
		{"contract 4: 403", evidence(saw(partners.FailRights, 403)), "internal/rights/ours: wakes"},
		{"contract 4: 403 although they have an outage", evidence(saw(partners.FailRights, 403), reports(outage("API errors"))), "internal/rights/ours: wakes"},
		{"contract 4: 403 and an outage of single sign-on", evidence(saw(partners.FailRights, 403), reports(outage("SSO is failing"))), theirs},
		{"contract 4: 404 although they have an outage", evidence(saw(partners.FailNotFound, 404), reports(outage("API errors"))), "internal/request/ours: wakes"},
		{"contract 4: 400", evidence(saw(partners.FailRequest, 400)), "internal/request/ours: wakes"},
		{"contract 4: 422 although they have an outage", evidence(saw(partners.FailRequest, 422), reports(outage("API errors"))), "internal/request/ours: wakes"},
		{"contract 4: 410", evidence(saw(partners.FailGone, 410)), "internal/request/ours: wakes"},
		{"contract 4: our certificate expired", evidence(saw(partners.FailTLS, 0), expired(true)), "internal/certificate/ours: wakes"},
		{"contract 4: our certificate expired although they have an outage", evidence(saw(partners.FailTLS, 0), expired(true), reports(outage("TLS errors"))), "internal/certificate/ours: wakes"},
		{"contract 4: 401 and the page cannot be read", evidence(saw(partners.FailAuth, 401), unread("HTTP 500")), "internal/credentials/ours: wakes"},

		{"contract 5: 429", evidence(saw(partners.FailThrottled, 429)), "internal/throttled/ours: quiet"},
		{"contract 5: 429 although they have an outage", evidence(saw(partners.FailThrottled, 429), reports(outage("API errors"))), "internal/throttled/ours: quiet"},
		{"contract 5: 429 and the page cannot be read", evidence(saw(partners.FailThrottled, 429), unread("HTTP 500")), "internal/throttled/ours: quiet"},

		{"contract 6: the controls fail too", evidence(saw(partners.FailConnect, 0), controlsDown), "internal/network/ours: wakes"},
		{"contract 6: the controls fail too, and their page reported an outage", evidence(saw(partners.FailConnect, 0), controlsDown, reports(outage("API errors"))), "internal/network/ours: wakes"},
		{"contract 6: the controls fail, but the partner answers 503", evidence(controlsDown), "internal/network/-: wakes"},
		{"contract 6: the controls fail, the partner answers 503, and has an outage", evidence(controlsDown, reports(outage("API errors"))), "internal/network/-: wakes"},
		{"contract 6: an incident of our network", evidence(func(s *scene) { s.e.Incident.Kind = KindNetwork }), "internal/network/ours: wakes"},
	})
}

func TestAPersonsWordIsReturnedUnchanged(t *testing.T) {
	for _, word := range []Word{External, Internal, Unclear} {
		said := Verdict{Word: word, Reason: ReasonPerson, Says: "Ada says so.", By: "U0ADA", At: now.Add(-time.Hour)}
		for name, e := range map[string]Evidence{
			"well": evidence(prior(said)), "outage": evidence(prior(said), reports(outage("API errors"))),
			"network": evidence(prior(said), controlsDown, saw(partners.FailConnect, 0)), "401": evidence(prior(said), saw(partners.FailAuth, 401)),
		} {
			if v := Decide(e, DefaultTriageRules()); !v.Same(said) || v.Says != said.Says || !v.At.Equal(said.At) || v.Points != nil {
				t.Errorf("%s, %s: a person's word became %+v", word, name, v)
			}
		}
	}
}

package incidents

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sparky/partners"
)

// anyEvidence is evidence of every kind, mostly contradicting itself.
func anyEvidence(t *rapid.T) Evidence {
	s := scene{ours: []string{"Table API", "US*"}, e: evidence()}
	s.e.Incident.Probes, s.e.Incident.Since = nil, ago24h(t, "since")
	s.whole = partners.Status{Page: "https://status.sn.example", ReadAt: now.Add(-rapid.SampledFrom([]time.Duration{0, 10 * time.Second, 14 * time.Minute, 16 * time.Minute, time.Hour}).Draw(t, "read"))}
	s.unread = rapid.SampledFrom([]string{"", "", "", "HTTP 500"}).Draw(t, "unread")
	s.kept, s.keptAge = rapid.IntRange(0, 4).Draw(t, "kept") == 0, 7*time.Minute
	s.e.Page.Configured = rapid.IntRange(0, 9).Draw(t, "configured") > 0
	s.e.Page.ResolvedAgo = rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 14 * time.Minute, time.Hour}).Draw(t, "gone")
	for n := range rapid.IntRange(0, 3).Draw(t, "probes") {
		s.failures = append(s.failures, anyFailure(t, "probe"+string(rune('a'+n))))
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "incidents") {
		s.whole.Incidents = append(s.whole.Incidents, anyIncident(t, "i"+string(rune('a'+n))))
	}
	if rapid.Bool().Draw(t, "window") {
		from := rapid.IntRange(-300, 300).Draw(t, "from")
		window(time.Duration(from)*time.Minute, time.Duration(from+60)*time.Minute, rapid.Bool().Draw(t, "in progress"), rapid.SampledFrom([]string{"Table API", "Web"}).Draw(t, "part"))(&s)
	}
	levels := []partners.Level{partners.Operational, partners.Operational, partners.Operational, partners.Degraded, partners.Maintenance, partners.Unknown}
	for _, name := range []string{"Table API", "US Login", "Web"} {
		s.whole.Components = append(s.whole.Components, partners.Component{Name: name, Level: rapid.SampledFrom(levels).Draw(t, name)})
	}
	surroundings(t, &s)
	return s.gathered()
}

func ago24h(t *rapid.T, label string) time.Time {
	return now.Add(-time.Duration(rapid.IntRange(0, 1440).Draw(t, label)) * time.Minute)
}

func anyFailure(t *rapid.T, probe string) partners.ProbeResult {
	classes := []partners.FailureClass{partners.FailDNS, partners.FailConnect, partners.FailProxy, partners.FailTLS, partners.FailCertificate,
		partners.FailTimeout, partners.FailReset, partners.FailAuth, partners.FailRights, partners.FailNotFound, partners.FailGone, partners.FailRequest,
		partners.FailThrottled, partners.FailServer, partners.FailServer, partners.FailContent, partners.FailSlow, partners.FailPanic, partners.FailNotTried, "new-class"}
	status := rapid.SampledFrom([]int{0, 200, 400, 401, 403, 429, 500, 503}).Draw(t, "status")
	return result(probe, rapid.SampledFrom(classes).Draw(t, "class"), status, []func(*partners.ProbeResult){func(r *partners.ProbeResult) {
		r.Excerpt = rapid.SampledFrom([]string{"", "rate limit", "invalid_client", "down for maintenance", "hibernating", "log in"}).Draw(t, "excerpt")
		r.Edge = rapid.SampledFrom([]string{"", "cloudflare"}).Draw(t, "edge")
		r.Issuer = rapid.SampledFrom([]string{"", "DigiCert", "Acme Proxy CA"}).Draw(t, "issuer")
		r.Expires = rapid.SampledFrom([]time.Time{{}, now.Add(-time.Hour), now.Add(time.Hour)}).Draw(t, "expires")
	}})
}

func anyIncident(t *rapid.T, id string) partners.PageIncident {
	i := outage(rapid.SampledFrom([]string{"API errors", "Login fails", "Certificate errors", "US East down"}).Draw(t, "name"))
	i.ID, i.Began = id, ago24h(t, "began")
	i.Components = rapid.SampledFrom([][]string{nil, {"Table API"}, {"Web"}}).Draw(t, "components")
	i.Stale, i.Notice = rapid.IntRange(0, 3).Draw(t, "stale") == 0, rapid.IntRange(0, 3).Draw(t, "notice") == 0
	if rapid.IntRange(0, 2).Draw(t, "resolved") == 0 {
		i.Resolved, i.Ended = true, ago24h(t, "ended")
	}
	return i
}

// surroundings are everything but the failure and the page.
func surroundings(t *rapid.T, s *scene) {
	for i := range s.e.Controls {
		if rapid.IntRange(0, 2).Draw(t, "control") == 0 {
			s.e.Controls[i].Problem, s.e.Controls[i].Class = "no connection", partners.FailConnect
		}
	}
	for i := range s.e.Others {
		n := &s.e.Others[i]
		n.Probes, n.Failing = rapid.IntRange(0, 3).Draw(t, "ran"), rapid.IntRange(0, 1).Draw(t, "failing")
		n.AtNetwork, n.Auth = rapid.IntRange(0, n.Failing).Draw(t, "cut off"), rapid.IntRange(0, n.Failing).Draw(t, "refused")
		n.Edge = rapid.SampledFrom([]string{"", "Cloudflare"}).Draw(t, "their edge")
	}
	s.e.History = nil
	for _, f := range s.failures {
		h := History{Partner: f.Partner, Probe: f.Probe, Runs: rapid.IntRange(0, 50).Draw(t, "runs")}
		if h.Passed = rapid.IntRange(0, h.Runs).Draw(t, "passed"); h.Passed > 0 {
			h.LastPass = ago24h(t, "last pass")
		}
		h.Recent, h.FirstFailure = min(h.Runs, 12), ago24h(t, "first failure")
		h.RecentFailed = rapid.IntRange(0, h.Recent).Draw(t, "recent failed")
		s.e.History = append(s.e.History, h)
	}
	for n := range rapid.IntRange(0, 2).Draw(t, "expiries") {
		s.e.Expiries = append(s.e.Expiries, Expiry{What: "secret " + string(rune('a'+n)), At: now.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "ends")) * time.Hour), Ours: rapid.Bool().Draw(t, "ours")})
	}
	for n := range rapid.IntRange(0, 2).Draw(t, "notices") {
		announced("Entry "+string(rune('a'+n)), time.Duration(rapid.IntRange(-9, 9).Draw(t, "effective"))*24*time.Hour, func(n *Notice) {
			n.Breaking, n.BrownOut = rapid.Bool().Draw(t, "breaking"), rapid.Bool().Draw(t, "brown-out")
		})(s)
	}
	if rapid.Bool().Draw(t, "changed") {
		s.e.OurChange = OurChange{At: ago24h(t, "change"), What: "auth"}
	}
	s.e.Missing = rapid.SampledFrom([][]string{nil, {"b was not asked", "a took too long"}}).Draw(t, "missing")
	switch rapid.IntRange(0, 4).Draw(t, "prior") {
	case 0:
		s.e.Prior = theirOutage()
	case 1:
		s.e.Prior = maintenanceUntil(time.Duration(rapid.IntRange(-60, 60).Draw(t, "until")) * time.Minute)
	case 2:
		s.e.Prior = Verdict{Word: Internal, Reason: ReasonNotAnnounced, Lean: LeanTheirs, Says: "It looks like theirs.", Would: "A page.", At: ago24h(t, "judged")}
	case 3:
		s.e.Prior = Verdict{Word: Unclear, Reason: ReasonPageUnread}
	}
}

// onTheirPage tells, by another way than the verdict's, whether their page announces something now that concerns us, or
// did until a quarter of an hour ago while the failure was theirs.
func onTheirPage(e Evidence) bool {
	if e.Prior.Word == External && e.Prior.Announced != nil {
		until := e.Prior.Announced.Until
		if e.Page.ResolvedAgo > 0 && e.Page.ResolvedAgo <= 15*time.Minute || !until.IsZero() && !until.After(now) && now.Sub(until) <= 15*time.Minute {
			return true
		}
	}
	for _, s := range []partners.Status{e.Page.Status, e.Page.LastGood} {
		if s.Level == partners.Unknown || s.Level == "" || now.Sub(s.ReadAt) > 15*time.Minute {
			continue
		}
		if s.Level != partners.Operational {
			return true
		}
		for _, w := range s.Windows {
			if !now.Before(w.From.Add(-30*time.Minute)) && !now.After(w.Until.Add(15*time.Minute)) {
				return true
			}
		}
		for _, i := range s.Incidents {
			if e.Prior.Word == External && e.Prior.Announced != nil && e.Prior.Announced.ID == i.ID && i.Resolved && now.Sub(i.Ended) <= 15*time.Minute {
				return true
			}
		}
	}
	return false
}

func TestCustomersAreToldOnlyWhatThePartnerAnnounced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		if v := Decide(e, DefaultTriageRules()); v.Publishes() && (!onTheirPage(e) || v.Announced == nil) {
			t.Fatalf("published without an announcement: %s", v.Says)
		}
	})
}

func TestNoPartnerIsBlamedWhileTheControlsFail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		e.Controls = cut([]Control{{Name: "a"}, {Name: "b"}}, 2)
		e.Prior.Lean = ""
		if v := Decide(e, DefaultTriageRules()); v.Word == External || v.Word == Internal && v.Lean == LeanTheirs {
			t.Fatalf("a partner is blamed: %s", inWords(v))
		}
	})
}

func TestAPageThatWasNotReadNeverMakesItTheirs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		e.Page = PageEvidence{Configured: true, Status: partners.UnknownStatus("https://status.sn.example", "HTTP 500", now)}
		e.Prior.Announced = nil
		if v := Decide(e, DefaultTriageRules()); v.Word == External {
			t.Fatalf("theirs without a page: %s", v.Says)
		}
	})
}

func TestWhatIsNoOutageOfOursChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		before := Decide(e, DefaultTriageRules())
		more := outage(rapid.SampledFrom([]string{"Old trouble", "Login fails"}).Draw(t, "noise"))
		more.ID = "noise"
		elsewhere := false
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			more.Notice = true
		case 1:
			more.Stale = true
		case 2:
			more.Resolved, more.Ended = true, now.Add(-3*time.Hour)
		default:
			more.Components, elsewhere = []string{"Web"}, true
		}
		e.Page.Whole.Incidents = append(e.Page.Whole.Incidents, more)
		if !elsewhere {
			e.Page.Status.Incidents = append(e.Page.Status.Incidents, more)
			e.Page.LastGood.Incidents = append(e.Page.LastGood.Incidents, more)
		}
		after := Decide(e, DefaultTriageRules())
		if after.Word != before.Word || after.Reason != before.Reason || !elsewhere && !after.Same(before) {
			t.Fatalf("%s became %s", inWords(before), inWords(after))
		}
	})
}

func TestTheOrderOfEvidenceDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		other := e
		other.Incident.Probes, other.Controls, other.Others = mixed(r, e.Incident.Probes), mixed(r, e.Controls), mixed(r, e.Others)
		other.History, other.Siblings, other.Expiries = mixed(r, e.History), mixed(r, e.Siblings), mixed(r, e.Expiries)
		other.Notices, other.Missing = mixed(r, e.Notices), mixed(r, e.Missing)
		for _, s := range []*partners.Status{&other.Page.Status, &other.Page.Whole, &other.Page.LastGood} {
			s.Incidents, s.Windows, s.Components = mixed(r, s.Incidents), mixed(r, s.Windows), mixed(r, s.Components)
		}
		if a, b := Decide(e, DefaultTriageRules()), Decide(other, DefaultTriageRules()); !reflect.DeepEqual(a, b) {
			t.Fatalf("order matters:\n%+v\n%+v", a, b)
		}
	})
}

func mixed[T any](r *rand.Rand, list []T) []T {
	list = append([]T(nil), list...)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func TestTheSameEvidenceAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvidence(t)
		first := Decide(e, DefaultTriageRules())
		e.Prior = first
		if second := Decide(e, DefaultTriageRules()); !second.Same(first) {
			t.Fatalf("%s became %s", inWords(first), inWords(second))
		}
	})
}

func TestEveryVerdictIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Decide(anyEvidence(t), DefaultTriageRules())
		for _, text := range append([]string{v.Says, v.Would}, pointTexts(v)...) {
			if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > 700 || strings.ContainsAny(text, "!\n") {
				t.Fatalf("not a sentence: %q in %+v", text, v)
			}
		}
		if v.Word == External && v.Lean != "" || v.Word == Unclear && v.Reason != ReasonPageUnread && v.Reason != ReasonShared || len(v.Points) > mostPoints {
			t.Fatalf("does not fit together: %+v", v)
		}
	})
}

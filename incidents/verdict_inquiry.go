package incidents

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// inquiry is the evidence in an order of its own, with what was read out of it before anything is concluded.
type inquiry struct {
	Evidence
	rules  TriageRules
	failed []partners.ProbeResult // the newest failures that tell something
	lead   []partners.ProbeResult // those of them that the verdict is about, the most telling first
	nature nature                 // of lead
	page   pageView
	named  map[string]time.Time // the moments that were put into words, by those
}

// nature is what kind of explanation a failure needs.
type nature int

// The natures. Where probes of one partner fail in several ways, the first of these decides: an outage often produces
// refusals too, a wrong credential never produces a 503.
const (
	theirSide      nature = iota // an outage of the partner produces it
	badCertificate               // no certificate that both sides accept
	refused                      // they answered, and found fault with what we sent
	probeBroke                   // the probe's own code
	slowDown                     // we were told to slow down
	nothingSeen                  // no probe tells anything
)

func inquire(e Evidence, rules TriageRules) inquiry {
	q := inquiry{Evidence: e, rules: rules, nature: nothingSeen, named: map[string]time.Time{}}
	q.sort()
	for _, f := range q.Incident.FailingProbes() {
		if f.Last.Tells() && !f.Last.Passed() {
			q.failed = append(q.failed, f.Last)
			q.nature = min(q.nature, q.natureOf(f.Last))
		}
	}
	slices.SortFunc(q.failed, func(a, b partners.ProbeResult) int {
		return cmp.Or(cmp.Compare(tellingRank(a), tellingRank(b)), cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Probe, b.Probe),
			a.At.Compare(b.At), cmp.Compare(a.Problem, b.Problem))
	})
	for _, r := range q.failed {
		if q.natureOf(r) == q.nature {
			q.lead = append(q.lead, r)
		}
	}
	q.page = q.viewPage()
	return q
}

// sort puts every list into an order of its own, so that the order in which pieces of evidence arrive decides nothing.
func (q *inquiry) sort() {
	q.Controls = sortedBy(q.Controls, func(c Control) string { return c.Name + "\x00" + c.Problem + "\x00" + string(c.Class) })
	q.Others = sortedBy(q.Others, func(n Neighbour) string { return n.Name + "\x00" + n.Partner })
	q.History = sortedBy(q.History, func(h History) string { return h.Partner + "\x00" + h.Probe + "\x00" + moment(h.LastPass) })
	q.Siblings = sortedBy(q.Siblings, func(r partners.ProbeResult) string { return r.Partner + "\x00" + r.Probe + "\x00" + moment(r.At) })
	q.Expiries = sortedBy(q.Expiries, func(x Expiry) string { return moment(x.At) + x.What })
	q.Notices = sortedBy(q.Notices, func(n Notice) string { return moment(n.Effective) + moment(n.Published) + n.Title + "\x00" + n.Link })
	q.Missing = sortedBy(q.Missing, func(m string) string { return m })
	slices.Reverse(q.Notices) // the newest first
}

func sortedBy[T any](list []T, key func(T) string) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	return list
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000") }

// classOf is the class of a failure as its answer gives it: a token host that is broken is no fault of our credentials,
// and one that names our client is, whatever the status.
func classOf(r partners.ProbeResult) partners.FailureClass {
	switch {
	case r.Status == 429, r.Status == 403 && saysSlowDown(r.Excerpt):
		return partners.FailThrottled
	case r.Class == partners.FailAuth && r.Status >= 500:
		return partners.FailServer
	case r.Class == partners.FailRequest && namesOurClient(r.Excerpt):
		return partners.FailAuth
	}
	return r.Class
}

func (q inquiry) natureOf(r partners.ProbeResult) nature {
	class := classOf(r)
	switch {
	case class == partners.FailThrottled:
		return slowDown
	case class == partners.FailPanic:
		return probeBroke
	case class.OurRequest():
		return refused
	case class == partners.FailCertificate && !q.theirsExpired(r):
		return badCertificate
	case class == partners.FailTLS && q.oursExpired() != nil:
		return badCertificate
	}
	return theirSide
}

// tellingRank orders failures by how much they tell, the most telling first: an answer tells more than none.
func tellingRank(r partners.ProbeResult) int {
	return slices.Index([]partners.FailureClass{
		partners.FailServer, partners.FailReset, partners.FailTimeout, partners.FailConnect, partners.FailTLS, partners.FailDNS,
		partners.FailContent, partners.FailSlow, partners.FailProxy, partners.FailCertificate, partners.FailAuth, partners.FailRights,
		partners.FailGone, partners.FailNotFound, partners.FailRequest, partners.FailReported, partners.FailPanic, partners.FailThrottled,
	}, classOf(r))
}

// leads tells whether the verdict is about failures of one class alone, or of some.
func (q inquiry) leads(classes ...partners.FailureClass) bool {
	return len(q.lead) > 0 && !slices.ContainsFunc(q.lead, func(r partners.ProbeResult) bool { return !slices.Contains(classes, classOf(r)) })
}

// class is the class of the most telling failure; empty where there is none.
func (q inquiry) class() partners.FailureClass {
	if len(q.lead) == 0 {
		return ""
	}
	return classOf(q.lead[0])
}

// cutOff tells that no failing probe saw any answer.
func (q inquiry) cutOff() bool {
	return !slices.ContainsFunc(q.failed, func(r partners.ProbeResult) bool { return !r.AtNetwork() && r.Class != partners.FailCertificate })
}

// began is when the failure began, as far as it is known.
func (q inquiry) began() time.Time {
	first := q.Incident.Since
	for _, h := range q.leadHistory() {
		if !h.FirstFailure.IsZero() && (first.IsZero() || h.FirstFailure.Before(first)) {
			first = h.FirstFailure
		}
	}
	return first
}

// leadHistory is the history of the probes that the verdict is about.
func (q inquiry) leadHistory() []History {
	var histories []History
	for _, h := range q.History {
		if slices.ContainsFunc(q.lead, func(r partners.ProbeResult) bool { return r.Partner == h.Partner && r.Probe == h.Probe }) {
			histories = append(histories, h)
		}
	}
	return histories
}

// name is the partner's, for people.
func (q inquiry) name() string {
	if name := oneLine(q.Incident.Name, 60); name != "" {
		return name
	}
	return "the partner"
}

package incidents

import (
	"time"

	"sparky/partners"
)

// zones is how far a calendar day may begin before or end after the same day in UTC.
const zones = 14 * time.Hour

// planned is the announcement in the partner's changelog that explains the failure: a time of failing on purpose on its
// day, or a removal whose day has just come. nil where there is none.
func (q inquiry) planned() *Notice {
	for _, n := range q.Notices {
		if q.fits(n) {
			return &n
		}
	}
	return nil
}

func (q inquiry) fits(n Notice) bool {
	if n.Effective.IsZero() || !n.Breaking && !n.BrownOut || len(q.lead) == 0 {
		return false
	}
	opens, closes := n.Effective.Add(-zones), n.Effective.Add(q.rules.Removed)
	if n.BrownOut && !n.Breaking {
		closes = n.Effective.Add(24*time.Hour + zones)
	}
	if q.At.Before(opens) || q.At.After(closes) || q.began().Before(opens) {
		return false
	}
	switch q.class() {
	case partners.FailAuth:
		// A secret that ran out is likelier than any removal that is not about signing in.
		return signInCue.MatchString(n.Title + "\n" + n.Text)
	case partners.FailNotFound, partners.FailGone, partners.FailRequest:
		return true
	case partners.FailDNS, partners.FailConnect, partners.FailTLS:
		return q.ourSideWell()
	case partners.FailRights, partners.FailContent, partners.FailServer, partners.FailReset, partners.FailTimeout:
		// What is gone for good is not found. A sign-in page or a missing right is more often somebody's own.
		return n.BrownOut
	}
	return false
}

// plannedWords say what was announced.
func (q inquiry) plannedWords(n Notice) string {
	what := "a change"
	if n.BrownOut {
		what = "a time of failing on purpose before a removal"
	}
	return "Announced by " + q.name() + ", and ours to act on: " + what + " on " + n.Effective.UTC().Format("2 January") +
		", “" + oneLine(n.Title, 120) + "”, fits what we see: " + q.saw() + "."
}

package incidents

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheTextsOfAVerdictNameMomentsAndNoAges(t *testing.T) {
	for name, e := range map[string]Evidence{
		"plain":           evidence(),
		"comes and goes":  evidence(comesAndGoes),
		"announced":       evidence(reports(outage("API errors"))),
		"called over":     evidence(reports(outage("API errors"), resolvedAgo(5*time.Minute))),
		"just over":       evidence(prior(theirOutage()), goneAgo(5*time.Minute), reports(outage("API errors"), resolvedAgo(5*time.Minute))),
		"read long ago":   evidence(lastGood(5 * time.Minute)),
		"our own change":  evidence(changedAgo(5 * time.Minute)),
		"an older outage": evidence(since(30*time.Hour), reports(outage("API errors"))),
	} {
		v := Decide(e, DefaultTriageRules())
		all := strings.Join(append(append(pointTexts(v), v.Says, v.Would), v.Missing...), "\n")
		for _, age := range []string{" ago", "just now", "last hour"} {
			if strings.Contains(all, age) {
				t.Errorf("%s: %q is no longer true when it is read:\n%s", name, age, all)
			}
		}
		rest := all
		for _, words := range slices.Backward(slices.SortedFunc(maps.Keys(v.Moments), func(a, b string) int { return len(a) - len(b) })) {
			if got := stamp(v.Moments[words], e.At); got != words || !strings.Contains(all, words) {
				t.Errorf("%s: %q stands for %s in\n%s", name, words, got, all)
			}
			rest = strings.ReplaceAll(rest, words, "")
		}
		if len(v.Moments) == 0 || strings.Contains(rest, " UTC") {
			t.Errorf("%s: a moment in the texts is not among %v:\n%s", name, v.Moments, all)
		}
	}
}

func TestTheMomentsOfAVerdictThatStandsStayKnown(t *testing.T) {
	first := Decide(evidence(), DefaultTriageRules())
	first.Says, first.Moments = "Since 02:10 UTC.", map[string]time.Time{"02:10 UTC": now.Add(-50 * time.Minute)}
	e := evidence(prior(first), unread("HTTP 500"))
	e.Prior.At = now.Add(-10 * time.Minute)
	v := Decide(e, DefaultTriageRules())
	if v.Says != first.Says || !v.Moments["02:10 UTC"].Equal(now.Add(-50*time.Minute)) {
		t.Errorf("%q names %v", v.Says, v.Moments)
	}
}

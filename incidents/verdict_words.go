package incidents

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// oneLine is a text from outside as part of a sentence of ours, of at most so many characters.
func oneLine(text string, most int) string { return plaintext.Line(text, most) }

// stamp is a point in time for reading, with the day where that is not today.
func stamp(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	text := t.Format("15:04") + " UTC"
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return text
	case t.Year() == now.Year():
		return text + t.Format(" on 2 January")
	}
	return text + t.Format(" on 2 January 2006")
}

// inUnits is a length of time for reading, in the two largest units at most.
func inUnits(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		if m := int(d.Minutes()) % 60; m > 0 {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), m)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return counted(int(d.Hours()/24), "day")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// listed is names as a sentence has them: a, b and c; no more than three by name.
func listed(names []string) string {
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0]
	case n > 3:
		return strings.Join(names[:2], ", ") + " and " + fmt.Sprint(n-2) + " more"
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// agreeing are the names with the verb that agrees with how many they are.
func agreeing(names []string, one, many string) string {
	if len(names) == 1 {
		return names[0] + " " + one
	}
	return listed(names) + " " + many
}

func hostOf(r partners.ProbeResult) string {
	if host := oneLine(r.Host, 100); host != "" {
		return host
	}
	return "its host"
}

// saw is what the most telling failure was, with the partner as its subject.
func (q inquiry) saw() string {
	if len(q.lead) == 0 {
		return q.name() + " fails"
	}
	return q.name() + " " + inShort(q.lead[0])
}

// inShort is what a failure was, in a few words whose subject is the partner.
func inShort(r partners.ProbeResult) string {
	status := ""
	if r.Status != 0 {
		status = " (" + statusOf(r) + ")"
	}
	switch class := classOf(r); class {
	case partners.FailServer:
		if r.Status == 0 {
			return "answered with an error of its own"
		}
		return "answered " + statusOf(r)
	case partners.FailDNS:
		return "cannot be found by its name " + hostOf(r)
	case partners.FailConnect:
		return "takes no connection at " + hostOf(r)
	case partners.FailTLS:
		return "agrees on no encryption at " + hostOf(r)
	case partners.FailTimeout:
		return "gave no answer in time"
	case partners.FailReset:
		return "cut the connection before the answer ended"
	case partners.FailContent:
		if signInPageCue.MatchString(r.Excerpt) {
			return "answered with what looks like a sign-in page" + status
		}
		return "gave an unexpected answer" + status
	case partners.FailSlow:
		return "answers too slowly"
	case partners.FailCertificate:
		if !r.Expires.IsZero() && r.Expires.Before(r.End()) {
			return "shows a certificate that has run out"
		}
		return "shows a certificate that is not accepted here"
	case partners.FailAuth:
		return "refused our credentials" + status
	case partners.FailRights:
		if r.Status < 400 { // such as an empty list, where there must be entries
			status = ""
		}
		return "denied us the rights" + status
	case partners.FailNotFound:
		return "does not know the address that we call" + status
	case partners.FailGone:
		return "has removed what we call" + status
	case partners.FailRequest:
		return "rejected our request" + status
	case partners.FailThrottled:
		return "asked us to slow down" + status
	case partners.FailProxy:
		return "was not reached: our proxy did not let the call through"
	case partners.FailReported:
		return "fails by New Relic's word"
	case partners.FailPanic:
		return "was not asked: the probe itself broke"
	}
	return "failed"
}

// refusalWords say what was refused, with us as the subject. The status of a success explains no refusal.
func refusalWords(class partners.FailureClass, r partners.ProbeResult) string {
	status := ""
	if r.Status >= 400 {
		status = " (" + statusOf(r) + ")"
	}
	switch class {
	case partners.FailAuth:
		return "our credentials were refused" + status
	case partners.FailRights:
		return "our account lacks the rights" + status
	case partners.FailGone:
		return "what we call was removed" + status
	case partners.FailNotFound:
		return "the address that we call is not there" + status
	}
	return "our request was rejected" + status
}

// whileOursIsWell says how we know that it is not our side.
func (q inquiry) whileOursIsWell() string {
	var well []string
	if q.controlAnswers() {
		well = append(well, "our network")
	}
	const others = "other partners"
	all := q.neighbours()
	switch fine := slices.DeleteFunc(slices.Clone(all), func(n Neighbour) bool { return n.Failing > 0 }); {
	case len(fine) == 0:
	case len(fine) == len(all):
		well = append(well, others)
	default: // “other partners” would be more than is true
		for _, n := range fine {
			well = append(well, oneLine(n.Name, 60))
		}
	}
	switch {
	case len(well) == 0:
		return ""
	case slices.Equal(well, []string{others}):
		return " while " + others + " are well"
	}
	return " while " + agreeing(well, "is well", "are well")
}

func (q inquiry) afterOurChange() string {
	if !q.ourChange() {
		return ""
	}
	words := ", right after our configuration changed at " + q.when(q.OurChange.At)
	if what := oneLine(q.OurChange.What, 100); what != "" {
		words += " (" + what + ")"
	}
	return words
}

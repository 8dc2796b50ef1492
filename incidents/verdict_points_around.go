package incidents

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"sparky/partners"
)

// pointsOfControls tell whether our own network works.
func (q inquiry) pointsOfControls(Verdict) []weighed {
	var well, down []string
	for _, c := range q.Controls {
		name := oneLine(c.Name, 60)
		if c.Problem == "" {
			well = append(well, name)
		} else {
			down = append(down, name+" ("+oneLine(c.Problem, 80)+")")
		}
	}
	var all []weighed
	if len(well) > 0 {
		all = point(75, q.wellSpeaksFor(), "", "%s answered, so our network reaches the outside.", listed(well))
	}
	if len(down) > 0 {
		weight, lean := 74, LeanOurs
		if len(well) == 0 {
			weight = 105
		}
		all = append(all, point(weight, lean, "", "No answer from %s, which has nothing to do with %s.", listed(down), q.name())...)
	}
	return all
}

// wellSpeaksFor is for whose fault it speaks that everything else is well: nothing where they answered and found fault
// with what we sent.
func (q inquiry) wellSpeaksFor() Lean {
	if q.nature != theirSide || q.controlsDown() {
		return ""
	}
	return LeanTheirs
}

// pointsOfOthers tell how the other partners do.
func (q inquiry) pointsOfOthers(v Verdict) []weighed {
	var well, ill []string
	for _, n := range q.neighbours() {
		name := oneLine(n.Name, 60)
		if n.Failing == 0 {
			well = append(well, name)
			continue
		}
		ill = append(ill, name+howIll(n))
	}
	var all []weighed
	if len(ill) > 0 {
		weight, lean := 73, LeanOurs
		if v.Reason == ReasonShared || v.Reason == ReasonNetwork {
			weight = 95
		}
		if v.Reason == ReasonShared {
			lean = LeanTheirs
		}
		all = point(weight, lean, "", "%s at the same time.", agreeing(ill, "fails", "fail"))
	}
	if len(well) > 0 {
		all = append(all, point(69, q.wellSpeaksFor(), "", "%s at the same time.", agreeing(well, "is well", "are well"))...)
	}
	return all
}

func howIll(n Neighbour) string {
	switch {
	case n.Edge != "":
		return " (at the edge of " + oneLine(n.Edge, 40) + ")"
	case n.Auth > 0:
		return " (credentials refused)"
	case n.AtNetwork > 0:
		return " (no answer)"
	}
	return ""
}

// pointsOfHistory tell how the failing probes did until now.
func (q inquiry) pointsOfHistory(v Verdict) []weighed {
	var all []weighed
	for n, h := range q.leadHistory() {
		if n == 2 {
			break
		}
		name := oneLine(h.Probe, 60)
		switch {
		case h.Runs == 0:
		case h.Passed == 0 && h.LastPass.IsZero():
			weight := 58
			if v.Reason == ReasonNeverWorked {
				weight = 95
			}
			all = append(all, point(weight, LeanOurs, "", "%s has not passed once in %s.", name, counted(h.Runs, "run"))...)
		case h.LastPass.IsZero():
		case h.RecentFailed >= 2 && h.RecentFailed < h.Recent:
			all = append(all, point(59, LeanTheirs, "", "%s failed in %d of %s in the hour before %s; it last passed at %s.", name, h.RecentFailed,
				counted(h.Recent, "run"), q.when(q.At), q.when(h.LastPass))...)
		default:
			all = append(all, point(57, "", "", "%s last passed at %s.", name, q.when(h.LastPass))...)
		}
		if r := q.slow(h); r != nil {
			all = append(all, point(62, "", "", "It took %s; 95 of 100 runs of %s take less than %s.", seconds(r.Took), name, seconds(h.UsualP95))...)
		}
	}
	return all
}

// slow is the newest run of the probe where that was too slow and it is known how long runs take.
func (q inquiry) slow(h History) *partners.ProbeResult {
	for _, r := range q.lead {
		if h.UsualP95 > 0 && r.Class == partners.FailSlow && r.Partner == h.Partner && r.Probe == h.Probe {
			return &r
		}
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// pointsOfSiblings tell how the partner's other probes do.
func (q inquiry) pointsOfSiblings(Verdict) []weighed {
	var pass, fail []string
	for _, r := range q.Siblings {
		if slices.ContainsFunc(q.failed, func(f partners.ProbeResult) bool { return f.Probe == r.Probe && f.Partner == r.Partner }) {
			continue
		}
		name := oneLine(r.Probe, 60)
		switch {
		case r.Passed():
			pass = append(pass, name)
		case r.Tells():
			fail = append(fail, name)
		}
	}
	var all []weighed
	if len(pass) > 0 {
		all = point(56, "", "", "Still passing at %s: %s.", q.name(), listed(pass))
	}
	if len(fail) > 0 {
		all = append(all, point(55, "", "", "Also failing at %s: %s.", q.name(), listed(fail))...)
	}
	return all
}

// soon is how long before its end something that runs out is worth telling.
const soon = 24 * time.Hour

// pointsOfExpiry tell what has run out, or is about to.
func (q inquiry) pointsOfExpiry(Verdict) []weighed {
	var all []weighed
	for _, x := range q.Expiries {
		what, lean := oneLine(x.What, 100), LeanTheirs
		if x.Ours {
			lean = LeanOurs
		}
		switch {
		case x.At.IsZero():
		case !x.At.After(q.At):
			all = append(all, point(94, lean, "", "%s ran out at %s.", capital(what), q.when(x.At))...)
		case x.At.Sub(q.At) < soon:
			all = append(all, point(40, "", "", "%s runs out at %s.", capital(what), q.when(x.At))...)
		}
	}
	return all
}

// nearby is how far from now something announced may be and still be worth telling beside a failure.
const nearby = 7 * 24 * time.Hour

// timely tells that a notice is of these days, by its own day or by when it was published.
func (q inquiry) timely(n Notice) bool {
	near := func(t time.Time) bool { return !t.IsZero() && q.At.Sub(t).Abs() <= nearby }
	return near(n.Effective) || near(n.Published)
}

// related tells that an announcement which breaks nothing may have to do with the failure all the same: it is of the last
// day, and names what fails. Who is woken reads nothing else of a changelog.
func (q inquiry) related(n Notice) bool {
	if n.Published.IsZero() || q.At.Sub(n.Published).Abs() > 24*time.Hour {
		return false
	}
	text := strings.ToLower(n.Title + " " + n.Text)
	for _, r := range q.lead {
		for _, word := range strings.FieldsFunc(strings.ToLower(r.Probe), func(c rune) bool { return !unicode.IsLetter(c) }) {
			if len(word) >= shortestClue && strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}

// shortestClue is how long a word of a probe's name must be to tell anything: "api" stands in every changelog.
const shortestClue = 4

// pointsOfNotices tell what the partner announced: what explains it first, then what of these days could.
func (q inquiry) pointsOfNotices(Verdict) []weighed {
	var all []weighed
	planned := q.planned()
	for _, n := range q.Notices {
		title, when := oneLine(n.Title, 120), ""
		if !n.Effective.IsZero() {
			when = " for " + n.Effective.UTC().Format("2 January 2006")
		}
		switch {
		case planned != nil && *planned == n:
			all = append(all, point(96, "", n.Link, "They announced “%s”%s.", title, when)...)
		case !q.timely(n):
		case n.Observed && n.Effective.IsZero():
			// What a probe was answered just now may be this very failure, and is no evidence for itself.
		case n.BrownOut || n.Breaking:
			if strings.Contains(title, strings.TrimPrefix(when, " for ")) {
				when = ""
			}
			where := "changelog announces"
			if n.Observed {
				where = "answers announce"
			}
			all = append(all, point(45, "", n.Link, "Their %s “%s”%s.", where, title, when)...)
		case q.related(n):
			all = append(all, point(20, "", n.Link, "Their changelog had “%s” at %s.", title, q.when(n.Published))...)
		}
	}
	return all
}

// pointsOfOurs tell what of ours may have a part in it.
func (q inquiry) pointsOfOurs(Verdict) []weighed {
	var all []weighed
	if at := q.OurChange.At; !at.IsZero() && q.At.Sub(at) < 24*time.Hour && !at.After(q.At) {
		weight, lean := 50, Lean("")
		if q.ourChange() {
			weight, lean = 97, LeanOurs
		}
		what := ""
		if words := oneLine(q.OurChange.What, 100); words != "" {
			what = " (" + words + ")"
		}
		all = point(weight, lean, "", "Our configuration of %s changed at %s%s.", q.name(), q.when(at), what)
	}
	if q.clockWrong() {
		all = append(all, point(93, LeanOurs, "", "Our clock is wrong by %s.", inUnits(q.ClockOff.Abs()))...)
	}
	if q.nature == refused && sandboxCue.MatchString(strings.ToLower(q.lead[0].Host)) {
		all = append(all, point(52, LeanOurs, "", "%s looks like a sandbox: refreshing one from production takes its own clients and tokens away.", hostOf(q.lead[0]))...)
	}
	return all
}

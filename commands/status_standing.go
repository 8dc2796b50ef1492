package commands

import (
	"fmt"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// standing is how a partner does, by its own word and by what we see, with what we see first: a page that says that all
// is well is the last to know.
type standing struct {
	line   Line
	count  string // what the summary counts it as, one of counted
	failed bool
}

// counted are the words of the summary, from what needs a look to what does not.
func counted() []string {
	return []string{"with an open incident", "failing our probes", "with an outage", "degraded", "with a warning", "in maintenance",
		"muted", "unknown", "operational"}
}

func standingOf(p partners.Partner, view partnerView, o own, now time.Time) standing {
	st := byTheirWord(p, view, now)
	failing, muted, warned := o.named(MarkBad, now), o.named(MarkMuted, now), o.named(MarkWarn, now)
	old := 0
	for _, v := range o.probes {
		if v.old(now) || v.ourNetwork {
			old++
		}
	}
	well := urgencyOf(st.line.Mark) >= urgencyOf(MarkPlanned)
	switch {
	case len(o.incidents) > 0:
		return byIncident(p, view, o, now)
	case len(failing) > 0:
		line := seenBy(p, view, MarkBad, now, Piece{Text: ": " + ourProbes(failing, "fails", "fail")})
		return standing{line, "failing our probes", true}
	case len(muted) > 0 && well:
		line := seenBy(p, view, MarkMuted, now, Piece{Text: ": " + ourProbes(muted, "fails", "fail") + " and " + isAre(muted) + " muted"})
		return standing{line, "muted", st.failed}
	case old > 0 && well:
		line := seenBy(p, view, MarkUnknown, now, Piece{Text: fmt.Sprintf(" unknown: %s", nothingNew(o, old, now))})
		return standing{line, "unknown", true}
	case len(warned) > 0 && well:
		line := seenBy(p, view, MarkWarn, now, Piece{Text: ": " + ourProbes(warned, "passes", "pass") + " with a warning"})
		return standing{line, "with a warning", st.failed}
	case !view.configured && len(o.probes) > 0 && len(o.named(MarkGood, now)) == len(o.probes):
		line := seenBy(p, view, MarkGood, now, Piece{Text: ": " + probesPass(len(o.probes))})
		return standing{line, "operational", false}
	}
	return st
}

// byTheirWord is the standing where we have nothing to add.
func byTheirWord(p partners.Partner, view partnerView, now time.Time) standing {
	st := standing{line: view.line(p.Name, now), failed: view.failed()}
	st.count = map[Mark]string{
		MarkBad: "with an outage", MarkWarn: "degraded", MarkPlanned: "in maintenance", MarkUnknown: "unknown", MarkGood: "operational",
	}[st.line.Mark]
	return st
}

// byIncident is the standing of a partner with a live incident, whatever its page says.
func byIncident(p partners.Partner, view partnerView, o own, now time.Time) standing {
	i := o.incidents[0]
	text := ": " + failsNow(i, o)
	line := seenBy(p, view, markOfIncident(i), now, append([]Piece{{Text: text}}, since(i, now)...)...)
	return standing{line, "with an open incident", true}
}

// failsNow says which probes of an incident fail, or that they do no more.
func failsNow(i incidents.Incident, o own) string {
	var failing, again []string
	for _, f := range i.FailingProbes() {
		if o.passes(f.Probe) {
			again = append(again, f.Probe)
			continue
		}
		failing = append(failing, f.Probe)
	}
	switch {
	case len(failing) > 0:
		return ourProbes(failing, "fails", "fail")
	case len(again) > 0:
		return ourProbes(again, "passes", "pass") + " again, but not yet for long enough; an incident is open"
	default:
		return "an incident is open"
	}
}

// seenBy is the partner with what we see, and its own word behind that.
func seenBy(p partners.Partner, view partnerView, mark Mark, now time.Time, what ...Piece) Line {
	line := Line{Mark: mark, Pieces: []Piece{{Text: p.Name, Strong: true}}}
	line.Pieces = append(line.Pieces, what...)
	line.Pieces = append(line.Pieces, Piece{Text: "; " + view.theirWord(now)})
	return line
}

// theirWord is what the partner says of itself, as the second half of a sentence.
func (v partnerView) theirWord(now time.Time) string {
	switch {
	case !v.configured:
		return "no status page of theirs is configured"
	case v.status.Level == partners.Unknown:
		return "their page cannot tell: " + trimStop(v.status.Problem)
	}
	text := "their page says " + string(v.status.Level)
	if headline := v.headline(); headline != "" {
		text += " (" + headline + ")"
	}
	return text + ", read " + ago(v.status.ReadAt, now)
}

func ourProbes(ids []string, one, many string) string {
	if len(ids) == 1 {
		return "our probe " + ids[0] + " " + one
	}
	return "our probes " + some(ids) + " " + many
}

func probesPass(n int) string {
	if n == 1 {
		return "our probe passes"
	}
	return fmt.Sprintf("our %d probes pass", n)
}

func isAre(names []string) string {
	if len(names) == 1 {
		return "is"
	}
	return "are"
}

// nothingNew says why our probes tell nothing of now.
func nothingNew(o own, old int, now time.Time) string {
	var last time.Time
	for _, v := range o.probes {
		if v.ourNetwork {
			return "our own network is down, so our probes tell nothing of it"
		}
		if v.old(now) && v.last.End().After(last) {
			last = v.last.End()
		}
	}
	if old == 1 {
		return "a probe of ours has not run for " + Age(now.Sub(last))
	}
	return fmt.Sprintf("%d probes of ours have not run for %s", old, Age(now.Sub(last)))
}

// flat is a line as one text.
func flat(l Line) string {
	var b strings.Builder
	for _, p := range l.Pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

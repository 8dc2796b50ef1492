package incidents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// mostPoints is how many pieces of evidence a verdict tells.
const mostPoints = 8

// weighed is a point with its weight: what the verdict rests on first, what only stands beside it last.
type weighed struct {
	Point
	weight int
}

// points are the pieces of evidence as sentences, the weightiest first.
func (q inquiry) points(v Verdict) []Point {
	var all []weighed
	for _, tell := range []func(Verdict) []weighed{
		q.pointsOfFailure, q.pointsOfTrouble, q.pointsOfPage, q.pointsOfControls, q.pointsOfOthers, q.pointsOfHistory,
		q.pointsOfSiblings, q.pointsOfExpiry, q.pointsOfNotices, q.pointsOfOurs,
	} {
		all = append(all, tell(v)...)
	}
	slices.SortStableFunc(all, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	points := make([]Point, 0, mostPoints)
	for _, p := range all[:min(len(all), mostPoints)] {
		points = append(points, p.Point)
	}
	return points
}

func point(weight int, lean Lean, link, format string, args ...any) []weighed {
	return []weighed{{Point{Text: fmt.Sprintf(format, args...), Link: link, For: lean}, weight}}
}

// pointsOfFailure tell what failed: one probe for each kind of failure, the rest counted.
func (q inquiry) pointsOfFailure(Verdict) []weighed {
	var all []weighed
	told := map[partners.FailureClass]bool{}
	for _, r := range q.failed {
		if told[classOf(r)] || len(told) == 3 {
			continue
		}
		weight := 100 - len(told)
		if q.natureOf(r) != q.nature {
			weight = 76
		}
		told[classOf(r)] = true
		all = append(all, point(weight, failureSpeaksFor(q.natureOf(r)), "", "%s: %s", oneLine(r.Probe, 60), q.failure(r))...)
	}
	if more := len(q.failed) - len(told); more > 0 {
		all = append(all, point(77, "", "", "%s.", q.failToo(more))...)
	}
	return all
}

func (q inquiry) failToo(n int) string {
	if n == 1 {
		return "One more probe of " + q.name() + " fails in the same way"
	}
	return fmt.Sprintf("%d more probes of %s fail in the same way", n, q.name())
}

// failure is what came of one run, with its time and the answer's beginning.
func (q inquiry) failure(r partners.ProbeResult) string {
	text := q.name() + " " + inShort(r)
	var where []string
	if host := oneLine(r.Host, 100); host != "" && !strings.Contains(text, host) {
		where = append(where, host)
	}
	if r.Edge != "" {
		where = append(where, "at the edge of "+oneLine(r.Edge, 40))
	}
	if !r.At.IsZero() {
		text += " at " + q.when(r.At)
	}
	if len(where) > 0 {
		text += " (" + strings.Join(where, ", ") + ")"
	}
	if excerpt := oneLine(r.Excerpt, 120); excerpt != "" {
		return text + ". The answer begins: “" + excerpt + "”"
	}
	return text + "."
}

func failureSpeaksFor(n nature) Lean {
	switch n {
	case theirSide, nothingSeen:
		return ""
	}
	return LeanOurs
}

// pointsOfTrouble tell what their page reports now, the trouble that the verdict rests on first.
func (q inquiry) pointsOfTrouble(v Verdict) []weighed {
	var all []weighed
	for n, t := range q.page.troubles {
		text := "Their page reports “" + t.Name + "”"
		if t.Level != "" && !strings.Contains(t.Name, string(t.Level)) {
			text += " (" + string(t.Level) + ")"
		}
		if !t.Began.IsZero() {
			text += ", since " + q.when(t.Began)
		}
		if !t.Until.IsZero() {
			text += ", until " + q.when(t.Until)
		}
		weight, lean := 85-n, LeanTheirs
		if v.Announced != nil && v.Announced.ID == t.ID {
			weight = 110
		} else if v.Word != External && v.Lean != LeanTheirs {
			text, lean = text+", which does not explain it", ""
		}
		if words := oneLine(t.text, 120); words != "" && weight == 110 {
			text += ": “" + strings.TrimRight(words, ".") + "”"
		}
		all = append(all, point(weight, lean, t.Link, "%s.", text)...)
	}
	slices.SortStableFunc(all, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	return all[:min(len(all), 3)]
}

// pointsOfPage tell what else the page is worth: how old its word is, what it reports that does not count, what it just
// called over.
func (q inquiry) pointsOfPage(Verdict) []weighed {
	var all []weighed
	s := q.page.status
	if !q.page.read {
		all = point(90, "", s.Page, "%s.", capital(q.page.unreadWords(q.name())))
		if good := q.Page.LastGood; known(good.Level) && !good.ReadAt.IsZero() {
			all = append(all, point(50, "", good.Page, "Their page was last read at %s: %s.", q.when(good.ReadAt), good.Level)...)
		}
		return all
	}
	for n, i := range q.elsewhere() {
		where := ""
		if parts := slices.Concat(i.Components, i.Regions); len(parts) > 0 {
			where = " (" + oneLine(listed(parts), 100) + ")"
		}
		all = append(all, point(72-n, "", i.Link, "Their page reports “%s”%s, which does not concern us.", oneLine(i.Name, 120), where)...)
		if n == 1 {
			break
		}
	}
	for _, i := range s.Incidents {
		switch {
		case i.Open() && !q.explains(i):
			all = append(all, point(70, "", i.Link, "Their page reports “%s”, but since %s, long after our failure began.", oneLine(i.Name, 120), q.when(i.Began))...)
		case i.Resolved && !i.Ended.IsZero() && q.At.Sub(i.Ended) < time.Hour:
			all = append(all, point(68, LeanTheirs, i.Link, "Their page called “%s” over at %s.", oneLine(i.Name, 120), q.when(i.Ended))...)
		case i.Stale && !i.Resolved:
			all = append(all, point(25, "", i.Link, "“%s” stands open on their page without news for days, and explains nothing.", oneLine(i.Name, 120))...)
		case i.Notice && !i.Resolved:
			all = append(all, point(25, "", i.Link, "Their page has the notice “%s”, which is information and no outage.", oneLine(i.Name, 120))...)
		}
	}
	slices.SortStableFunc(all, func(a, b weighed) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Link, b.Link))
	})
	if len(q.page.troubles) == 0 {
		read := q.when(s.ReadAt)
		if len(q.elsewhere()) > 0 {
			return append(all, point(71, "", s.Page, "It was read at %s and says that what concerns us is well. Such pages are often late.", read)...)
		}
		return append(all, point(88, "", s.Page, "Their page was read at %s and reports nothing that explains this. Such pages are often late.", read)...)
	}
	return all
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

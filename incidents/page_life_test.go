package incidents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sparky/partners"
)

// page is a partner's status page to which its people do what they like, and what it said when.
type page struct {
	incidents []partners.PageIncident
	windows   []partners.PageWindow
	dark      bool // it cannot be read
	good      partners.Status
	since     time.Time // when the newest level was first read
	troubled  time.Time // when it last told of an outage
	worked    time.Time // when it last told of maintenance
	well      time.Time // since when it has told, readable, of nothing; zero where it does not
	named     int
}

// status is a reading of it.
func (p *page) status(now time.Time) partners.Status {
	if p.dark {
		return partners.UnknownStatus("https://status.snow.example/", "it answered 503", now)
	}
	s := partners.Status{Page: "https://status.snow.example/", Level: partners.Operational, ReadAt: now}
	for _, i := range p.incidents {
		s.Incidents, s.Level = append(s.Incidents, i), s.Level.Worse(i.OpenLevel())
	}
	for _, w := range p.windows {
		if s.Windows = append(s.Windows, w); w.InProgress {
			s.Level = s.Level.Worse(partners.Maintenance)
		}
	}
	return s
}

// tells notes what a reader would find now.
func (p *page) tells(now time.Time) {
	s := p.status(now)
	if p.dark {
		s = p.good
	}
	trouble := slices.ContainsFunc(s.Incidents, partners.PageIncident.Open)
	work := slices.ContainsFunc(s.Windows, func(w partners.PageWindow) bool {
		return w.InProgress || !now.Before(w.From.Add(-31*time.Minute)) && !now.After(w.Until.Add(16*time.Minute)) // the minute takes seconds
	})
	if work && now.Sub(s.ReadAt) <= 15*time.Minute {
		p.worked = now
	}
	if p.dark {
		p.well = time.Time{}
		return
	}
	if trouble {
		p.troubled = now
	}
	switch {
	case trouble || work:
		p.well = time.Time{}
	case p.well.IsZero():
		p.well = now
	}
	if s.Level != p.good.Level {
		p.since = now
	}
	p.good = s
}

// changes lets the partner's people do one thing.
func (p *page) changes(r *rapid.T, now time.Time) {
	open := func(i partners.PageIncident) bool { return i.Open() }
	switch rapid.SampledFrom([]string{"report", "resolve", "drop", "rename", "reopen", "plan", "begin", "finish", "dark", "level"}).Draw(r, "page") {
	case "report":
		p.named++
		p.incidents = append(p.incidents, partners.PageIncident{ID: fmt.Sprint("i", p.named), Name: "API trouble", Phase: "investigating",
			Level: partners.MajorOutage, Began: now.Add(-time.Duration(rapid.IntRange(0, 90).Draw(r, "backdated")) * time.Minute)})
	case "resolve":
		if at := slices.IndexFunc(p.incidents, open); at >= 0 {
			p.incidents[at].Resolved, p.incidents[at].Ended = true, now
		}
	case "drop":
		if n := len(p.incidents); n > 0 {
			p.incidents = slices.Delete(p.incidents, n-1, n)
		}
	case "rename":
		if n := len(p.incidents); n > 0 {
			p.incidents[n-1].Name += "!"
		}
	case "reopen":
		if n := len(p.incidents); n > 0 {
			p.incidents[n-1].Resolved, p.incidents[n-1].Ended = false, time.Time{}
		}
	case "plan":
		p.named++
		from := now.Add(time.Duration(rapid.IntRange(-10, 60).Draw(r, "from")) * time.Minute)
		p.windows = append(p.windows, partners.PageWindow{ID: fmt.Sprint("w", p.named), Name: "Upgrade", From: from, Until: from.Add(time.Hour)})
	case "begin":
		if n := len(p.windows); n > 0 {
			p.windows[n-1].InProgress = true
		}
	case "finish":
		p.windows = nil
	case "dark":
		p.dark = !p.dark
	case "level":
		if n := len(p.incidents); n > 0 {
			p.incidents[n-1].Level = partners.Degraded
		}
	}
}

// read is the page as evidence has it.
func (p *page) read(in Incident, now time.Time) PageEvidence {
	s := p.status(now)
	e := PageEvidence{Configured: true, Status: s, Whole: s, LastGood: p.good}
	if was := in.Verdict.Announced; was != nil && s.Level == partners.Operational && p.good.Level == partners.Operational {
		ended := p.since
		if ended.Before(in.Verdict.At) {
			ended = in.Verdict.At
		}
		if !was.Until.IsZero() && was.Until.Before(ended) {
			ended = was.Until
		}
		if !slices.ContainsFunc(s.Incidents, func(i partners.PageIncident) bool { return i.ID == was.ID }) {
			e.ResolvedAgo = max(now.Sub(ended), time.Millisecond)
		}
	}
	return e
}

// watched is a desk that judges by such a page, minute by minute.
type watched struct {
	*desktop
	r       *rapid.T
	page    *page
	classes map[string]partners.FailureClass // how each probe ends now; empty for a pass
	failing time.Time                        // since when the first does
	told    map[string]int                   // how many of the updates of each post were looked at
	person  time.Time                        // when somebody last did something
}

func newWatched(t *testing.T, r *rapid.T) *watched {
	w := &watched{desktop: newDesktop(t, probing("snow", "create", "read")), r: r, page: &page{}, classes: map[string]partners.FailureClass{}, told: map[string]int{}}
	w.desk.Witness, w.desk.Judge = w, func(e Evidence) Verdict { return Decide(e, DefaultTriageRules()) }
	w.desk.Rules.Offices.Approve = rapid.Bool().Draw(r, "approve")
	return w
}

func (w *watched) Gather(_ context.Context, in Incident) Evidence {
	return Evidence{At: w.now, Incident: in, Prior: in.Verdict, Page: w.page.read(in, w.now), Controls: []Control{{Name: "control"}},
		History: []History{{Partner: "snow", Probe: "create", Runs: 100, Passed: 90, LastPass: in.Since.Add(-time.Minute)}}}
}

// minute lets something happen, runs the probes, and sweeps.
func (w *watched) minute() {
	w.later(time.Minute)
	switch rapid.IntRange(0, 9).Draw(w.r, "what") {
	case 0, 4:
		classes := []partners.FailureClass{"", partners.FailServer, partners.FailServer, partners.FailTimeout, partners.FailAuth}
		w.classes[rapid.SampledFrom([]string{"snow/create", "snow/read"}).Draw(w.r, "probe")] = rapid.SampledFrom(classes).Draw(w.r, "class")
	case 1, 2:
		w.page.changes(w.r, w.now)
	case 3:
		w.acts()
	}
	w.page.tells(w.now)
	for _, probe := range []string{"snow/create", "snow/read"} {
		w.result(probe, w.classes[probe], ReachFine)
	}
	switch {
	case w.classes["snow/create"] == "":
		w.failing = time.Time{}
	case w.failing.IsZero():
		w.failing = w.now
	}
	w.sweep()
}

// acts lets a person do something.
func (w *watched) acts() {
	if len(w.ledger.Incidents) == 0 || rapid.IntRange(0, 3).Draw(w.r, "person") > 0 {
		return
	}
	ctx, id := context.Background(), rapid.SampledFrom(w.ledger.Incidents).Draw(w.r, "of").ID
	var err error
	switch rapid.SampledFrom([]string{"theirs", "ours", "publish", "decline", "mute", "unmute"}).Draw(w.r, "does") {
	case "theirs":
		_, err = w.desk.Overrule(ctx, id, "U1", External)
	case "ours":
		_, err = w.desk.Overrule(ctx, id, "U1", Internal)
	case "publish":
		_, err = w.desk.Publish(ctx, id, "U1", "")
	case "decline":
		_, err = w.desk.Decline(ctx, id, "U1")
	case "mute":
		_, err = w.desk.Mute(ctx, Mute{Partner: "snow", Until: w.now.Add(20 * time.Minute), By: "U1"})
	case "unmute":
		_, err = w.desk.Unmute(ctx, "snow", "", "U1")
	}
	if err != nil && !errors.Is(err, ErrOver) && !errors.Is(err, ErrNoPost) {
		w.r.Fatal(err)
	}
	w.person = w.now
}

// readable checks that what is new on our public page is what the partner's said not long before.
func (w *watched) readable(in Incident) {
	most := DefaultTriageRules().PageAge + 3*time.Minute
	for _, u := range in.Post.Updates[min(w.told[in.ID], len(in.Post.Updates)):] {
		says := func(words string) bool { return strings.Contains(u.Text, words) }
		switch {
		case u.Phase == PhaseResolved:
		case says(" reports ") && u.At.Sub(w.page.troubled) > most:
			w.r.Fatalf("%v: customers read %q, and their page last told of an outage at %v", w.now, u.Text, w.page.troubled)
		case (says("carries out") || says("goes on for longer") || says("ahead of maintenance")) && u.At.Sub(w.page.worked) > most:
			w.r.Fatalf("%v: customers read %q, and their page last told of maintenance at %v", w.now, u.Text, w.page.worked)
		}
	}
	w.told[in.ID] = len(in.Post.Updates)
}

// fair checks that nobody is blamed for what is not theirs, and that somebody is called for it.
func (w *watched) fair(in Incident) {
	rules, v := DefaultTriageRules(), in.Verdict
	fails := w.classes["snow/create"] != ""
	if n := len(in.Post.Updates); n > 0 && in.Post.State == PostPublished && v.Word != External && v.Word != "" {
		if last := in.Post.Updates[n-1].Title; strings.Contains(last, "at Snow") && fails && w.now.Sub(w.person) > 3*time.Minute {
			w.r.Fatalf("%v: it is %s (%s) and customers read %q", w.now, v.Word, v.Says, last)
		}
	}
	quiet := !w.page.well.IsZero() && w.now.Sub(w.page.well) > rules.Grace+5*time.Minute
	long := !w.failing.IsZero() && w.now.Sub(w.failing) > 5*time.Minute
	if !quiet || !long || v.By != "" {
		return
	}
	if v.Word == External {
		w.r.Fatalf("%v: their page tells of nothing since %v, and the verdict is %s", w.now, w.page.well, v.Says)
	}
	if in.MutedUntil.IsZero() && in.Page.Wanted != PageTriggered && in.Page.Wanted != PageAcknowledged {
		w.r.Fatalf("%v: nobody is called: %+v", w.now, v)
	}
}

// TestWhateverTheirPageSays holds, minute by minute, that customers read of a partner what its page says, and that somebody is
// called for what it does not explain.
func TestWhateverTheirPageSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWatched(t, r)
		for range rapid.IntRange(20, 100).Draw(r, "minutes") {
			w.minute()
			for _, in := range w.ledger.Incidents {
				w.readable(in)
				if in.State.Active() {
					w.fair(in)
				}
			}
		}
	})
}

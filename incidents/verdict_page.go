package incidents

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// pageView is what the partner's page says, in so far as it counts.
type pageView struct {
	read     bool
	problem  string          // why it was not read, in words
	status   partners.Status // the reading that counts; the zero Status where none does
	troubles []trouble       // what may explain a failure now, in an order of its own
}

// trouble is one thing on the partner's page that goes on now and concerns us.
type trouble struct {
	Announced
	about string // all the words that tell what it is about
	text  string // its newest update
}

// viewPage reads the page. A page that cannot be read now, but told of trouble within the age that counts, has told it;
// that it said well before it became unreadable is worth nothing.
func (q inquiry) viewPage() pageView {
	v := pageView{problem: q.unreadable(q.Page.Status), status: q.Page.Status}
	v.read = v.problem == ""
	if !v.read {
		v.status = partners.Status{}
		if q.unreadable(q.Page.LastGood) == "" {
			v.status = q.Page.LastGood
		}
	}
	v.troubles = q.troubles(v.status)
	return v
}

// unreadable is why a reading is no evidence; empty where it is.
func (q inquiry) unreadable(s partners.Status) string {
	age := q.At.Sub(s.ReadAt)
	switch {
	case !q.Page.Configured:
		return "no status page is configured"
	case s.ReadAt.IsZero():
		return "it has not been read"
	case !known(s.Level):
		return cmp.Or(oneLine(s.Problem, 200), "it gave no word")
	case age > q.rules.PageAge:
		return "it was last read at " + q.when(s.ReadAt)
	}
	return ""
}

func known(l partners.Level) bool { return l != "" && l != partners.Unknown }

func worseThanWell(l partners.Level) bool { return known(l) && l != partners.Operational }

// troubles are what a reading tells of now: its incidents and windows, and what it says of components and of the whole
// page where no incident does.
func (q inquiry) troubles(s partners.Status) []trouble {
	var all []trouble
	accounted := false
	for _, i := range s.Incidents {
		accounted = accounted || i.Open()
		if q.explains(i) {
			all = append(all, ofIncident(i, s.Level))
		}
	}
	for _, w := range s.Windows {
		accounted = accounted || w.InProgress
		if q.covers(w) {
			all = append(all, ofWindow(w))
		}
	}
	for _, c := range s.Components {
		if worseThanWell(c.Level) {
			accounted = true
			all = append(all, ofComponent(c, s))
		}
	}
	if worseThanWell(s.Level) && !accounted {
		words := cmp.Or(s.Description, string(s.Level))
		all = append(all, trouble{Announced: Announced{ID: "page", Name: oneLine(words, 120), Link: s.Page, Level: s.Level,
			Maintenance: s.Level == partners.Maintenance}, about: words})
	}
	slices.SortFunc(all, func(a, b trouble) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), b.Began.Compare(a.Began), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// rank orders troubles by how much they say: an incident has a name and a beginning, a component only a colour.
func (t trouble) rank() int {
	switch {
	case t.Maintenance:
		return 2
	case t.Began.IsZero():
		return 1
	}
	return 0
}

// explains tells whether an incident goes on now and did not begin long after our failure.
func (q inquiry) explains(i partners.PageIncident) bool {
	if !i.Open() || !i.Ended.IsZero() && !i.Ended.After(q.At) {
		return false
	}
	began := q.began()
	return i.Began.IsZero() || began.IsZero() || i.Began.Sub(began) <= q.rules.LongBefore
}

// covers tells whether a window is going on, by the page or by the clock, with the time before and after it in which its
// effects are seen.
func (q inquiry) covers(w partners.PageWindow) bool {
	if w.InProgress {
		return true
	}
	return !w.From.IsZero() && !w.Until.IsZero() &&
		!q.At.Before(w.From.Add(-q.rules.WindowLead)) && !q.At.After(w.Until.Add(q.rules.Grace))
}

func ofIncident(i partners.PageIncident, page partners.Level) trouble {
	level := i.OpenLevel()
	if page != partners.Maintenance {
		level = level.Worse(page)
	}
	return trouble{
		Announced: Announced{ID: cmp.Or(i.ID, i.Name), Name: oneLine(i.Name, 120), Link: i.Link, Level: level, Began: firstOf(i.Began, i.Posted)},
		about:     strings.Join(append([]string{i.Name, i.Text}, i.Components...), "\n"),
		text:      i.Text,
	}
}

func ofWindow(w partners.PageWindow) trouble {
	return trouble{
		Announced: Announced{ID: cmp.Or(w.ID, w.Name), Name: oneLine(w.Name, 120), Link: w.Link, Level: partners.Maintenance, Began: w.From,
			Maintenance: true, Until: w.Until},
		about: strings.Join(append([]string{w.Name}, w.Components...), "\n"),
	}
}

func ofComponent(c partners.Component, s partners.Status) trouble {
	name := c.Name
	if c.Region != "" && !strings.Contains(name, c.Region) {
		name += " (" + c.Region + ")"
	}
	level, maintenance := s.Level, c.Level == partners.Maintenance
	if maintenance {
		level = partners.Maintenance
	}
	return trouble{
		Announced: Announced{ID: "component " + c.Group + "/" + name, Name: oneLine(name+": "+string(c.Level), 120), Link: s.Page,
			Level: level, Maintenance: maintenance},
		about: c.Group + "\n" + c.Name,
	}
}

func firstOf(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// said is the trouble that a verdict rests on: the one that it rested on before, as long as it goes on; else the most
// telling. about narrows it to troubles of which it is true.
func (q inquiry) said(about func(trouble) bool) *trouble {
	var found *trouble
	for _, t := range q.page.troubles {
		if !about(t) {
			continue
		}
		same := q.Prior.Announced != nil && q.Prior.Announced.ID == t.ID
		if found == nil || same && t.rank() <= found.rank() {
			found = &t
		}
	}
	return found
}

func anything(trouble) bool { return true }

// goneBy is how long ago what the prior verdict rests on was over by the page; ok is false where that is not known.
func (q inquiry) goneBy() (time.Duration, bool) {
	prior := q.Prior.Announced
	if prior == nil {
		return 0, false
	}
	if q.Page.ResolvedAgo > 0 {
		return q.Page.ResolvedAgo, true
	}
	for _, i := range q.page.status.Incidents {
		if i.ID == prior.ID && !i.Ended.IsZero() && !i.Ended.After(q.At) {
			return q.At.Sub(i.Ended), true
		}
	}
	if !prior.Until.IsZero() && !prior.Until.After(q.At) {
		return q.At.Sub(prior.Until), true
	}
	// Many pages list what is unresolved and nothing else. While another incident keeps such a page from being well, no
	// reading tells since when this one is over: it is from when it was seen no more.
	if seen := q.Incident.AnnouncedSeen; q.page.read && !seen.IsZero() && !q.announces(prior.ID) {
		return q.At.Sub(seen), true
	}
	return 0, false
}

// announces tells whether the page still has an incident or a window of that id.
func (q inquiry) announces(id string) bool {
	return slices.ContainsFunc(q.page.troubles, func(t trouble) bool { return t.ID == id })
}

// elsewhere are the open incidents of the page that do not concern us.
func (q inquiry) elsewhere() []partners.PageIncident {
	if !q.page.read || q.unreadable(q.Page.Whole) != "" {
		return nil
	}
	var other []partners.PageIncident
	for _, i := range q.Page.Whole.Incidents {
		ours := slices.ContainsFunc(q.Page.Status.Incidents, func(o partners.PageIncident) bool { return o.ID == i.ID && o.Name == i.Name })
		if i.Open() && !ours {
			other = append(other, i)
		}
	}
	return sortedBy(other, func(i partners.PageIncident) string { return moment(i.Began) + i.ID + i.Name })
}

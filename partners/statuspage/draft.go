package statuspage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/internal/plaintext"
	"sparky/partners"
)

const (
	// forgotten is after how long without an update an open incident is background: vendors tell of a real one at
	// least once a day, and some never close theirs (AWS events and a Google incident stayed open for months and years).
	forgotten = 72 * time.Hour
	// recent is how long a resolved incident is still told.
	recent = 24 * time.Hour
	// most is how many components, incidents or windows are kept of each; Cloudflare's page had 470 components. What is
	// beyond counts as skipped, and its level counts.
	most = 3000
)

// draft gathers what a document says; finish draws the conclusion. judged tells that the document has what it is
// judged by: without that, and without any trouble in it, the result is Unknown.
type draft struct {
	status   partners.Status
	now      time.Time
	title    string // what the page calls itself, empty where the document does not say
	named    string // the address that the document gives for its page, empty where it gives none
	judged   bool
	unjudged string         // why a document that was not judged says nothing
	doubt    string         // why a document that was judged is not believed where it says well
	beyond   partners.Level // the worst of what was not kept
	unknown  []string       // parts whose word is not known here
	places   map[string]int // of the incidents that are kept, by their state, id and name
}

func newDraft(kind, address string, now time.Time) *draft {
	return &draft{
		status: partners.Status{Kind: kind, Page: address, ReadAt: now},
		now:    now,
		places: map[string]int{},
	}
}

// page notes the page's own address and the time it was last changed.
func (d *draft) page(address string, updated time.Time) {
	d.named = absolute(address, "")
	d.status.Page = first(d.named, d.status.Page)
	d.status.UpdatedAt = updated
}

// indicator is the page's word for all of it.
func (d *draft) indicator(level partners.Level, description string) {
	d.judged = true
	d.status.Indicator, d.status.Description = level, description
}

// component adds a part with its state. Pages use components as footnotes ("Visit … for more information"): those are
// left out. A word that is not known leaves the component Unknown.
func (d *draft) component(c partners.Component, word string) {
	if isFootnote(c.Name) {
		return
	}
	if c.Level == partners.Unknown && len(d.unknown) < 20 {
		d.unknown = append(d.unknown, wordless(first(c.Name, "a part without a name"), word))
	}
	if c.Name == "" {
		d.skip(c.Level)
		return
	}
	d.judged = true
	if len(d.status.Components) == most {
		d.skip(c.Level)
		return
	}
	d.status.Components = append(d.status.Components, c)
}

// wordless says of a part that its word is not known, or that it has none.
func wordless(part, word string) string {
	if word = plaintext.Line(word, 60); word == "" {
		return part + " has no state"
	}
	return fmt.Sprintf("%s is “%s”", part, word)
}

func isFootnote(component string) bool {
	lower := strings.ToLower(component)
	return strings.HasPrefix(lower, "visit ") && (strings.Contains(lower, "www.") || strings.Contains(lower, "http") ||
		strings.Contains(lower, "for more information"))
}

// incident adds an incident, drops it if it was over a day ago, and marks it if it was forgotten.
func (d *draft) incident(i partners.PageIncident) {
	if i.Name == "" && i.ID == "" && i.Phase == "" && i.Text == "" && known(i.Level, "") == "" {
		d.unreadable()
		return
	}
	i.Name = nameOr(i.Name, "incident", i.ID)
	i.Level = known(i.Level, partners.Degraded)
	newest := latest(i.Updated, i.Posted, i.Began)
	if i.Resolved {
		over := latest(i.Ended, newest)
		if i.Ended.IsZero() {
			i.Ended = newest
		}
		if over.IsZero() || d.now.Sub(over) > recent {
			return
		}
	} else if !newest.IsZero() && d.now.Sub(newest) > forgotten {
		i.Stale = true
	}
	key := fmt.Sprint(i.Resolved, i.Stale, i.Notice, i.ID, "\n", i.Name)
	if at, again := d.places[key]; again && i.ID != "" {
		d.merge(at, i)
		return
	}
	if len(d.status.Incidents) == most {
		d.skip(i.OpenLevel())
		return
	}
	d.places[key] = len(d.status.Incidents)
	d.status.Incidents = append(d.status.Incidents, i)
}

// merge adds to an incident what the page tells of it in another place: an incident of several instances or services is
// listed with each.
func (d *draft) merge(at int, again partners.PageIncident) {
	i := &d.status.Incidents[at]
	i.Level = i.Level.Worse(again.Level)
	for _, more := range again.Components {
		if len(i.Components) < most && !slices.Contains(i.Components, more) {
			i.Components = append(i.Components, more)
		}
	}
	for _, more := range again.Regions {
		if len(i.Regions) < most && !slices.Contains(i.Regions, more) {
			i.Regions = append(i.Regions, more)
		}
	}
	if again.Updated.After(i.Updated) {
		i.Updated, i.Text, i.Phase = again.Updated, first(again.Text, i.Text), first(again.Phase, i.Phase)
	}
}

// unreadable counts an entry of a list of troubles in which nothing was understood: it may be the trouble.
func (d *draft) unreadable() {
	d.status.Skipped++
	d.doubts("a part of the document that tells of trouble can not be read; look at the page itself")
}

// doubts notes why the document is not believed where it says well. The first reason is kept.
func (d *draft) doubts(why string) { d.doubt = first(d.doubt, why) }

func nameOr(name, kind, id string) string {
	if name != "" {
		return name
	}
	if id != "" {
		return kind + " " + id
	}
	if kind == "incident" {
		return "an incident without a name"
	}
	return kind + " without a name"
}

// known is the level, or the other one where it is none.
func known(level, otherwise partners.Level) partners.Level {
	if level == "" || level == partners.Unknown {
		return otherwise
	}
	return level
}

// window adds a maintenance window that is not over. A window whose time is now is in progress even where nobody
// turned the page's switch; one in progress stays so past its end, because windows overrun, until it is forgotten.
func (d *draft) window(w partners.PageWindow) {
	if w.Name == "" && w.ID == "" && w.From.IsZero() && w.Until.IsZero() && !w.InProgress {
		d.unreadable()
		return
	}
	w.Name = nameOr(w.Name, "maintenance", w.ID)
	ends := w.Until
	if ends.IsZero() && !w.From.IsZero() {
		ends = w.From.Add(recent)
	}
	over := !ends.IsZero() && ends.Before(d.now)
	if w.InProgress && !ends.IsZero() && d.now.Sub(ends) > forgotten {
		return
	}
	if !w.InProgress && !w.From.After(d.now) {
		if over {
			return
		}
		w.InProgress = !w.From.IsZero()
	}
	if len(d.status.Windows) == most {
		d.skip(partners.Unknown)
		return
	}
	d.status.Windows = append(d.status.Windows, w)
}

// skip counts a part that is not kept, with the level that it would have brought.
func (d *draft) skip(level partners.Level) {
	d.status.Skipped++
	d.beyond = d.beyond.Worse(level)
}

// note adds a sentence that a reader should know.
func (d *draft) note(sentence string) {
	if d.status.Note != "" {
		d.status.Note += " "
	}
	d.status.Note += sentence
}

// finish concludes the level: the worst of all that the page says. Well needs a word for it.
func (d *draft) finish() partners.Status {
	s := d.status
	level := s.Indicator.Worse(d.beyond)
	for _, c := range s.Components {
		level = level.Worse(c.Level)
	}
	for _, i := range s.Incidents {
		level = level.Worse(i.OpenLevel())
	}
	for _, w := range s.Windows {
		if w.InProgress {
			level = level.Worse(partners.Maintenance)
		}
	}
	if !d.judged {
		d.doubts(first(d.unjudged, "the document does not say how they are; give the address of one that does, such as a summary"))
	}
	s.Doubt = d.doubt
	troubled := level != "" && level != partners.Unknown && level != partners.Operational
	switch {
	case troubled:
	case s.Doubt != "":
		level = partners.Unknown
		s.Problem = s.Doubt
	case len(d.unknown) > 0:
		level = partners.Unknown
		s.Problem = "the page says something that is not known here, so look at it yourself: " + plaintext.Clip(strings.Join(d.unknown, ", "), 300)
	case level != partners.Operational:
		// Lists of incidents have no word for well but their own emptiness, and were judged by it.
		level = partners.Operational
	}
	s.Level = level
	return s
}

// refuse is the Unknown status of a document that can not be judged at all.
func (d *draft) refuse(why error) partners.Status {
	s := partners.UnknownStatus(d.status.Page, why.Error(), d.now)
	s.Kind = d.status.Kind
	return s
}

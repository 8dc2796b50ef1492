package incidents

import (
	"net/url"
	"strings"
	"time"

	"sparky/partners"
)

// The phases of a public post, as Statuspage has them.
const (
	PhaseInvestigating = "investigating"
	PhaseIdentified    = "identified"
	PhaseMonitoring    = "monitoring"
	PhaseResolved      = "resolved"
)

// PublicUpdate is what our public page says of the incident as it stands: which of our features are affected, by whom,
// and where to read more. It promises nothing, and holds nothing of our inside nor any text of the partner's. As long as
// nothing changes, two calls differ in At alone. The title stays what it was when the post began, or began again, until the partner
// is blamed no more: from then on neither it nor the text names them as the cause.
//
// It is over once the post is (PostResolved) or the incident has recovered. The level of the features is Degraded
// whatever the partner calls its own trouble: what is out over there is seldom all out here.
func PublicUpdate(i Incident, now time.Time) PostUpdate {
	p := publicPost{i: i, now: now, partner: publicName(i), features: features(i.Affects)}
	u := PostUpdate{At: now, Phase: p.phase(), Level: p.level(), Title: p.title()}
	switch {
	case u.Phase == PhaseResolved:
		u.Text = p.over()
	case u.Phase == PhaseMonitoring:
		u.Text = p.subject() + " " + p.verb("works", "work") + " again in our checks. We keep watching."
	default:
		u.Text = p.goesOn()
	}
	if link := p.link(); link != "" && u.Phase != PhaseResolved && p.blames() {
		u.Text += " More on " + p.partner + "'s status page: " + link
	}
	return u
}

// publicPost is an incident as customers may know it.
type publicPost struct {
	i        Incident
	now      time.Time
	partner  string
	features []string
}

func publicName(i Incident) string {
	if name := oneLine(i.Name, 60); name != "" {
		return name
	}
	return "a partner of ours"
}

func features(affects []string) []string {
	var names []string
	for _, a := range affects {
		if name := oneLine(a, 60); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (p publicPost) phase() string {
	switch {
	case p.i.Post.State == PostResolved, p.i.State == StateRecovered:
		return PhaseResolved
	case p.passing():
		return PhaseMonitoring
	case p.i.Verdict.Word == External && (p.i.Verdict.Announced != nil || p.i.Verdict.By != ""):
		return PhaseIdentified
	}
	return PhaseInvestigating
}

// passing tells that every probe that failed has passed since, if not yet often enough.
func (p publicPost) passing() bool {
	for _, f := range p.i.Probes {
		if !f.Over && f.Passes == 0 {
			return false
		}
	}
	return len(p.i.Probes) > 0
}

func (p publicPost) level() partners.Level {
	switch {
	case p.phase() == PhaseResolved:
		return partners.Operational
	case p.planned():
		return partners.Maintenance
	}
	return partners.Degraded
}

// planned tells that it is the partner's maintenance, within the time that was announced for it. That a person says the
// same changes nothing about that.
func (p publicPost) planned() bool {
	v := p.i.Verdict
	return v.Word == External && v.Announced != nil && v.Announced.Maintenance &&
		(v.Reason == ReasonPlanned || v.By != "" && p.reported() != nil && !p.overrun())
}

func (p publicPost) overrun() bool {
	until := p.i.Verdict.Announced.Until
	return !until.IsZero() && p.now.After(until)
}

// stillReported is how long what their page reported may be told as what it reports, where nobody looks any more because a
// person has said whose it is.
const stillReported = 15 * time.Minute

// reported is what the partner's page says of it now; nil where it says nothing, has called it over, or was last seen to say
// it too long ago.
func (p publicPost) reported() *Announced {
	v := p.i.Verdict
	switch {
	case v.Announced == nil || v.Over:
		return nil
	case v.By != "" && (p.i.AnnouncedSeen.IsZero() || p.now.Sub(p.i.AnnouncedSeen) > stillReported):
		return nil
	}
	return v.Announced
}

// blames tells that the partner is named as the cause.
func (p publicPost) blames() bool { return p.i.Verdict.Word == External }

func (p publicPost) title() string {
	if !p.blames() && p.phase() != PhaseResolved {
		return capital("trouble with " + p.inside())
	}
	if n := len(p.i.Post.Updates); n > 0 && p.i.Post.Updates[n-1].Title != "" {
		if last := p.i.Post.Updates[n-1]; last.Phase != PhaseResolved || p.phase() == PhaseResolved {
			return last.Title
		}
	}
	if p.planned() {
		return p.titled("maintenance at ")
	}
	return p.titled("trouble at ")
}

func (p publicPost) titled(what string) string {
	what += p.partner
	if len(p.features) == 0 {
		return capital(what)
	}
	return listed(p.features) + ": " + what
}

// subject is what of ours is affected, as the beginning of a sentence.
func (p publicPost) subject() string {
	if len(p.features) == 0 {
		return "What uses " + p.partner
	}
	return p.all()
}

// all is every feature by name: customers look for theirs.
func (p publicPost) all() string {
	n := len(p.features)
	if n == 1 {
		return p.features[0]
	}
	return strings.Join(p.features[:n-1], ", ") + " and " + p.features[n-1]
}

func (p publicPost) verb(one, several string) string {
	if len(p.features) > 1 {
		return several
	}
	return one
}

func (p publicPost) goesOn() string {
	subject, again := p.subject(), ""
	if p.i.Outage > 1 {
		again = " again"
	}
	a := p.reported()
	switch {
	case !p.blames() && p.i.Verdict.By != "":
		return subject + " " + p.verb("is", "are") + " still affected. It is not because of " + p.partner + ": we are looking into it ourselves."
	case !p.blames():
		return subject + " " + p.verb("is", "are") + " still affected. We are looking into the cause."
	case p.i.Verdict.Over && p.planned():
		return subject + " " + p.verb("is", "are") + " still affected after maintenance at " + p.partner + "."
	case p.i.Verdict.Over:
		return subject + " " + p.verb("is", "are") + " still affected after trouble at " + p.partner + "."
	case p.planned() && p.now.Before(a.Began):
		return subject + " may not work as usual ahead of maintenance at " + p.partner + ", which is announced for " + stamp(a.Began, p.now) + "."
	case p.planned():
		text := subject + " may not work as usual while " + p.partner + " carries out maintenance."
		if !a.Until.IsZero() {
			text += " " + p.partner + " gives " + stamp(a.Until, p.now) + " as its end."
		}
		return text
	case a == nil:
		return subject + " " + p.verb("is", "are") + " affected" + again + " while " + p.partner + " has trouble."
	case a.Maintenance:
		return subject + " may not work as usual: maintenance at " + p.partner + " goes on for longer than was announced."
	}
	return subject + " may " + howAffected(a.Level) + again + ". " + p.partner + " reports " + publicLevel(a.Level) + "."
}

func howAffected(level partners.Level) string {
	switch level {
	case partners.MajorOutage:
		return "be unavailable"
	case partners.PartialOutage:
		return "be unavailable in part"
	case partners.Degraded:
		return "be slow or fail at times"
	}
	return "not work as usual"
}

func publicLevel(level partners.Level) string {
	switch level {
	case partners.MajorOutage:
		return "a major outage"
	case partners.PartialOutage:
		return "a partial outage"
	case partners.Degraded:
		return "degraded service"
	}
	return "trouble"
}

// over says how it ended: that it works again, or that the post was closed although it does not.
func (p publicPost) over() string {
	subject := p.subject()
	switch {
	case p.i.State == StateRecovered:
		text := subject + " " + p.verb("is", "are") + " working as usual again."
		if lasted := p.i.Lasted(p.now); lasted >= time.Minute && !p.i.Already {
			text += " The trouble lasted " + inUnits(lasted) + "."
		}
		return text
	case p.blames():
		return "We have closed this notice about " + p.partner + "."
	}
	return "We have closed this notice about " + p.inside() + "."
}

// inside is what of ours is affected, inside a sentence.
func (p publicPost) inside() string {
	if len(p.features) == 0 {
		return "what uses " + p.partner
	}
	return p.all()
}

// link is the incident on the partner's page where that is on the page's own host, else the page; empty for an address
// that is nothing for customers.
func (p publicPost) link() string {
	page := forCustomers(p.i.PageURL)
	if a := p.reported(); a != nil {
		if link := forCustomers(a.Link); link != nil && (page == nil || sameSite(link.Hostname(), page.Hostname())) {
			return link.String()
		}
	}
	if page == nil {
		return ""
	}
	return page.String()
}

// forCustomers is an address that a customer may be shown: on the web, and without a name, a password or a query, in
// which there may be a secret.
func forCustomers(address string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.ContainsAny(address, " \t\r\n\"<>`") {
		return nil
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u
}

func sameSite(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || strings.HasSuffix(a, "."+b)
}

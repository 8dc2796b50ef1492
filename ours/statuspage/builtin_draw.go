package statuspage

import "golang.org/x/net/html/atom"

// draw is the page at a glance.
func (g glance) draw() ([]byte, error) {
	head := beside(
		tag(atom.Link, "").with("rel", "alternate", "type", "application/atom+xml", "title", g.Name+" status", "href", "feed.atom"),
		tag(atom.Link, "").with("rel", "alternate", "type", "application/json", "title", g.Name+" status for programs", "href", "api/v2/summary.json"))
	main := beside(tag(atom.Div, "banner "+g.Tone, tag(atom.Strong, "", say(g.Sentence)), say("\n"),
		tag(atom.Span, "faint", say("As of "), g.At.draw(), say("."))).with("role", "status"))
	if len(g.Features) > 0 {
		main = append(main, beside(heading("What you use"), tag(atom.Ul, "features", each(g.Features, featureLine.draw)))...)
	}
	if len(g.Open) > 0 {
		main = append(main, beside(heading("Going on now"), each(g.Open, story.card))...)
	}
	main = append(main, beside(heading("The last 14 days"), each(g.Past, story.card))...)
	switch {
	case len(g.Past) > 0:
	case len(g.Open) > 0:
		main = append(main, faint(say("Nothing else was reported."))...)
	default:
		main = append(main, faint(say("Nothing was reported."))...)
	}
	foot := faint(say("Times are in UTC. "), link("feed.atom", "Subscribe by Atom feed"), say(" · "), link("api/v2/summary.json", "For programs"))
	return sheet(g.Sentence+" · "+g.Name+" status", head,
		beside(header(say(g.Name+" status")), tag(atom.Main, "", main), tag(atom.Footer, "", foot)))
}

// draw is the page of one incident.
func (s story) draw() ([]byte, error) {
	foot := faint(say("Times are in UTC. "), link("../", "Everything at a glance"))
	card := tag(atom.Article, "card "+s.Tone, beside(tag(atom.H2, "", say(s.Title)), s.facts(), s.updates()))
	return sheet(s.Title+" · "+s.Name+" status", nil,
		beside(header(link("../", s.Name+" status")), tag(atom.Main, "", card), tag(atom.Footer, "", foot)))
}

// draw is the page that says a few words.
func (n notice) draw() ([]byte, error) {
	main := tag(atom.Div, "banner past", tag(atom.Strong, "", say(n.Heading)), say("\n"), tag(atom.Span, "", say(n.Text))).with("role", "status")
	if n.Home != "" {
		main = append(main, tag(atom.P, "", link(n.Home, "Everything at a glance"))...)
	}
	return sheet(n.Heading+" · "+n.Name+" status", nil, beside(header(say(n.Name+" status")), tag(atom.Main, "", main)))
}

func (w when) draw() nodes { return tag(atom.Time, "", say(w.People)).with("datetime", w.Machine) }

func (f featureLine) draw() nodes {
	return tag(atom.Li, "", tag(atom.Span, "", say(f.Name)), say(" "),
		tag(atom.Span, "state "+f.Tone, say(f.State)).with("data-mark", f.Mark))
}

// card is an incident among others.
func (s story) card() nodes {
	return tag(atom.Article, "card "+s.Tone, beside(tag(atom.H3, "", link(s.Path, s.Title)), s.facts(), s.updates()))
}

func (s story) facts() nodes {
	var affects nodes
	if s.Affects != "" {
		affects = say("Affects " + s.Affects + ". ")
	}
	if s.Ended == nil {
		return faint(affects, say("Since "), s.Began.draw(), say("."))
	}
	return faint(affects, say("Lasted "+s.Span+", from "), s.Began.draw(), say(" to "), s.Ended.draw(), say("."))
}

func (s story) updates() nodes {
	return tag(atom.Ol, "updates", each(s.Updates, line.draw)).with("reversed", "")
}

func (l line) draw() nodes {
	return tag(atom.Li, "", tag(atom.Span, "phase", say(l.Phase)), say(" "), tag(atom.Span, "faint", l.At.draw()), say("\n"),
		tag(atom.P, "", l.text()))
}

// text is what an update says, with its addresses as links. pieces makes links of https alone.
func (l line) text() nodes {
	var all nodes
	for _, p := range l.Text {
		if p.Link == "" {
			all = append(all, say(p.Text)...)
			continue
		}
		all = append(all, link(p.Link, p.Text).with("rel", "nofollow noopener noreferrer")...)
	}
	return all
}

// link leads to a place of the page, or to an address that pieces found: nothing else may be given to it, for it follows
// any scheme.
func link(href, text string) nodes { return tag(atom.A, "", say(text)).with("href", href) }

func header(inside nodes) nodes { return tag(atom.Header, "", tag(atom.H1, "", inside)) }

func heading(text string) nodes { return tag(atom.H2, "", say(text)) }

func faint(inside ...nodes) nodes { return tag(atom.P, "faint", inside...) }

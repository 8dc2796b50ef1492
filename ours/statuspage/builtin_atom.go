package statuspage

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"
)

// feed is an Atom feed (RFC 4287), as far as the page uses it.
type feed struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Author  string     `xml:"author>name"`
	Links   []atomLink `xml:"link"`
	Entries []entry    `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

// entry is one incident; it is updated whenever the page says more of it.
type entry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
	Content   content  `xml:"content"`
}

type content struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// atomFeed tells of the incidents, the newest first, in plain text.
func atomFeed(f facts, _ *http.Request) (answer, error) {
	home := f.served.Address + "/"
	all := feed{ID: home, Title: f.served.Name + " status", Updated: f.changed.UTC().Format(time.RFC3339), Author: f.served.Name,
		Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: home}, {Rel: "self", Type: "application/atom+xml", Href: home + "feed.atom"}}}
	for _, h := range slices.Concat(f.open, f.over) {
		last := h.updates[len(h.updates)-1]
		address := f.served.Address + incidentPath(h.id)
		all.Entries = append(all.Entries, entry{ID: address, Title: h.title, Published: h.began.Format(time.RFC3339),
			Updated: last.At.UTC().Format(time.RFC3339), Link: atomLink{Rel: "alternate", Type: "text/html", Href: address},
			Summary: phaseWords(h.phase) + ". " + last.Text, Content: content{"text", h.story()}})
	}
	body, err := xml.Marshal(all)
	return answer{"application/atom+xml; charset=utf-8", append([]byte(xml.Header), body...)}, err
}

// story is all that was said of the incident, the newest first.
func (h happening) story() string {
	var b strings.Builder
	for _, u := range slices.Backward(h.updates) {
		b.WriteString(hour(u.At) + ": " + phaseWords(u.Phase) + ". " + u.Text + "\n\n")
	}
	if len(h.affects) > 0 {
		b.WriteString("Affected: " + strings.Join(h.affects, ", "))
	}
	return strings.TrimSpace(b.String())
}

package statuspage

import (
	_ "embed" // the page's style
	"net/http"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

//go:embed builtin_style.css
var style string

// glance is the page at a glance.
type glance struct {
	Name     string
	Sentence string
	Tone     string
	At       when
	Features []featureLine
	Open     []story
	Past     []story
}

// featureLine is how one feature does. Mark says it without colour, and State in words.
type featureLine struct{ Name, State, Mark, Tone string }

// story is one incident.
type story struct {
	Name    string // of the page
	Title   string
	Path    string
	Tone    string
	Affects string
	Began   when
	Ended   *when
	Span    string
	Updates []line
}

// line is one update.
type line struct {
	Phase string
	At    when
	Text  []piece
}

// when is a moment for machines and for people.
type when struct{ Machine, People string }

// notice is a page with nothing but a few words.
type notice struct{ Name, Heading, Text, Home string }

func at(t time.Time) when { return when{t.UTC().Format(time.RFC3339), hour(t)} }

// pageForPeople is the page at a glance: first whether what the reader uses works, the
// worst of it on top, then what is going on.
func pageForPeople(f facts, _ *http.Request) (answer, error) {
	g := glance{Name: f.served.Name, Sentence: f.sentence(), Tone: mannerOf(f.level).tone, At: at(f.at)}
	worstFirst := slices.Clone(f.features)
	slices.SortStableFunc(worstFirst, func(a, b feature) int { return rank(statusOf(b.level)) - rank(statusOf(a.level)) })
	for _, c := range worstFirst {
		told := mannerOf(c.level)
		g.Features = append(g.Features, featureLine{c.name, told.words, told.symbol, told.tone})
	}
	for _, h := range f.open {
		g.Open = append(g.Open, f.story(h, "incidents/"))
	}
	for _, h := range f.over {
		g.Past = append(g.Past, f.story(h, "incidents/"))
	}
	return page(g.draw())
}

// pageOfIncident tells of one incident.
func pageOfIncident(f facts, r *http.Request) (answer, error) {
	for _, h := range slices.Concat(f.open, f.over) {
		if h.id == r.PathValue("id") {
			return page(f.story(h, "").draw())
		}
	}
	return answer{}, nil
}

func page(body []byte, err error) (answer, error) {
	return answer{"text/html; charset=utf-8", body}, err
}

func (f facts) story(h happening, folder string) story {
	s := story{Name: f.served.Name, Title: h.title, Path: folder + escapePath(h.id), Tone: mannerOf(h.now()).tone, Affects: strings.Join(h.affects, ", "), Began: at(h.since)}
	if strings.TrimSpace(s.Title) == "" {
		s.Title = "Incident" // or there would be nothing to follow
	}
	if !h.ended.IsZero() {
		end := at(h.ended)
		s.Ended, s.Span, s.Tone = &end, span(h.ended.Sub(h.since)), "past"
	}
	for _, u := range slices.Backward(h.updates) {
		s.Updates = append(s.Updates, newLine(u))
	}
	return s
}

func newLine(u incidents.PostUpdate) line {
	return line{Phase: phaseWords(u.Phase), At: at(u.At), Text: pieces(u.Text)}
}

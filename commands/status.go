package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// StatusFacts is what the status command asks of the memory.
type StatusFacts interface {
	Statuses(ctx context.Context) (map[string]partners.StatusRecord, error)
	SourceStates(ctx context.Context, partner string) (map[string]changes.SourceState, error)
	Upcoming(ctx context.Context, partner string, from changes.Date) ([]changes.Entry, error)
}

// staleAfter is the age beyond which a reading of a status page is no evidence any more.
const staleAfter = 15 * time.Minute

// Status is the command that tells how partners are doing. troubles may be nil: a terminal has no effects.
func Status(directory *Directory, facts StatusFacts, troubles Troubles, now Clock) Command {
	s := statusCommand{directory, facts, troubles, now}
	return Command{
		Name:     "status",
		Args:     "[partner]",
		Short:    "how partners are doing, by their own word, and what is coming",
		Examples: []string{"status", "status " + firstID(directory)},
		Run:      s.run,
	}
}

func firstID(d *Directory) string {
	if len(d.All()) == 0 {
		return "servicenow"
	}
	return d.All()[0].ID
}

type statusCommand struct {
	directory *Directory
	facts     StatusFacts
	troubles  Troubles
	now       Clock
}

// PartnerStatus is what status tells of a partner, for machines.
type PartnerStatus struct {
	Partner  string            `json:"partner"`
	Name     string            `json:"name"`
	Level    partners.Level    `json:"level"`
	Since    time.Time         `json:"since,omitzero"`
	Status   *partners.Status  `json:"status_page,omitempty"`
	Sources  []SourceFact      `json:"changelog,omitempty"`
	Upcoming []ChangelogRecord `json:"upcoming,omitempty"`
}

// SourceFact is the state of one changelog source, for machines.
type SourceFact struct {
	Source  string    `json:"source"`
	ReadAt  time.Time `json:"read_at,omitzero"`
	Problem string    `json:"problem,omitempty"`
}

func (s statusCommand) run(ctx context.Context, call Call) Reply {
	records, err := s.facts.Statuses(ctx)
	if err != nil {
		return fault("what the status pages said", err)
	}
	if len(call.Args) == 0 {
		return s.all(ctx, records)
	}
	p, rest, refusal := s.directory.Take(call.Args)
	if refusal != nil {
		return *refusal
	}
	if len(rest) > 0 {
		return excess(rest)
	}
	return s.one(ctx, p, records)
}

// all is one line a partner, those that need a look first.
func (s statusCommand) all(ctx context.Context, records map[string]partners.StatusRecord) Reply {
	section := Section{}
	facts := []PartnerStatus{}
	counts, failed := map[Mark]int{}, false
	for _, p := range s.directory.All() {
		view := s.view(p, records)
		counts[markOf(view.status.Level)]++
		failed = failed || view.failed()
		section.Lines = append(section.Lines, view.line(p.Name, s.now()))
		facts = append(facts, view.fact(p))
	}
	slices.SortStableFunc(section.Lines, func(a, b Line) int { return urgencyOf(a.Mark) - urgencyOf(b.Mark) })
	text := summary(counts)
	reply := Reply{Title: strings.TrimSuffix(text, "."), Text: text, Facts: facts, Sections: []Section{section}}
	reply.Failed = failed
	reply.Sections = append(reply.Sections, s.troubleSection(ctx)...)
	reply.Sections = append(reply.Sections, Section{Lines: []Line{{Pieces: []Piece{{
		Text: "This is the partners' own word. More on one of them: /sparky status " + firstID(s.directory), Faint: true,
	}}}}})
	return reply
}

// urgencyOf orders marks from what needs a look to what does not.
func urgencyOf(m Mark) int {
	return slices.Index([]Mark{MarkBad, MarkWarn, MarkUnknown, MarkPlanned, MarkMuted, MarkGood, MarkNone}, m)
}

func summary(counts map[Mark]int) string {
	var parts []string
	add := func(n int, words string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	add(counts[MarkBad], "with an outage")
	add(counts[MarkWarn], "degraded")
	add(counts[MarkPlanned], "in maintenance")
	add(counts[MarkUnknown], "unknown")
	add(counts[MarkGood], "operational")
	if len(parts) == 0 {
		return "No partner is configured."
	}
	return "Partners: " + strings.Join(parts, ", ") + "."
}

// partnerView is a partner's status page as far as it concerns us.
type partnerView struct {
	configured bool
	record     partners.StatusRecord
	status     partners.Status
}

func (s statusCommand) view(p partners.Partner, records map[string]partners.StatusRecord) partnerView {
	v := partnerView{configured: !p.Status.IsZero()}
	record, ok := records[p.ID]
	switch {
	case !v.configured:
		v.status = partners.UnknownStatus("", "no status page is configured", time.Time{})
	case !ok:
		v.status = partners.UnknownStatus(p.Status.URL, "its status page was not read yet", time.Time{})
	default:
		v.record = record
		v.status = record.Status.Concerning(p.Status.Components)
		if age := s.now().Sub(record.Status.ReadAt); age > staleAfter {
			v.status.Level = partners.Unknown
			v.status.Problem = "its status page was last read " + Age(age) + " ago"
		}
	}
	return v
}

// failed tells whether the partner has trouble by its own word, or a status page that gives none.
func (v partnerView) failed() bool {
	return v.configured && v.status.Level != partners.Operational && v.status.Level != partners.Maintenance
}

func (v partnerView) line(name string, now time.Time) Line {
	line := Line{Mark: markOf(v.status.Level), Pieces: []Piece{{Text: name, Strong: true}}}
	text := " " + string(v.status.Level)
	switch {
	case v.status.Level == partners.Unknown:
		text += ": " + v.status.Problem
		if good := v.record.LastGood; !good.ReadAt.IsZero() && good.ReadAt.Before(v.status.ReadAt) {
			text += fmt.Sprintf("; last seen %s %s", good.Level, ago(good.ReadAt, now))
		}
	default:
		if headline := v.headline(); headline != "" {
			text += ": " + headline
		}
		text += ", read " + ago(v.status.ReadAt, now)
	}
	line.Pieces = append(line.Pieces, Piece{Text: text})
	return line
}

// headline is the name of what is going on, the newest first.
func (v partnerView) headline() string {
	for _, i := range v.status.Incidents {
		if i.Open() {
			return i.Name
		}
	}
	for _, w := range v.status.Windows {
		if w.InProgress {
			return w.Name
		}
	}
	return ""
}

func (v partnerView) fact(p partners.Partner) PartnerStatus {
	fact := PartnerStatus{Partner: p.ID, Name: p.Name, Level: v.status.Level, Since: v.record.Since}
	if v.configured {
		fact.Status = &v.status
	}
	return fact
}

func (s statusCommand) one(ctx context.Context, p partners.Partner, records map[string]partners.StatusRecord) Reply {
	view := s.view(p, records)
	states, err := s.facts.SourceStates(ctx, p.ID)
	if err != nil {
		return fault("the state of its changelogs", err)
	}
	now := s.now()
	upcoming, err := s.facts.Upcoming(ctx, p.ID, changes.Date(now.UTC().Format(time.DateOnly)))
	if err != nil {
		return fault("what is coming", err)
	}
	fact := view.fact(p)
	reply := Reply{Title: p.Name, Text: view.sentence(p.Name, now)}
	reply.Failed = view.failed()
	reply.Sections = append(reply.Sections, view.section(now))
	if section, ok := affected(p); ok {
		reply.Sections = append(reply.Sections, section)
	}
	reply.Sections = append(reply.Sections, view.incidentSections(now)...)
	comingSection, records2 := coming(p.ID, upcoming, now)
	reply.Sections = append(reply.Sections, comingSection...)
	fact.Upcoming = records2
	sourceSection, sources := sourcesOf(p, states, now)
	reply.Sections = append(reply.Sections, sourceSection...)
	fact.Sources = sources
	reply.Failed = reply.Failed || slices.ContainsFunc(sources, func(f SourceFact) bool { return f.Problem != "" })
	reply.Facts = fact
	return reply
}

func affected(p partners.Partner) (Section, bool) {
	if len(p.Affects) == 0 {
		return Section{}, false
	}
	line := Say("Behind it stand our features: " + list(p.Affects) + ".")
	if p.Owner.Team != "" {
		line.Pieces = append(line.Pieces, Piece{Text: " Owned by " + p.Owner.Team + "."})
	}
	return Section{Lines: []Line{line}}, true
}

func (v partnerView) sentence(name string, now time.Time) string {
	if v.status.Level == partners.Unknown {
		return sentence(fmt.Sprintf("%s: unknown, %s", name, v.status.Problem))
	}
	text := fmt.Sprintf("%s: %s by its own status page", name, v.status.Level)
	if headline := v.headline(); headline != "" {
		text += " (" + headline + ")"
	}
	return text + ", read " + ago(v.status.ReadAt, now) + "."
}

func (v partnerView) section(now time.Time) Section {
	first := Line{Mark: markOf(v.status.Level), Pieces: []Piece{{Text: capitalise(string(v.status.Level)), Strong: true}}}
	// Since when all is well only tells since when we look.
	if !v.record.Since.IsZero() && v.status.Level == v.record.Status.Level && v.status.Level != partners.Operational {
		first.Pieces = append(first.Pieces, Piece{Text: " since "}, At(v.record.Since))
	}
	section := Section{Lines: []Line{first}}
	if v.status.Problem != "" {
		section.Lines = append(section.Lines, Say(sentence(capitalise(v.status.Problem))))
	}
	if d := v.status.Description; d != "" && v.status.Level != partners.Unknown {
		section.Lines = append(section.Lines, Line{Pieces: []Piece{{Text: "In its own words: “" + d + "”"}}})
	}
	if !v.status.ReadAt.IsZero() {
		did := "Read "
		if v.status.Problem != "" {
			did = "Tried "
		}
		source := Line{Pieces: []Piece{{Text: did + ago(v.status.ReadAt, now) + ": ", Faint: true}}}
		source.Pieces = append(source.Pieces, Piece{Text: hostOf(v.status.Page), Link: v.status.Page})
		section.Lines = append(section.Lines, source)
	}
	if bad := v.troubledComponents(); bad != "" {
		section.Lines = append(section.Lines, Say("Not operational: "+bad+"."))
	}
	return section
}

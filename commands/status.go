package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/changes"
	"sparky/incidents"
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

// StatusSources are the memories that the status command asks. Pages must be given; where another one is nil, what it
// knows is left out.
type StatusSources struct {
	Pages     StatusFacts
	Probes    ProbeFacts
	Incidents IncidentFacts
	Troubles  Troubles
	Health    Healthy // of Sparky itself

	Certificates CertificateFacts
	Breakers     Breakers
}

// Status is the command that tells how partners are doing.
func Status(directory *Directory, sources StatusSources, now Clock) Command {
	s := statusCommand{sources, directory, now}
	if s.Probes != nil {
		s.Probes = newRecalled(s.Probes, now, recallForMany)
	}
	return Command{
		Name:     "status",
		Args:     "[partner] [--chart]",
		Short:    "how partners are doing, by their own word and by our probes, and what is coming",
		Examples: []string{"status", "status " + firstID(directory), "status " + firstID(directory) + " --chart"},
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
	StatusSources
	directory *Directory
	now       Clock
}

// PartnerStatus is what status tells of a partner, for machines.
type PartnerStatus struct {
	Partner   string            `json:"partner"`
	Name      string            `json:"name"`
	Level     partners.Level    `json:"level"` // by the partner's own word
	Since     time.Time         `json:"since,omitzero"`
	Status    *partners.Status  `json:"status_page,omitempty"`
	Sources   []SourceFact      `json:"changelog,omitempty"`
	Upcoming  []ChangelogRecord `json:"upcoming,omitempty"`
	Probes    []ProbeFact       `json:"probes,omitempty"`
	Incidents []IncidentRecord  `json:"incidents,omitempty"` // that are not over
	Mutes     []incidents.Mute  `json:"mutes,omitempty"`

	Certificate *CertificateFact `json:"certificate,omitempty"`
	Breakers    []BreakerFact    `json:"breakers,omitempty"` // of hosts to which calls are held back
}

// CertificateFact is how a partner's last certificate stands, for machines.
type CertificateFact struct {
	At        time.Time `json:"at"`
	Passed    bool      `json:"passed"`
	OutOfDate string    `json:"out_of_date,omitempty"` // what has changed since
}

// SourceFact is the state of one changelog source, for machines.
type SourceFact struct {
	Source  string    `json:"source"`
	ReadAt  time.Time `json:"read_at,omitzero"`
	Problem string    `json:"problem,omitempty"`
}

func (s statusCommand) run(ctx context.Context, call Call) Reply {
	asked := s.directory.All()
	args, chart := takeFlag(call.Args, "chart")
	call.Args = args
	if chart && len(call.Args) == 0 {
		return refuse(fmt.Sprintf("A chart is of one partner: /sparky status %s --chart.", firstID(s.directory)))
	}
	if len(call.Args) > 0 {
		p, rest, refusal := s.directory.Take(call.Args)
		if refusal != nil {
			return *refusal
		}
		if len(rest) > 0 {
			return excess(rest)
		}
		if chart {
			return s.chart(ctx, p)
		}
		asked = []partners.Partner{p}
	}
	records, err := s.Pages.Statuses(ctx)
	if err != nil {
		return fault("what the status pages said", err)
	}
	all, refusal := s.look(ctx)
	if refusal != nil {
		return *refusal
	}
	views := make([]view, 0, len(asked))
	for _, p := range asked {
		o := s.newest(p, all)
		if s.Breakers != nil {
			o.held = s.Breakers.Breakers(p.ID)
		}
		views = append(views, view{p, viewOf(p, records, s.now()), o})
	}
	if err := s.lastDay(ctx, views); err != nil {
		return fault("what our probes saw", err)
	}
	if len(call.Args) > 0 {
		return s.one(ctx, views[0])
	}
	return s.all(ctx, views, all.network())
}

// view is all that is known of one partner.
type view struct {
	partner partners.Partner
	page    partnerView
	own     own
}

func (v view) fact() PartnerStatus {
	fact := v.page.fact(v.partner)
	for _, p := range v.own.probes {
		fact.Probes = append(fact.Probes, newProbeFact(p))
	}
	for _, i := range slices.Concat(v.own.incidents, v.own.trials) {
		fact.Incidents = append(fact.Incidents, NewIncidentRecord(i))
	}
	fact.Mutes, fact.Breakers = v.own.mutes, breakerFacts(v.own.held)
	return fact
}

// all is one line a partner and below it what we see ourselves, those that need a look first.
func (s statusCommand) all(ctx context.Context, views []view, network *incidents.Incident) Reply {
	groups := make([][]Line, 0, len(views))
	facts := make([]PartnerStatus, 0, len(views))
	counts, failed := map[string]int{}, network != nil
	for _, v := range views {
		st := standingOf(v.partner, v.page, v.own, s.now())
		counts[st.count]++
		failed = failed || st.failed
		groups = append(groups, append([]Line{st.line}, v.details(s.now())...))
		facts = append(facts, v.fact())
	}
	slices.SortStableFunc(groups, func(a, b []Line) int { return urgencyOf(a[0].Mark) - urgencyOf(b[0].Mark) })
	text := summary(counts)
	reply := Reply{Facts: facts, Failed: failed}
	if network != nil {
		text = "Our own network is down. " + text
		reply.Sections = append(reply.Sections, Section{Lines: incidentSection(*network, nil, s.now()).Lines})
	}
	reply.Title, reply.Text = trimStop(text), text
	reply.Sections = append(reply.Sections, Section{Lines: slices.Concat(groups...)})
	reply.Sections = append(reply.Sections, unwellSections(ctx, s.Health)...)
	reply.Sections = append(reply.Sections, s.troubleSection(ctx)...)
	whose := "This is the partners' own word."
	if s.Probes != nil {
		whose = "This is the partners' own word, and what our probes saw."
	}
	reply.Sections = append(reply.Sections, Section{Lines: []Line{{Pieces: []Piece{{
		Text: whose + " More on one of them: /sparky status " + firstID(s.directory), Faint: true,
	}}}}})
	return reply
}

// details are what we see of the partner ourselves, in a line for each kind.
func (v view) details(now time.Time) []Line {
	var lines []Line
	for _, i := range v.own.incidents {
		pieces := slices.Concat([]Piece{keyPiece(i), {Text: ", "}}, verdictLine(i.Verdict).Pieces, []Piece{{Text: " "}}, handsLine(i, now).Pieces)
		lines = append(lines, Line{Indent: true, Pieces: pieces})
	}
	for _, i := range v.own.trials {
		lines = append(lines, Line{Indent: true, Pieces: slices.Concat([]Piece{keyPiece(i), {Text: ", " + strings.TrimPrefix(what(i), i.Name+": ") + ". "}}, handsLine(i, now).Pieces)})
	}
	if text := v.own.summary(now); text != "" {
		lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: text}}})
	}
	for _, line := range heldLines(v.own.held) {
		line.Mark, line.Indent = MarkNone, true
		lines = append(lines, line)
	}
	for _, m := range v.own.mutes {
		line := muteLine(m, targetWords(v.partner.Name, m.Probe), now)
		line.Mark, line.Indent = MarkNone, true
		lines = append(lines, line)
	}
	return lines
}

// urgencyOf orders marks from what needs a look to what does not.
func urgencyOf(m Mark) int {
	return slices.Index([]Mark{MarkBad, MarkWarn, MarkUnknown, MarkPlanned, MarkMuted, MarkGood, MarkNone}, m)
}

func summary(counts map[string]int) string {
	var parts []string
	for _, words := range counted() {
		if n := counts[words]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	if len(parts) == 0 {
		return "No partner is configured."
	}
	return "Partners: " + strings.Join(parts, ", ") + "."
}

func (s statusCommand) one(ctx context.Context, v view) Reply {
	p, now := v.partner, s.now()
	states, err := s.Pages.SourceStates(ctx, p.ID)
	if err != nil {
		return fault("the state of its changelogs", err)
	}
	upcoming, err := s.Pages.Upcoming(ctx, p.ID, changes.Date(now.UTC().Format(time.DateOnly)))
	if err != nil {
		return fault("what is coming", err)
	}
	st := standingOf(p, v.page, v.own, now)
	reply := Reply{Title: p.Name, Text: v.page.sentence(p.Name, now), Failed: st.failed}
	if own := flat(st.line); own != flat(v.page.line(p.Name, now)) {
		reply.Text = sentence(own)
	}
	for _, i := range v.own.incidents {
		reply.Sections = append(reply.Sections, incidentSection(i, nil, now))
	}
	reply.Sections = append(reply.Sections, v.page.section(now))
	if section, ok := affected(p); ok {
		reply.Sections = append(reply.Sections, section)
	}
	reply.Sections = append(reply.Sections, v.own.sections(p, now)...)
	reply.Sections = append(reply.Sections, heldSection(v.own.held)...)
	reply.Sections = append(reply.Sections, v.page.incidentSections(now)...)
	for _, i := range v.own.trials {
		reply.Sections = append(reply.Sections, incidentSection(i, nil, now))
	}
	fact := v.fact()
	certificate, refusal := s.certificateOf(ctx, p, &fact)
	if refusal != nil {
		return *refusal
	}
	reply.Sections = append(reply.Sections, certificate...)
	var section []Section
	section, fact.Upcoming = coming(p.ID, upcoming, now)
	reply.Sections = append(reply.Sections, section...)
	section, fact.Sources = sourcesOf(p, states, now)
	reply.Sections = append(reply.Sections, section...)
	reply.Sections = append(reply.Sections, unwellSections(ctx, s.Health)...)
	reply.Failed = reply.Failed || slices.ContainsFunc(fact.Sources, func(f SourceFact) bool { return f.Problem != "" })
	reply.Facts = fact
	return reply
}

// certificateOf is the section of a partner's last certificate, none where it has none.
func (s statusCommand) certificateOf(ctx context.Context, p partners.Partner, fact *PartnerStatus) ([]Section, *Reply) {
	if s.Certificates == nil {
		return nil, nil
	}
	all, err := s.Certificates.Certificates(ctx)
	if err != nil {
		reply := fault("its certificate", err)
		return nil, &reply
	}
	cert, print := all[p.ID], s.Certificates.Fingerprint(p)
	section, ok := certificateSection(cert, print, s.now())
	if !ok {
		return nil, nil
	}
	fact.Certificate = &CertificateFact{cert.At, cert.Passed(), cert.OutOfDate(print)}
	return []Section{section}, nil
}

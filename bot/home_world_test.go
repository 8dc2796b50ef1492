package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// facts are all that the dashboard asks for, of a world that a test makes up.
type facts struct {
	now       time.Time
	all       []partners.Partner
	statuses  map[string]partners.StatusRecord
	sources   map[string]changes.SourceState
	upcoming  []changes.Entry
	results   map[string]map[string]partners.ProbeResult
	live      []incidents.Incident
	mutes     []incidents.Mute
	certs     map[string]partners.Certificate
	runs      []changes.Run
	held      map[string][]incidents.Circuit
	troubles  []incidents.Trouble
	health    commands.Health
	err       error
	asked     int // how often the dashboard was asked for
	seriesFor int // how often a day of a probe was added up
}

func (f *facts) Statuses(context.Context) (map[string]partners.StatusRecord, error) {
	f.asked++
	return f.statuses, f.err
}

func (f *facts) SourceStates(context.Context, string) (map[string]changes.SourceState, error) {
	return f.sources, f.err
}

func (f *facts) SourcesOf(_ context.Context, of ...string) (map[string]map[string]changes.SourceState, error) {
	all := map[string]map[string]changes.SourceState{}
	for _, partner := range of {
		all[partner] = f.sources
	}
	return all, f.err
}

func (f *facts) Upcoming(_ context.Context, partner string, _ changes.Date) ([]changes.Entry, error) {
	return slices.DeleteFunc(slices.Clone(f.upcoming), func(e changes.Entry) bool { return partner != "" && e.Partner != partner }), f.err
}

func (f *facts) LastResults(context.Context) (map[string]map[string]partners.ProbeResult, error) {
	return f.results, f.err
}

func (f *facts) ProbeSeries(_ context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (whole partners.ProbeStats, steps []partners.ProbeStats, _ error) {
	f.seriesFor++
	for at := from; at.Before(to); at = at.Add(step) {
		steps = append(steps, partners.ProbeStats{Runs: 24, Passed: 24, P95: time.Duration(len(partner)+len(steps)) * 10 * time.Millisecond})
	}
	return partners.ProbeStats{Runs: 288, Passed: 287, P95: 230 * time.Millisecond}, steps, f.err
}

func (f *facts) EachSeries(ctx context.Context, probes map[string][]string, from, to time.Time, step time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	all := map[string]map[string]partners.ProbeSeries{}
	for partner, ids := range probes {
		all[partner] = map[string]partners.ProbeSeries{}
		for _, probe := range ids {
			whole, steps, _ := f.ProbeSeries(ctx, partner, []string{probe}, from, to, step)
			all[partner][probe] = partners.ProbeSeries{Whole: whole, Steps: steps}
		}
	}
	return all, f.err
}

func (f *facts) Incidents(context.Context, bool, time.Time) ([]incidents.Incident, error) {
	return f.live, f.err
}
func (f *facts) Mutes(context.Context) ([]incidents.Mute, error)        { return f.mutes, f.err }
func (f *facts) Runs(context.Context, time.Time) ([]changes.Run, error) { return f.runs, f.err }
func (f *facts) Troubles(context.Context) ([]incidents.Trouble, error)  { return f.troubles, f.err }
func (f *facts) Breakers(partner string) []incidents.Circuit            { return f.held[partner] }
func (f *facts) Health(context.Context) commands.Health                 { return f.health }
func (f *facts) Fingerprint(p partners.Partner) partners.CertificatePrint {
	return partners.CertificatePrint{Config: p.ID}
}
func (f *facts) Certificates(context.Context) (map[string]partners.Certificate, error) {
	return f.certs, f.err
}

// book answers what App Home asks.
func (f *facts) book() commands.Runner {
	d := commands.NewDirectory(f.all)
	now := func() time.Time { return f.now }
	return commands.NewBook(d, nil, commands.Dashboard(d, commands.DashboardSources{Runs: f, Workflows: true,
		Status: commands.StatusSources{Pages: f, Probes: f, Incidents: f, Troubles: f, Health: f, Certificates: f, Breakers: f}}, now))
}

// view is a part of the dashboard as it is sent to Slack.
func (f *facts) view(ctx context.Context, place string) (raw []byte, reply commands.Reply, err error) {
	reply = f.book().Run(ctx, commands.Request{Text: place})
	_, raw, err = homeView(reply, place)
	return raw, reply, err
}

// wellFacts is a world of n partners that are well, with two probes each.
func wellFacts(n int) *facts {
	f := &facts{now: digestDay, statuses: map[string]partners.StatusRecord{}, results: map[string]map[string]partners.ProbeResult{}, certs: map[string]partners.Certificate{},
		held: map[string][]incidents.Circuit{}, sources: map[string]changes.SourceState{}}
	f.health = commands.Health{At: digestDay, Version: "v1.2.3", Started: digestDay.Add(-50 * time.Hour), LinksUp: 2,
		Jobs: commands.JobsHealth{Count: 14, LastEnd: digestDay.Add(-4 * time.Second)}}
	for i := range n {
		id := fmt.Sprintf("partner-%03d", i)
		p := partners.Partner{ID: id, Name: fmt.Sprintf("Partner %03d", i), Affects: []string{"Ticket sync"}, Owner: partners.Owner{Team: "Platform Integrations"},
			Status: partners.StatusSource{URL: "https://status." + id + ".example"}, Compat: &partners.Compat{Repo: "acme/integrations", Workflow: "compat.yml"}}
		f.results[id] = map[string]partners.ProbeResult{}
		for n, probe := range []string{"sign-in", "table-api"} {
			p.Probes = append(p.Probes, partners.ProbeConfig{ID: probe, Kind: "http", Every: setting.Duration(5 * time.Minute)})
			f.results[id][probe] = partners.ProbeResult{Partner: id, Probe: probe, At: digestDay.Add(-time.Duration(20+n) * time.Second), Took: time.Duration(120*(n+1)) * time.Millisecond}
		}
		f.all = append(f.all, p)
		f.statuses[id] = partners.StatusRecord{Since: digestDay.Add(-72 * time.Hour),
			Status: partners.Status{Level: partners.Operational, Page: p.Status.URL, ReadAt: digestDay.Add(-50 * time.Second)}}
		f.certs[id] = partners.Certificate{Partner: id, At: digestDay.Add(-300 * time.Hour), Fingerprint: partners.CertificatePrint{Config: id}, Items: []partners.CertificateItem{{Outcome: partners.ItemPassed}}}
	}
	return f
}

// breaks makes a partner fail, with an incident.
func (f *facts) breaks(n int) *incidents.Incident {
	p := f.all[n]
	result := f.results[p.ID]["sign-in"]
	result.Class, result.Problem = partners.FailServer, "it was answered with 503"
	f.results[p.ID]["sign-in"] = result
	f.live = append(f.live, incidents.Incident{ID: "sparky-" + p.ID + "-1", Kind: incidents.KindProbe, Partner: p.ID, Name: p.Name, Priority: "P4", Affects: p.Affects, State: incidents.StateOpen, Outage: 1,
		Since: digestDay.Add(-41 * time.Minute), Opened: digestDay.Add(-41 * time.Minute), Probes: []incidents.Failing{{Partner: p.ID, Probe: "sign-in", Last: result, Since: digestDay.Add(-41 * time.Minute)}},
		Verdict: incidents.Verdict{Word: incidents.Internal, Says: "Escalated: not announced by them, but it looks like theirs: it answered 503."},
		Ticket:  incidents.Ticket{Key: fmt.Sprintf("ECO-%d", n+1), URL: "https://jira.example/browse/ECO", Assignee: "Ada Osei"}})
	return &f.live[len(f.live)-1]
}

// coming is an announcement of a partner, some days ahead.
func (f *facts) coming(partner, title string, days int) {
	e := changes.Entry{Kinds: []changes.Kind{changes.Breaking}, Effective: changes.Date(digestDay.AddDate(0, 0, days).Format(time.DateOnly))}
	e.Partner, e.Title, e.Link, e.Source = partner, title, "https://"+partner+".example/news", "feed"
	e.Key, e.Body, e.Hash = title, title, title
	f.upcoming = append(f.upcoming, e)
}

// anyFacts is a world of any size, in which anything may be wrong and anything is said.
func anyFacts(chance *rand.Rand) *facts {
	words := append(hostile(), "", "ok", string(make([]byte, 300)), "A name that goes on and on and on and on and on and on and on and on and on and on and on until it ends")
	word := func() string {
		w := ""
		for range 1 + chance.IntN(4) {
			w += words[chance.IntN(len(words))] + " "
		}
		return w
	}
	f := wellFacts(chance.IntN(201))
	for i := range f.all {
		p := &f.all[i]
		if chance.IntN(3) == 0 {
			p.Name = word()
		}
		switch chance.IntN(8) {
		case 0:
			f.statuses[p.ID] = partners.StatusRecord{Status: partners.UnknownStatus(p.Status.URL, word(), digestDay)}
		case 1:
			record := f.statuses[p.ID]
			record.Status.Level, record.Status.Incidents = partners.MajorOutage, []partners.PageIncident{{Name: word(), Text: word(), Link: word(), Level: partners.MajorOutage}}
			f.statuses[p.ID] = record
		case 2:
			f.mutes = append(f.mutes, incidents.Mute{Partner: p.ID, Until: digestDay.Add(time.Hour), By: word(), Reason: word()})
		case 3:
			f.held[p.ID] = slices.Repeat([]incidents.Circuit{{Host: word(), Since: digestDay, Why: word()}}, chance.IntN(9))
		case 4:
			delete(f.certs, p.ID)
			p.Status, p.Probes = partners.StatusSource{}, nil
		}
	}
	for range min(chance.IntN(41), len(f.all)*40) {
		in := f.breaks(chance.IntN(len(f.all)))
		in.Name, in.Verdict.Says, in.Ticket.Assignee, in.Affects = word(), word(), word(), []string{word(), word()}
		in.Post.State = []incidents.PostState{"", incidents.PostProposed, incidents.PostPublished}[chance.IntN(3)]
	}
	for range min(chance.IntN(201), len(f.all)*200) {
		f.coming(f.all[chance.IntN(len(f.all))].ID, word(), chance.IntN(400))
		if e := &f.upcoming[len(f.upcoming)-1]; chance.IntN(2) == 0 {
			e.Kinds, e.BetaVersion = []changes.Kind{changes.Beta}, fmt.Sprintf("v%d", chance.IntN(9))
		}
	}
	for n := range chance.IntN(30) {
		run := aRun([]changes.RunState{changes.RunAsked, changes.RunQueued, changes.RunRunning, changes.RunPassed, changes.RunFailed, changes.RunNoVerdict}[chance.IntN(6)])
		run.Name, run.Version, run.Reason = word(), fmt.Sprintf("v%d", n), word()
		f.runs = append(f.runs, run)
	}
	for range chance.IntN(9) {
		f.troubles = append(f.troubles, incidents.Trouble{Problem: word(), Since: digestDay})
		f.health.Ill = append(f.health.Ill, commands.Illness{Words: word(), Mend: word(), Since: digestDay})
	}
	return f
}

var errAway = errors.New("the database is away")

// decoded is a view as its JSON says.
func decoded(raw []byte) (view struct {
	Blocks   []map[string]any `json:"blocks"`
	Metadata string           `json:"private_metadata"`
}, err error) {
	err = json.Unmarshal(raw, &view)
	return view, err
}

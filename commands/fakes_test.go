package commands

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

var (
	ada   = Person{ID: "U0ADA", Name: "ada"}
	grace = Person{ID: "U0GRACE", Name: "grace"}
)

// fakeMemory remembers probes, incidents and mutes as the store does.
type fakeMemory struct {
	results map[string]map[string]partners.ProbeResult
	stats   map[string]partners.ProbeStats   // by partner/probe
	steps   map[string][]partners.ProbeStats // of the day
	all     []incidents.Incident
	mutes   []incidents.Mute
	err     map[string]error // by what is asked
}

func (f *fakeMemory) LastResults(context.Context) (map[string]map[string]partners.ProbeResult, error) {
	return f.results, f.err["results"]
}

func (f *fakeMemory) ProbeSeries(_ context.Context, partner string, probes []string, from, to time.Time, step time.Duration) (whole partners.ProbeStats, steps []partners.ProbeStats, err error) {
	day := to.Sub(from) == 24*time.Hour
	if !day && to.Sub(from) != 30*24*time.Hour || !to.Equal(noon) || step < time.Hour {
		return whole, nil, fmt.Errorf("asked from %v to %v by %s", from, to, step)
	}
	for _, probe := range probes {
		s := f.stats[partner+"/"+probe]
		whole.Runs, whole.Passed = whole.Runs+s.Runs, whole.Passed+s.Passed
		whole.P50, whole.P95 = max(whole.P50, s.P50), max(whole.P95, s.P95)
		if day {
			steps = together(steps, f.steps[partner+"/"+probe])
		}
	}
	return whole, steps, f.err["stats"]
}

func (f *fakeMemory) EachSeries(ctx context.Context, probes map[string][]string, from, to time.Time, step time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	all := map[string]map[string]partners.ProbeSeries{}
	for partner, ids := range probes {
		all[partner] = map[string]partners.ProbeSeries{}
		for _, probe := range ids {
			whole, steps, err := f.ProbeSeries(ctx, partner, []string{probe}, from, to, step)
			if err != nil {
				return nil, err
			}
			all[partner][probe] = partners.ProbeSeries{Whole: whole, Steps: steps}
		}
	}
	return all, nil
}

func (f *fakeMemory) Incidents(_ context.Context, live bool, _ time.Time) ([]incidents.Incident, error) {
	var found []incidents.Incident
	for _, i := range f.all {
		if i.State.Live() || !live {
			found = append(found, i)
		}
	}
	return found, f.err["incidents"]
}

func (f *fakeMemory) Mutes(context.Context) ([]incidents.Mute, error) { return f.mutes, f.err["mutes"] }

// fakeDesk does what the desk does, at noon, on the incidents of its memory.
type fakeDesk struct {
	*fakeMemory
	now   time.Time
	err   error
	words []string // what people said with what they did
}

func (d *fakeDesk) find(ref string) (*incidents.Incident, error) {
	at := slices.IndexFunc(d.all, func(i incidents.Incident) bool {
		return strings.EqualFold(i.ID, ref) || ref != "" && strings.EqualFold(i.Ticket.Key, ref)
	})
	switch {
	case d.err != nil:
		return nil, d.err
	case at < 0:
		return nil, fmt.Errorf("%q: %w", ref, incidents.ErrNoIncident)
	}
	return &d.all[at], nil
}

// act does something unless somebody was first, or the incident is over.
func (d *fakeDesk) act(ref string, first func(*incidents.Incident) *incidents.Deed, do func(*incidents.Incident)) (incidents.Answer, error) {
	i, err := d.find(ref)
	if err != nil {
		return incidents.Answer{}, err
	}
	if deed := first(i); deed != nil {
		return incidents.Answer{First: *deed, Incident: *i}, nil
	}
	if !i.State.Active() {
		return incidents.Answer{Incident: *i}, fmt.Errorf("acting on %s: %w", ref, incidents.ErrOver)
	}
	do(i)
	return incidents.Answer{Changed: true, Incident: *i}, nil
}

func (d *fakeDesk) Acknowledge(_ context.Context, ref, by string) (incidents.Answer, error) {
	return d.act(ref, func(i *incidents.Incident) *incidents.Deed { return i.Acknowledged }, func(i *incidents.Incident) {
		i.State, i.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: by, At: d.now}
		if i.Page.Wanted == incidents.PageTriggered {
			i.Page.Wanted = incidents.PageAcknowledged
		}
	})
}

func (d *fakeDesk) Resolve(_ context.Context, ref, by, what string) (incidents.Answer, error) {
	return d.act(ref, func(i *incidents.Incident) *incidents.Deed { return i.Closed }, func(i *incidents.Incident) {
		d.words = append(d.words, what)
		i.State, i.Closed, i.Ended = incidents.StateClosed, &incidents.Deed{By: by, At: d.now}, d.now
		i.Page.Wanted = incidents.PageResolved
	})
}

func (d *fakeDesk) Overrule(_ context.Context, ref, by string, word incidents.Word) (incidents.Answer, error) {
	first := func(i *incidents.Incident) *incidents.Deed {
		if i.Verdict.Word != word {
			return nil
		}
		if i.Verdict.By == "" {
			return &incidents.Deed{}
		}
		return &incidents.Deed{By: i.Verdict.By, At: i.Verdict.At}
	}
	return d.act(ref, first, func(i *incidents.Incident) {
		i.Verdict = incidents.Verdict{Word: word, Reason: incidents.ReasonPerson, By: by, At: d.now}
		if word == incidents.External {
			i.Page.Wanted, i.Post.State = incidents.PageResolved, incidents.PostProposed
		} else {
			i.Page.Wanted = incidents.PageTriggered
		}
	})
}

func (d *fakeDesk) Publish(_ context.Context, ref, by, text string) (incidents.Answer, error) {
	d.words = append(d.words, text)
	return d.post(ref, by, incidents.PostPublished)
}

func (d *fakeDesk) Decline(_ context.Context, ref, by string) (incidents.Answer, error) {
	return d.post(ref, by, incidents.PostDeclined)
}

func (d *fakeDesk) post(ref, by string, state incidents.PostState) (incidents.Answer, error) {
	i, err := d.find(ref)
	switch {
	case err != nil:
		return incidents.Answer{}, err
	case i.Post.State == incidents.PostPublished:
		return incidents.Answer{First: incidents.Deed{By: i.Post.By, At: d.now.Add(-time.Minute)}, Incident: *i}, nil
	case i.Post.State == incidents.PostDeclined: // the desk does not know when
		return incidents.Answer{First: incidents.Deed{By: i.Post.By}, Incident: *i}, nil
	case i.Post.State != incidents.PostProposed:
		return incidents.Answer{Incident: *i}, fmt.Errorf("publishing %s: %w", ref, incidents.ErrNoPost)
	}
	i.Post.State, i.Post.By = state, by
	return incidents.Answer{Changed: true, Incident: *i}, nil
}

func (d *fakeDesk) Mute(_ context.Context, m incidents.Mute) (incidents.Mute, error) {
	if d.err != nil {
		return m, d.err
	}
	d.mutes = slices.DeleteFunc(d.mutes, func(old incidents.Mute) bool { return old.Partner == m.Partner && old.Probe == m.Probe })
	d.mutes = append(d.mutes, m)
	return m, nil
}

func (d *fakeDesk) Unmute(_ context.Context, partner, probe, _ string) (lifted []incidents.Mute, err error) {
	var kept []incidents.Mute
	for _, m := range d.mutes {
		if m.Partner == partner && (probe == "" || m.Probe == probe) {
			lifted = append(lifted, m)
		} else {
			kept = append(kept, m)
		}
	}
	d.mutes = kept
	return lifted, d.err
}

// table is all commands at work on fakes.
type table struct {
	facts   *fakeFacts
	memory  *fakeMemory
	desk    *fakeDesk
	prober  Prober
	permits Permits
	door    Door
	oncall  OncallFacts
	trier   Trier
	acts    *fakeActs
}

func newTable() *table {
	memory := &fakeMemory{err: map[string]error{}}
	return &table{acts: &fakeActs{}, facts: &fakeFacts{}, memory: memory, desk: &fakeDesk{fakeMemory: memory, now: noon}, prober: newFakeProber()}
}

// probedDirectory has probes where testDirectory has none.
func probedDirectory() *Directory {
	all := slices.Clone(testDirectory().All())
	probe := func(id string) partners.ProbeConfig {
		return partners.ProbeConfig{ID: id, Kind: "http", Every: setting.Duration(5 * time.Minute), Timeout: setting.Duration(10 * time.Second)}
	}
	all[0].Probes = []partners.ProbeConfig{probe("create-incident"), probe("table-api")}
	all[0].Compat = &partners.Compat{Repo: "acme/integrations", Workflow: "compat.yml"}
	all[1].Probes = []partners.ProbeConfig{probe("card")}
	return NewDirectory(all)
}

func (b *table) book() *Book {
	d := probedDirectory()
	now := func() time.Time { return b.desk.now }
	return NewBook(d, b.permits,
		Status(d, StatusSources{Pages: b.facts, Probes: b.memory, Incidents: b.memory, Troubles: b.facts}, now),
		Incidents(b.memory, d, now),
		Changelog(d, b.facts, now),
		Upcoming(d, b.facts, now),
		Handled(d, b.facts, now),
		Unhandled(d, b.facts, now),
		Oncall(b.oncall),
		Probe(d, b.prober),
		Compat(d, b.trier, b.facts, "#ecosystem-updates", now),
		Ack(b.desk, b.memory, now),
		Resolve(b.desk, b.memory, now),
		Mute(d, b.desk, b.memory, now),
		Unmute(d, b.desk, b.memory, now),
		Theirs(b.desk, b.memory, now),
		Ours(b.desk, b.memory, now),
		Publish(b.desk, b.memory, now, func(text string) string { return strings.ReplaceAll(text, "hunter2", "[secret]") }),
		Decline(b.desk, b.memory, now),
		Audit(d, b.acts)).Audited(b.acts, now)
}

func (b *table) ask(t *testing.T, who Person, text string) Reply {
	t.Helper()
	return b.book().Behind(b.door).Run(t.Context(), Request{Text: text, Person: who})
}

// said is all of a reply that a reader gets, and who gets it.
func said(who Person, text string, r Reply) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s> /sparky %s\n", who.Name, text)
	audience := "only " + who.Name
	if r.Public {
		audience = "everybody"
	}
	fmt.Fprintf(&b, "(%s", audience)
	if r.Refused {
		b.WriteString(", refused")
	}
	if r.Failed {
		b.WriteString(", bad news")
	}
	fmt.Fprintf(&b, ") %s\n", r.Text)
	if r.Title != "" {
		b.WriteString("= " + r.Title + "\n")
	}
	for _, s := range r.Sections {
		b.WriteString(plain(Reply{Sections: []Section{s}}))
		for _, button := range s.Buttons {
			fmt.Fprintf(&b, "  [%s -> %s]\n", button.Label, button.Command)
		}
	}
	return b.String() + "\n"
}

// updateGolden says to write the golden files anew instead of comparing with them: SPARKY_UPDATE_GOLDEN=1 go test .
const updateGolden = "SPARKY_UPDATE_GOLDEN"

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if os.Getenv(updateGolden) != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
)

// fakeRuns are compatibility runs, the newest first, and how Sparky itself is.
type fakeRuns struct {
	runs   []changes.Run
	health Health
	err    error
}

func (f *fakeRuns) Runs(context.Context, time.Time) ([]changes.Run, error) { return f.runs, f.err }
func (f *fakeRuns) Health(context.Context) Health                          { return f.health }

// boardOf asks for a part of the dashboard of three partners of which ServiceNow fails.
func boardOf(t *testing.T, b *table, runs *fakeRuns, text string) Reply {
	t.Helper()
	d := probedDirectory()
	now := func() time.Time { return noon }
	sources := DashboardSources{Status: StatusSources{Pages: b.facts, Probes: b.memory, Incidents: b.memory, Troubles: b.facts, Health: runs}, Runs: runs, Workflows: true}
	return NewBook(d, nil, Dashboard(d, sources, now)).Run(t.Context(), Request{Text: text, Person: ada})
}

// failingTable is a table at which ServiceNow's create-incident fails and Microsoft's page is green.
func failingTable() *table {
	b := newTable()
	b.facts.statuses = map[string]partners.StatusRecord{"servicenow": {Status: good(noon.Add(-time.Minute)), Since: noon.Add(-72 * time.Hour)}, "microsoft": {Status: good(noon), Since: noon.Add(-time.Hour)}}
	failure := partners.ProbeResult{Partner: "servicenow", Probe: "create-incident", At: noon.Add(-time.Minute), Took: time.Second, Class: partners.FailServer, Problem: "it was answered with 503"}
	b.memory.results = map[string]map[string]partners.ProbeResult{
		"servicenow": {"create-incident": failure, "table-api": {At: noon.Add(-time.Minute), Took: 240 * time.Millisecond}},
		"microsoft":  {"card": {At: noon.Add(-2 * time.Minute), Took: 90 * time.Millisecond}}}
	b.memory.all = []incidents.Incident{{ID: "sparky-servicenow-1", Kind: incidents.KindProbe, Partner: "servicenow", Name: "ServiceNow", State: incidents.StateOpen, Outage: 1, Priority: "P4",
		Since: noon.Add(-time.Hour), Probes: []incidents.Failing{{Partner: "servicenow", Probe: "create-incident", Last: failure}}}}
	return b
}

func TestTheDashboardTellsWhatNeedsALookAndTheRestInALine(t *testing.T) {
	reply := boardOf(t, failingTable(), &fakeRuns{}, "dashboard")
	text := plain(reply)
	for _, want := range []string{
		"[bad] ServiceNow: our probe create-incident fails, since 1 Mar 11:00 UTC\n  sparky-servicenow-1, P4\n  No verdict yet",
		"  Their page says operational since 26 Feb 2027, read 1 Mar 11:59 UTC.\n",
		"  Our probes ran 11:59 UTC: create-incident failed (server), table-api in 240 ms\n  Not certified yet.\n",
		"# The others\n[unknown] Workday unknown: no status page is configured\n[good] Microsoft 365 operational since 1 Mar 11:00 UTC; our probe passed 11:58 UTC: card in 90 ms; not certified yet\n",
		"Status pages read 1 Mar 11:59 UTC to 1 Mar 12:00 UTC. Probes last ran 1 Mar 11:58 UTC to 1 Mar 11:59 UTC.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	if reply.Title != "1 of 3 partners needs a look" || !reply.Failed {
		t.Errorf("%q, failed %t", reply.Title, reply.Failed)
	}
	if strings.Contains(text, " ago") {
		t.Errorf("an age that is wrong a minute later:\n%s", text)
	}
}

func TestTheFilterLeadsToEveryPartOfTheDashboard(t *testing.T) {
	b := failingTable()
	picks := func(text string) (*Pick, string) {
		reply := boardOf(t, b, &fakeRuns{}, text)
		for _, s := range reply.Sections {
			if s.Pick != nil {
				return s.Pick, plain(reply)
			}
		}
		t.Fatalf("%s has no filter:\n%s", text, plain(reply))
		return nil, ""
	}
	all, _ := picks("dashboard")
	for _, group := range all.Groups {
		for _, option := range group.Options {
			part, text := picks(option.Command)
			if part.Chosen != option.Command {
				t.Errorf("%s shows %q as chosen", option.Command, part.Chosen)
			}
			only := strings.HasPrefix(option.Command, "dashboard of") || option.Command == "dashboard look"
			if others := strings.Contains(text, "# The others"); only && others {
				t.Errorf("%s shows others:\n%s", option.Command, text)
			}
		}
	}
	for _, odd := range []string{"dashboard of nobody", "dashboard 0", "dashboard -3", "dashboard 99", "dashboard what", "dashboard of"} {
		if _, text := picks(odd); !strings.Contains(text, "ServiceNow") || !strings.Contains(text, "Workday") {
			t.Errorf("%s:\n%s", odd, text)
		}
	}
}

func TestOnePartnerHasAllThatCanBeDoneAboutIt(t *testing.T) {
	b := failingTable()
	commandsOf := func(text string) (all []string) {
		for _, s := range boardOf(t, b, &fakeRuns{}, text).Sections {
			for _, button := range s.Buttons {
				all = append(all, button.Command)
			}
		}
		return all
	}
	got := commandsOf("dashboard of snow")
	for _, want := range []string{"ack sparky-servicenow-1", "probe servicenow", "mute servicenow --ask", "compat servicenow", "status servicenow --chart", "dashboard of servicenow"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing: %q", want, got)
		}
	}
	b.memory.mutes = []incidents.Mute{{Partner: "servicenow", Probe: "table-api", Until: noon.Add(time.Hour), By: "U0ADA"}}
	if got := commandsOf("dashboard of servicenow"); !slices.Contains(got, "unmute servicenow/table-api") || slices.Contains(got, "mute servicenow --ask") {
		t.Errorf("while it is muted: %q", got)
	}
	if got := commandsOf("dashboard of workday"); slices.ContainsFunc(got, func(c string) bool { return !strings.HasPrefix(c, "dashboard") }) {
		t.Errorf("nothing can be done about a partner without probes: %q", got)
	}
}

func TestRunsOnTheDashboard(t *testing.T) {
	run := func(version string, state changes.RunState) changes.Run {
		return changes.Run{ID: "r" + version, Partner: "servicenow", Name: "ServiceNow", Version: version, State: state, Asked: noon.Add(-time.Hour), Ended: noon}
	}
	b := failingTable()
	beta := changes.Entry{Kinds: []changes.Kind{changes.Beta}, BetaVersion: "v9"}
	beta.Partner, beta.Title, beta.Source = "servicenow", "API v9 is now in public beta", "feed"
	tried := beta
	tried.BetaVersion, tried.Title = "v4", "API v4 is now in public beta"
	b.facts.upcoming = []changes.Entry{beta, tried}
	runs := &fakeRuns{runs: []changes.Run{run("v4", changes.RunPassed), run("V5", changes.RunNoVerdict), run("v3", changes.RunRunning), run("v5", changes.RunPassed)}}
	reply := boardOf(t, b, runs, "dashboard")
	text := plain(reply)
	text = text[strings.Index(text, "# Compatibility runs"):strings.Index(text, "# Coming")]
	want := `# Compatibility runs
[planned] ServiceNow v3 is being tried since 1 Mar 11:00 UTC
[unknown] ServiceNow V5: the run came to no verdict, tried 1 Mar 12:00 UTC
[good] ServiceNow v4 works with our integration, tried 1 Mar 12:00 UTC
[unknown] ServiceNow v9 is announced, and nobody has tried it yet.
`
	if text != want {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
	labels := map[string]string{}
	for _, s := range reply.Sections {
		for _, button := range s.Buttons {
			labels[button.Command] = button.Label
		}
	}
	if labels["compat servicenow V5"] != "Run again" || labels["compat servicenow v9"] != "Run compatibility tests" || labels["compat servicenow v4"] != "" {
		t.Errorf("%v", labels)
	}
}

func TestHowSparkyItselfIsStandsOnTheDashboard(t *testing.T) {
	runs := &fakeRuns{health: Health{At: noon, Started: noon.Add(-time.Hour), LinksUp: 1, Jobs: JobsHealth{Count: 9}}}
	if text := plain(boardOf(t, failingTable(), runs, "dashboard")); !strings.Contains(text, "Sparky itself is well: 1 link to Slack up") || strings.Contains(text, "# Sparky itself") {
		t.Errorf("well:\n%s", text)
	}
	runs.health.Ill = []Illness{{Words: "nothing can be kept", Mend: "free some space", Since: noon.Add(-time.Hour)}}
	text := plain(boardOf(t, failingTable(), runs, "dashboard"))
	ill, partner := strings.Index(text, "[bad] Nothing can be kept, since 1 Mar 11:00 UTC. Free some space."), strings.Index(text, "ServiceNow")
	if ill < 0 || ill > partner {
		t.Errorf("what ails Sparky does not stand first:\n%s", text)
	}
}

func TestADashboardThatCannotBeReadSaysSo(t *testing.T) {
	away := errors.New("the database is away")
	for _, what := range []string{"results", "incidents", "mutes", "stats"} {
		b := failingTable()
		b.memory.err[what] = away
		if reply := boardOf(t, b, &fakeRuns{}, "dashboard"); !reply.Refused || !strings.Contains(reply.Text, away.Error()) {
			t.Errorf("%s: %+v", what, reply)
		}
	}
	if reply := boardOf(t, failingTable(), &fakeRuns{err: away}, "dashboard"); !reply.Refused {
		t.Errorf("runs: %+v", reply)
	}
}

func TestTheDashboardIsListedNowhere(t *testing.T) {
	d := probedDirectory()
	book := NewBook(d, nil, Dashboard(d, DashboardSources{Status: StatusSources{Pages: &fakeFacts{}}}, func() time.Time { return noon }))
	if slices.Contains(book.Names(), DashboardCommand) {
		t.Error("it is")
	}
	if reply := book.Run(t.Context(), Request{Text: "dashboard"}); reply.Refused {
		t.Errorf("with its least sources: %s", reply.Text)
	}
}

func TestADayOfAProbeIsAddedUpOnceInAWhile(t *testing.T) {
	asked, now := 0, noon
	facts := countingProbes{&fakeMemory{}, &asked}
	r := newRecalled(facts, func() time.Time { return now }, recallFor)
	ask := func(partner string) {
		t.Helper()
		got, err := r.EachSeries(t.Context(), map[string][]string{partner: {"api"}}, now.Add(-24*time.Hour), now, sparkStep)
		if err != nil || got[partner]["api"].Whole.Runs == 0 {
			t.Fatal(got, err)
		}
	}
	for range 10 {
		ask("a")
		now = now.Add(3 * time.Second)
	}
	ask("b")
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	now = now.Add(recallFor)
	ask("a")
	if asked != 3 {
		t.Errorf("asked %d times once it is old", asked)
	}
	now = now.Add(time.Hour)
	ask("c")
	if len(r.known) != 1 {
		t.Errorf("%d are remembered", len(r.known))
	}
}

// What is known of some is not asked for again with the others, and nobody's steps are another's.
func TestOnlyWhatIsNotKnownIsAskedFor(t *testing.T) {
	asked, now := 0, noon
	r := newRecalled(countingProbes{&fakeMemory{}, &asked}, func() time.Time { return now }, recallFor)
	each := func(step time.Duration, probes map[string][]string) map[string]map[string]partners.ProbeSeries {
		t.Helper()
		got, err := r.EachSeries(t.Context(), probes, now.Add(-24*time.Hour), now, step)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := each(sparkStep, map[string][]string{"a": {"api"}, "b": {"api"}})
	first["a"]["api"].Steps[0].Runs = 7
	got := each(sparkStep, map[string][]string{"a": {"api", "web"}, "b": {"api"}})
	if got["a"]["api"].Whole.Runs != 1 || got["b"]["api"].Whole.Runs != 1 || got["a"]["web"].Whole.Runs != 2 || asked != 2 {
		t.Errorf("asked %d times for %+v", asked, got)
	}
	if got["a"]["api"].Steps[0].Runs != 0 {
		t.Error("what somebody did with their steps is in those of others")
	}
	if each(time.Hour, map[string][]string{"a": {"api"}}); asked != 3 {
		t.Error("other steps are taken for these")
	}
}

// countingProbes counts how often a series is asked for.
type countingProbes struct {
	ProbeFacts
	asked *int
}

func (c countingProbes) EachSeries(_ context.Context, probes map[string][]string, _, _ time.Time, _ time.Duration) (map[string]map[string]partners.ProbeSeries, error) {
	*c.asked++
	all := map[string]map[string]partners.ProbeSeries{}
	for partner, ids := range probes {
		for _, probe := range ids {
			keepSeries(all, partner, probe, partners.ProbeSeries{Whole: partners.ProbeStats{Runs: *c.asked}, Steps: make([]partners.ProbeStats, 12)})
		}
	}
	return all, nil
}

func TestPagesHoldWhatFits(t *testing.T) {
	tiles := func(look, others int) (all []tile) {
		for i := range look + others {
			all = append(all, tile{look: i < look})
		}
		return all
	}
	for _, c := range []struct{ look, others, pages int }{{0, 0, 1}, {10, 40, 1}, {0, 84, 1}, {0, 85, 2}, {21, 0, 1}, {22, 0, 2}, {200, 0, 10}} {
		pages := paged(tiles(c.look, c.others))
		if n := len(slices.Concat(pages...)); len(pages) != c.pages || n != c.look+c.others {
			t.Errorf("%d that need a look and %d others are %d pages with %d of them, want %d pages", c.look, c.others, len(pages), n, c.pages)
		}
	}
	many := tile{look: true}
	many.own.incidents = make([]incidents.Incident, 40)
	if pages := paged([]tile{many, many, many, many, many, many}); len(pages) != 2 {
		t.Errorf("%d pages", len(pages))
	}
	if fmt.Sprint(showing{what: showAll}.command(3), showing{what: showLook}.command(1)) != "dashboard all 3dashboard look" {
		t.Error("a page's command is another's")
	}
}

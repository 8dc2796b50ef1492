package bot

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/commands"
	"sparky/fixtures/world/blockkit"
	"sparky/incidents"
	"sparky/partners"
)

// homeGolden is a dashboard, and the part of it that is shown.
type homeGolden struct {
	facts *facts
	place string
}

// homeGoldens are the states that the dashboard can have.
func homeGoldens() map[string]homeGolden {
	calm, none, away := wellFacts(5), wellFacts(0), wellFacts(2)
	calm.coming("partner-001", "The v1 API ends", 12)
	away.err = errAway
	some := brokenFacts()
	network := wellFacts(3)
	network.live = []incidents.Incident{{ID: "sparky-network-1", Kind: incidents.KindNetwork, Name: "Our network", State: incidents.StateAcknowledged, Priority: "P2",
		Acknowledged: &incidents.Deed{By: "U0ADA", At: digestDay.Add(-time.Minute)}, Since: digestDay.Add(-2 * time.Minute)}}
	fifty := wellFacts(50)
	for n := range 10 {
		fifty.breaks(5 * n)
	}
	ill := wellFacts(2)
	ill.health.Ill = []commands.Illness{{Words: "Slack is not heard", Mend: "check slack.app_token", Since: digestDay.Add(-time.Hour)}}
	ill.troubles = []incidents.Trouble{{Problem: "#ecosystem-updates does not exist", Attempts: 3, Since: digestDay.Add(-time.Hour)}}
	ill.health.Effects = commands.EffectsHealth{Due: 3, Oldest: digestDay.Add(-time.Hour)}
	return map[string]homeGolden{
		"calm": {calm, "dashboard"}, "none": {none, "dashboard"}, "away": {away, "dashboard"}, "network": {network, "dashboard"}, "ill": {ill, "dashboard"},
		"broken": {some, "dashboard"}, "look": {some, "dashboard look"}, "one": {some, "dashboard of partner-001"}, "nothing_to_look_at": {calm, "dashboard look"},
		"gone": {calm, "dashboard of nobody"}, "fifty": {fifty, "dashboard"}, "hundred_last": {wellFacts(100), "dashboard all 9"},
	}
}

// brokenFacts has something of everything: incidents, mutes, certificates, runs, announcements.
func brokenFacts() *facts {
	f := wellFacts(6)
	f.breaks(1).Acknowledged = &incidents.Deed{By: "U0ADA", At: digestDay.Add(-30 * time.Minute)}
	f.live[0].State = incidents.StateAcknowledged
	f.held["partner-001"] = []incidents.Circuit{{Host: "api.partner.example", Since: digestDay.Add(-10 * time.Minute), Why: "it answered 503"}}
	f.certs["partner-001"] = partners.Certificate{At: digestDay.Add(-100 * time.Hour), Fingerprint: partners.CertificatePrint{Config: "another"}, Items: []partners.CertificateItem{{Outcome: partners.ItemPassed}}}
	f.certs["partner-002"] = partners.Certificate{At: digestDay.Add(-2 * time.Hour), Items: []partners.CertificateItem{{Outcome: partners.ItemFailed, Required: true}}}
	f.mutes = []incidents.Mute{{Partner: "partner-003", Until: digestDay.Add(2 * time.Hour), By: "U0BEN", Reason: "planned upgrade"},
		{Partner: "partner-001", Probe: "sign-in", Until: digestDay.Add(time.Hour), By: "U0BEN"}}
	page := f.statuses["partner-004"]
	page.Status.Level, page.Since = partners.Degraded, digestDay.Add(-time.Hour)
	page.Status.Incidents = []partners.PageIncident{{Name: "Slow ticket creation", Level: partners.Degraded, Began: digestDay.Add(-time.Hour)}}
	f.statuses["partner-004"] = page
	delete(f.certs, "partner-005")
	f.coming("partner-001", "Inbound REST: unsigned endpoints are refused", 12)
	f.coming("partner-004", "The v1 API ends", 30)
	beta := changes.Entry{Kinds: []changes.Kind{changes.Beta}, BetaVersion: "v9"}
	beta.Partner, beta.Title, beta.Source = "partner-002", "API v9 is now in public beta", "feed"
	f.upcoming = append(f.upcoming, beta)
	for n, state := range []changes.RunState{changes.RunRunning, changes.RunPassed, changes.RunFailed, changes.RunNoVerdict} {
		run := aRun(state)
		run.Partner, run.Name, run.Version, run.Ended, run.Again = "partner-001", "Partner 001", fmt.Sprintf("v%d", n+3), digestDay.Add(-time.Hour), ""
		f.runs = append(f.runs, run)
	}
	return f
}

// TestHomes holds each state to its file in testdata/home. With UPDATE_GOLDEN=1 it writes them, to be read before they are
// believed.
func TestHomes(t *testing.T) {
	seen := map[string]bool{}
	for name, golden := range homeGoldens() {
		seen[name+".txt"] = true
		t.Run(name, func(t *testing.T) {
			raw, _, err := golden.facts.view(t.Context(), golden.place)
			if err != nil {
				t.Fatal(err)
			}
			checkHome(t, raw)
			got, file := shownHome(t, raw), filepath.Join("testdata", "home", name+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	files, err := os.ReadDir(filepath.Join("testdata", "home"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("%s is the Home of no state", f.Name())
		}
	}
}

// shownHome is a Home tab as text.
func shownHome(t *testing.T, raw []byte) string {
	t.Helper()
	view, err := decoded(raw)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{view.Metadata, ""}
	for _, b := range view.Blocks {
		switch b["type"] {
		case "actions":
			lines = append(lines, shownControlsOf(b), "")
			continue
		case "divider":
			lines = append(lines, "----", "")
			continue
		case "context":
			lines = append(lines, "(small)")
		}
		lines = append(append(lines, textsIn(b)...), "")
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), indentation, "  • ") + "\n"
}

// shownControlsOf are the elements of an actions block, a list with what is chosen in it and how many options it has.
func shownControlsOf(block map[string]any) string {
	var shown []string
	for _, e := range block["elements"].([]any) {
		element := e.(map[string]any)
		switch element["type"] {
		case "static_select":
			chosen, count := "nothing", 0
			if option, ok := element["initial_option"].(map[string]any); ok {
				chosen = textsIn(option)[0]
			}
			for _, g := range element["option_groups"].([]any) {
				count += len(g.(map[string]any)["options"].([]any))
			}
			shown = append(shown, fmt.Sprintf("[%s of %d v]", chosen, count))
		case "overflow":
			menu := "[..."
			for _, o := range element["options"].([]any) {
				menu += " | " + textsIn(o.(map[string]any))[0] + ": " + o.(map[string]any)["value"].(string)
			}
			shown = append(shown, menu+"]")
		default:
			shown = append(shown, strings.TrimSpace(shownButtonsOf(map[string]any{"elements": []any{element}})))
		}
	}
	return strings.Join(shown, " ")
}

// checkHome fails where Slack would refuse the view.
func checkHome(t testing.TB, raw []byte) {
	t.Helper()
	for _, problem := range blockkit.View(raw) {
		t.Errorf("Slack would refuse %s: %s", problem.Pointer, problem.Message)
	}
	if len(raw) > 250<<10 {
		t.Errorf("the view has %d bytes", len(raw))
	}
}

// Whatever is wrong, and whatever is said, the view is one that Slack takes. A few worlds always; hundreds where
// SPARKY_FULL_SUITE asks for them.
func TestAHomeOfAnyWorldFits(t *testing.T) {
	worlds := uint64(4)
	if os.Getenv("SPARKY_FULL_SUITE") != "" {
		worlds = 200
	}
	largest := 0
	for seed := range worlds {
		f := anyFacts(rand.New(rand.NewPCG(seed, 7)))
		if seed == 0 {
			f = anyFacts(rand.New(fullSource{}))
		}
		places := []string{"dashboard", "dashboard look", "dashboard look 2", "dashboard all 2", "dashboard all 3", "dashboard all 99"}
		if len(f.all) > 0 {
			places = append(places, "dashboard of "+f.all[len(f.all)/2].ID, "dashboard of "+f.all[len(f.all)-1].ID)
		}
		for _, place := range places {
			raw, reply, err := f.view(t.Context(), place)
			if err != nil || reply.Refused {
				t.Fatalf("world %d, %s: %s, %v", seed, place, reply.Text, err)
			}
			checkHome(t, raw)
			if largest = max(largest, len(raw)); t.Failed() {
				t.Fatalf("world %d, %s: %.3000s", seed, place, raw)
			}
		}
	}
	t.Logf("the largest view has %d bytes", largest)
}

// fullSource is a chance that always gives the most.
type fullSource struct{}

// Uint64 is the largest.
func (fullSource) Uint64() uint64 { return 1<<64 - 1 }

// Every partner stands on exactly one page, however many there are and whatever is wrong with them.
func TestEveryPartnerIsOnOnePage(t *testing.T) {
	for _, n := range []int{1, 50, 84, 85, 200} {
		f := wellFacts(n)
		for i := 0; i < n; i += 3 {
			f.breaks(i)
		}
		seen, first := map[string]int{}, ""
		for page := 1; page < 30; page++ {
			raw, _, err := f.view(t.Context(), fmt.Sprintf("dashboard all %d", page))
			if err != nil {
				t.Fatal(err)
			}
			view, _ := decoded(raw)
			body := ""
			for _, b := range view.Blocks {
				if b["type"] == "section" {
					body += strings.Join(textsIn(b), "\n") + "\n"
				}
			}
			if page > 1 && body == first {
				break // there are no more pages: it is the last one again
			}
			for _, p := range f.all {
				seen[p.ID] += strings.Count(body, "*"+p.Name+"*")
			}
			first = body
		}
		for _, p := range f.all {
			if seen[p.ID] != 1 {
				t.Errorf("of %d: %s stands there %d times", n, p.ID, seen[p.ID])
			}
		}
	}
}

// BenchmarkHomeOfFifty is what one round costs where somebody has the tab open: fifty partners, ten of them broken.
func BenchmarkHomeOfFifty(b *testing.B) {
	f := wellFacts(50)
	for n := range 10 {
		f.breaks(5 * n)
	}
	for n := range 40 {
		f.coming(f.all[n].ID, "The v1 API ends", n)
	}
	book := f.book()
	b.ReportAllocs()
	for b.Loop() {
		reply := book.Run(b.Context(), commands.Request{Text: "dashboard"})
		if _, raw, err := homeView(reply, "dashboard"); err != nil || len(raw) == 0 || newsOf(reply) == "" {
			b.Fatal(err)
		}
	}
}

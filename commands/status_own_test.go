package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// aDay is a probe's last 24 hours with so many failures.
func aDay(failed int) partners.ProbeStats {
	return partners.ProbeStats{Runs: 288, Passed: 288 - failed, P95: 420 * time.Millisecond, From: noon.Add(-24 * time.Hour), To: noon}
}

// wellWorld is a table at which every page says that all is well and every probe passes.
func wellWorld() *table {
	b := newTable()
	b.facts.statuses = map[string]partners.StatusRecord{
		"servicenow": {Status: good(noon.Add(-time.Minute))}, "microsoft": {Status: good(noon.Add(-time.Minute))},
	}
	b.memory.results = map[string]map[string]partners.ProbeResult{
		"servicenow": {"create-incident": passed("servicenow", "create-incident"), "table-api": passed("servicenow", "table-api")},
		"microsoft":  {"card": passed("microsoft", "card")},
	}
	slow := aDay(0)
	slow.P95 = 1200 * time.Millisecond
	b.memory.stats = map[string]partners.ProbeStats{"servicenow/create-incident": aDay(1), "servicenow/table-api": slow, "microsoft/card": aDay(0)}
	return b
}

func refusedNow() partners.ProbeResult { return refused("servicenow", "create-incident") }

func TestStatusWithOurProbesReadAloud(t *testing.T) {
	var talk strings.Builder
	scene := func(what string, b *table, asks ...string) {
		fmt.Fprintf(&talk, "## %s\n\n%s", what, conversation(t, b, asks...))
	}
	scene("all is well", wellWorld(), "ada: status", "ada: status snow")

	b := wellWorld()
	b.memory.results["servicenow"]["create-incident"] = refusedNow()
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	scene("their page says operational, and our probe fails", b, "ada: status", "ada: status snow")

	b.memory.mutes = []incidents.Mute{{Partner: "servicenow", Probe: "create-incident", Until: noon.Add(time.Hour), By: grace.ID, At: noon, Reason: "new password"}}
	b.memory.all = nil
	scene("it fails and is muted", b, "ada: status", "ada: status snow")

	b.memory.mutes = nil
	scene("it fails, and nothing is remembered of it", b, "ada: status", "ada: status snow")

	b = wellWorld()
	b.facts.statuses["servicenow"] = partners.StatusRecord{Status: degraded(noon.Add(-time.Minute))}
	b.memory.results["servicenow"]["create-incident"] = refusedNow()
	acknowledged := brokenServiceNow()
	acknowledged.Verdict = incidents.Verdict{Word: incidents.External, Says: "ServiceNow reports slow ticket creation"}
	acknowledged.State, acknowledged.Acknowledged = incidents.StateAcknowledged, &incidents.Deed{By: ada.ID, At: noon.Add(-5 * time.Minute)}
	b.memory.all = []incidents.Incident{acknowledged}
	scene("their page says it too", b, "ada: status", "ada: status snow")

	b = wellWorld()
	for _, r := range []string{"create-incident", "table-api"} {
		broken := passed("servicenow", r)
		broken.Class, broken.Problem = partners.FailConnect, "nobody took the connection to dev12345.service-now.com:443"
		b.memory.results["servicenow"][r] = broken
	}
	b.memory.all = []incidents.Incident{ourNetwork()}
	scene("our own network is down", b, "ada: status", "ada: status snow")

	b = wellWorld()
	old, warned := passed("microsoft", "card"), passed("servicenow", "table-api")
	old.At = noon.Add(-3 * time.Hour)
	warned.Warning = "the certificate of dev12345.service-now.com ends on 12 March"
	b.memory.results["microsoft"]["card"], b.memory.results["servicenow"]["table-api"] = old, warned
	scene("one is old, one warns", b, "ada: status", "ada: status snow", "ada: status teams")

	b = wellWorld()
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	scene("passing again, the incident not over yet", b, "ada: status")

	b = wellWorld()
	b.memory.all = []incidents.Incident{closedByHand()}
	scene("closed by hand", b, "ada: status", "ada: status workday")
	golden(t, "status", talk.String())
}

func TestAPartnerWithoutAPageIsWellByOurProbesAlone(t *testing.T) {
	d := NewDirectory([]partners.Partner{{ID: "okta", Name: "Okta", Probes: []partners.ProbeConfig{{ID: "org"}}}})
	b := wellWorld()
	b.memory.results["okta"] = map[string]partners.ProbeResult{"org": passed("okta", "org")}
	book := NewBook(d, nil, Status(d, StatusSources{Pages: b.facts, Probes: b.memory}, func() time.Time { return noon }))
	reply := book.Run(t.Context(), Request{Text: "status"})
	if reply.Failed || reply.Text != "Partners: 1 operational." || !strings.HasPrefix(plain(reply), "[good] Okta: our probe passes; no status page of theirs is configured\n") {
		t.Errorf("%s\n%s", reply.Text, plain(reply))
	}
}

func TestWithoutAMemoryOfProbesTheyAreLeftOut(t *testing.T) {
	b := wellWorld()
	d := probedDirectory()
	book := NewBook(d, nil, Status(d, StatusSources{Pages: b.facts}, func() time.Time { return noon }))
	for _, text := range []string{"status", "status snow"} {
		if got := plain(book.Run(t.Context(), Request{Text: text})); strings.Contains(got, "probe") {
			t.Errorf("%s speaks of probes:\n%s", text, got)
		}
	}
}

func TestProbesThatCannotBeReadAreSaid(t *testing.T) {
	for _, what := range []string{"results", "stats"} {
		b := wellWorld()
		b.memory.err[what] = errors.New("the disk is full")
		for _, text := range []string{"status", "status snow"} {
			if reply := b.ask(t, ada, text); !reply.Refused || !strings.Contains(reply.Text, "I could not read what our probes saw: ") {
				t.Errorf("%s without %s: %s", text, what, reply.Text)
			}
		}
	}
}

func TestProbesForMachines(t *testing.T) {
	b := wellWorld()
	b.memory.mutes = []incidents.Mute{{Partner: "servicenow", Probe: "table-api", Until: noon.Add(time.Hour), By: "ops", At: noon}}
	delete(b.memory.results["servicenow"], "table-api")
	delete(b.memory.stats, "servicenow/table-api")
	b.memory.all = []incidents.Incident{brokenServiceNow()}
	fact := b.ask(t, ada, "status snow").Facts.(PartnerStatus)
	encoded, err := json.Marshal(fact.Probes)
	want := `[{"probe":"create-incident","last":{"partner":"servicenow","probe":"create-incident","at":"2027-03-01T11:58:00Z","passed":true,` +
		`"duration":0.412,"timings":{"dns":0.003,"connect":0.011,"tls":0.022,"first_byte":0.37}},"runs":288,"success_rate":0.9965277777777778,"p95":0.42},` +
		`{"probe":"table-api","muted":true,"runs":0}]`
	if err != nil || string(encoded) != want {
		t.Errorf("got %s, %v\nwant %s", encoded, err, want)
	}
	if len(fact.Incidents) != 1 || fact.Incidents[0].Key != "ECO-12" || len(fact.Mutes) != 1 || fact.Level != partners.Operational {
		t.Errorf("%+v", fact)
	}
	if all := b.ask(t, ada, "status").Facts.([]PartnerStatus); len(all) != 3 || len(all[0].Probes) != 2 || len(all[0].Incidents) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestWhenAResultIsTooOldToCount(t *testing.T) {
	config := probedDirectory().All()[0].Probes[0] // every 5 minutes, at most 10 s
	for age, want := range map[time.Duration]bool{0: false, 11 * time.Minute: false, 11*time.Minute + 11*time.Second: true} {
		view := probeView{config: config, done: true, last: partners.ProbeResult{At: noon.Add(-age)}}
		if view.old(noon) != want {
			t.Errorf("after %v: %v", age, !want)
		}
	}
	if (probeView{}).old(noon) {
		t.Error("what never ran is too old")
	}
}

func TestLengthsAndShares(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1 s", 40 * time.Second: "40 s", 59*time.Minute + 50*time.Second: "1 h", 90 * time.Minute: "1 h 30 min", 2 * time.Hour: "2 h",
		24 * time.Hour: "1 day", 30 * 24 * time.Hour: "30 days", 36*time.Hour + 10*time.Minute: "1 day 12 h", time.Minute: "1 min",
	} {
		if got := lengthOf(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 400 * time.Microsecond: "0.4 ms", 412 * time.Millisecond: "412 ms", 1240 * time.Millisecond: "1.2 s", 75 * time.Second: "1 min 15 s",
	} {
		if got := Took(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	for rate, want := range map[float64]string{1: "100%", 0: "0%", 0.9999: "99.9%", 0.5: "50%", 0.998: "99.8%"} {
		if got := Share(rate); got != want {
			t.Errorf("%v is %s, want %s", rate, got, want)
		}
	}
	if got := overADay(partners.ProbeStats{Runs: 1}, "p95 "); got != "0% of 1 run passed in 24 h" {
		t.Errorf("got %q", got)
	}
}

func TestCapitaliseKeepsWhatIsNoLetter(t *testing.T) {
	for text, want := range map[string]string{"": "", "über": "Über", "POST": "POST", "1 x": "1 x", "日本": "日本", "\xffx": "\ufffdx"} {
		if got := capitalise(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}

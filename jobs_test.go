package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/ours/jira"
	"sparky/ours/newrelic"
	"sparky/partners"
	"sparky/store"
)

// A status page that hangs is unknown and says why; it is not a page that was last read at some time.
func TestAStatusPageThatHangsIsRemembered(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer server.Close()
	defer close(release)
	memory, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := &sparky{memory: memory, log: slog.New(slog.DiscardHandler), outside: newOutside(always(httpcall.New(httpcall.Options{})), Config{}, time.Now),
		responder: &responder{desk: incidents.NewDesk(incidents.Options{Memory: memory, Now: time.Now})}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.pollStatus(ctx, partners.Partner{ID: "acme", Status: partners.StatusSource{URL: server.URL}}); err != nil {
		t.Error(err)
	}
	records, err := memory.Statuses(t.Context())
	if err != nil || records["acme"].Status.Level != partners.Unknown || records["acme"].Status.Problem == "" {
		t.Errorf("remembered %+v, %v", records["acme"].Status, err)
	}
}

// Every probe runs within seconds of a start, apart from the others, and no probe twice as often as another because of it.
func TestProbesBeginWithinSecondsOfAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		var config Config
		config.SetDefaults()
		for _, id := range []string{"acme", "globex"} {
			p := partners.Partner{ID: id, Probes: []partners.ProbeConfig{reading("a"), reading("b"), {ID: "odd", Kind: "nobody.knows"}}}
			config.Partners = append(config.Partners, p)
		}
		s := &sparky{config: config, responder: &responder{desk: incidents.NewDesk(incidents.Options{Now: time.Now})}}
		due := map[string]time.Time{}
		for _, job := range s.incidentJobs() {
			due[job.Name] = job.FirstDue
			if strings.HasPrefix(job.Name, "probe/") && (job.Every != 5*time.Minute || job.CatchUp != probesWithin || job.Timeout <= 10*time.Second) {
				t.Errorf("%+v", job)
			}
		}
		want := []string{"incidents", "probe/acme/a", "probe/acme/b", "probe/globex/a", "probe/globex/b"}
		if got := slices.Sorted(maps.Keys(due)); !slices.Equal(got, want) {
			t.Fatalf("jobs %q, want %q: without Jira nobody watches tickets, and a kind that nobody knows is left out", got, want)
		}
		taken := map[time.Time]string{}
		for name, at := range due {
			if wait := at.Sub(now); wait < 0 || wait > probesWithin {
				t.Errorf("%s is due %v after the start", name, wait)
			}
			if strings.HasPrefix(name, "probe/") && taken[at] != "" {
				t.Errorf("%s and %s begin at the same moment", name, taken[at])
			}
			if strings.HasPrefix(name, "probe/") {
				taken[at] = name
			}
		}
	})
}

// Alerts of New Relic and compatibility runs open incidents, and tickets, without any probe.
func TestIncidentsAndTicketsAreLookedAfterWithoutProbes(t *testing.T) {
	s := &sparky{config: Config{Partners: []partners.Partner{{ID: "acme", Probes: []partners.ProbeConfig{{ID: "odd", Kind: "nobody.knows"}}}}},
		responder: &responder{desk: incidents.NewDesk(incidents.Options{Now: time.Now})}, offices: offices{tickets: &jira.Client{}}}
	var names []string
	for _, job := range s.incidentJobs() {
		names = append(names, job.Name)
	}
	if want := []string{"incidents", "tickets"}; !slices.Equal(names, want) {
		t.Errorf("jobs %q, want %q", names, want)
	}
}

// TestWhatIsNotRunIsNotWatched holds that an incident of an alert, or of a monitor, ends when New Relic's key is taken away:
// nothing would ever say that it is over.
func TestWhatIsNotRunIsNotWatched(t *testing.T) {
	c := Config{NewRelic: &newrelic.Config{Alerts: []newrelic.Alert{{Name: "slow", Partner: "acme", Severity: "P3"}}},
		Partners: []partners.Partner{{ID: "acme", Probes: []partners.ProbeConfig{reading("a"), {ID: "seen", Kind: partners.KindNewRelic}}}}}
	names := func() (names []string) {
		for _, probe := range c.watched()[0].Probes {
			names = append(names, probe.ID)
		}
		return names
	}
	if got := names(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("without a key %q", got)
	}
	c.NewRelic.UserKey = setting.NewSecret("NRAK-1")
	if got := names(); !slices.Equal(got, []string{"a", "seen", "alert slow"}) {
		t.Errorf("with a key %q", got)
	}
	if len(c.Partners[0].Probes) != 2 {
		t.Error("the configuration was changed")
	}
}

func TestOurNetworkWasDownUntil(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	network := func(state incidents.State, minutesAgo time.Duration) incidents.Incident {
		in := incidents.Incident{Kind: incidents.KindNetwork, State: state}
		if minutesAgo > 0 {
			in.Ended = now.Add(-minutesAgo * time.Minute)
		}
		return in
	}
	partner := incidents.Incident{Kind: incidents.KindProbe, State: incidents.StateOpen}
	for name, tt := range map[string]struct {
		all  []incidents.Incident
		want time.Time
	}{
		"never":                         {nil, time.Time{}},
		"a partner's":                   {[]incidents.Incident{partner}, time.Time{}},
		"now":                           {[]incidents.Incident{partner, network(incidents.StateOpen, 0)}, now},
		"closed by a person, and lasts": {[]incidents.Incident{network(incidents.StateClosed, 5)}, now},
		"the latest of two":             {[]incidents.Incident{network(incidents.StateRecovered, 9), network(incidents.StateRecovered, 3), network(incidents.StateUnwatched, 7)}, now.Add(-3 * time.Minute)},
	} {
		if got := networkDown(tt.all, now); !got.Equal(tt.want) {
			t.Errorf("%s: until %s, want %s", name, got, tt.want)
		}
	}
}

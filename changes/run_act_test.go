package changes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

func TestWhatIsDoneToARun(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	entry := &RunEntry{Title: "Table API v3 is in beta."}
	asked := newRun(tryable(), "v3", entry, "", at)
	by := newRun(tryable(), "v3", nil, "U1", at)
	queued := asked
	queued.State, queued.Begun = RunQueued, at.Add(time.Second)
	running := queued
	running.State, running.Doing = RunRunning, "compat"
	end := func(r Run, s RunState, reason string) Run {
		r.State, r.Ended, r.Reason = s, at.Add(time.Minute), reason
		return r
	}
	second := by.second(at.Add(time.Hour))
	for _, c := range []struct {
		name          string
		before, after Run
		want          []string
	}{
		{"an announcement asks", Run{}, asked, []string{"10:00:00 /schedule compat v3: announced as “Table API v3 is in beta”"}},
		{"a person asks", Run{}, by, []string{"10:00:00 U1/schedule compat v3"}},
		{"it is tried once more", Run{}, second, []string{"11:00:00 /schedule compat v3: once more, since the run before came to no verdict"}},
		{"GitHub takes it", asked, queued, []string{"10:00:01 /schedule dispatched v3: compat.yml in acme/integrations"}},
		{"it is taken twice", queued, queued, nil},
		{"it goes on", queued, running, nil},
		{"it passes", running, end(running, RunPassed, ""), []string{"10:01:00 /schedule run ended v3: our integration works with it"}},
		{"it fails", running, end(running, RunFailed, ""), []string{"10:01:00 /schedule run ended v3: it failed"}},
		{"no verdict", running, end(running, RunNoVerdict, "It was cancelled."), []string{"10:01:00 /schedule run ended v3: no verdict. It was cancelled."}},
		{"nobody knows why", running, end(running, RunNoVerdict, ""), []string{"10:01:00 /schedule run ended v3: no verdict. Why is not known."}},
		{"it could not be started", asked, end(asked, RunNoVerdict, "No."), []string{"10:01:00 /schedule run ended v3: no verdict. No."}},
		{"it has ended", end(running, RunPassed, ""), end(running, RunPassed, ""), nil},
	} {
		var got []string
		for _, a := range c.after.Acts(c.before, incidents.Doer{Origin: incidents.BySchedule}) {
			if a.Partner != "snow" || a.Target != c.after.ID {
				t.Errorf("%s: it is of %q, %q", c.name, a.Partner, a.Target)
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s/%s %s %s", a.At.Format(time.TimeOnly), a.Actor, a.Origin, a.Did, a.Reason)))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestAPersonsOriginIsTheRuns(t *testing.T) {
	run := newRun(tryable(), "v3", nil, "U1", time.Now())
	acts := run.Acts(Run{}, incidents.Doer{Actor: "U1", Origin: incidents.ByButton})
	if len(acts) != 1 || acts[0].Origin != incidents.ByButton || acts[0].Actor != "U1" {
		t.Errorf("got %+v", acts)
	}
}

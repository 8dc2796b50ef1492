package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

func aRun(id, version string, asked time.Time) changes.Run {
	return changes.Run{ID: id, Partner: "snow", Name: "ServiceNow", Version: version, Attempt: 1, Asked: asked, State: changes.RunAsked,
		Inputs: map[string]string{"request_id": id}}
}

func recordedKeys(t *testing.T, b bench) []string {
	t.Helper()
	found, err := rows(t.Context(), b.read, "list effects", func(row *sql.Rows) (string, error) {
		var key string
		return key, row.Scan(&key)
	}, `select key from effects order by key`)
	must(t, err)
	return found
}

func TestARunIsBegunOnceForAVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		for n, version := range []string{"v3", " V3 ", "v4", "v3"} {
			must(t, b.RecordPoll(t.Context(), changes.Poll{Runs: []changes.Run{aRun(fmt.Sprint("r", n), version, day)}}))
		}
		if got := recordedKeys(t, b); !slices.Equal(got, []string{"r0/dispatch", "r2/dispatch", "run/r0", "run/r2"}) {
			t.Errorf("recorded %q", got)
		}
		runs, err := b.Runs(t.Context(), day.Add(time.Hour))
		must(t, err)
		if len(runs) != 2 || runs[0].ID != "r2" || runs[1].Version != "v3" {
			t.Errorf("got %+v", runs)
		}
	})
}

// TestAPersonsRunIsEnoughForAnAnnouncement holds that a version which a person had tried is not tried by itself too.
func TestAPersonsRunIsEnoughForAnAnnouncement(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.DecideRuns(t.Context(), "snow", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
			return []changes.Run{aRun("by-ada", "v3", day)}, nil, nil
		}))
		must(t, b.RecordPoll(t.Context(), changes.Poll{Runs: []changes.Run{aRun("by-itself", "v3", day)}}))
		if _, err := b.Run(t.Context(), "by-itself"); !errors.Is(err, changes.ErrNoRun) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRunsAreDecidedOnInTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		var group sync.WaitGroup
		for n := range 8 {
			group.Go(func() {
				err := b.DecideRuns(context.Background(), "snow", func(runs []changes.Run) ([]changes.Run, []incidents.Effect, error) {
					if len(runs) > 0 {
						return nil, nil, nil
					}
					run := aRun(fmt.Sprint("r", n), "v3", day)
					return []changes.Run{run}, run.Begins(), nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := recordedKeys(t, b); len(got) != 2 {
			t.Errorf("recorded %q", got)
		}
	})
}

func TestARunIsKeptAndForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		run := aRun("r1", "v3", day)
		keep := func(r changes.Run, refusal error) error {
			return b.DecideRuns(t.Context(), "snow", func([]changes.Run) ([]changes.Run, []incidents.Effect, error) {
				return []changes.Run{r}, nil, refusal
			})
		}
		must(t, keep(run, nil))
		refused := errors.New("no")
		run.State, run.Ended, run.GitHubID = changes.RunFailed, day.Add(time.Hour), 42
		if err := keep(run, refused); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		if got, err := b.Run(t.Context(), "r1"); err != nil || got.State != changes.RunAsked {
			t.Errorf("a refused decision was kept: %+v, %v", got, err)
		}
		must(t, keep(run, nil))
		if got, err := b.Run(t.Context(), "r1"); err != nil || got.State != changes.RunFailed || got.GitHubID != 42 || got.Inputs["request_id"] != "r1" {
			t.Errorf("got %+v, %v", got, err)
		}
		if runs, err := b.Runs(t.Context(), day.Add(time.Minute)); err != nil || len(runs) != 0 {
			t.Errorf("an old one that ended is listed: %+v, %v", runs, err)
		}
		must(t, b.Expire(t.Context(), day.Add(401*24*time.Hour)))
		if _, err := b.Run(t.Context(), "r1"); !errors.Is(err, changes.ErrNoRun) {
			t.Errorf("got %v", err)
		}
	})
}

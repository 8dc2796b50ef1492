package store

import (
	"database/sql"
	"errors"
	"testing"
	"testing/fstest"

	"sparky/incidents"
)

// The next Sparky adds a column and a table; the one after it takes a column away, and refuses this one.
func theNext() fstest.MapFS {
	return fstest.MapFS{"90001_next.sql": {Data: []byte(`-- +goose Up
alter table effects add column note text not null default '';
create table notes (
  id   bigint not null primary key,
  note text   not null
) clustered;
`)}}
}

func theOneAfter() fstest.MapFS {
	all := theNext()
	all["90002_after.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ninsert into readers (oldest) values (90001);\nalter table effects drop column note;\n")}
	return all
}

func TestAnOlderReplicaGoesOnBesideANewerOne(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		if !b.shared {
			t.Skip("a SQLite file has one process")
		}
		must(t, b.Record(t.Context(), deed("before")))
		next := value[*Store](t)(Open(t.Context(), b.url, Options{Now: b.clock.Now, Later: theNext()}))
		defer next.Close()
		must(t, next.Record(t.Context(), deed("by the next")))
		must(t, b.Record(t.Context(), deed("by the older one")))
		must(t, b.Current(t.Context()))
		again := mustOpen(t, b.url, b.clock) // an older one that starts anew in the midst of the upgrade
		claimed := 0
		for _, s := range []*Store{b.Store, next, again} {
			effects, err := s.Claim(t.Context(), deed("").Kind, 1, fenceTTL)
			must(t, err)
			claimed += len(effects)
		}
		if claimed != 3 {
			t.Errorf("%d of 3 effects could be claimed", claimed)
		}

		after := value[*Store](t)(Open(t.Context(), b.url, Options{Now: b.clock.Now, Later: theOneAfter()}))
		defer after.Close()
		if err := b.Current(t.Context()); !errors.Is(err, ErrOutdated) {
			t.Errorf("the oldest one is told %v", err)
		}
		must(t, next.Current(t.Context()))
		must(t, after.Current(t.Context()))
		wantRefusal(t, b.url, "newer Sparky", "version 90002", "left as it is")
	})
}

// Replicas go on while the tables change under them: where a change and a decision wait for each other the server undoes one of
// the two, and whichever it is is done again.
func TestAChangeOfTablesThatADecisionCrossesIsMadeAgain(t *testing.T) {
	b := newBench(t, postgresURL(t))
	crossing := fstest.MapFS{"90001_crossing.sql": {Data: []byte("-- +goose Up\nalter table effects add column note text not null default '';\n" +
		"alter table incidents add column mood text not null default '';\n")}}
	tx := value[*sql.Tx](t)(b.write.BeginTx(t.Context(), nil))
	defer func() { _ = tx.Rollback() }()
	_, err := tx.ExecContext(t.Context(), `update incidents set state = state`)
	must(t, err)
	changed := make(chan error, 1)
	go func() {
		next, err := Open(t.Context(), b.url, Options{Now: b.clock.Now, Later: crossing})
		if err == nil {
			err = next.Close()
		}
		changed <- err
	}()
	awaitLock(t, b.Store, "relation")
	_, crossed := tx.ExecContext(t.Context(), `update effects set state = state`)
	if crossed == nil {
		crossed = tx.Commit()
	}
	if crossed != nil && !isConflict(crossed) {
		t.Errorf("the decision: %v", crossed)
	}
	must(t, <-changed)
	_, err = b.write.ExecContext(t.Context(), `update incidents set mood = 'calm'`)
	must(t, err)
}

func TestAnOlderSparkyIsRefusedANewerFile(t *testing.T) {
	b := newBench(t, "sqlite:"+t.TempDir()+"/sparky.db")
	must(t, b.Close())
	next := value[*Store](t)(Open(t.Context(), b.url, Options{Later: theNext()}))
	must(t, next.Current(t.Context()))
	must(t, next.Close())
	wantRefusal(t, b.url, "newer Sparky", "version 90001")
}

// TestWhatANewerSparkyKeepsOutlivesADecisionOfAnOlderOne has an older replica decide on an incident, and a probe, of which
// a newer one remembers more than it knows.
func TestWhatANewerSparkyKeepsOutlivesADecisionOfAnOlderOne(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		in := incident("sparky-acme-1", "acme", day)
		in.Events = []incidents.Event{{At: day, Kind: incidents.EventOpened, Text: "Opened"}}
		decide(t, b.Store, "acme", adding(in))
		body := bodyOf(t, b)
		newer := body[:len(body)-1] + `,"mood":{"a":1}}`
		newer = replaceOnce(t, newer, `"text":"Opened"`, `"text":"Opened","tone":"calm"`)
		newer = replaceOnce(t, newer, `"probe":"api",`, `"probe":"api","weight":7,`)
		_, err := b.write.ExecContext(t.Context(), `update incidents set body = $1`, newer)
		must(t, err)

		decide(t, b.Store, "acme", func(l *incidents.Ledger) ([]incidents.Effect, error) {
			l.Incidents[0].Events = append(l.Incidents[0].Events, incidents.Event{At: day, Kind: incidents.EventRecovered, Text: "Over"})
			l.Incidents[0].State = incidents.StateRecovered
			return nil, nil
		})
		got := decodedAny(t, bodyOf(t, b))
		if _, ok := got["mood"].(map[string]any); !ok {
			t.Errorf("what it does not know of the incident is gone: %v", got)
		}
		if got["state"] != string(incidents.StateRecovered) {
			t.Errorf("what it decided is %v", got["state"])
		}
		events, _ := got["events"].([]any)
		if len(events) != 2 || events[0].(map[string]any)["tone"] != "calm" || events[1].(map[string]any)["tone"] != nil {
			t.Errorf("the events are %v", events)
		}
		probes, _ := got["probes"].([]any)
		if len(probes) != 1 || probes[0].(map[string]any)["weight"] == nil {
			t.Errorf("the probes are %v", probes)
		}
	})
}

package store

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sparky/changes"
	"sparky/incidents"
)

func bodyOf(t testing.TB, b bench) string {
	t.Helper()
	var body string
	must(t, b.read.QueryRowContext(t.Context(), `select body from incidents`).Scan(&body))
	return body
}

func decodedAny(t testing.TB, body string) map[string]any {
	t.Helper()
	var got map[string]any
	must(t, json.Unmarshal([]byte(body), &got))
	return got
}

func replaceOnce(t testing.TB, text, old, fresh string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %s", text, old)
	}
	return strings.Replace(text, old, fresh, 1)
}

type known struct {
	Name  string   `json:"name"`
	Inner *known   `json:"inner,omitempty"`
	Many  []known  `json:"many,omitempty"`
	Words []string `json:"words,omitempty"`
}

func TestWhatIsBesideAValueStays(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing more", `{"name":"a"}`, `{"name":"b"}`, `{"name":"b"}`},
		{"a field", `{"name":"a","more":1}`, `{"name":"b"}`, `{"more":1,"name":"b"}`},
		{"a field that is left out by now", `{"name":"a","words":["x"]}`, `{"name":"b"}`, `{"name":"b"}`},
		{"within", `{"name":"a","inner":{"name":"i","more":[1,2]}}`, `{"name":"a","inner":{"name":"j"}}`, `{"inner":{"more":[1,2],"name":"j"},"name":"a"}`},
		{"in a list", `{"name":"a","many":[{"name":"x","more":1},{"name":"y","more":2}]}`, `{"name":"a","many":[{"name":"y"},{"name":"z"}]}`,
			`{"many":[{"more":2,"name":"y"},{"name":"z"}],"name":"a"}`},
		{"a list of words", `{"name":"a","words":["x"]}`, `{"name":"a","words":["y"]}`, `{"name":"a","words":["y"]}`},
		{"nothing before", ``, `{"name":"a"}`, `{"name":"a"}`},
		{"damaged", `{"name`, `{"name":"a"}`, `{"name":"a"}`},
		{"another form", `[1]`, `{"name":"a"}`, `{"name":"a"}`},
	} {
		if got := beside(c.before, c.after, reflect.TypeFor[known]()); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzBeside holds that what is added hides nothing of the value, and what the value lacks is added once.
func FuzzBeside(f *testing.F) {
	f.Add(`{"state":"open","more":{"x":1}}`, `{"state":"closed"}`)
	f.Add(`{"events":[{"text":"a","b":1}]}`, `{"events":[{"text":"a"},{"text":"c"}]}`)
	f.Fuzz(func(t *testing.T, before, text string) {
		var in incidents.Incident
		if json.Unmarshal([]byte(text), &in) != nil {
			return
		}
		after, err := json.Marshal(in)
		if err != nil {
			return
		}
		merged := beside(before, string(after), reflect.TypeFor[incidents.Incident]())
		var got incidents.Incident
		if err := json.Unmarshal([]byte(merged), &got); err != nil {
			t.Fatalf("%s cannot be read: %v", merged, err)
		}
		again, err := json.Marshal(got)
		if err != nil || string(again) != string(after) {
			t.Fatalf("%s reads as %s, and should as %s", merged, again, after)
		}
		if twice := beside(merged, string(after), reflect.TypeFor[incidents.Incident]()); twice != merged {
			t.Fatalf("%s becomes %s", merged, twice)
		}
	})
}

// TestBesideTheSame holds that what has not changed is not read again: open incidents are looked after every few seconds.
func TestBesideTheSame(t *testing.T) {
	encoded, err := json.Marshal(incidents.Incident{ID: "sparky-okta-1", Events: make([]incidents.Event, 200)})
	if err != nil {
		t.Fatal(err)
	}
	same := string(encoded)
	if got := beside(same, same, reflect.TypeFor[incidents.Incident]()); got != same {
		t.Errorf("what has not changed became %.100s", got)
	}
	if allocs := testing.AllocsPerRun(10, func() { _ = beside(same, same, reflect.TypeFor[incidents.Incident]()) }); allocs > 0 {
		t.Errorf("it takes %v allocations", allocs)
	}
}

// A newer Sparky beside this one keeps more of a compatibility run and of a mute: what this one changes leaves it there.
func TestWhatANewerSparkyKeepsOfRunsAndMutesStays(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		mutes := func(probes ...string) {
			decide(t, b.Store, "snow", func(l *incidents.Ledger) ([]incidents.Effect, error) {
				l.Mutes = nil
				for _, probe := range probes {
					l.Mutes = append(l.Mutes, incidents.Mute{Partner: "snow", Probe: probe, By: "U0ADA", At: day, Until: day.AddDate(50, 0, 0)})
				}
				return nil, nil
			})
		}
		runs := func(state changes.RunState, fresh ...changes.Run) {
			must(t, b.DecideRuns(t.Context(), "snow", func(all []changes.Run) ([]changes.Run, []incidents.Effect, error) {
				for i := range all {
					all[i].State = state
				}
				return append(all, fresh...), nil, nil
			}))
		}
		mutes("api")
		runs(changes.RunAsked, aRun("r1", "v3", day))
		for _, table := range []string{"runs", "mutes"} {
			_, err := b.write.ExecContext(t.Context(), `update `+table+` set body = replace(body, '"partner":"snow"', '"partner":"snow","newer":{"x":7}')`)
			must(t, err)
		}
		mutes("api", "web")
		runs(changes.RunQueued, aRun("r2", "v4", day))
		for table, want := range map[string]int{"runs": 1, "mutes": 1} {
			var bodies string
			all, err := rows(t.Context(), b.read, "read "+table, func(row *sql.Rows) (body string, err error) { return body, row.Scan(&body) }, `select body from `+table)
			must(t, err)
			bodies = strings.Join(all, "")
			if strings.Count(bodies, `"newer":{"x":7}`) != want || !strings.Contains(bodies, string(changes.RunQueued)) && table == "runs" {
				t.Errorf("%s are %s", table, bodies)
			}
		}
		if mutes(); len(value[[]incidents.Mute](t)(b.Mutes(t.Context()))) != 0 {
			t.Error("mutes that were ended are there")
		}
	})
}

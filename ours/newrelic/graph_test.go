package newrelic

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/clock"
	"sparky/fixtures/world/newrelic"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

func TestNumbers(t *testing.T) {
	c := clock.NewManual(morning)
	service, graph := asker(t, c)
	for _, r := range []newrelic.Record{{"duration": 1.0, "kind": "a"}, {"duration": 3.0, "kind": "b"}, {"kind": "it's"}} {
		r["eventType"] = "Call"
		service.Put(r)
	}
	for nrql, want := range map[string][]Value{
		"SELECT count(*) FROM Call":                         {{"", 3}},
		"SELECT count(*), max(duration) FROM Call":          {{"", 3}, {"", 3}},
		"SELECT max(duration) FROM Call FACET kind":         {{"b", 3}, {"a", 1}},
		"SELECT max(duration) FROM Nothing":                 nil,
		"SELECT percentile(duration, 95) FROM Nothing":      nil,
		"SELECT max(duration) FROM Call FACET nothing":      nil,
		"SELECT count(*) FROM Call WHERE kind = 'it\\'s'":   {{"", 1}},
		"SELECT percentage(count(*), WHERE a = 1) FROM Not": nil,
	} {
		got, err := graph.Numbers(t.Context(), nrql)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v %v, want %v", nrql, got, err, want)
		}
	}
	if _, err := graph.Numbers(t.Context(), "SELECT latest(kind) FROM Call"); !errors.Is(err, ErrNoNumber) {
		t.Error(err)
	}
	if _, err := graph.Numbers(t.Context(), "SELECT baseline(x) FROM Call"); err == nil || !strings.Contains(err.Error(), "Unknown function") {
		t.Error(err)
	}
	// Nothing in a query gets out of it.
	_, err := graph.Numbers(t.Context(), `x") { results } } } mutation { evil(a: "`)
	if err == nil || !strings.Contains(err.Error(), "NRQL Syntax Error") {
		t.Error(err)
	}
}

func TestWhatNewRelicSaysInsteadOfAnAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		fault newrelic.Fault
		text  string
	}{
		"a timeout":   {newrelic.Fault{Error: "TIMEOUT"}, "did not finish"},
		"an error":    {newrelic.Fault{Error: "SERVER_ERROR"}, "New Relic says"},
		"null":        {newrelic.Fault{Null: true}, "nothing of account"},
		"broken":      {newrelic.Fault{Status: 502}, "answered 502"},
		"throttled":   {newrelic.Fault{Status: 429}, "too often"},
		"forbidden":   {newrelic.Fault{Status: 403}, "user_key"},
		"a page":      {newrelic.Fault{Status: 200}, "no JSON"},
		"no answer":   {newrelic.Fault{Away: true}, "asking New Relic"},
		"answer lost": {newrelic.Fault{Lost: true}, "asking New Relic"},
	} {
		service, graph := asker(t, clock.NewManual(morning))
		service.SetFault(newrelic.Graph, test.fault)
		if _, err := graph.Numbers(t.Context(), "SELECT count(*) FROM A"); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, config, client := account(t, clock.NewManual(morning))
	config.UserKey = setting.NewSecret("NRAK-WRONG")
	_, err := NewGraph(config, client.With("x", config.GraphAuth())).Numbers(t.Context(), "SELECT count(*) FROM A")
	if said := (*Error)(nil); !errors.As(err, &said) || !said.Key || strings.Contains(err.Error(), "WRONG") {
		t.Errorf("another key: %v", err)
	}
}

func TestDamagedAnswers(t *testing.T) {
	for body, text := range map[string]string{
		"":                                     "no JSON",
		"[]":                                   "no JSON",
		"{}":                                   "nothing",
		`{"data":null}`:                        "nothing",
		`{"data":{"actor":[]}}`:                "another form",
		`{"data":{},"errors":[{"message":7}]}`: "no JSON",
		`{"data":{"actor":{}},"errors":[{}]}`:  "New Relic says",
	} {
		var data struct {
			Actor struct{ Account *struct{} } `json:"actor"`
		}
		if err := read(httpcall.Response{Status: http.StatusOK, Body: []byte(body)}, &data); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWorst(t *testing.T) {
	values := []Value{{"a", 1}, {"b", 5}, {"c", 3}}
	for name, test := range map[string]struct {
		alert     Alert
		values    []Value
		want      string
		past, has bool
	}{
		"above":         {limit("x", new(2.0), nil), values, "b", true, true},
		"within":        {limit("x", new(5.0), nil), values, "b", false, true},
		"below":         {limit("x", nil, new(2.0)), values, "a", true, true},
		"at the limit":  {limit("x", nil, new(1.0)), values, "a", false, true},
		"without value": {limit("x", new(0.0), nil), nil, "", false, false},
	} {
		worst, past, has := test.alert.Worst(test.values)
		if worst.Of != test.want || past != test.past || has != test.has {
			t.Errorf("%s: %+v %t %t", name, worst, past, has)
		}
	}
	if got := limit("slow", new(2.0), nil).Says(Value{"b", 2.71828}, true); got != "slow is 2.718 for b, above the limit of 2" {
		t.Error(got)
	}
	if got := limit("up", nil, new(99.0)).Says(Value{"", 99.5}, false); got != "up is 99.5, no longer below 99" {
		t.Error(got)
	}
}

func TestMonitors(t *testing.T) {
	c := clock.NewManual(morning)
	service, graph := asker(t, c)
	config := partners.ProbeConfig{ID: "x", Kind: partners.KindNewRelic, Monitor: `Ada's \ monitor`, Every: setting.Duration(5 * time.Minute)}
	probe, err := graph.Probe(config, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	run := func(class partners.FailureClass, words, warning string) {
		t.Helper()
		finding, err := probe(t.Context())
		var failure *partners.Failure
		switch {
		case class == "" && err != nil, class != "" && (!errors.As(err, &failure) || failure.Class != class || !strings.Contains(failure.Problem, words)):
			t.Errorf("%v, want %s %q", err, class, words)
		case !strings.Contains(finding.Warning, warning) || (warning == "") != (finding.Warning == ""):
			t.Errorf("warning %q", finding.Warning)
		}
	}
	put := func(result, problem string) {
		c.Advance(time.Minute)
		service.Put(newrelic.Record{"eventType": "SyntheticCheck", "monitorName": config.Monitor, "result": result, "error": problem})
	}
	run(partners.FailNotTried, "no result", "no result")
	put("FAILED", "assertion: 500")
	run(partners.FailReported, "assertion: 500", "")
	put("SUCCESS", "")
	run("", "", "")
	put("MUTED", "")
	run(partners.FailNotTried, `"MUTED"`, "neither")
	service.Put(newrelic.Record{"eventType": "SyntheticCheck", "monitorName": config.Monitor, "result": "FAILED", "failureClass": "throttled",
		"timestamp": float64(c.Now().Add(time.Second).UnixMilli())})
	c.Advance(time.Second)
	run(partners.FailThrottled, "failed", "")
	c.Advance(16 * time.Minute)
	run(partners.FailNotTried, "no result", "15m")
	service.SetFault(newrelic.Graph, newrelic.Fault{Away: true})
	run(partners.FailNotTried, "not known", "not known")
	if _, err := graph.Probe(partners.ProbeConfig{ID: "x"}, c.Now); err == nil {
		t.Error("a probe without a monitor is made")
	}
}

// FuzzQuoted holds that a name in a query stays a name: the stand-in's parser reads it back, and nothing after it changes.
func FuzzQuoted(f *testing.F) {
	for _, seed := range []string{"a", "it's", `\`, `\'`, "' OR 1 = 1 --", "x' FACET y"} {
		f.Add(seed)
	}
	c := clock.NewManual(morning)
	service, _ := asker(f, c)
	f.Fuzz(func(t *testing.T, name string) {
		rows, err := service.Query("SELECT count(*) FROM A WHERE name = " + quoted(name))
		if err != nil || len(rows) != 1 || rows[0]["count"] != 0.0 {
			t.Errorf("%q: %v %v", name, rows, err)
		}
	})
}

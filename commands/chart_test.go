package commands

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sparky/partners"
)

// steps are parts of a day that took so long each; 0 is one of which nothing is known, below it one that failed.
func steps(p95 ...int) []partners.ProbeStats {
	var all []partners.ProbeStats
	for i, ms := range p95 {
		s := partners.ProbeStats{Runs: 12, Passed: 12, P95: time.Duration(ms) * time.Millisecond, From: noon.Add(time.Duration(i-len(p95)) * time.Hour)}
		switch {
		case ms == 0:
			s.Runs, s.Passed = 0, 0
		case ms < 0:
			s.Passed, s.P95 = 3, 0
		}
		all = append(all, s)
	}
	return all
}

func TestAChartIsForWhoeverAskedAndSaysItsFigures(t *testing.T) {
	b := wellWorld()
	b.memory.steps = map[string][]partners.ProbeStats{
		"servicenow/create-incident": steps(300, -1, 400), "servicenow/table-api": steps(1200, 900, 1000)}
	reply := b.ask(t, ada, "status snow --chart")
	if reply.Chart == nil || reply.Public || reply.Refused || len(reply.Chart.Windows) != 2 {
		t.Fatalf("the reply is %+v", reply)
	}
	if open := b.ask(t, ada, "status snow --chart --public"); open.Chart == nil || !open.Public {
		t.Errorf("asked with --public it is %+v", open)
	}
	if !strings.HasPrefix(reply.Text, "ServiceNow, last 24 hours: 99.8% of 576 runs passed; half of them within ") || reply.Chart.Title != "ServiceNow: our 2 probes together" {
		t.Errorf("it is called %q, %q", reply.Text, reply.Chart.Title)
	}
	for _, want := range []string{"Last 24 hours: 99.8% of 576 runs passed", "19 of 20 within 1.2 s (p95)", "Last 30 days: ",
		"Most failures, 9 of 24 runs, were in the hour from 10:00 UTC"} {
		if !strings.Contains(reply.Chart.Alt, want) {
			t.Errorf("who cannot see it does not hear %q: %s", want, reply.Chart.Alt)
		}
	}
	if said := said(ada, "", reply); !strings.Contains(said, "Last 24 hours: 99.8% of 576 runs passed") {
		t.Errorf("where no picture can be, nothing is said: %s", said)
	}
}

func TestAChartOfOneProbeNamesIt(t *testing.T) {
	reply := wellWorld().ask(t, ada, "status —chart teams")
	if reply.Chart == nil || !strings.HasSuffix(reply.Chart.Title, ": our probe card") {
		t.Errorf("the reply is %+v", reply)
	}
}

func TestWhereThereIsNothingToDraw(t *testing.T) {
	b := wellWorld()
	b.memory.stats = nil
	failing := wellWorld()
	failing.memory.err["stats"] = errors.New("disk full")
	for want, reply := range map[string]Reply{
		"A chart is of one partner: /sparky status servicenow --chart.": b.ask(t, ada, "status --chart"),
		"have told nothing in the last 30 days":                         b.ask(t, ada, "status snow --chart"),
		"has no probe, so there is nothing to draw":                     b.ask(t, ada, "status workday --chart --public"),
		"disk full": failing.ask(t, ada, "status snow --chart"),
	} {
		if reply.Chart != nil || !reply.Refused || reply.Public || !strings.Contains(reply.Text, want) {
			t.Errorf("the answer is %+v; want %q, for the asker alone", reply, want)
		}
	}
}

func TestTheDescriptionOfAChartFits(t *testing.T) {
	directory := NewDirectory([]partners.Partner{{ID: "a", Name: strings.Repeat("ä", 2000), Probes: []partners.ProbeConfig{{ID: "api"}}}})
	memory := &fakeMemory{stats: map[string]partners.ProbeStats{"a/api": aDay(3)}, err: map[string]error{}}
	book := NewBook(directory, nil, Status(directory, StatusSources{Pages: &fakeFacts{}, Probes: memory}, func() time.Time { return noon }))
	reply := book.Run(t.Context(), Request{Text: "status a --chart", Person: ada})
	if reply.Chart == nil || utf8.RuneCountInString(reply.Chart.Alt) > longestAlt {
		t.Errorf("it is %+v", reply.Chart)
	}
}

func TestTheButtonForTheChartIsThereOnceSomethingRan(t *testing.T) {
	buttons := func(b *table) (found []Button) {
		for _, s := range b.ask(t, ada, "status snow").Sections {
			for _, button := range s.Buttons {
				if strings.HasSuffix(button.Command, "--chart") {
					found = append(found, button)
				}
			}
		}
		return found
	}
	b := wellWorld()
	if got := buttons(b); len(got) != 1 || got[0].Command != "status servicenow --chart" {
		t.Errorf("the buttons are %+v", got)
	}
	b.memory.stats = nil
	if got := buttons(b); len(got) != 0 {
		t.Errorf("before anything ran there is %+v", got)
	}
}

func TestSparkline(t *testing.T) {
	for name, c := range map[string]struct {
		steps []partners.ProbeStats
		want  string
	}{
		"a day":            {steps(100, 200, 400, 800, 100), "▂▃▅█▂"},
		"failures, gaps":   {steps(100, -1, 0, 800), "▂×·█"},
		"all the same":     {steps(5, 5), "██"},
		"nothing measured": {[]partners.ProbeStats{{Runs: 1, Passed: 1}, {Runs: 1, Passed: 1}}, "▁▁"},
		"one step alone":   {steps(0, 0, 300), ""},
		"nothing":          {nil, ""},
	} {
		if got := sparkline(c.steps); got != c.want {
			t.Errorf("%s: %q; want %q", name, got, c.want)
		}
	}
}

func TestTheOverviewHasASparklineForEachPartner(t *testing.T) {
	b := wellWorld()
	b.memory.steps = map[string][]partners.ProbeStats{
		"servicenow/create-incident": steps(100, -1, 800), "servicenow/table-api": steps(800, 100, 100), "microsoft/card": steps(0, 0, 100)}
	text := said(ada, "status", b.ask(t, ada, "status"))
	if !strings.Contains(text, "p95 up to 1.2 s █×█\n") {
		t.Errorf("the slower of two probes and any failure count:\n%s", text)
	}
	if strings.Count(text, "█×█") != 1 || strings.ContainsAny(text, "▁·") {
		t.Errorf("where there is nothing to compare there is no line:\n%s", text)
	}
}

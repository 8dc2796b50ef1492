package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"sparky/commands"
	"sparky/incidents"
)

func TestShownWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "okta": 4, "Zoë": 3, "Zoe\u0308": 3, "東京": 4, "ｗｉｄｅ": 8, "ﾊﾝ": 2, "한국": 4, "🚀": 2, "a\u200db": 2, "✗": 1, "“x”": 3,
	} {
		if got := shownWidth(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

// TestColumnsStandBelowEachOther holds that wide characters do not push what follows them out of its column.
func TestColumnsStandBelowEachOther(t *testing.T) {
	lines := columns([][]string{{"KEY", "WHAT", "N"}, {"東京", "x", "1"}, {"e\u0301", "長い名前", "20"}}, 2)
	want := []string{"KEY   WHAT       N", "東京  x          1", "e\u0301     長い名前  20"}
	for i, line := range lines {
		if line != want[i] || shownWidth(line) != shownWidth(want[0]) {
			t.Errorf("line %d is %q, want %q", i, line, want[i])
		}
	}
}

func anIncident() commands.IncidentRecord {
	return commands.IncidentRecord{ID: "servicenow-1", Key: "ECO-12", Partner: "servicenow", Name: "ServiceNow", Probes: []string{"servicenow/table-api", "servicenow/incident-creation"},
		Priority: "P4", Since: time.Unix(1000, 0), Verdict: incidents.Internal, Affects: []string{"Ticket sync"}}
}

func TestIncidentsAreATable(t *testing.T) {
	taken, closed, trial := anIncident(), anIncident(), anIncident()
	taken.Key, taken.Name, taken.Acknowledged = "", "東京", &incidents.Deed{By: "terminal:ada"}
	closed.Key, closed.Closed, closed.Verdict = "ECO-7", &incidents.Deed{By: ""}, ""
	trial.Key, trial.Kind, trial.Trial, trial.Affects = "ECO-9", incidents.KindCompat, &incidents.Trial{Version: "v3"}, nil
	reply := commands.Reply{Title: "4 incidents are open", Sections: []commands.Section{{Lines: []commands.Line{commands.Say("not shown")}},
		{Heading: "Muted", Lines: []commands.Line{commands.Say("Okta until tomorrow")}}}}
	var out strings.Builder
	all := []commands.IncidentRecord{anIncident(), taken, closed, trial}
	if err := printIncidents(&out, false, reply, all, time.Unix(1000+300, 0)); err != nil {
		t.Fatal(err)
	}
	want := `4 incidents are open

    KEY               WHAT FAILS                                WHOSE              SINCE  IN HAND             AFFECTS
  ✗ ECO-12        P4  ServiceNow: table-api, incident-creation  internal           5 min  nobody yet          Ticket sync
  ✗ servicenow-1  P4  東京: table-api, incident-creation        internal           5 min  terminal:ada        Ticket sync
  ! ECO-7         P4  ServiceNow: table-api, incident-creation  being looked at    5 min  resolved by Sparky  Ticket sync
  ! ECO-9         P4  ServiceNow: v3 does not fit               a version to come  5 min  nobody yet

Muted
    Okta until tomorrow
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if err := printIncidents(closedPipe{}, false, reply, all, time.Now()); err == nil {
		t.Error("a terminal that is gone is not noticed")
	}
}

func TestActsAreATable(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 5, 0, 0, time.UTC)
	acts := []incidents.Act{
		{At: at, Partner: "servicenow", Actor: "terminal:ada", Origin: incidents.ByTerminal, Did: incidents.DidAcknowledge, Target: "servicenow-1", Ticket: "ECO-12"},
		{At: at, Partner: "okta", Actor: "U1\x1b[2J", Did: incidents.DidMute, Target: "okta/org", Reason: "planned\nupgrade"},
		{At: at, Did: incidents.DidTell, Origin: incidents.BySchedule},
	}
	reply := commands.Reply{Title: "Audit", Sections: []commands.Section{{Buttons: []commands.Button{{Command: "audit --before 7"}}}}}
	var out strings.Builder
	if err := printActs(&out, reply, acts); err != nil {
		t.Fatal(err)
	}
	want := `Audit

    WHEN                  WHO           DID           TO                   BY        WHY
    2026-11-20 09:05 UTC  terminal:ada  acknowledged  ECO-12 (servicenow)  terminal
    2026-11-20 09:05 UTC  U1[2J         muted         okta/org                       planned upgrade
    2026-11-20 09:05 UTC  Sparky        told                               schedule

Older: sparky audit --before 7
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestColoursAreForTerminals(t *testing.T) {
	if got := palette(true).mark(commands.MarkBad); got != "\x1b[31m✗\x1b[0m" {
		t.Errorf("got %q", got)
	}
	for _, m := range []commands.Mark{commands.MarkGood, commands.MarkWarn, commands.MarkPlanned, commands.MarkMuted, commands.MarkUnknown} {
		if got := palette(true).mark(m); !strings.HasPrefix(got, "\x1b[3") || palette(false).mark(m) != symbols[m] {
			t.Errorf("%s is drawn %q", m, got)
		}
	}
	if palette(true).mark(commands.MarkNone) != "" {
		t.Error("no mark is coloured")
	}
	var out strings.Builder
	cmd := newRootCommand(lookup(nil))
	cmd.SetOut(&out)
	if paletteOf(cmd) {
		t.Error("a pipe has colours")
	}
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
			t.Skip("there are no terminals here")
		}
		t.Fatal(err)
	}
	defer tty.Close()
	for want, env := range map[palette][]map[string]string{
		true:  {nil, {"NO_COLOR": ""}, {"TERM": "xterm"}},
		false: {{"NO_COLOR": "1"}, {"TERM": "dumb"}},
	} {
		for _, e := range env {
			cmd := newRootCommand(lookup(e))
			cmd.SetOut(redacting{Writer: tty})
			if got := paletteOf(cmd); got != want {
				t.Errorf("with %v: colours %t, want %t", e, got, want)
			}
		}
	}
}

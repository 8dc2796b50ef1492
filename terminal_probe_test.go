package main

import (
	"strings"
	"testing"

	"sparky/commands"
	"sparky/partners"
)

func TestProbesInColumns(t *testing.T) {
	records := []commands.ProbeRecord{
		{Probe: "incident-creation", Class: partners.FailAuth, Problem: "POST /api/now/table/incident was answered with 401", Excerpt: "User Not Authenticated",
			Duration: 12.345, Timings: commands.TimingRecord{DNS: 0.0004, Connect: 0.003, TLS: 0.0221, FirstByte: 0.370}},
		{Probe: "login", Passed: true, Duration: 0.0031, Timings: commands.TimingRecord{FirstByte: 0.003}},
		{Probe: "certificate", Passed: true, Warning: "it ends on 12 March", Duration: 0.05},
		{Probe: "groups", Problem: "its kind comes later"},
		{Probe: "again", Class: partners.FailNotTried, Problem: "the last 5 calls failed"},
	}
	want := `ServiceNow: 1 of 5 probes failed

                                            dns  connect    tls  first byte     total
  ✗ incident-creation  failed (auth)     0.4 ms   3.0 ms  22 ms      370 ms  12345 ms
      POST /api/now/table/incident was answered with 401
      It answered: “User Not Authenticated”
  ✓ login              passed                 -        -      -      3.0 ms    3.1 ms
  ! certificate        passed (warning)       -        -      -           -     50 ms
      Warning: it ends on 12 March
  ? groups             could not be run       -        -      -           -         -
      its kind comes later
  ? again              not tried              -        -      -           -         -
      the last 5 calls failed
`
	var out strings.Builder
	if err := printProbes(&out, false, "ServiceNow: 1 of 5 probes failed", records); err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := printProbes(closedPipe{}, false, "", records); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("a pipe that was closed: %v", err)
	}
}

func TestProbeResultsCannotSteerATerminal(t *testing.T) {
	var out strings.Builder
	hostile := "a\x1b[2Jb\r\nc\u202ed\x07"
	err := printProbes(&out, false, hostile, []commands.ProbeRecord{{Probe: hostile, Class: partners.FailureClass(hostile), Problem: hostile, Excerpt: hostile, Warning: hostile}})
	if err != nil || strings.ContainsAny(out.String(), "\x1b\r\u202e\x07") || strings.Count(out.String(), "\n") != 7 {
		t.Errorf("%v, %q", err, out.String())
	}
}

func FuzzColumns(f *testing.F) {
	f.Add("id", "passed", "3 ms")
	f.Add("", "ö\x1b", "\u202e")
	f.Add("東京", "e\u0301", "\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		// The last cell ends each line, so that all of them are of one width.
		lines := columns([][]string{{a, b, "1" + c + "."}, {c, a, "."}, {"x", "y", b + "."}}, 2)
		for _, line := range lines {
			if strings.ContainsAny(line, "\n\x1b") || shownWidth(line) != shownWidth(lines[0]) {
				t.Errorf("%q beside %q", line, lines[0])
			}
		}
	})
}

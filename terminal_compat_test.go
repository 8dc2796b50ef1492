package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sparky/partners/compat"
)

func compatExample(outcomes ...compat.Outcome) compat.Report {
	r := compat.Report{Partner: "okta", Version: "v9", BaseURL: "https://a.example", Took: 1234 * time.Millisecond, Started: time.Unix(1795000000, 0).UTC()}
	for i, o := range outcomes {
		c := compat.Check{Kind: "okta.org", Operation: "GET /org", Name: "check " + string(rune('a'+i)), Outcome: o, Took: time.Duration(i) * time.Millisecond}
		if o != compat.Passed {
			c.Detail = "why \x1b[31mred\u202e"
		}
		r.Checks = append(r.Checks, c)
	}
	return r
}

func TestPrintCompat(t *testing.T) {
	var b strings.Builder
	if err := printCompat(&b, false, "Okta", compatExample(compat.Passed, compat.Failed, compat.Skipped)); err != nil {
		t.Fatal(err)
	}
	want := `Okta v9 at https://a.example: 1 difference (1 of 3 checks passed, 1 skipped, in 1.234s)
  ✗ why [31mred

  ✓ check a  GET /org  passed        -
  ✗ check b  GET /org  failed   1.0 ms
  ? check c  GET /org  skipped  2.0 ms
      why [31mred
`
	if got := strings.ReplaceAll(b.String(), symbols[compatMark(compat.Skipped)], "?"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := printCompat(brokenPipe{}, false, "Okta", compatExample(compat.Passed)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a reader that is gone: %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestCompatVerdict(t *testing.T) {
	for want, report := range map[string]compat.Report{
		"works with our integration (1 of 1 checks passed, in 1.234s)":                              compatExample(compat.Passed),
		"2 differences (0 of 2 checks passed, in 1.234s)":                                           compatExample(compat.Failed, compat.Failed),
		"nothing could be tried (0 of 1 checks passed, 1 skipped, in ":                              compatExample(compat.Skipped),
		"1 difference (0 of 2 checks passed, 1 could not be carried out, in 1.234s)":                compatExample(compat.Failed, compat.Unknown),
		"whether it works is not known (1 of 2 checks passed, 1 could not be carried out, in 1.234": compatExample(compat.Passed, compat.Unknown),
		"nothing could be tried (0 of 0 checks passed, in 1.234s)":                                  compatExample(),
	} {
		if got := compatVerdict(report); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCompatRecord(t *testing.T) {
	r := newCompatRecord(compatExample(compat.Passed, compat.Failed))
	if r.Passed || r.Duration != 1.234 || len(r.Checks) != 2 || r.Checks[1].Duration != 0.001 || r.Checks[1].Detail == "" || r.Started.IsZero() {
		t.Errorf("the record is %+v", r)
	}
}

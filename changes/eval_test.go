package changes

import (
	"bufio"

	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// labelledChange is an entry of a changelog and what a person concluded from reading it, one JSON object a line.
type labelledChange struct {
	ID, Vendor, Title, Body, Published, Note string
	Tags                                     []string
	// Concluded is what Classify says where it differs from the label: a known difference.
	Concluded []Kind
	Label     struct {
		Kinds           []Kind
		BetaVersion     *string  `json:"beta_version"`
		EffectiveDate   *Date    `json:"effective_date"`
		EffectiveAlsoOK []string `json:"effective_also_ok"`
	}
}

func (l labelledChange) change() partners.Change {
	c := partners.Change{Partner: l.Vendor, Key: l.ID, Title: l.Title, Body: l.Body, Tags: l.Tags}
	for _, layout := range []string{time.DateOnly, "2006-01"} {
		if t, err := time.Parse(layout, l.Published); err == nil {
			c.Published = t
			break
		}
	}
	return c
}

func (l labelledChange) date() Date {
	if l.Label.EffectiveDate == nil {
		return ""
	}
	return *l.Label.EffectiveDate
}

func labelledChanges(t testing.TB, path string) []labelledChange {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []labelledChange
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l labelledChange
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%s, entry %d: %v", path, len(all)+1, err)
		}
		all = append(all, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// score counts right and wrong answers to one question.
type score struct{ found, missed, wrong, right int }

func (s *score) add(want, have bool) {
	switch {
	case want && have:
		s.found++
	case want:
		s.missed++
	case have:
		s.wrong++
	default:
		s.right++
	}
}

func (s score) String() string {
	ratio := func(n, of int) float64 {
		if of == 0 {
			return 1
		}
		return float64(n) / float64(of)
	}
	return fmt.Sprintf("recall %.3f  precision %.3f  F1 %.3f  (found %d, missed %d, wrong %d)",
		ratio(s.found, s.found+s.missed), ratio(s.found, s.found+s.wrong),
		ratio(2*s.found, 2*s.found+s.missed+s.wrong), s.found, s.missed, s.wrong)
}

var allKinds = []Kind{Breaking, Deprecation, Removal, Security, Beta, New, Fix, Other}

// evaluation is the answers to all questions over a set of entries.
type evaluation struct {
	kinds       map[Kind]*score
	attention   score
	dates, all  int // exact days among entries where one is stated or concluded, and how many such entries there are
	exact, none int // entries with no day on either side
}

func evaluate(entries []labelledChange, report func(labelledChange, Entry)) evaluation {
	ev := evaluation{kinds: map[Kind]*score{}}
	for _, k := range allKinds {
		ev.kinds[k] = &score{}
	}
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, l := range entries {
		e := Classify(l.change(), now)
		for _, k := range allKinds {
			ev.kinds[k].add(slices.Contains(l.Label.Kinds, k), e.Is(k))
		}
		want := slices.ContainsFunc(l.Label.Kinds, func(k Kind) bool { return k == Breaking || k == Deprecation || k == Removal })
		ev.attention.add(want, e.NeedsAttention())
		exact := l.date() == e.Effective || slices.Contains(l.Label.EffectiveAlsoOK, string(e.Effective))
		switch {
		case l.date() == "" && e.Effective == "":
			ev.none++
		case exact:
			ev.exact++
			fallthrough
		default:
			ev.dates++
		}
		ev.all++
		if report != nil {
			report(l, e)
		}
	}
	return ev
}

func (ev evaluation) String() string {
	var b strings.Builder
	for _, k := range allKinds {
		fmt.Fprintf(&b, "  %-12s %s\n", k, ev.kinds[k])
	}
	fmt.Fprintf(&b, "  %-12s %s\n", "attention", ev.attention)
	fmt.Fprintf(&b, "  %-12s %d of %d exact where a day is stated or concluded (%.3f); %d of %d over all (%.3f)\n", "dates",
		ev.exact, ev.dates, float64(ev.exact)/float64(max(1, ev.dates)), ev.exact+ev.none, ev.all,
		float64(ev.exact+ev.none)/float64(max(1, ev.all)))
	return b.String()
}

// TestEval prints how well the classification does on labelled entries of real vendors. It asserts nothing: those
// entries are no part of the project. SPARKY_EVAL names the file; with SPARKY_EVAL_MISSES set, it prints every
// difference too.
func TestEval(t *testing.T) {
	path := os.Getenv("SPARKY_EVAL")
	if path == "" {
		t.Skip("make eval runs this")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join("..", path)
	}
	if _, err := os.Stat(path); err != nil {
		fmt.Printf("no labelled entries at %s: nothing to measure\n", os.Getenv("SPARKY_EVAL"))
		return
	}
	entries := labelledChanges(t, path)
	fmt.Printf("all %d entries\n%s", len(entries), evaluate(entries, misses()))
	hard := slices.DeleteFunc(slices.Clone(entries), func(l labelledChange) bool { return l.Note == "" })
	fmt.Printf("the %d hard ones\n%s", len(hard), evaluate(hard, nil))
	byVendor := map[string][]labelledChange{}
	for _, l := range entries {
		byVendor[l.Vendor] = append(byVendor[l.Vendor], l)
	}
	fmt.Println("by vendor")
	for _, vendor := range slices.Sorted(maps.Keys(byVendor)) {
		ev := evaluate(byVendor[vendor], nil)
		fmt.Printf("  %-20s %3d entries  attention missed %d wrong %d  beta missed %d wrong %d  dates %d of %d\n", vendor, ev.all,
			ev.attention.missed, ev.attention.wrong, ev.kinds[Beta].missed, ev.kinds[Beta].wrong, ev.exact, ev.dates)
	}
}

func misses() func(labelledChange, Entry) {
	if os.Getenv("SPARKY_EVAL_MISSES") == "" {
		return nil
	}
	return func(l labelledChange, e Entry) {
		if slices.Equal(inOrder(l.Label.Kinds), e.Kinds) && l.date() == e.Effective {
			return
		}
		fmt.Printf("- %s %s %.80q\n    labelled %v %s\n    found    %v %s\n", l.ID, l.Vendor, l.Title, inOrder(l.Label.Kinds), l.date(),
			e.Kinds, e.Effective)
	}
}

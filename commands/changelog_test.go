package commands

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/changes"
	"sparky/partners"
)

func entry(title string, effective changes.Date, kinds ...changes.Kind) changes.Entry {
	return changes.Entry{
		Change: partners.Change{Partner: "servicenow", Source: "https://feeds.example/servicenow.xml", Key: "k-" + title, Title: title,
			Link: "https://servicenow.example/" + title, Published: noon.Add(-24 * time.Hour)},
		Kinds: kinds, Effective: effective, Summary: "Do something about it.",
	}
}

func TestChangelogListsEntries(t *testing.T) {
	f := &fakeFacts{entries: []changes.Entry{entry("one", "2027-06-30", changes.Breaking), entry("two", "", changes.New)}}
	reply := ask(t, f, "changelog")
	want := `[warn] ServiceNow: one (breaking), 30 June 2027, in 121 days, published 28 February
  Do something about it.
ServiceNow: two (new), published 28 February
  Do something about it.
`
	if diff := cmp.Diff(want, plain(reply)); diff != "" {
		t.Error(diff)
	}
	if reply.Text != "Changelog: 2 entries in the last 7 days." {
		t.Errorf("the sentence is %q", reply.Text)
	}
}

func TestChangelogAsksForWhatWasTyped(t *testing.T) {
	tests := []struct {
		typed string
		want  changes.Query
	}{
		{"changelog", changes.Query{Since: noon.Add(-7 * 24 * time.Hour)}},
		{"changelog snow", changes.Query{Partner: "servicenow", Since: noon.Add(-7 * 24 * time.Hour)}},
		{"changelog 30d microsoft 365", changes.Query{Partner: "microsoft", Since: noon.Add(-30 * 24 * time.Hour)}},
		{"changelog snow 36h", changes.Query{Partner: "servicenow", Since: noon.Add(-36 * time.Hour)}},
	}
	for _, tt := range tests {
		f := &fakeFacts{}
		ask(t, f, tt.typed)
		if diff := cmp.Diff(tt.want, f.asked); diff != "" {
			t.Errorf("%s: %s", tt.typed, diff)
		}
	}
}

func TestALongChangelogIsFolded(t *testing.T) {
	f := &fakeFacts{}
	for i := range 200 {
		f.entries = append(f.entries, entry(fmt.Sprint("entry ", i), "", changes.Fix))
	}
	reply := ask(t, f, "changelog")
	if !strings.Contains(plain(reply), "and 185 more\n") {
		t.Errorf("not folded:\n%s", plain(reply))
	}
	if records := reply.Facts.([]ChangelogRecord); len(records) != 200 {
		t.Errorf("machines get %d of 200 entries", len(records))
	}
}

// TestOlderEntriesAreReached presses Older until there is nothing older: every entry is shown once, in the order and of the time
// that was asked for.
func TestOlderEntriesAreReached(t *testing.T) {
	f := &fakeFacts{}
	for i := range 2*mostEntries + 4 {
		f.entries = append(f.entries, entry(fmt.Sprintf("entry %02d", i), "", changes.Fix))
	}
	typed, shown := "changelog snow 36h", ""
	for _, says := range []string{"34 entries in the last 36h", "entries 16 to 30 of 34 in the last 36h", "entries 31 to 34 of 34 in the last 36h"} {
		reply := ask(t, f, typed)
		if want := "Changelog of ServiceNow: " + says + "."; reply.Text != want {
			t.Errorf("%s: %q, want %q", typed, reply.Text, want)
		}
		if want := (changes.Query{Partner: "servicenow", Since: noon.Add(-36 * time.Hour)}); f.asked != want {
			t.Errorf("%s asks for %+v", typed, f.asked)
		}
		shown += plain(reply)
		typed = ""
		for _, button := range reply.Sections[0].Buttons {
			typed = button.Command
		}
	}
	if typed != "" {
		t.Errorf("nothing is older, and %q is offered", typed)
	}
	for i := range f.entries {
		if strings.Count(shown, fmt.Sprintf("entry %02d", i)) != 1 {
			t.Errorf("entry %d is shown %d times", i, strings.Count(shown, fmt.Sprintf("entry %02d", i)))
		}
	}
}

func TestFromWhichEntryOn(t *testing.T) {
	f := &fakeFacts{entries: []changes.Entry{entry("only", "", changes.Fix)}}
	for typed, want := range map[string]string{
		"changelog --from 7":        "Changelog: 1 entry in the last 7 days.", // some are no longer within the time
		"changelog \u2014from 1":    "Changelog: 1 entry in the last 7 days.",
		"changelog --from":          `From which entry on? "" is none; write it like --from 16.`,
		"changelog --from 0":        `From which entry on? "0" is none; write it like --from 16.`,
		"changelog snow --from all": `From which entry on? "all" is none; write it like --from 16.`,
	} {
		if got := ask(t, f, typed).Text; got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

func TestNothingNewIsSaid(t *testing.T) {
	if got := ask(t, &fakeFacts{}, "changelog snow").Text; got != "Changelog of ServiceNow: nothing new in the last 7 days." {
		t.Errorf("got %q", got)
	}
}

func TestChangelogRecordIsAsTheContractSays(t *testing.T) {
	encoded, err := json.Marshal(NewChangelogRecord(entry("one", "2027-06-30", changes.Breaking)))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"partner":"servicenow","source":"https://feeds.example/servicenow.xml","id":"k-one","title":"one","summary":"Do something about it.",` +
		`"link":"https://servicenow.example/one","published":"2027-02-28T12:00:00Z","kinds":["breaking"],"beta_version":null,"effective_date":"2027-06-30"}`
	if string(encoded) != want {
		t.Errorf("got  %s\nwant %s", encoded, want)
	}
	beta := entry("two", "", changes.Beta)
	beta.BetaVersion = "v2"
	encoded, err = json.Marshal(NewChangelogRecord(beta))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(encoded), `"beta_version":"v2","effective_date":null`) {
		t.Errorf("got %s", encoded)
	}
}

func TestUpcomingIsByDate(t *testing.T) {
	f := &fakeFacts{upcoming: []changes.Entry{
		entry("soon", "2027-03-02", changes.Removal), entry("later", "2027-06-30", changes.Breaking), entry("v3 beta", "", changes.Beta),
	}}
	reply := ask(t, f, "upcoming")
	want := `# By date
[warn] ServiceNow: 2 March 2027, tomorrow: soon (removal)
[warn] ServiceNow: 30 June 2027, in 121 days: later (breaking)
# Announced without a date
[planned] ServiceNow: v3 beta (beta)
What has no date brings no reminder, and so has no “Handled”.
`
	if diff := cmp.Diff(want, plain(reply)); diff != "" {
		t.Error(diff)
	}
	if reply.Text != "Coming changes: 2 with a date, the next tomorrow (soon)." {
		t.Errorf("the sentence is %q", reply.Text)
	}
}

func TestNothingUpcomingIsSaid(t *testing.T) {
	if got := ask(t, &fakeFacts{}, "upcoming workday").Text; got != "Coming changes of Workday: nothing is announced." {
		t.Errorf("got %q", got)
	}
}

func TestWhatCouldNotBeReadIsSaidBesideWhatWas(t *testing.T) {
	failing := map[string]map[string]changes.SourceState{"servicenow": {"https://feeds.example/servicenow.xml": {Problem: "got a sign-in page"}}}
	for _, typed := range []string{"changelog", "changelog snow", "upcoming", "upcoming snow"} {
		reply := ask(t, &fakeFacts{sources: failing}, typed)
		text := plain(reply)
		if !strings.Contains(text, "ServiceNow: its changelog feeds.example/servicenow.xml cannot be read, so something may be missing here.\n  got a sign-in page") || !reply.Failed {
			t.Errorf("%s hides what it lacks:\n%s", typed, text)
		}
		if strings.Contains(reply.Text+text, "othing new") {
			t.Errorf("%s says that there is nothing new:\n%s\n%s", typed, reply.Text, text)
		}
	}
	if reply := ask(t, &fakeFacts{sources: failing}, "changelog workday"); reply.Failed {
		t.Error("another partner's changelog is bad news for this one")
	}
}

func TestWordsThatMeanNothingAreRefused(t *testing.T) {
	for typed, want := range map[string]string{
		"changelog snow 30":        `"30" is no length of time; write it like 36h or 7d.`,
		"changelog 7x":             `"7x" is no length of time; write it like 36h or 7d.`,
		"changelog 0d snow":        `"0d" is no length of time; write it like 36h or 7d.`,
		"changelog snow workday":   `I do not know what to do with "workday". See /sparky help.`,
		"status snow please":       `I do not know what to do with "please". See /sparky help.`,
		"upcoming workday workday": `I do not know what to do with "workday". See /sparky help.`,
	} {
		if got := ask(t, &fakeFacts{}, typed); got.Text != want || !got.Refused {
			t.Errorf("%s: %s", typed, got.Text)
		}
	}
}

func TestWhatIsOnOfferIsSaidOnce(t *testing.T) {
	beta := []changes.Kind{changes.Beta}
	for _, tt := range []struct{ version, title, want string }{
		{"Devices API v2.51 (beta)", "Devices API v2.51 is now available in public beta", "beta"},
		{"v3 (preview)", "A new Reports API", "beta of v3"},
		{"", "A new Reports API", "beta"},
		{"2.0.0-rc.1", "v2.0.0-rc.1", "beta"},
	} {
		if got := KindWords(beta, tt.version, tt.title); got != tt.want {
			t.Errorf("%q on offer in %q reads %q, want %q", tt.version, tt.title, got, tt.want)
		}
	}
}

func TestLastOf(t *testing.T) {
	for window, want := range map[string]string{"7d": "7 days", "1d": "day", "30d": "30 days", "36h": "36h", "": "", "d": "d"} {
		if got := lastOf(window); got != want {
			t.Errorf("%q is %q, want %q", window, got, want)
		}
	}
}

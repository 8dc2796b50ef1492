package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// utc is a moment as tests write it.
func utc(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at
}

func comes(title string, effective Date, known string) Coming {
	return Coming{Known: utc(known), Entry: Entry{Effective: effective, Kinds: []Kind{Breaking}, Summary: "Move to v2.",
		Change: partners.Change{Partner: "okta", Source: "feed", Key: title, Hash: "hash of " + title, Title: title}}}
}

func TestWhichReminderIsDue(t *testing.T) {
	const date = Date("2027-03-31")
	long := "2027-01-01 12:00"
	tests := []struct {
		name     string
		now      string
		known    string
		reminded int
		want     int
	}{
		{"31 days before", "2027-02-28 23:59", long, 0, 0},
		{"30 days before, in the night", "2027-03-01 08:59", long, 0, 0},
		{"30 days before, in the morning", "2027-03-01 09:00", long, 0, 30},
		{"told already", "2027-03-01 09:01", long, 30, 0},
		{"missed, made up for", "2027-03-11 12:00", long, 0, 30},
		{"between two", "2027-03-11 12:00", long, 30, 0},
		{"7 days before, in the night", "2027-03-24 08:00", long, 30, 0},
		{"7 days before", "2027-03-24 09:00", long, 30, 7},
		{"both missed: the nearest alone", "2027-03-27 15:00", long, 0, 7},
		{"the day before, in the night", "2027-03-30 00:01", long, 7, 0},
		{"the day before", "2027-03-30 09:00", long, 7, 1},
		{"all missed", "2027-03-30 23:59", long, 0, 1},
		{"all told", "2027-03-30 23:59", long, 1, 0},
		{"the day itself", "2027-03-31 09:00", long, 0, 0},
		{"past", "2027-04-02 09:00", long, 7, 0},
		{"announced five days before", "2027-03-26 14:00", "2027-03-26 13:00", 0, 0},
		{"and then the day before", "2027-03-30 09:00", "2027-03-26 13:00", 0, 1},
		{"announced on the morning of the 7th, before nine", "2027-03-24 09:00", "2027-03-24 06:00", 0, 7},
		{"announced on the morning of the 7th, after nine", "2027-03-24 11:00", "2027-03-24 10:00", 0, 0},
		{"announced at nine", "2027-03-24 09:00", "2027-03-24 09:00", 0, 0},
		{"a nearer one was told before the clock was set back", "2027-03-24 09:00", long, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := comes("x", date, tt.known)
			c.Reminded = tt.reminded
			got, due := c.Due(utc(tt.now))
			if got != tt.want || due != (tt.want > 0) {
				t.Errorf("%d, %v, want %d", got, due, tt.want)
			}
			if c.Handled = (incidents.Deed{By: "U0ADA", At: utc(tt.known)}); due {
				if _, still := c.Due(utc(tt.now)); still {
					t.Error("and still when it is handled")
				}
			}
		})
	}
	if _, due := (Coming{}).Due(utc("2027-03-01 09:00")); due {
		t.Error("without a date")
	}
}

// FuzzEveryDateIsToldAtMostThreeTimes runs the clock from any moment in any strides, and holds what a reminder promises.
func FuzzEveryDateIsToldAtMostThreeTimes(f *testing.F) {
	f.Add(int64(-40*24), uint8(24))
	f.Add(int64(-5*24), uint8(1))
	f.Add(int64(-90*24), uint8(200))
	f.Fuzz(func(t *testing.T, knownHours int64, stride uint8) {
		c := comes("x", "2027-03-31", "2027-03-31 00:00")
		c.Known = c.Known.Add(time.Duration(knownHours%(200*24)) * time.Hour)
		last := 1 << 20
		for now := c.Known; now.Before(c.Effective.Time().AddDate(0, 0, 3)); now = now.Add(time.Duration(int(stride)+1) * time.Hour) {
			m, due := c.Due(now)
			if !due {
				continue
			}
			left := c.Effective.DaysFrom(now)
			if !slices.Contains(Milestones(), m) || m >= last || left > m || left < 1 || now.Hour() < 9 && left == m {
				t.Fatalf("%d days before, with %d left, after %d, at %v, known %v", m, left, last, now, c.Known)
			}
			c.Reminded, last = m, m
		}
	})
}

// memoryOfDates is the store's part in a test.
type memoryOfDates struct {
	all     []Coming
	effects []incidents.Effect
	asked   []string
	err     error
}

func (m *memoryOfDates) Remind(_ context.Context, from, until Date, decide func([]Coming) ([]Coming, []incidents.Effect)) error {
	m.asked = append(m.asked, fmt.Sprintf("%s %s", from, until))
	if m.err != nil {
		return m.err
	}
	told, effects := decide(slices.Clone(m.all))
	for _, c := range told {
		at := slices.IndexFunc(m.all, func(x Coming) bool { return x.ID() == c.ID() })
		m.all[at].Reminded = c.Reminded
	}
	m.effects = append(m.effects, effects...)
	return nil
}

func okta() partners.Partner {
	return partners.Partner{ID: "okta", Name: "Okta", Owner: partners.Owner{Team: "Sign-in", SlackGroup: "S0SIGNIN"}}
}

func runAt(t *testing.T, m *memoryOfDates, now string, all ...partners.Partner) []Reminder {
	t.Helper()
	m.effects = nil
	c := Countdown{Memory: m, Partners: append(all, okta()), Now: func() time.Time { return utc(now) }}
	if _, err := c.Remind(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said []Reminder
	for _, e := range m.effects {
		var r Reminder
		decodeJSON(t, e.Payload, &r)
		said = append(said, r)
	}
	return said
}

func remindedOf(reminders []Reminder) string {
	var list []string
	for _, r := range reminders {
		for _, i := range r.Items {
			list = append(list, fmt.Sprintf("%s %d", i.Title, i.Milestone))
		}
	}
	return strings.Join(list, ", ")
}

func TestSeveralOfOnePartnerAreOneMessage(t *testing.T) {
	known := "2027-01-01 12:00"
	snow := comes("snow", "2027-03-08", known)
	snow.Partner = "servicenow"
	gone := comes("gone", "2027-03-08", known)
	gone.Partner = "left the configuration"
	m := &memoryOfDates{all: []Coming{comes("a", "2027-03-02", known), comes("b", "2027-03-08", known), snow, gone, comes("c", "2027-03-31", known)}}
	got := runAt(t, m, "2027-03-01 09:00", partners.Partner{ID: "servicenow", Name: "ServiceNow"})
	if len(got) != 2 || remindedOf(got) != "snow 7, a 1, b 7, c 30" {
		t.Fatalf("%d messages: %s", len(got), remindedOf(got))
	}
	want := ReminderItem{ID: m.all[0].ID(), Title: "a", Summary: "Move to v2.", Kinds: []Kind{Breaking}, Effective: "2027-03-02", Milestone: 1}
	if diff := cmp.Diff(want, got[1].Items[0]); diff != "" {
		t.Error(diff)
	}
	if r := got[1]; r.Name != "Okta" || r.Team != "Sign-in" || r.Group != "S0SIGNIN" || !r.At.Equal(utc("2027-03-01 09:00")) {
		t.Errorf("%+v", r)
	}
	if m.asked[0] != "2027-03-02 2027-03-31" {
		t.Errorf("asked for %s", m.asked[0])
	}
	if again := runAt(t, m, "2027-03-01 09:01"); len(again) != 0 {
		t.Errorf("a minute later: %s", remindedOf(again))
	}
}

func TestNobodyIsRemindedAtNight(t *testing.T) {
	m := &memoryOfDates{all: []Coming{comes("a", "2027-03-16", "2027-01-01 12:00"), comes("b", "2027-03-20", "2027-01-01 12:00")}}
	if got := runAt(t, m, "2027-03-13 03:00"); len(got) != 0 {
		t.Errorf("at three: %s", remindedOf(got))
	}
	// What was missed before the night and what is due in the morning are one.
	if got := remindedOf(runAt(t, m, "2027-03-13 09:00")); got != "a 7, b 7" {
		t.Errorf("at nine: %s", got)
	}
}

// A countdown from its beginning to its end, looked at every minute.
func TestACountdownIsThreeReminders(t *testing.T) {
	m := &memoryOfDates{all: []Coming{comes("a", "2027-03-31", "2027-02-01 12:00")}}
	var told []string
	for now := utc("2027-02-01 12:00"); now.Before(utc("2027-04-02 00:00")); now = now.Add(10 * time.Minute) {
		for _, r := range runAt(t, m, now.Format("2006-01-02 15:04")) {
			told = append(told, fmt.Sprintf("%s: %s", r.At.Format("01-02 15:04"), remindedOf([]Reminder{r})))
		}
	}
	if diff := cmp.Diff([]string{"03-01 09:00: a 30", "03-24 09:00: a 7", "03-30 09:00: a 1"}, told); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTwoSourcesAnnounceIsToldOnce(t *testing.T) {
	one := comes("a", "2027-03-08", "2027-01-01 12:00")
	two := one
	two.Source, two.Known = "other", utc("2027-02-28 12:00")
	m := &memoryOfDates{all: []Coming{two, one}}
	if got := remindedOf(runAt(t, m, "2027-03-01 09:00")); got != "a 7" {
		t.Errorf("told %s", got)
	}
	if m.all[0].Reminded != 7 || m.all[1].Reminded != 7 {
		t.Errorf("kept %d and %d", m.all[0].Reminded, m.all[1].Reminded)
	}
	m.all[1].Reminded = 0 // it came from the other source later
	if got := runAt(t, m, "2027-03-01 10:00"); len(got) != 0 {
		t.Errorf("told again: %s", remindedOf(got))
	}
	m.all[1].Handled = incidents.Deed{By: "U0ADA"}
	if got := runAt(t, m, "2027-03-07 10:00"); len(got) != 0 {
		t.Errorf("told though it is handled: %s", remindedOf(got))
	}
}

func TestOnce(t *testing.T) {
	one := comes("a", "2027-03-08", "2027-01-01 12:00").Entry
	other, moved, undated, release := one, one, one, one
	other.Source, other.Handled = "other", incidents.Deed{By: "U0ADA"}
	moved.Source, moved.Effective = "third", "2027-04-08"
	undated.Key, undated.Effective = "jan", ""
	release.Key, release.Effective = "feb", ""
	got := Once([]Entry{one, other, moved, undated, release})
	if len(got) != 4 || got[0].Handled.By != "U0ADA" || got[1].Source != "third" || got[2].Key != "jan" || got[3].Key != "feb" {
		t.Errorf("%+v", got)
	}
	if one.IsHandled() {
		t.Error("the entry that was given is changed")
	}
}

func TestAReminderIsNoLongerThanAMessage(t *testing.T) {
	m := &memoryOfDates{}
	for n := range 25 {
		m.all = append(m.all, comes(fmt.Sprint("entry ", n), "2027-03-08", "2027-01-01 12:00"))
	}
	got := runAt(t, m, "2027-03-01 09:00")
	if len(got) != 1 || len(got[0].Items) != mostReminded || got[0].Folded != 25-mostReminded {
		t.Errorf("%d messages, %+v", len(got), got)
	}
}

func TestTheKeyOfAReminderNamesEntriesDatesAndDays(t *testing.T) {
	base := []ReminderItem{{ID: "okta-1", Effective: "2027-03-08", Milestone: 7}, {ID: "okta-2", Effective: "2027-03-31", Milestone: 30}}
	key := reminderKey("okta", base)
	if key != reminderKey("okta", []ReminderItem{base[1], base[0]}) || !strings.HasPrefix(key, "reminder/okta/") {
		t.Errorf("the order matters, or it is %s", key)
	}
	for n, change := range []func(*ReminderItem){
		func(i *ReminderItem) { i.ID = "okta-3" }, func(i *ReminderItem) { i.Effective = "2027-03-09" }, func(i *ReminderItem) { i.Milestone = 1 },
	} {
		other := slices.Clone(base)
		change(&other[0])
		if reminderKey("okta", other) == key {
			t.Errorf("%d: another reminder has its key", n)
		}
	}
}

func TestAMemoryThatFailsIsSaid(t *testing.T) {
	m := &memoryOfDates{err: errors.New("the disk is full")}
	c := Countdown{Memory: m, Partners: []partners.Partner{okta()}, Now: func() time.Time { return utc("2027-03-01 09:00") }}
	if _, err := c.Remind(t.Context()); !errors.Is(err, m.err) || !strings.Contains(err.Error(), "reminding") {
		t.Error(err)
	}
}

func TestAnEntrysIDIsAWord(t *testing.T) {
	e := comes("a <!channel> b", "2027-03-08", "2027-01-01 12:00").Entry
	id := e.ID()
	if !strings.HasPrefix(id, "okta-") || strings.ContainsAny(id, " <>!") || len(id) > 40 || setting.CheckUserOrGroup(id) == "" {
		t.Errorf("%q", id)
	}
	e.Title, e.Effective, e.Hash = "another", "2028-01-01", "another"
	if e.ID() != id {
		t.Error("an edit changes it")
	}
	if e.Key = "b"; e.ID() == id {
		t.Error("another entry has it")
	}
}

func decodeJSON(t *testing.T, encoded []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(encoded, into); err != nil {
		t.Fatal(err)
	}
}

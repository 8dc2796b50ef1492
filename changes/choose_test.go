package changes

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

func announced(partner, title string, published time.Time, effective Date, kinds ...Kind) Entry {
	return Entry{Change: partners.Change{Partner: partner, Title: title, Published: published}, Kinds: kinds, Effective: effective,
		FirstSeen: start}
}

func entryTitles(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Title)
	}
	return all
}

func TestChoose(t *testing.T) {
	entries := []Entry{
		announced("okta", "old", start.AddDate(0, 0, -30), "", New),
		announced("okta", "yesterday", start.AddDate(0, 0, -1), "", New),
		announced("workday", "elsewhere", start.AddDate(0, 0, -2), "", New),
		announced("okta", "undated", time.Time{}, "", New),
	}
	tests := []struct {
		query Query
		want  []string
	}{
		{Query{}, []string{"yesterday", "elsewhere", "old", "undated"}},
		{Query{Partner: "okta"}, []string{"yesterday", "old", "undated"}},
		{Query{Since: start.AddDate(0, 0, -7)}, []string{"yesterday", "elsewhere", "undated"}},
		{Query{Limit: 2}, []string{"yesterday", "elsewhere"}},
		{Query{Partner: "nobody"}, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, entryTitles(Choose(entries, tt.query))); diff != "" {
			t.Errorf("%+v: %s", tt.query, diff)
		}
	}
}

func TestChooseUpcoming(t *testing.T) {
	entries := []Entry{
		announced("okta", "june", start, "2027-06-01", Removal),
		announced("okta", "past", start, "2027-02-28", Removal),
		announced("okta", "today", start, "2027-03-01", Breaking),
		announced("okta", "new beta", start.AddDate(0, 0, -10), "", Beta),
		announced("okta", "old beta", start.AddDate(0, 0, -100), "", Beta),
		announced("okta", "undated deprecation", start, "", Deprecation),
		announced("okta", "dated beta", start, "2027-04-01", Beta),
	}
	got := entryTitles(ChooseUpcoming(entries, "2027-03-01"))
	if diff := cmp.Diff([]string{"today", "dated beta", "june", "undated deprecation", "new beta"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDate(t *testing.T) {
	for _, bad := range [][3]int{{2027, 2, 29}, {2027, 13, 1}, {2027, 0, 1}, {2027, 4, 31}} {
		if d, err := NewDate(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%v is taken for the day %s", bad, d)
		}
	}
	leap, err := NewDate(2028, 2, 29)
	if err != nil || leap != "2028-02-29" {
		t.Errorf("got %s, %v", leap, err)
	}
	// The last minute of a day and the first of the next are a day apart, whatever the reader's zone.
	evening := time.Date(2027, 3, 1, 23, 59, 0, 0, time.UTC)
	if days := Date("2027-03-02").DaysFrom(evening); days != 1 {
		t.Errorf("%d days from the evening before", days)
	}
	if days := Date("2027-03-02").DaysFrom(evening.In(time.FixedZone("east", 5*3600))); days != 1 {
		t.Errorf("%d days in another zone", days)
	}
}

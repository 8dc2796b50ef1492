package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

func reading(level partners.Level, at time.Time) partners.Status {
	return partners.Status{
		Kind: "statuspage", Page: "https://status.acme.example", Level: level, Description: "All is said", ReadAt: at,
		Components: []partners.Component{{Name: "API", Region: "eu", Level: level}},
		Incidents:  []partners.PageIncident{{ID: "1", Name: "Slow", Phase: "investigating", Level: level, Began: at}},
		Windows:    []partners.PageWindow{{ID: "2", Name: "Works", From: at}},
	}
}

func TestAStatusIsKeptWithTheLastGoodOneAndSinceWhen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := func(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }
		unread := partners.UnknownStatus("https://status.acme.example", "it is a login page", at(3))
		for _, step := range []struct {
			save, good partners.Status
			since      time.Time
		}{
			{unread, partners.Status{}, at(3)},
			{reading(partners.Operational, at(4)), reading(partners.Operational, at(4)), at(4)},
			{reading(partners.Operational, at(5)), reading(partners.Operational, at(5)), at(4)},
			{unread, reading(partners.Operational, at(5)), at(3)},
			{reading(partners.MajorOutage, at(6)), reading(partners.MajorOutage, at(6)), at(6)},
		} {
			must(t, b.SaveStatus(t.Context(), "acme", step.save))
			want := map[string]partners.StatusRecord{"acme": {Status: step.save, LastGood: step.good, Since: step.since}}
			if diff := cmp.Diff(want, value[map[string]partners.StatusRecord](t)(b.Statuses(t.Context()))); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestAStatusWithImpossibleTimesIsKeptWithoutThem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		impossible := time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
		status := reading(partners.Degraded, impossible)
		status.Description = "\xff\x00"
		must(t, b.SaveStatus(t.Context(), "acme", status))
		got := value[map[string]partners.StatusRecord](t)(b.Statuses(t.Context()))["acme"]
		if got.Status.Level != partners.Degraded || !got.Status.Incidents[0].Began.IsZero() || !got.Status.ReadAt.IsZero() {
			t.Errorf("%+v", got.Status)
		}
		if !status.Incidents[0].Began.Equal(impossible) {
			t.Error("the caller's status was changed")
		}
	})
}

func TestAStatusThatWasNotDatedIsDatedByTheStore(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		must(t, b.SaveStatus(t.Context(), "acme", partners.Status{Level: partners.Operational}))
		if got := value[map[string]partners.StatusRecord](t)(b.Statuses(t.Context()))["acme"].Since; !got.Equal(day) {
			t.Errorf("since %v, want %v", got, day)
		}
	})
}

package main

import (
	"testing"
	"time"

	"sparky/changes"
	"sparky/fixtures/world/vendors"
	"sparky/partners"
)

// TestTheDatesOfTheDemoAreFound holds that every announcement of the demo with a day to come is read with that day.
func TestTheDatesOfTheDemoAreFound(t *testing.T) {
	world := vendors.New(vendors.Options{})
	defer world.Close()
	now, dated := time.Now(), 0
	for _, id := range vendors.IDs() {
		_, err := world.AnnounceBreaking(id, in(9))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := world.AnnounceDeprecation(id, in(30)); err != nil {
			t.Fatal(err)
		}
		for _, e := range world.Entries(id) {
			want := changes.Date(e.Deadline.Format(time.DateOnly))
			if !e.Deadline.After(now) {
				continue
			}
			dated++
			read := changes.Classify(partners.Change{Partner: id, Title: e.Title, Body: e.Body, Tags: e.Tags, Published: e.Published}, now)
			if read.Effective != want {
				t.Errorf("%s: %q holds from %q, want %s", id, e.Title, read.Effective, want)
			}
		}
	}
	if dated < 20 {
		t.Errorf("only %d announcements with a day to come", dated)
	}
}

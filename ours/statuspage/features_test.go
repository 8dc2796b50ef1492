package statuspage

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sparky/fixtures/world/atlassian"
	"sparky/partners"
)

const in2 = "sparky-okta-20261102T094000"

func TestAFeatureIsAsBadAsTheWorseOfTwoPartners(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync", "Meetings")
	d.draw(in1)
	d.says(in2, "investigating", partners.MajorOutage, "Okta reports trouble.", "Ticket sync")
	d.draw(in2)
	d.wantStatus("Ticket sync", "major_outage")
	d.wantStatus("Meetings", "degraded_performance")
	d.says(in2, resolved, partners.Operational, "It works again.")
	d.draw(in2)
	d.wantStatus("Ticket sync", "degraded_performance")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.draw(in1)
	d.wantStatus("Ticket sync", "operational")
	d.wantStatus("Meetings", "operational")
	d.wantStatus("Sign-in", "operational")
}

func TestEveryLevelIsShown(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Unknown, "x", "Ticket sync")
	d.draw(in1)
	for level, want := range map[partners.Level]string{
		partners.Unknown: "degraded_performance", "": "degraded_performance", partners.Degraded: "degraded_performance",
		partners.Maintenance: "under_maintenance", partners.PartialOutage: "partial_outage", partners.MajorOutage: "major_outage",
		partners.Operational: "operational",
	} {
		d.says(in1, "identified", level, "now "+string(level))
		d.draw(in1)
		d.wantStatus("Ticket sync", want)
	}
}

func TestDrawnAgainNothingIsSetTwice(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	for range 3 {
		d.must(d.drawFeatures())
	}
	if writes := d.page.Writes(); len(writes) != 1 || string(writes[0].Body) != `{"component":{"status":"degraded_performance"}}` {
		t.Errorf("%+v", writes)
	}
}

// TestWhatAPersonSetStays holds that a component which a person had set before is theirs, however like ours it looks.
func TestWhatAPersonSetStays(t *testing.T) {
	for _, set := range []string{"degraded_performance", "major_outage", "under_maintenance"} {
		d := newDesk(t)
		d.must(d.page.SetComponent("Ticket sync", set))
		d.clock.Advance(time.Hour)
		d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
		d.draw(in1)
		d.wantStatus("Ticket sync", set)
		d.says(in1, resolved, partners.Operational, "It works again.")
		d.draw(in1)
		d.wantStatus("Ticket sync", set)
	}
}

// TestWhatAPersonSetsMeanwhileStays holds that it is left alone until nothing of ours concerns it, and ours again after.
func TestWhatAPersonSetsMeanwhileStays(t *testing.T) {
	for _, set := range []string{"operational", "under_maintenance", "major_outage"} {
		d := newDesk(t)
		d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
		d.draw(in1)
		d.must(d.page.SetComponent("Ticket sync", set))
		for _, level := range []partners.Level{partners.PartialOutage, partners.Degraded} {
			d.says(in1, "identified", level, "now "+string(level))
			d.must(d.drawFeatures())
			d.wantStatus("Ticket sync", set)
		}
		d.says(in1, resolved, partners.Operational, "It works again.")
		d.must(d.drawFeatures())
		d.wantStatus("Ticket sync", set)
		d.must(d.page.SetComponent("Ticket sync", "operational"))
		d.clock.Advance(time.Hour)
		d.says(in2, "investigating", partners.Degraded, "x", "Ticket sync")
		d.must(d.drawFeatures())
		d.wantStatus("Ticket sync", "degraded_performance")
	}
}

// TestAPersonPutsBackWhatWeHadSetBefore holds that a status which was ours a moment ago is theirs once they choose it.
func TestAPersonPutsBackWhatWeHadSetBefore(t *testing.T) {
	d := newDesk(t)
	for _, level := range []partners.Level{partners.Degraded, partners.MajorOutage} {
		d.says(in1, "investigating", level, "now "+string(level), "Ticket sync")
		d.must(d.drawFeatures())
	}
	d.must(d.page.SetComponent("Ticket sync", "degraded_performance"))
	d.says(in1, "identified", partners.PartialOutage, "They know why.")
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "degraded_performance")
}

// TestWhatIsAPersonsIsNotTakenBack holds that theirs stays theirs, even where it comes to look like ours.
func TestWhatIsAPersonsIsNotTakenBack(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	d.must(d.drawFeatures())
	d.must(d.page.SetComponent("Ticket sync", "operational"))
	d.says(in1, "identified", partners.PartialOutage, "They know why.")
	d.must(d.drawFeatures())
	d.says(in1, "identified", partners.MajorOutage, "It is worse.")
	d.must(d.page.SetComponent("Ticket sync", "major_outage"))
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "major_outage")
}

// TestKilledAfterAComponentWasSet is a status that came through without anybody noting it: it is taken back all the same,
// also where the outage was over before the next attempt.
func TestKilledAfterAComponentWasSet(t *testing.T) {
	for name, between := range map[string]func(d *desk){
		"drawn again": func(d *desk) { d.must(d.drawFeatures()) },
		"over before": func(*desk) {},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync", "Meetings")
			d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
			if err := d.drawFeatures(); err == nil || known(err) {
				t.Fatalf("got %v, want an unknown outcome", err)
			}
			between(d)
			d.says(in1, resolved, partners.Operational, "It works again.")
			d.must(d.drawFeatures())
			d.wantStatus("Ticket sync", "operational")
			d.wantStatus("Meetings", "operational")
		})
	}
}

// TestKilledWhileItGotWorse is the same with something remembered of the time before.
func TestKilledWhileItGotWorse(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	d.must(d.drawFeatures())
	d.says(in1, "identified", partners.MajorOutage, "worse")
	d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	if d.drawFeatures() == nil {
		t.Fatal("the answer was not lost")
	}
	d.wantStatus("Ticket sync", "major_outage")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
}

// TestThePostSetsWhatItTellsOf is the other performer being first: its statuses are taken back as well.
func TestThePostSetsWhatItTellsOf(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	d.must(d.drawPost(in1))
	d.wantStatus("Ticket sync", "degraded_performance")
	d.says(in1, "identified", partners.MajorOutage, "worse")
	d.must(d.drawPost(in1))
	d.wantStatus("Ticket sync", "major_outage")
	d.must(d.drawFeatures())
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawPost(in1))
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
}

// TestThePostIsLate is the other performer at work on what it read before the end: what it sets after the features were
// put back is taken back as well.
func TestThePostIsLate(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	began := slices.Clone(d.memory.all)
	d.clock.Advance(time.Hour)
	d.says(in1, resolved, partners.Operational, "It works again.")
	ended := d.memory.all
	d.must(d.drawFeatures())
	d.memory.all = began
	d.must(d.drawPost(in1))
	d.wantStatus("Ticket sync", "degraded_performance")
	d.memory.all = ended
	d.must(d.drawPost(in1))
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
}

// TestWhatIsOverIsNotRaised is a second outage of which Statuspage, away meanwhile, is told long after both ended.
func TestWhatIsOverIsNotRaised(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "It fails.", "Ticket sync")
	d.draw(in1)
	d.says(in1, resolved, partners.Operational, "It works.")
	d.draw(in1)
	d.again(in1)
	d.says(in1, "investigating", partners.Degraded, "It fails again.")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawFeatures())
	d.clock.Advance(14 * time.Minute)
	d.must(d.drawPost(in1))
	d.wantStatus("Ticket sync", "operational")
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
	if page := d.only(); len(page.Updates) != 4 || page.Status != resolved {
		t.Errorf("%+v", page)
	}
}

func TestThePostLeavesAPersonsComponentAlone(t *testing.T) {
	d := newDesk(t)
	d.must(d.page.SetComponent("Ticket sync", "under_maintenance"))
	d.clock.Advance(time.Hour)
	d.says(in1, "investigating", partners.MajorOutage, "x", "Ticket sync")
	d.must(d.drawPost(in1))
	d.wantStatus("Ticket sync", "under_maintenance")
	if page := d.only(); len(page.Components) != 1 {
		t.Errorf("%+v", page)
	}
}

func TestNothingIsKnownOfThePosts(t *testing.T) {
	d := newDesk(t)
	d.memory.err = errors.New("the store is away")
	err := d.drawFeatures()
	if !known(err) || !strings.Contains(err.Error(), "the store is away") || len(d.page.Journal()) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestFindLeavesItToDo(t *testing.T) {
	d := newDesk(t)
	if result, found, err := d.features.Find(t.Context(), "key", nil); found || err != nil || result != nil {
		t.Errorf("%s, %t, %v", result, found, err)
	}
}

// TestWhatIsRememberedCanBeLost holds that a memory that cannot be read costs nothing.
func TestWhatIsRememberedCanBeLost(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	d.must(d.drawFeatures())
	d.results["public/components"] = []byte("x")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
	var after standings
	if err := json.Unmarshal(d.results["public/components"], &after); err != nil || len(after.Set) != 0 || len(after.Hand) != 0 {
		t.Errorf("%+v, %v", after, err)
	}
}

// TestAComponentThatStandsForNothingAnyMoreIsPutBack holds that what the configuration calls otherwise after a restart does not
// stay degraded for ever.
func TestAComponentThatStandsForNothingAnyMoreIsPutBack(t *testing.T) {
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "x", "Ticket sync")
	d.draw(in1)
	d.features.(*features).components = map[string]string{"Ticket sync": "p5xk3n8dz1yl"} // which is that of Meetings
	d.must(d.drawFeatures())
	d.wantStatus("Ticket sync", "operational")
	d.wantStatus("Meetings", "degraded_performance")
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.must(d.drawFeatures())
	d.wantStatus("Meetings", "operational")
}

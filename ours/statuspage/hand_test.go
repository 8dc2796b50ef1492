package statuspage

import (
	"testing"

	"sparky/fixtures/world/atlassian"
	"sparky/incidents"
	"sparky/partners"
)

// begun is an incident that stands on the page.
func begun(t *testing.T) (*desk, string) {
	t.Helper()
	d := newDesk(t)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	d.draw(in1)
	return d, d.only().ID
}

// TestWhatAPersonChangedStays holds that nothing is written to an incident that a person has touched, and that it is said
// so.
func TestWhatAPersonChangedStays(t *testing.T) {
	for name, change := range map[string]func(p *atlassian.Page, id string) error{
		"another update": func(p *atlassian.Page, id string) error { return p.Say(id, "identified", "Our own words.") },
		"resolved":       func(p *atlassian.Page, id string) error { return p.Resolve(id) },
		"another name":   func(p *atlassian.Page, id string) error { return p.Rename(id, "Ticket sync is slow") },
		"other words":    func(p *atlassian.Page, id string) error { return p.Rewrite(id, "Corrected.") },
		"deleted":        func(p *atlassian.Page, id string) error { return p.Delete(id) },
		"reopened after our end": func(p *atlassian.Page, id string) error {
			return p.Say(id, "investigating", "Not quite over.")
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, id := begun(t)
			if name == "reopened after our end" {
				d.says(in1, resolved, partners.Operational, "It works again.")
				d.draw(in1)
			}
			d.must(change(d.page, id))
			before, mails := d.page.Incidents(), len(d.page.Mails())
			for _, phase := range []string{"identified", resolved} {
				d.says(in1, phase, partners.Degraded, "More.")
				d.draw(in1)
			}
			after := d.page.Incidents()
			if len(after) != len(before) || len(d.page.Mails()) != mails || !d.result(in1).ByHand {
				t.Fatalf("%+v, result %+v", after, d.result(in1))
			}
			if len(after) > 0 && (len(after[0].Updates) != len(before[0].Updates) || after[0].Status != before[0].Status) {
				t.Errorf("%+v", after[0])
			}
		})
	}
}

// TestAPersonWhileAnAnswerWasLost holds that our own update that came through is not taken for a person's, and that a
// person's after it is.
func TestAPersonWhileAnAnswerWasLost(t *testing.T) {
	d, id := begun(t)
	d.says(in1, "identified", partners.Degraded, "They know why.")
	d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	if d.drawPost(in1) == nil {
		t.Fatal("the answer was not lost")
	}
	d.must(d.page.Say(id, "monitoring", "Our own words."))
	d.must(d.drawPost(in1))
	if page := d.only(); len(page.Updates) != 3 || !d.result(in1).ByHand {
		t.Errorf("%+v", page.Updates)
	}
}

// TestAPersonRenamesWhileAnAnswerWasLost is theirs too: our next update would take the name back.
func TestAPersonRenamesWhileAnAnswerWasLost(t *testing.T) {
	d, id := begun(t)
	d.says(in1, "identified", partners.Degraded, "They know why.")
	d.page.SetFault(atlassian.Fault{Writes: true, Lost: true, Times: 1})
	if d.drawPost(in1) == nil {
		t.Fatal("the answer was not lost")
	}
	d.must(d.page.Rename(id, "Ticket sync is slow"))
	d.says(in1, "monitoring", partners.Degraded, "Better.")
	d.must(d.drawPost(in1))
	if page := d.only(); page.Name != "Ticket sync is slow" || len(page.Updates) != 2 || !d.result(in1).ByHand {
		t.Errorf("%+v", page)
	}
}

// TestNothingNewOpensWhileTheSameFailureLasts holds that a post which a person closed is not opened again beside it.
func TestNothingNewOpensWhileTheSameFailureLasts(t *testing.T) {
	d, id := begun(t)
	d.must(d.page.Resolve(id))
	for _, phase := range []string{"identified", "monitoring", "investigating"} {
		d.says(in1, phase, partners.Degraded, "It is "+phase+".")
		d.draw(in1)
	}
	if page := d.only(); page.Status != "resolved" || len(page.Updates) != 2 {
		t.Errorf("%+v", page)
	}
}

// TestTheImpactThatAPersonChose stays until the failure gets better or worse.
func TestTheImpactThatAPersonChose(t *testing.T) {
	d, id := begun(t)
	d.must(d.page.Weigh(id, "critical"))
	d.says(in1, "identified", partners.Degraded, "They know why.")
	d.draw(in1)
	if page := d.only(); page.Impact != "critical" || len(page.Updates) != 2 {
		t.Errorf("%+v", page)
	}
	d.says(in1, "identified", partners.PartialOutage, "It is worse.")
	d.draw(in1)
	if page := d.only(); page.Impact != "major" {
		t.Errorf("%+v", page)
	}
}

// TestANewOutageAfterAPersonClosedThePost opens an incident of its own: what the person closed stays closed.
func TestANewOutageAfterAPersonClosedThePost(t *testing.T) {
	d, id := begun(t)
	d.must(d.page.Resolve(id))
	d.says(in1, resolved, partners.Operational, "It works again.")
	d.draw(in1)
	d.again(in1)
	d.says(in1, "investigating", partners.Degraded, "Again.")
	d.draw(in1)
	all := d.page.Incidents()
	if len(all) != 2 || all[0].Updates[0].Body != "Again." || len(all[0].Updates) != 1 || all[1].Status != "resolved" {
		t.Fatalf("%+v", all)
	}
	d.says(in1, "identified", partners.Degraded, "More.")
	d.draw(in1)
	if all = d.page.Incidents(); len(all[0].Updates) != 2 || len(all[1].Updates) != 2 {
		t.Errorf("%+v", all)
	}
}

// TestANewOutageWhileAPersonTellsOfIt leaves the person's incident alone, which is open still.
func TestANewOutageWhileAPersonTellsOfIt(t *testing.T) {
	d, id := begun(t)
	d.must(d.page.Say(id, "identified", "Our own words."))
	d.says(in1, "monitoring", partners.Degraded, "More.")
	d.draw(in1)
	d.again(in1)
	d.says(in1, "investigating", partners.Degraded, "Again.")
	d.draw(in1)
	if page := d.only(); len(page.Updates) != 2 {
		t.Errorf("%+v", page)
	}
}

func TestSomebodyElsesIncidentsAreNotOurs(t *testing.T) {
	d := newDesk(t)
	id, err := d.page.Post("Trouble at ServiceNow", "ServiceNow reports trouble.")
	d.must(err)
	d.says(in1, "investigating", partners.Degraded, "ServiceNow reports trouble.", "Ticket sync")
	if d.look(in1) {
		t.Error("an incident of a person's was found as ours")
	}
	d.draw(in1)
	if all := d.page.Incidents(); len(all) != 2 || all[1].ID != id {
		t.Errorf("%+v", all)
	}
}

// FuzzByHand holds that whatever the page says, nobody is told twice of what stands there, and that it never counts more
// updates than there are.
func FuzzByHand(f *testing.F) {
	f.Add("investigating", "a", "identified", "b", 0)
	f.Add("resolved", "a\nb", "resolved", "a b", 1)
	f.Fuzz(func(t *testing.T, phase1, body1, phase2, body2 string, said int) {
		page := shown{ID: "x", Name: "T", Status: phase2, Updates: []told{{ID: "2", Status: phase2, Body: body2}, {ID: "1", Status: phase1, Body: body1}}}
		ours := []incidents.PostUpdate{{Phase: phase1, Text: body1, Title: "T"}, {Phase: phase2, Text: body2, Title: "T"}}
		n, is := landed(page, posted{PostResult: incidents.PostResult{Said: 1}, Last: "1"}, ours)
		if !is || n != 2 {
			t.Errorf("what stands there is not known again: %d, %t", n, is)
		}
		if n, is := recognised(page, ours); !is || n < 1 || n > 2 {
			t.Errorf("recognised %d, %t", n, is)
		}
		before := posted{PostResult: incidents.PostResult{Said: min(max(said, 0), 2)}, Last: "0"}
		if n, is := landed(page, before, ours); is || n != before.Said {
			t.Errorf("another's words are ours: %d", n)
		}
	})
}

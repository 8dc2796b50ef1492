package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// joined are the lines that say that one more partner fails.
func (d *desktop) joined() []ThreadLine {
	d.Helper()
	return slices.DeleteFunc(d.lines(), func(l ThreadLine) bool { return l.Event.Kind != EventJoined })
}

// TestWhoHasAStormHearsOfOneMore holds that a partner that joins a storm in hand calls nobody anew, and that whoever has it is
// told, once in a while however many join.
func TestWhoHasAStormHearsOfOneMore(t *testing.T) {
	d := inHand(t)
	d.lines()
	d.later(time.Minute)
	d.fails("p6/api")
	lines := d.joined()
	if len(lines) != 1 || lines[0].Rings != "U1" || lines[0].TS != "9.1" || lines[0].Mention != "" || lines[0].Incident != d.storm().ID {
		t.Fatalf("it is said %+v", lines)
	}
	if text := lines[0].Event.Text; !strings.HasPrefix(text, "P6 fails now too") || !strings.Contains(text, "U1 has in hand") || !strings.Contains(text, "not called again") {
		t.Errorf("it reads %q", text)
	}
	if s := d.storm(); s.State != StateAcknowledged || s.Page.Wanted != PageAcknowledged || d.of("p6").Page.Wanted != PageNone {
		t.Errorf("who is awake is called again: %s, %s", s.Page.Wanted, d.of("p6").Page.Wanted)
	}
	d.later(time.Minute)
	d.each(7, 8, func(probe string) { d.fails(probe) })
	if lines = d.joined(); len(lines) != 0 {
		t.Errorf("of each of those that follow at once is said %+v", lines)
	}
	d.later(4 * time.Minute)
	d.fails("p9/api")
	if lines = d.joined(); len(lines) != 1 || !strings.HasPrefix(lines[0].Event.Text, "P9 fails now too") {
		t.Errorf("later it is said %+v", lines)
	}
}

func TestOfAStormThatNobodyHasNoPartnerIsSaidByItself(t *testing.T) {
	d := stormy(t, 9)
	d.each(1, 5, func(probe string) { d.fails(probe) })
	d.stands(d.storm().ID, "9.1")
	d.fails("p6/api")
	if lines := d.joined(); len(lines) != 0 {
		t.Errorf("it is said %+v", lines)
	}
}

// TestWhoHasAStormIsNotToldOfCallsThatNobodyMakes is in a house where nobody is called.
func TestWhoHasAStormIsNotToldOfCallsThatNobodyMakes(t *testing.T) {
	d := inHand(t)
	d.desk.Rules.Offices.Pager, d.desk.Rules.Offices.Mention = false, ""
	d.lines()
	d.fails("p6/api")
	if lines := d.joined(); len(lines) != 1 || strings.Contains(lines[0].Event.Text, "call") {
		t.Errorf("it is said %+v", lines)
	}
}

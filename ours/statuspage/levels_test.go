package statuspage

import (
	"testing"

	"sparky/partners"
)

// TestWhatIsNotKnownToBeWellIsNotToldAsWell holds it for every level, and that no two that are known are told alike.
func TestWhatIsNotKnownToBeWellIsNotToldAsWell(t *testing.T) {
	told := map[manner]partners.Level{}
	for _, level := range []partners.Level{partners.Operational, partners.Degraded, partners.PartialOutage, partners.MajorOutage, partners.Maintenance} {
		m := mannerOf(level)
		if before, twice := told[m]; twice || m.status == "" || m.words == "" || m.symbol == "" {
			t.Errorf("%s is told as %+v, as is %s", level, m, before)
		}
		if (m.status == operational) != (level == partners.Operational) || (m.symbol == "✓") != (level == partners.Operational) {
			t.Errorf("%s is told as %+v", level, m)
		}
		told[m] = level
	}
	for _, odd := range []partners.Level{partners.Unknown, "", "fine"} {
		if mannerOf(odd) != mannerOf(partners.Degraded) {
			t.Errorf("%q is told as %+v", odd, mannerOf(odd))
		}
	}
}

func TestLevelsFromWellToWorst(t *testing.T) {
	last := -1
	for _, level := range []partners.Level{partners.Operational, partners.Maintenance, partners.Degraded, partners.PartialOutage, partners.MajorOutage} {
		if at := rank(statusOf(level)); at <= last {
			t.Errorf("%s is at %d, after %d", level, at, last)
		} else {
			last = at
		}
	}
}

package incidents

import (
	"strings"
	"testing"
	"time"
)

func TestOnlyAnnouncementsOfTheseDaysAreTold(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		published, effective time.Duration // from now
		told                 bool
	}{
		"published yesterday":           {-day, 0, true},
		"published a month ago":         {-30 * day, 0, false},
		"in force since yesterday":      {-90 * day, -day, true},
		"in force next week":            {-90 * day, 6 * day, true},
		"in force in four months":       {-30 * day, 120 * day, false},
		"in force since half a year":    {-400 * day, -180 * day, false},
		"yesterday, for in four months": {-day, 120 * day, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := evidence()
			n := Notice{Title: "Table API v1 goes", Breaking: true, Published: now.Add(c.published)}
			if c.effective != 0 {
				n.Effective = now.Add(c.effective)
			}
			e.Notices = []Notice{n}
			told := false
			for _, p := range Decide(e, DefaultTriageRules()).Points {
				told = told || strings.Contains(p.Text, n.Title)
			}
			if told != c.told {
				t.Errorf("told: %v, want %v", told, c.told)
			}
		})
	}
}

// Atlassian's summary lists unresolved incidents only: one that was resolved is simply not there any more.
func TestWhatTheirPageShowsNoMoreIsJustOver(t *testing.T) {
	for name, c := range map[string]struct {
		seen time.Duration // ago
		word Word
		over bool
	}{
		"a minute ago":        {time.Minute, External, true},
		"fourteen minutes":    {14 * time.Minute, External, true},
		"sixteen minutes ago": {16 * time.Minute, Internal, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := evidence()
			e.Prior = Verdict{Word: External, Reason: ReasonAnnounced, Announced: &Announced{ID: "gone", Name: "Slow imports"}}
			e.Incident.Verdict, e.Incident.AnnouncedSeen = e.Prior, now.Add(-c.seen)
			if v := Decide(e, DefaultTriageRules()); v.Word != c.word || v.Over != c.over {
				t.Errorf("it is %s, over %v: %s", v.Word, v.Over, v.Says)
			}
		})
	}
}

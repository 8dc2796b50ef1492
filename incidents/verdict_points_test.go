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

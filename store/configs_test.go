package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/incidents"
)

func TestAChangeOfOurConfigurationIsRemembered(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		at := func(hours int) time.Time { return day.Add(time.Duration(hours) * time.Hour) }
		for i, step := range []struct {
			fingerprint string
			parts       map[string]string
			want        incidents.OurChange
		}{
			{"1", map[string]string{"probe api": "a", "changelog": "c"}, incidents.OurChange{}},
			{"1", map[string]string{"probe api": "a", "changelog": "c"}, incidents.OurChange{}},
			{"2", map[string]string{"probe api": "b", "changelog": "c"}, incidents.OurChange{At: at(2), What: "probe api"}},
			{"2", map[string]string{"probe api": "b", "changelog": "c"}, incidents.OurChange{At: at(2), What: "probe api"}},
			{
				"3", map[string]string{"probe api": "d", "probe b": "x", "status page": "y"},
				incidents.OurChange{At: at(4), What: "probe api, probe b (new), status page (new) and changelog (removed)"},
			},
			{"4", map[string]string{"probe api": "d", "status page": "y"}, incidents.OurChange{At: at(5), What: "probe b (removed)"}},
			{"5", map[string]string{"probe api": "d", "status page": "y"}, incidents.OurChange{At: at(6), What: "its configuration"}},
			{"6", nil, incidents.OurChange{At: at(7), What: "probe api (removed) and status page (removed)"}},
			{"6", nil, incidents.OurChange{At: at(7), What: "probe api (removed) and status page (removed)"}},
		} {
			got := value[incidents.OurChange](t)(b.ConfigSeen(t.Context(), "acme", step.fingerprint, step.parts))
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("step %d: %s", i, diff)
			}
			if i == 4 {
				b = b.reopened(t)
			}
			b.clock.forward(time.Hour)
		}
		other := value[incidents.OurChange](t)(b.ConfigSeen(t.Context(), "other", "1", map[string]string{"a": "b"}))
		if diff := cmp.Diff(incidents.OurChange{}, other); diff != "" {
			t.Errorf("another partner, seen for the first time: %s", diff)
		}
	})
}

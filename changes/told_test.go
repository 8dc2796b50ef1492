package changes

import (
	"encoding/json"
	"testing"
	"time"

	"sparky/incidents"
)

func TestWhatPeopleAreToldOf(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		kind    string
		payload any
		did     incidents.Did
		reason  string
	}{
		"one announcement": {EffectDigest, Digest{Partner: "snow", Items: []Item{{Title: "A beta"}}}, incidents.DidTell, "“A beta”"},
		"many": {EffectDigest, Digest{Partner: "snow", Items: []Item{{Title: "A beta"}, {Title: "A fix"}}, Folded: map[Kind]int{Fix: 3}},
			incidents.DidTell, "“A beta” and 4 more"},
		"a digest of nothing": {EffectDigest, Digest{Partner: "snow"}, incidents.DidTell, ""},
		"a day comes near": {EffectReminder, Reminder{Partner: "snow", Items: []ReminderItem{{Title: "TLS 1.1", Effective: "2026-12-01"}}, Folded: 1},
			incidents.DidRemind, "2026-12-01, “TLS 1.1” and 1 more"},
		"a source is unread":         {EffectNotice, SourceNotice{Partner: "snow", Source: "feed", Problem: "404"}, incidents.DidTell, "feed cannot be read: 404"},
		"it is read again":           {EffectNotice, SourceNotice{Partner: "snow", Source: "feed"}, incidents.DidTell, "feed is read again"},
		"a certificate is to expire": {incidents.EffectWarning, incidents.Warning{Partner: "snow", Probe: "api", Text: "It ends on Friday."}, incidents.DidTell, "api: It ends on Friday."},
	} {
		act, ok := Telling(incidents.NewEffect(c.kind, "k", c.payload), now)
		want := incidents.Act{At: now, Partner: "snow", Origin: incidents.BySchedule, Did: c.did, Reason: c.reason}
		if !ok || act != want {
			t.Errorf("%s: %+v, %t", name, act, ok)
		}
	}
	for _, kind := range []string{incidents.EffectCard, incidents.EffectThread, EffectDispatch, EffectTrial, ""} {
		if act, ok := Telling(incidents.NewEffect(kind, "k", incidents.Ref{}), now); ok {
			t.Errorf("%s: %+v", kind, act)
		}
	}
	if act, ok := Telling(incidents.Effect{Kind: EffectDigest, Payload: json.RawMessage(`[]`)}, now); ok {
		t.Errorf("what cannot be read is %+v", act)
	}
}

package changes

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sparky/incidents"
)

func zurich(t *testing.T) MorningRule {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Skip("this machine knows no time zones")
	}
	return MorningRule{At: 9 * time.Hour, Zone: zone}
}

func TestTheNextMorning(t *testing.T) {
	rule := zurich(t)
	for now, want := range map[string]string{
		"2026-11-22T07:59:59Z": "2026-11-22T08:00:00Z", // nine in Zurich, in winter
		"2026-11-22T08:00:00Z": "2026-11-23T08:00:00Z",
		"2026-11-22T23:30:00Z": "2026-11-23T08:00:00Z", // it is Monday there by then
		"2026-07-01T06:00:00Z": "2026-07-01T07:00:00Z",
		"2026-10-24T12:00:00Z": "2026-10-25T08:00:00Z", // the clocks are changed that night
		"2027-03-27T12:00:00Z": "2027-03-28T07:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		got, day := rule.Next(at)
		if got.UTC().Format(time.RFC3339) != want || string(day) != got.Format(time.DateOnly) {
			t.Errorf("after %s comes %s, of %s", now, got.UTC().Format(time.RFC3339), day)
		}
	}
}

func TestWhatCanWait(t *testing.T) {
	rule := MorningRule{At: 9 * time.Hour, Zone: time.UTC}
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	digest := func(items ...Item) incidents.Effect {
		return incidents.NewEffect(EffectDigest, "digest/acme/1", Digest{Partner: "acme", Items: items})
	}
	folded := incidents.NewEffect(EffectDigest, "digest/acme/2", Digest{Items: []Item{{Kinds: []Kind{Fix}}}, Folded: map[Kind]int{Removal: 1}})
	warning := func(left time.Duration) incidents.Effect {
		return incidents.NewEffect(incidents.EffectWarning, "warning/acme/tls", incidents.Warning{Expires: now.Add(left)})
	}
	for name, test := range map[string]struct {
		effect incidents.Effect
		waits  bool
	}{
		"a fix and something new":           {digest(Item{Kinds: []Kind{Fix}}, Item{Kinds: []Kind{New}}), true},
		"what breaks":                       {digest(Item{Kinds: []Kind{New}}, Item{Kinds: []Kind{Breaking}}), false},
		"what ends":                         {digest(Item{Kinds: []Kind{Deprecation}}), false},
		"security":                          {digest(Item{Kinds: []Kind{Security}}), false},
		"a beta":                            {digest(Item{Kinds: []Kind{Beta}}), false},
		"an edit":                           {digest(Item{Kinds: []Kind{New}, Before: &Before{}}), false},
		"what can be tried":                 {digest(Item{Kinds: []Kind{New}, Version: "v3"}), false},
		"what breaks, folded":               {folded, false},
		"a certificate that holds a week":   {warning(7 * 24 * time.Hour), true},
		"a certificate that holds two days": {warning(48 * time.Hour), false},
		"a figure past its limit":           {incidents.NewEffect(incidents.EffectWarning, "warning/acme/p95/1", incidents.Warning{Text: "slow"}), true},
		"a host that is not called":         {incidents.NewEffect(incidents.EffectWarning, "warning/acme/circuit/1", incidents.Warning{Text: "held back", Aside: "No incident is open for it."}), false},
		"a host that is called again":       {incidents.NewEffect(incidents.EffectWarning, "warning/acme/circuit/1/over", incidents.Warning{Text: "calls are made again", Aside: "That is over.", Over: true}), true},
		"a changelog that is gone":          {incidents.NewEffect(EffectNotice, "source/acme/1", SourceNotice{Problem: "404", Lasts: true}), false},
		"a changelog that nobody can read":  {incidents.Effect{Kind: EffectNotice, Key: "source/2", Payload: json.RawMessage(`"`)}, false},
		"a changelog that cannot be read":   {incidents.NewEffect(EffectNotice, "source/acme/1", SourceNotice{}), true},
		"a card":                            {incidents.NewEffect(incidents.EffectCard, "x/card", incidents.Ref{}), false},
		"a reminder":                        {incidents.NewEffect(EffectReminder, "reminder/1", Reminder{}), false},
		"what nobody can read":              {incidents.Effect{Kind: EffectDigest, Key: "digest/2", Payload: json.RawMessage(`"`)}, false},
	} {
		item, waits := rule.Waits(test.effect, now)
		if waits != test.waits || item.Key != test.effect.Key && waits {
			t.Errorf("%s: waits %v, as %+v", name, waits, item)
		}
		if _, waits := (MorningRule{}).Waits(test.effect, now); waits {
			t.Errorf("%s: waits without a morning", name)
		}
	}
}

func TestTheEndTakesThePlaceOfTheBeginning(t *testing.T) {
	var m Morning
	for _, key := range []string{"warning/acme/p95/1", "source/acme/2", "warning/acme/p95/1" + incidents.OverSuffix, "source/acme/2"} {
		m = m.Add(MorningItem{Key: key})
	}
	if len(m.Items) != 2 || m.Items[0].Key != "warning/acme/p95/1/over" || m.Items[1].Key != "source/acme/2" {
		t.Errorf("got %+v", m.Items)
	}
}

func TestAMorningHasAnEnd(t *testing.T) {
	var m Morning
	for n := range mostMorning + 7 {
		m = m.Add(MorningItem{Key: fmt.Sprint(n)})
	}
	if len(m.Items) != mostMorning || m.More != 7 {
		t.Errorf("%d items and %d more", len(m.Items), m.More)
	}
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m.Day = "2026-11-23"
	if e := m.Effect(at); e.Key != "morning/2026-11-23" || !e.Picture || !e.After.Equal(at) || e.Kind != EffectMorning {
		t.Errorf("got %s %s at %v", e.Kind, e.Key, e.After)
	}
}

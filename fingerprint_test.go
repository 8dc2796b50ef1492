package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

func configured(change func(*partners.ProbeConfig)) partners.Partner {
	c := reading("api")
	c.Auth = &partners.Auth{Bearer: setting.NewSecret("an-old-token-of-ours")}
	if change != nil {
		change(&c)
	}
	plain := reading("plain")
	return partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{c, plain}}
}

func TestFingerprintsTellWhatChanged(t *testing.T) {
	before, err := fingerprints(configured(nil))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"probe api", "probe plain", "the credentials of probe api"}
	if got := slices.Sorted(maps.Keys(before)); !slices.Equal(got, names) {
		t.Fatalf("the parts are %q, want %q", got, names)
	}
	for name, c := range map[string]struct {
		change func(*partners.ProbeConfig)
		want   []string
	}{
		"nothing":          {nil, nil},
		"another secret":   {func(c *partners.ProbeConfig) { c.Auth = &partners.Auth{Bearer: setting.NewSecret("a-new-one")} }, []string{"the credentials of probe api"}},
		"another address":  {func(c *partners.ProbeConfig) { c.URL += "/v2" }, []string{"probe api"}},
		"another expected": {func(c *partners.ProbeConfig) { c.Expect.Status = []int{204} }, []string{"probe api"}},
		"a first web hook": {func(c *partners.ProbeConfig) { c.Webhook = setting.NewSecret("https://hook.example/x") }, []string{"probe api", "the credentials of probe api"}},
	} {
		t.Run(name, func(t *testing.T) {
			after, err := fingerprints(configured(c.change))
			if err != nil {
				t.Fatal(err)
			}
			var changed []string
			for _, part := range names {
				if before[part] != after[part] {
					changed = append(changed, part)
				}
			}
			if !slices.Equal(changed, c.want) {
				t.Errorf("changed: %q, want %q", changed, c.want)
			}
		})
	}
}

func TestFingerprintsHoldNoSecret(t *testing.T) {
	parts, err := fingerprints(configured(nil))
	if err != nil {
		t.Fatal(err)
	}
	if kept := fmt.Sprint(parts); strings.Contains(kept, "an-old-token") || strings.Contains(kept, "bearer") {
		t.Errorf("kept: %s", kept)
	}
	if short := parts["the credentials of probe api"]; len(short) != 4 {
		t.Errorf("%q tells so much of a credential that it can be guessed from it", short)
	}
}

// seen is a memory of configurations.
type seen struct {
	prints map[string]string
	fails  error
}

func (s *seen) ConfigSeen(_ context.Context, partner, fingerprint string, _ map[string]string) (incidents.OurChange, error) {
	was := s.prints[partner]
	s.prints[partner] = fingerprint
	if was != "" && was != fingerprint {
		return incidents.OurChange{What: "something"}, s.fails
	}
	return incidents.OurChange{}, s.fails
}

func TestOurChangesAreOfThePartnerThatChanged(t *testing.T) {
	memory := &seen{prints: map[string]string{}}
	other := partners.Partner{ID: "globex", Probes: []partners.ProbeConfig{reading("api")}}
	for range 2 {
		found, err := ourChanges(t.Context(), []partners.Partner{configured(nil), other}, memory)
		if err != nil || found["acme"].What != "" || found["globex"].What != "" {
			t.Errorf("nothing changed, got %+v, %v", found, err)
		}
	}
	changed := configured(func(c *partners.ProbeConfig) { c.Auth = nil })
	found, err := ourChanges(t.Context(), []partners.Partner{changed, other}, memory)
	if err != nil || found["acme"].What == "" || found["globex"].What != "" {
		t.Errorf("got %+v, %v", found, err)
	}
	memory.fails = errors.New("the disk is full")
	if _, err := ourChanges(t.Context(), []partners.Partner{changed}, memory); !errors.Is(err, memory.fails) {
		t.Errorf("got %v", err)
	}
}

// TestAnotherResilienceIsAChange holds that less patience with a partner is a change of ours, and that none is told where
// nothing is configured.
func TestAnotherResilienceIsAChange(t *testing.T) {
	prints := map[string]bool{}
	for _, attempts := range []int{0, 1, 4} {
		p := configured(nil)
		if attempts > 0 {
			p.Resilience = &partners.Resilience{Attempts: attempts}
		}
		parts, err := fingerprints(p)
		if err != nil {
			t.Fatal(err)
		}
		prints[parts["resilience"]] = true
	}
	if len(prints) != 3 || !prints[""] {
		t.Errorf("got %v", prints)
	}
}

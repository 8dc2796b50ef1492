package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"sparky/incidents"
	"sparky/internal/setting"
	"sparky/partners"
)

// fingerprints are the parts of a partner's configuration that a failure of ours may come from, each as a few letters
// that change with it. Those of credentials are too short to tell anything of them.
func fingerprints(p partners.Partner) (map[string]string, error) {
	parts := map[string]string{}
	for _, c := range p.Probes {
		var secrets []setting.Secret
		collectSecrets(reflect.ValueOf(c), &secrets)
		credential := ""
		for _, s := range secrets {
			credential += s.Reveal() + "\x00"
		}
		plain, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("the configuration of probe %s/%s: %w", p.ID, c.ID, err)
		}
		parts["probe "+c.ID] = shortHash(string(plain), 16)
		if credential != "" {
			parts["the credentials of probe "+c.ID] = shortHash(credential, 4)
		}
	}
	if p.Resilience != nil {
		plain, err := json.Marshal(p.Resilience)
		if err != nil {
			return nil, fmt.Errorf("the resilience of %s: %w", p.ID, err)
		}
		parts["resilience"] = shortHash(string(plain), 16)
	}
	return parts, nil
}

func shortHash(text string, letters int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:letters]
}

// configKeeper remembers with which configuration Sparky ran.
type configKeeper interface {
	ConfigSeen(ctx context.Context, partner, fingerprint string, parts map[string]string) (incidents.OurChange, error)
}

// ourChanges are the newest changes of each partner's configuration.
func ourChanges(ctx context.Context, all []partners.Partner, memory configKeeper) (map[string]incidents.OurChange, error) {
	changed := map[string]incidents.OurChange{}
	for _, p := range all {
		parts, err := fingerprints(p)
		if err != nil {
			return nil, err
		}
		if changed[p.ID], err = memory.ConfigSeen(ctx, p.ID, shortHash(fmt.Sprint(parts), 32), parts); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/certify"
)

// TestSecretsInTheFileAreNamed has secrets in the file itself and from outside of it, side by side.
func TestSecretsInTheFileAreNamed(t *testing.T) {
	env := map[string]string{"TOKEN": "from-outside-1", "HOOK": "https://a.example/workflows/0123456789abcdef?sig=fedcba9876543210", "SIG": "sig-from-outside-1"}
	loaded := parseConfig("sparky.yaml", []byte(`
slack: {app_token: xapp-1-A-1-b, bot_token: "${TOKEN}"}
partners:
  - {id: other, probes: [{id: p, kind: okta.org, base_url: "https://o.example", auth: {bearer: written-down}}]}
  - id: acme
    probes:
      - {id: a, kind: okta.org, base_url: "https://a.example", auth: {bearer: "${TOKEN}"}}
      - {id: b, kind: okta.org, base_url: "https://a.example", auth: {header: {name: Authorization, value: SSWS written-down}}}
      - {id: c, kind: msteams.card, url: "${HOOK}"}
      - {id: d, kind: msteams.card, url: "https://a.example/workflows/x?sig=${SIG}"}
      - {id: e, kind: msteams.card, url: "https://a.example/workflows/x?sig=written-down"}
`), expander{env: func(name string) (string, bool) { value, ok := env[name]; return value, ok }}, catalogue{})
	config := loaded.config
	config.Complete()
	if len(config.Partners) != 2 {
		t.Fatalf("%v", loaded.problems)
	}
	made := newCertifier(config, setting.NewRedactor(config.Secrets()...), time.Now)
	if got, want := made.inline(config.Partners[1]), []string{"probes[1].auth.header.value", "probes[4].url"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := made.inline(config.Partners[0]); !slices.Equal(got, []string{"probes[0].auth.bearer"}) {
		t.Errorf("of the other: %q", got)
	}
}

func TestTheVersionOfACertificate(t *testing.T) {
	for _, c := range []struct {
		build build
		want  string
	}{
		{build{Version: "v1.2.0"}, "v1.2.0"},
		{build{Version: "unknown", Revision: "0123456789abcdef"}, "unknown 0123456789ab"},
		{build{Version: "v0.0.0-20261122-0123456789ab", Revision: "0123456789abcdef"}, "v0.0.0-20261122-0123456789ab"},
	} {
		if got := versionOf(c.build); got != c.want {
			t.Errorf("%+v: %q", c.build, got)
		}
	}
}

func TestProgressInALine(t *testing.T) {
	if got := progressLine(certify.Progress{Done: 3, All: 33, Probe: "org"}); got != "3 of 33: org: calling the partner" {
		t.Error(got)
	}
	if got := progressLine(certify.Progress{Done: 4, All: 33, Probe: "org", Name: "No answer"}); got != "4 of 33: org: No answer" {
		t.Error(got)
	}
}

// fullKeeper has no room.
type fullKeeper struct{}

func (fullKeeper) SaveCertificate(context.Context, partners.Certificate) error {
	return errors.New("the disk is full")
}

func (fullKeeper) Certificates(context.Context) (map[string]partners.Certificate, error) {
	return nil, errors.New("the disk is full")
}

func TestACertificateThatCannotBeKept(t *testing.T) {
	made := certificates{newCertifier(Config{}, setting.NewRedactor(), time.Now), fullKeeper{}}
	door := partners.ProbeConfig{ID: "door", Kind: partners.KindTCP, Address: "127.0.0.1:1"}
	door.SetDefaults()
	cert, err := made.Certify(t.Context(), partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{door}}, func(int, int, string, string) {})
	if err == nil || err.Error() != "the disk is full" || cert.Partner != "acme" {
		t.Errorf("%+v, %v", cert, err)
	}
	if _, err := made.Certificates(t.Context()); err == nil {
		t.Error("no word of the disk")
	}
}

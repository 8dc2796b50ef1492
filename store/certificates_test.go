package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sparky/partners"
)

func TestTheLastCertificateIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		made := func(partner string, hours int, outcome partners.CertificateOutcome) partners.Certificate {
			return partners.Certificate{
				Partner: partner, Name: "Acme", At: day.Add(time.Duration(hours) * time.Hour), Took: time.Minute,
				Fingerprint: partners.CertificatePrint{Code: "v1", Config: "abc", API: "p v2"}, Modules: []partners.CertificateModule{{Probe: "p", Kind: partners.KindOktaOrg, API: "v2"}},
				Items: []partners.CertificateItem{{Probe: "p", Part: partners.PartSecurity, Name: "n", Required: true, Outcome: outcome, Measured: "“m” \\ 'x'", Budget: "b", Took: time.Second}},
			}
		}
		if none := value[map[string]partners.Certificate](t)(b.Certificates(t.Context())); len(none) != 0 {
			t.Errorf("before any: %v", none)
		}
		newest, other := made("acme", 3, partners.ItemFailed), made("other", 1, partners.ItemPassed)
		for _, c := range []partners.Certificate{made("acme", 1, partners.ItemPassed), newest, made("acme", 2, partners.ItemPassed), other} {
			if err := b.SaveCertificate(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		b = b.reopened(t)
		got := value[map[string]partners.Certificate](t)(b.Certificates(t.Context()))
		if diff := cmp.Diff(map[string]partners.Certificate{"acme": newest, "other": other}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestACertificateOfAnything(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		c := partners.Certificate{Partner: "a\x00b\xff", At: time.Date(50_000, 1, 1, 0, 0, 0, 0, time.UTC), Items: []partners.CertificateItem{{Measured: "\x00 \xff 'x'"}}}
		if err := b.SaveCertificate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := value[map[string]partners.Certificate](t)(b.Certificates(t.Context())); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

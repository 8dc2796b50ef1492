package partners

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestCertificatePasses(t *testing.T) {
	item := func(required bool, outcome CertificateOutcome) CertificateItem {
		return CertificateItem{Required: required, Outcome: outcome}
	}
	for name, c := range map[string]struct {
		items []CertificateItem
		want  bool
	}{
		"nothing was measured":       {nil, false},
		"everything was skipped":     {[]CertificateItem{item(true, ItemSkipped)}, false},
		"one passed":                 {[]CertificateItem{item(true, ItemPassed), item(true, ItemSkipped)}, true},
		"a required one failed":      {[]CertificateItem{item(true, ItemPassed), item(true, ItemFailed)}, false},
		"one that is no must failed": {[]CertificateItem{item(true, ItemPassed), item(false, ItemFailed)}, true},
	} {
		if got := (Certificate{Items: c.items}).Passed(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if n := (Certificate{Items: []CertificateItem{item(true, ItemFailed), item(false, ItemFailed), item(true, ItemPassed)}}).Count(ItemFailed); n != 2 {
		t.Errorf("%d failed", n)
	}
}

func TestCertificateIsOutOfDate(t *testing.T) {
	was := CertificatePrint{Code: "v1", Config: "abc", API: "v2"}
	for _, c := range []struct {
		now  CertificatePrint
		want string
	}{
		{was, ""},
		{CertificatePrint{}, ""},
		{CertificatePrint{Code: "v1", Config: "abd", API: "v2"}, "its configuration changed"},
		{CertificatePrint{Code: "v2", Config: "abc"}, "Sparky was updated"},
		{CertificatePrint{Code: "v1", Config: "abc", API: "v3"}, "the version of its API changed"},
		{CertificatePrint{Code: "v2", Config: "abd", API: "v3"}, "its configuration changed"},
	} {
		if got := (Certificate{Fingerprint: was}).OutOfDate(c.now); got != c.want {
			t.Errorf("%+v: %q, want %q", c.now, got, c.want)
		}
	}
}

// TestCertificateIsKeptWhole : the store keeps it as JSON.
func TestCertificateIsKeptWhole(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	given := Certificate{Partner: "okta", Name: "Okta", At: at, Took: time.Minute, Fingerprint: CertificatePrint{"a", "b", "c"},
		Modules: []CertificateModule{{"org", KindOktaOrg, "v1"}},
		Items:   []CertificateItem{{"org", PartSecurity, "name", true, ItemPassed, "measured", "budget", time.Second}}}
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	var kept Certificate
	if err := json.Unmarshal(text, &kept); err != nil || !reflect.DeepEqual(given, kept) {
		t.Errorf("kept %+v, %v", kept, err)
	}
}

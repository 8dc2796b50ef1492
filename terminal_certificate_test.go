package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sparky/partners"
)

// TestACertificateForMachinesIsInSeconds holds that a certificate tells times as probes and compatibility runs do.
func TestACertificateForMachinesIsInSeconds(t *testing.T) {
	cert := partners.Certificate{Partner: "okta", Took: 31_250 * time.Millisecond, Items: []partners.CertificateItem{
		{Probe: "org", Name: "redirects", Outcome: partners.ItemPassed, Took: 1_250_400 * time.Microsecond}}}
	text, err := json.Marshal(newCertificateRecord(cert))
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	item := said["items"].([]any)[0].(map[string]any)
	if said["duration"] != 31.25 || item["duration"] != 1.25 || said["passed"] != true || item["name"] != "redirects" || said["partner"] != "okta" {
		t.Errorf("it is %s", text)
	}
	if strings.Contains(string(text), "took") {
		t.Errorf("it has times of another kind too: %s", text)
	}
	if text, err := json.Marshal(newCertificateRecord(partners.Certificate{})); err != nil || !strings.Contains(string(text), `"items":[]`) {
		t.Errorf("with nothing in it: %s, %v", text, err)
	}
}

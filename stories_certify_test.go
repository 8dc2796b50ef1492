package main

import (
	"testing"

	"sparky/fixtures/world/vendors"
	"sparky/internal/setting"
)

// TestCertifyStories tells how somebody has a partner tried out from Slack.
func TestCertifyStories(t *testing.T) {
	tellStories(t, map[string]func(*story){
		"an operator has Okta certified, and its status says so": func(s *story) {
			for _, secret := range everySecret(s.world) {
				s.config.substituted = append(s.config.substituted, setting.NewSecret(secret)) // as ${…} would
			}
			s.watching()
			s.types("ada", "certify "+vendors.Okta, "Okta is certified: ", "Resilience", "0 failed", "Asked by")
			s.asks("ada", "status okta", "Certificate", "Certified ")
		},
	})
}

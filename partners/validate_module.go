package partners

import (
	"net/url"
	"regexp"
	"strings"

	"sparky/internal/setting"
)

var (
	tenantForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	// tokenOf finds the tenant in the address of Workday's token endpoint: https://HOST/ccx/oauth2/TENANT/token.
	tokenOf = regexp.MustCompile(`/ccx/oauth2/([^/]+)/token/?$`)
)

// checkTenant tells of a tenant that cannot be one, and of a token endpoint that belongs to another: Workday answers both as
// it would answer in an outage.
func (c ProbeConfig) checkTenant(report setting.Report) {
	if c.Tenant == "" {
		return
	}
	if !tenantForm.MatchString(c.Tenant) {
		report.At("tenant").Bad("cannot be the name of a tenant; it is the word after /ccx/oauth2/ in the address of the token endpoint")
		return
	}
	if c.Auth == nil || c.Auth.OAuth2 == nil {
		return
	}
	address, err := url.Parse(c.Auth.OAuth2.TokenURL)
	if err != nil {
		return // which is told where it stands
	}
	if of := tokenOf.FindStringSubmatch(address.Path); of != nil && of[1] != c.Tenant {
		report.At("tenant").Bad("is not the tenant of token_url, which is " + of[1] + "; both are to be the same")
	}
}

// checkSSWS tells of an API token of Okta that stands in its header without the word that goes before it.
func (c ProbeConfig) checkSSWS(report setting.Report) {
	if c.Auth == nil || c.Auth.Header == nil || !strings.EqualFold(c.Auth.Header.Name, "Authorization") {
		return
	}
	if value := c.Auth.Header.Value.Reveal(); value != "" && !strings.HasPrefix(value, "SSWS ") && !strings.HasPrefix(value, "Bearer ") {
		report.At("value").Say(`value does not begin as Okta wants it; write "SSWS ", and the API token after it`)
	}
}

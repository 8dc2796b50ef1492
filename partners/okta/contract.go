package okta

import (
	"net/http"

	"sparky/partners"
)

// Contract is what the probe okta.org relies on in Okta's Org API. The path stays at v1 through Okta's monthly releases; a
// call asks for one in Accept, where the API takes it, and a preview org runs the next one whatever is asked. Sources:
// developer.okta.com/docs/reference/rest, its error codes, and its page on rate limits.
func Contract() partners.Contract {
	number := func(name string) partners.Field { return partners.Field{Path: name, Type: partners.FieldNumber} }
	return partners.Contract{
		API: "Okta Org API", Versions: `[0-9]{4}\.[0-9]{1,2}\.[0-9]+`, Example: "2026.12.0",
		Headers: map[string]string{"Accept": "application/json; okta-version={version}"},
		Operations: []partners.Operation{
			{
				Name: "read the org", Path: "/api/v1/org", Status: http.StatusOK,
				Fields: []partners.Field{
					{Path: "id", Type: partners.FieldWord}, {Path: "status", Type: partners.FieldWord},
					{Path: "subdomain", Type: partners.FieldText, Optional: true}, {Path: "expiresAt", Type: partners.FieldText, Optional: true},
				},
				Headers: []partners.Field{number("X-Rate-Limit-Limit"), number("X-Rate-Limit-Remaining"), number("X-Rate-Limit-Reset")},
			},
			{
				Name: "call without a credential", Path: "/api/v1/org", Anonymous: true, Status: http.StatusUnauthorized,
				Fields: []partners.Field{{Path: "errorCode", Type: partners.FieldWord}, {Path: "errorSummary", Type: partners.FieldText}},
			},
		},
	}
}

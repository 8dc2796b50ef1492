package graph

import (
	"net/http"

	"sparky/partners"
)

// Contract is what the probe graph.health relies on in Microsoft Graph. Beta is a version of its own, which may change at
// any time. Sources: learn.microsoft.com/graph/api/serviceannouncement-list-healthoverviews and /graph/errors.
func Contract() partners.Contract {
	const path = "/{version}/admin/serviceAnnouncement/healthOverviews"
	refusal := []partners.Field{{Path: "error.code", Type: partners.FieldWord}, {Path: "error.message", Type: partners.FieldText}}
	return partners.Contract{
		API: "Microsoft Graph", Versions: `v[0-9]+\.[0-9]+|beta`, Example: "beta", Present: "v1.0",
		Operations: []partners.Operation{
			{
				Name: "list services", Path: path, Status: http.StatusOK,
				Fields: []partners.Field{
					{Path: "value", Type: partners.FieldList}, {Path: "value[].service", Type: partners.FieldWord}, {Path: "value[].status", Type: partners.FieldWord},
				},
			},
			{Name: "ask for a service that is not there", Path: path + "/{mark}", Status: http.StatusNotFound, Fields: refusal},
			{Name: "call without a credential", Path: path, Anonymous: true, Status: http.StatusUnauthorized, Fields: refusal},
		},
	}
}

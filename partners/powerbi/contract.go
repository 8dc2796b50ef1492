package powerbi

import (
	"net/http"

	"sparky/partners"
)

// Contract is what the probe powerbi.groups relies on in Power BI's REST API. Source:
// learn.microsoft.com/rest/api/power-bi/groups/get-groups.
func Contract() partners.Contract {
	const path = "/{version}/myorg/groups"
	refusal := []partners.Field{{Path: "error.code", Type: partners.FieldWord}}
	return partners.Contract{
		API: "Power BI REST API", Versions: `v[0-9]+\.[0-9]+(-preview)?`, Example: "v2.0-preview", Present: "v1.0",
		Operations: []partners.Operation{
			{
				Name: "list workspaces", Path: path, Query: map[string]string{"$top": "1"}, Status: http.StatusOK,
				Fields: []partners.Field{{Path: "value", Type: partners.FieldList}, {Path: "value[].id", Type: partners.FieldWord}},
				Paging: &partners.Paging{Items: "value", Key: "id", Limit: "$top", Offset: "$skip"},
			},
			{Name: "ask for a page that cannot be", Path: path, Query: map[string]string{"$top": "none"}, Status: http.StatusBadRequest, Fields: refusal},
			{Name: "call without a credential", Path: path, Anonymous: true},
		},
	}
}

package workday

import (
	"net/http"

	"sparky/partners"
)

// Contract is what the probe workday.workers relies on in Workday's REST API. Source: Workday's reference of the REST
// directory, Staffing.
func Contract() partners.Contract {
	const path = "/ccx/api/{version}/{tenant}/workers"
	refusal := []partners.Field{{Path: "error", Type: partners.FieldWord}}
	return partners.Contract{
		API: "Workday REST API", Versions: `v[0-9]+(\.[0-9]+)?`, Example: "v2", Present: "v1",
		Operations: []partners.Operation{
			{
				Name: "list workers", Path: path, Query: map[string]string{"limit": "1"}, Status: http.StatusOK,
				Fields: []partners.Field{
					{Path: "total", Type: partners.FieldNumber}, {Path: "data", Type: partners.FieldList}, {Path: "data[].id", Type: partners.FieldWord},
				},
				Paging: &partners.Paging{Items: "data", Key: "id", Limit: "limit", Offset: "offset"},
			},
			{Name: "ask for a worker who is not there", Path: path + "/00000000000000000000000000000000", Status: http.StatusNotFound, Fields: refusal},
			{Name: "call without a credential", Path: path, Anonymous: true, Status: http.StatusUnauthorized, Fields: refusal},
		},
	}
}

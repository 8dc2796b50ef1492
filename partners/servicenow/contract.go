package servicenow

import (
	"net/http"
	"strings"

	"sparky/partners"
)

const (
	tablePath = "/api/now/{version}/table/{table}"
	rowPath   = tablePath + "/{incident}"
	oneRow    = tablePath + "/{id}"
	// noRow is an id that no record has: the platform's are random.
	noRow = tablePath + "/00000000000000000000000000000000"
)

// IncidentContract is what the probe servicenow.incident relies on in the Table API. A call that names no version, as the
// probe's, gets the newest, which is v2. Source: ServiceNow's reference of the Table API.
func IncidentContract() partners.Contract {
	c := tableAPI()
	c.Operations = append(c.Operations,
		partners.Operation{
			Name: "look for its incidents", Path: tablePath, Query: search("correlation_id={mark}^active=true"), Status: http.StatusOK,
			Fields: []partners.Field{{Path: "result", Type: partners.FieldList}},
		},
		partners.Operation{
			Name: "create an incident", Method: http.MethodPost, Path: tablePath, Query: fields("sys_id,number"), Status: http.StatusCreated,
			Body: `{"short_description": "` + title + `", "correlation_id": "{mark}", "impact": "3", "urgency": "3",
				"description": "Made by Sparky to try a version of the API. It closes by itself within seconds; nothing is to be done."}`,
			Fields: words("result.sys_id", "result.number"), Save: map[string]string{"incident": "result.sys_id"},
		},
		partners.Operation{
			Name: "update the incident", Method: http.MethodPatch, Path: rowPath, Query: fields("sys_id"), Status: http.StatusOK,
			Body: `{"description": "Updated by Sparky, run {mark}."}`, Fields: words("result.sys_id"),
		},
		partners.Operation{
			Name: "read the incident back", Path: rowPath, Query: fields("sys_id,short_description,description,correlation_id"), Status: http.StatusOK,
			Fields: append(words("result.sys_id", "result.short_description", "result.description"),
				partners.Field{Path: "result.correlation_id", Type: partners.FieldWord, Is: "{mark}"}),
		},
		closing(rowPath),
	)
	c.Litter = &partners.Litter{
		List:  partners.Operation{Path: tablePath, Query: search("correlation_id={mark}^active=true"), Status: http.StatusOK},
		Items: "result", Mark: "correlation_id", ID: "sys_id", End: closing(oneRow), What: "incident", Shown: "number",
	}
	return c
}

// TableContract is what the probe servicenow.table relies on in the Table API.
func TableContract() partners.Contract { return tableAPI() }

func tableAPI() partners.Contract {
	list := fields("sys_id")
	list["sysparm_limit"] = "10"
	// The oldest first, so that a new record moves no page.
	list["sysparm_query"] = "ORDERBYsys_created_on^ORDERBYsys_id"
	return partners.Contract{
		API: "ServiceNow Table API", Versions: `v[0-9]+`, Example: "v3", Present: "v2",
		Operations: []partners.Operation{
			{
				Name: "list records", Path: tablePath, Query: list, Status: http.StatusOK,
				Fields:  []partners.Field{{Path: "result", Type: partners.FieldList}, {Path: "result[].sys_id", Type: partners.FieldWord}},
				Headers: []partners.Field{{Path: "X-Total-Count", Type: partners.FieldNumber, Optional: true}},
				Paging:  &partners.Paging{Items: "result", Key: "sys_id", Limit: "sysparm_limit", Offset: "sysparm_offset"},
			},
			{Name: "ask for a record that is not there", Path: noRow, Status: http.StatusNotFound, Fields: words("error.message")},
			{Name: "call without a credential", Path: tablePath, Query: list, Anonymous: true, Status: http.StatusUnauthorized, Fields: words("error.message")},
		},
	}
}

func closing(path string) partners.Operation {
	return partners.Operation{
		Name: "close the incident", Method: http.MethodPatch, Path: path, Query: fields("sys_id,state,active"), Status: http.StatusOK,
		Body:   `{"state": "` + stateClosed + `", "close_code": "Solution provided", "close_notes": "Closed by Sparky, which made it."}`,
		Fields: words("result.state", "result.active"),
	}
}

// fields are the parameters of every call of the probe's.
func fields(names string) map[string]string {
	query := map[string]string{}
	for name, values := range reading(names) {
		query[name] = strings.Join(values, ",")
	}
	return query
}

func search(terms string) map[string]string {
	query := fields("sys_id,number,state,active,correlation_id,sys_created_on")
	query["sysparm_query"], query["sysparm_limit"] = terms, "10"
	return query
}

func words(paths ...string) []partners.Field {
	all := make([]partners.Field, 0, len(paths))
	for _, path := range paths {
		all = append(all, partners.Field{Path: path, Type: partners.FieldWord})
	}
	return all
}

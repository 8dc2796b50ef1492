package newrelic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"sparky/internal/httpcall"
)

// Graph asks New Relic by NerdGraph, its GraphQL API.
type Graph struct {
	client  *httpcall.Client
	url     string
	account int64
}

// GraphAuth is the credential by which New Relic is asked.
func (c Config) GraphAuth() httpcall.Auth {
	return httpcall.Auth{Header: &httpcall.Header{Name: "Api-Key", Value: c.UserKey}, Host: c.GraphQLURL}
}

// NewGraph asks about the account. The client carries GraphAuth.
func NewGraph(c Config, client *httpcall.Client) *Graph {
	return &Graph{client: client, url: c.GraphQLURL, account: c.AccountID}
}

// Error is New Relic's no, which comes with status 200 as good answers do.
type Error struct {
	Said  string // its words
	Class string // its name for the sort of error, such as TIMEOUT; often empty
	Key   bool   // it is about our key
}

// Error is what was said and what to do about it.
func (e *Error) Error() string {
	switch {
	case e.Key:
		return "New Relic does not accept the key for asking; new_relic.user_key must be a user key (NRAK-…), and graphql_url that of the account's region"
	case e.Class == "TIMEOUT":
		return "New Relic did not finish the query in time: " + e.Said
	default:
		return "New Relic says: " + e.Said
	}
}

// answer is what comes of a request.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Class string `json:"errorClass"`
			Code  string `json:"error_code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// ask sends a query or mutation with its variables and decodes the data. Where some of it failed all of it did: data beside
// an error is not to be trusted.
func (g *Graph) ask(ctx context.Context, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("writing a question to New Relic: %w", err)
	}
	response, err := g.client.Do(ctx, httpcall.Request{Method: http.MethodPost, URL: g.url, Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
		Replay: !strings.HasPrefix(query, "mutation")})
	if err != nil {
		return fmt.Errorf("asking New Relic: %w", err)
	}
	return read(response, into)
}

func read(response httpcall.Response, into any) error {
	switch status := response.Status; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &Error{Said: http.StatusText(status), Key: true}
	case status == http.StatusTooManyRequests:
		return &Error{Said: "it is asked too often", Class: "TOO_MANY_REQUESTS"}
	case status != http.StatusOK:
		return fmt.Errorf("asking New Relic: it answered %d", status)
	}
	var a answer
	if err := json.Unmarshal(response.Body, &a); err != nil {
		return fmt.Errorf("asking New Relic: its answer is no JSON of NerdGraph; does graphql_url lead there? %w", err)
	}
	if len(a.Errors) > 0 {
		first := a.Errors[0]
		return &Error{Said: short(first.Message), Class: first.Extensions.Class,
			Key: first.Extensions.Code == "BAD_API_KEY" || first.Extensions.Class == "UNAUTHORIZED"}
	}
	if len(a.Data) == 0 || string(a.Data) == "null" {
		return &Error{Said: "nothing, neither data nor an error"}
	}
	if err := json.Unmarshal(a.Data, into); err != nil {
		return fmt.Errorf("asking New Relic: its answer has another form than is documented: %w", err)
	}
	return nil
}

// mostSaid is how much of New Relic's words is told, in characters.
const mostSaid = 300

func short(said string) string {
	said = strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " ")
	if runes := []rune(said); len(runes) > mostSaid {
		return string(runes[:mostSaid]) + "…"
	}
	return said
}

package msteams

import (
	"net/http"

	"sparky/partners"
)

// Contract is what the probe msteams.card relies on in a workflow's webhook. Its version is a parameter of the address. The
// card of a run stays in the channel: nobody can take back what a workflow has posted. Source:
// learn.microsoft.com/power-automate/teams/teams-app-create.
func Contract() partners.Contract {
	version := func(more ...string) map[string]string {
		query := map[string]string{"api-version": "{version}"}
		for _, name := range more {
			query[name] = ""
		}
		return query
	}
	const body = `{"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
		"content": {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": [
			{"type": "TextBlock", "text": "Sparky tries a version of the workflow's webhook", "weight": "bolder", "wrap": true},
			{"type": "TextBlock", "text": "Nothing is to be done. Run {mark}.", "wrap": true}]}}]}`
	return partners.Contract{
		API: "Teams workflow webhook", Versions: `[0-9]|[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?`, Example: "2026-12-01", Present: "1",
		Operations: []partners.Operation{
			{Name: "post a card", Method: http.MethodPost, Path: partners.WebhookPath, Query: version(), Body: body, Status: http.StatusAccepted},
			{
				Name: "post without the signature", Method: http.MethodPost, Path: partners.WebhookPath, Query: version("sig"), Body: body,
				Status: http.StatusUnauthorized, Fields: []partners.Field{{Path: "error.code", Type: partners.FieldWord}},
			},
		},
	}
}

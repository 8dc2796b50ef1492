package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"sparky/incidents"
	"sparky/internal/httpcall"
)

// Comments carries out incidents.EffectComment. Comments are for the team: in a service project they are internal.
type Comments struct{ client *Client }

// NewComments is a performer of comments on that site.
func NewComments(client *Client) *Comments { return &Comments{client: client} }

// commented is the result of a comment.
type commented struct {
	ID   string `json:"id,omitempty"`
	Gone bool   `json:"gone,omitempty"` // a person deleted the issue, so nothing was said
}

// Do says something in an issue. Where the issue was deleted there is nobody to hear it, and the effect is done.
func (c *Comments) Do(ctx context.Context, key string, payload, _ []byte) ([]byte, error) {
	comment, err := readComment(key, payload)
	if err != nil {
		return nil, err
	}
	body := map[string]any{
		"body": c.client.text(comment.Text),
		"properties": []property{
			{marker, map[string]string{"key": key}},
			// Service projects show a comment to customers unless this says otherwise; other projects ignore it.
			{"sd.public.comment", map[string]bool{"internal": true}},
		},
	}
	var made commented
	err = c.client.do(ctx, request{doing: "commenting on " + comment.Ticket, method: http.MethodPost, path: "issue/" + comment.Ticket + "/comment",
		body: body, needs: "Add Comments", writes: true}, &made)
	if err != nil && c.client.gone(ctx, err) {
		return json.Marshal(commented{Gone: true})
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(made)
}

// pageSize and mostPages bound how far back a comment is looked for, the newest first.
const (
	pageSize  = 100
	mostPages = 10
)

// Find looks for a comment by the key in its property, which nobody sees. Comments are there as soon as they are made.
func (c *Comments) Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error) {
	comment, err := readComment(key, payload)
	if err != nil {
		return nil, false, err
	}
	for page := range mostPages {
		var read struct {
			Total    int `json:"total"`
			Comments []struct {
				ID         string `json:"id"`
				Properties []struct {
					Key   string          `json:"key"`
					Value json.RawMessage `json:"value"`
				} `json:"properties"`
			} `json:"comments"`
		}
		err := c.client.do(ctx, request{doing: "reading the comments of " + comment.Ticket, method: http.MethodGet,
			path: "issue/" + comment.Ticket + "/comment", query: url.Values{"expand": {"properties"}, "orderBy": {"-created"},
				"startAt": {strconv.Itoa(page * pageSize)}, "maxResults": {strconv.Itoa(pageSize)}}}, &read)
		if err != nil && c.client.gone(ctx, err) {
			result, err := json.Marshal(commented{Gone: true})
			return result, err == nil, err
		}
		if err != nil {
			return nil, false, err
		}
		for _, one := range read.Comments {
			for _, p := range one.Properties {
				if p.Key == marker && marks(p.Value, key) {
					result, err := json.Marshal(commented{ID: one.ID})
					return result, err == nil, err
				}
			}
		}
		if len(read.Comments) == 0 || (page+1)*pageSize >= read.Total {
			break
		}
	}
	return nil, false, nil
}

// marks tells that a property of ours is of that effect.
func marks(value json.RawMessage, key string) bool {
	var held struct {
		Key string `json:"key"`
	}
	return json.Unmarshal(value, &held) == nil && held.Key == key
}

func readComment(key string, payload []byte) (incidents.Comment, error) {
	var comment incidents.Comment
	doing := "saying " + key
	if err := json.Unmarshal(payload, &comment); err != nil {
		return comment, &httpcall.Failure{Doing: doing, Lasts: true, Problem: fmt.Sprintf("it is stored as %.100q, which is no comment", payload)}
	}
	return comment, checkKey(doing, comment.Ticket)
}

package compat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// placeholder is a name in braces, which no JSON of a body looks like.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// fill puts the run's values into a text; a name that has none stays as it is.
func (r *run) fill(text string, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := r.values[strings.Trim(name, "{}")]
		if !ok {
			return name
		}
		return escape(value)
	})
}

func plain(text string) string { return text }

func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return strings.Trim(string(quoted), `"`)
}

// lacks is a name in the operation's path that nothing has given yet; empty where all are there.
func (r *run) lacks(op partners.Operation) string {
	if op.Path == partners.WebhookPath {
		return ""
	}
	for _, name := range placeholder.FindAllString(op.Path, -1) {
		if _, ok := r.values[strings.Trim(name, "{}")]; !ok {
			return strings.Trim(name, "{}")
		}
	}
	return ""
}

// label is the operation for a person: method and path, with ids left open. It holds no secret.
func (r *run) label(op partners.Operation) string {
	method := op.Method
	if method == "" {
		method = http.MethodGet
	}
	path := placeholder.ReplaceAllStringFunc(op.Path, func(name string) string {
		switch name {
		case "{version}", "{tenant}", "{table}":
			return r.values[strings.Trim(name, "{}")]
		case "{mark}":
			return "{id}"
		}
		return name
	})
	if op.Path == partners.WebhookPath {
		path = "to the workflow's webhook"
	}
	if op.Anonymous {
		path += " without a credential"
	}
	return method + " " + path
}

// call makes the operation's call.
func (r *run) call(ctx context.Context, op partners.Operation) (httpcall.Response, time.Duration, error) {
	request, err := r.request(op)
	if err != nil {
		return httpcall.Response{}, 0, err
	}
	client := r.signed
	if op.Anonymous {
		client = r.nobody
	}
	began := r.suite.Now()
	answer, err := client.Do(ctx, request)
	return answer, r.suite.Now().Sub(began), err
}

func (r *run) request(op partners.Operation) (httpcall.Request, error) {
	text := strings.TrimRight(r.config.BaseURL, "/") + r.fill(op.Path, url.PathEscape)
	if op.Path == partners.WebhookPath {
		text = r.config.Webhook.Reveal()
	}
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		// The error of url.Parse would tell a webhook's address.
		return httpcall.Request{}, fmt.Errorf("the address of the probe %s cannot be called; check it with sparky validate", r.config.ID)
	}
	query := address.Query()
	for name, value := range op.Query {
		if value = r.fill(value, plain); value == "" {
			query.Del(name)
			continue
		}
		query.Set(name, value)
	}
	address.RawQuery = query.Encode()
	request := httpcall.Request{Method: op.Method, URL: address.String(), Header: http.Header{"Accept": {"application/json"}}}
	if op.Body != "" {
		request.Body = []byte(r.fill(op.Body, inJSON))
		request.Header.Set("Content-Type", "application/json")
	}
	if r.version != "" {
		for name, value := range r.contract.Headers {
			request.Header.Set(name, r.fill(value, plain))
		}
	}
	return request, nil
}

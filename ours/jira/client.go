package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	gojira "github.com/andygrunwald/go-jira"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/internal/setting"
)

// Client speaks to one Jira site: to Jira Cloud by version 3 of its REST API, whose long texts are documents, and to a
// Jira Data Center, which has none, by version 2. It is safe for use by several goroutines.
type Client struct {
	config   Config
	http     *httpcall.Client
	api      *gojira.Client
	bad      error // why there is no api
	redactor setting.Redactor

	mu sync.Mutex
	me person // the account of the token; empty until it was asked for
}

// New is the client of a site. The calls of the given HTTP client must carry the credential already: Basic with Config's
// user and token on Cloud, the token as a bearer on Data Center. Where the address of the site is none, every call says so.
func New(config Config, client *httpcall.Client) *Client {
	c := &Client{config: config, http: client, redactor: setting.NewRedactor(config.Token)}
	c.api, c.bad = gojira.NewClient(client.HTTP(), config.URL)
	return c
}

// cloud tells that the site is Jira Cloud.
func (c *Client) cloud() bool { return c.config.User != "" }

// URL is the address of an issue, for people.
func (c *Client) url(key string) string {
	return strings.TrimRight(c.config.URL, "/") + "/browse/" + url.PathEscape(key)
}

// issueKey is the form of the keys of issues.
var issueKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*-[0-9]{1,18}$`)

// request is one call of the API.
type request struct {
	doing  string // what for, as the beginning of a sentence: "opening an issue"
	method string
	path   string // below the version: "issue/ECO-1"
	query  url.Values
	body   any
	needs  string // the permission that it takes, by the name that Jira's administrators see
	writes bool   // it changes something, so that a lost answer leaves it unknown whether it happened
}

// do makes a call and decodes its answer into out, where that is not nil.
func (c *Client) do(ctx context.Context, r request, out any) error {
	if c.bad != nil {
		return &httpcall.Failure{Doing: r.doing, Problem: "the address of the site cannot be used; check jira.url", Lasts: true}
	}
	version := "2"
	if c.cloud() {
		version = "3"
	}
	path := "rest/api/" + version + "/" + r.path
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	req, err := c.api.NewRequestWithContext(ctx, r.method, path, r.body)
	if err != nil {
		return &httpcall.Failure{Doing: r.doing, Problem: "the request cannot be made: " + c.shown(err.Error()), Unsent: true}
	}
	req.Header.Set("Accept", "application/json")
	// The answer is decoded here and not by the library, which takes any 2xx for JSON and drops the text of the others.
	resp, err := c.api.Do(req, nil)
	if resp == nil {
		return c.unanswered(r, err)
	}
	defer resp.Body.Close()
	body, readErr := io.ReadAll(resp.Body)
	if readErr != nil {
		return c.unanswered(r, readErr)
	}
	if err != nil {
		return c.refusal(r, resp.Response, body)
	}
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if out == nil {
		out = new(json.RawMessage) // a login page must not pass for a move that was made
	}
	if err := json.Unmarshal(body, out); err != nil {
		return c.unreadable(r, resp.Response)
	}
	return nil
}

// shown is a text of Jira's as it may be shown: one line, of bounded length, without the token.
func (c *Client) shown(text string) string {
	return plaintext.Line(c.redactor.Redact(text), 300)
}

// whoami is the account of the token. It is asked for once.
func (c *Client) whoami(ctx context.Context) (person, error) {
	c.mu.Lock()
	me := c.me
	c.mu.Unlock()
	if me.account() != "" {
		return me, nil
	}
	err := c.do(ctx, request{doing: "asking Jira whose the token is", method: http.MethodGet, path: "myself"}, &me)
	if err != nil {
		return person{}, err
	}
	if me.account() == "" {
		return person{}, &httpcall.Failure{Doing: "asking Jira whose the token is", Problem: "the answer names no account", Undone: true}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.me = me
	return me, nil
}

// checkKey keeps what is no key out of the path of a request.
func checkKey(doing, key string) error {
	if issueKey.MatchString(key) {
		return nil
	}
	return &httpcall.Failure{Doing: doing, Problem: fmt.Sprintf("%.40q is not the key of an issue", key), Lasts: true}
}

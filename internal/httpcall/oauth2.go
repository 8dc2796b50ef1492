package httpcall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sparky/internal/setting"
)

// OAuth2 is the client credentials grant, or the refresh token grant where RefreshToken is set (RFC 6749, sections 4.4
// and 6). A refresh token that the service replaces is kept in memory until the program ends.
type OAuth2 struct {
	TokenURL     string
	ClientID     string
	ClientSecret setting.Secret
	RefreshToken setting.Secret
	Scopes       []string
}

const (
	maxToken = 1 << 20 // bytes of a token endpoint's answer
	// unknownLife is how long a token is used whose answer does not say how long it lives. A 401 ends it earlier.
	unknownLife = 5 * time.Minute
	// earlyRenewal is how long before its end a token is no longer used, or a tenth of its life where that is shorter.
	earlyRenewal = time.Minute
)

// bearer adds an access token, and tries once more with a new one when the first is refused.
type bearer struct {
	auth   Auth
	tokens *tokens
	next   http.RoundTripper
}

// RoundTrip adds the token where it is due. A 401 means that nothing was done, so that even a POST may be repeated.
func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	if !b.auth.due(req) {
		return b.next.RoundTrip(req)
	}
	token, err := b.tokens.get(req.Context(), "")
	if err != nil {
		return nil, err
	}
	resp, err := b.next.RoundTrip(withToken(req, token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	again := withToken(req, "")
	if req.Body != nil && req.Body != http.NoBody {
		if req.GetBody == nil {
			return resp, nil
		}
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	resp.Body.Close()
	if token, err = b.tokens.get(req.Context(), token); err != nil {
		return nil, err
	}
	again.Header.Set("Authorization", "Bearer "+token)
	noteToken(req, token)
	return b.next.RoundTrip(again)
}

func withToken(req *http.Request, token string) *http.Request {
	own := req.Clone(req.Context())
	own.Header.Set("Authorization", "Bearer "+token)
	noteToken(req, token)
	return own
}

// noteToken keeps the token with the call, for whoever tells what its answer says.
func noteToken(req *http.Request, token string) {
	if call := callIn(req.Context()); call != nil && token != "" {
		call.token = token
	}
}

// tokens keeps the access token of one integration. One caller at a time asks for a new one; the others wait for it.
type tokens struct {
	client   *Client
	oauth    OAuth2
	exchange *Exchange     // in place of a grant, where it is set
	lock     chan struct{} // a mutex whose wait ends with the context

	token    string
	until    time.Time
	refresh  string
	way      tokenWay // how the service takes the client's secret
	failure  error
	failedAt time.Time
}

func newTokens(c *Client, oauth OAuth2) *tokens {
	return &tokens{client: c, oauth: oauth, lock: make(chan struct{}, 1), refresh: oauth.RefreshToken.Reveal()}
}

// get is a token that is still good and is not the stale one. A failure that came while the caller waited is his too, so
// that a hundred callers do not ask a dead service one after the other.
func (t *tokens) get(ctx context.Context, stale string) (string, error) {
	asked := time.Now()
	select {
	case t.lock <- struct{}{}:
		defer func() { <-t.lock }()
	case <-ctx.Done():
		return "", t.waitedInVain(ctx)
	}
	if t.token != "" && t.token != stale && time.Now().Before(t.until) {
		return t.token, nil
	}
	if t.failure != nil && t.failedAt.After(asked) {
		return "", t.failure
	}
	err := t.renew(ctx)
	if err == nil {
		t.failure = nil
		return t.token, nil
	}
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		t.failure, t.failedAt = err, time.Now()
	}
	return "", err
}

// grant is a token endpoint's answer (RFC 6749, sections 5.1 and 5.2). Some send the lifetime as a string.
type grant struct {
	AccessToken  string          `json:"access_token"`
	RefreshToken string          `json:"refresh_token"`
	ExpiresIn    json.RawMessage `json:"expires_in"`
	Error        string          `json:"error"`
	Description  string          `json:"error_description"`
	Codes        []int           `json:"error_codes"` // Entra's
	page         string          // what came where JSON was to come
}

func (t *tokens) renew(ctx context.Context) error {
	if t.exchange != nil {
		return t.swap(ctx)
	}
	status, answer, err := t.ask(ctx)
	if err == nil && notTaken(status, answer) {
		status, answer, err = t.askOtherwise(ctx, status, answer)
	}
	if err != nil {
		return err
	}
	if status != http.StatusOK || answer.AccessToken == "" {
		return t.refused(status, answer)
	}
	t.token = answer.AccessToken
	life := lifetime(answer.ExpiresIn)
	t.until = time.Now().Add(life - min(earlyRenewal, life/10))
	if answer.RefreshToken != "" {
		t.refresh = answer.RefreshToken
	}
	return nil
}

// ask makes one request to the token endpoint.
func (t *tokens) ask(ctx context.Context) (status int, answer grant, err error) {
	req, err := t.request(ctx)
	if err != nil {
		return 0, grant{}, err
	}
	status, body, err := t.send(ctx, req)
	if err != nil {
		return 0, grant{}, err
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		answer = grant{Error: "the answer is not JSON", page: plainText(body)}
	}
	return status, answer, nil
}

func (t *tokens) request(ctx context.Context) (*http.Request, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.refresh != "" {
		form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}}
	}
	if len(t.oauth.Scopes) > 0 {
		form.Set("scope", strings.Join(t.oauth.Scopes, " "))
	}
	if t.way == secretInBody {
		form.Set("client_id", t.oauth.ClientID)
		form.Set("client_secret", t.oauth.ClientSecret.Reveal())
	}
	req, err := t.client.newRequest(ctx, Request{Method: http.MethodPost, URL: t.oauth.TokenURL, Body: []byte(form.Encode())})
	if err != nil {
		return nil, t.failed(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", t.client.options.UserAgent)
	switch t.way {
	case basicEncoded:
		req.SetBasicAuth(url.QueryEscape(t.oauth.ClientID), url.QueryEscape(t.oauth.ClientSecret.Reveal()))
	case basicPlain:
		req.SetBasicAuth(t.oauth.ClientID, t.oauth.ClientSecret.Reveal())
	}
	return req, nil
}

// failed is a token that could not be asked for.
func (t *tokens) failed(err error) error {
	var fault *Error
	if !errors.As(err, &fault) {
		return err
	}
	if fault.Class == ClassCanceled {
		return fault
	}
	return &Error{Class: ClassAuth, Method: fault.Method, Host: fault.Host, Path: fault.Path,
		what: "no access token could be had: " + fault.what, cause: fault, temporary: fault.temporary}
}

// waitedInVain is the end of a wait for another caller's request. It says nothing about the API that was to be called.
func (t *tokens) waitedInVain(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	target := t.endpoint()
	return &Error{Class: ClassAuth, Method: http.MethodPost, Host: target.Host, Path: t.client.shownPath(target),
		what: "no access token came in time", cause: context.Cause(ctx), temporary: true}
}

// endpoint is the token endpoint's address, empty where it cannot be read.
func (t *tokens) endpoint() *url.URL {
	target, err := url.Parse(t.oauth.TokenURL)
	if err != nil {
		return &url.URL{}
	}
	return target
}

// refused is the token endpoint's no.
func (t *tokens) refused(status int, answer grant) error {
	target := t.endpoint()
	req := &http.Request{Method: http.MethodPost, URL: target}
	reason := strings.TrimSpace(strconv.Itoa(status) + " " + answer.Error)
	if answer.Description != "" {
		reason += ": " + answer.Description
	}
	own := setting.NewRedactor(t.oauth.ClientSecret, t.oauth.RefreshToken, setting.NewSecret(t.refresh))
	reason = own.Redact(reason)
	mend := "check client_id, client_secret and scopes"
	if t.refresh != "" {
		mend = "check client_id, client_secret and refresh_token"
	}
	busy := status == http.StatusTooManyRequests || status >= 500
	if busy {
		mend = "nothing to mend here"
	}
	return &Error{Class: ClassAuth, Method: req.Method, Host: target.Host, Path: t.client.shownPath(target),
		what:      fmt.Sprintf("no access token was given (%s); %s", t.client.scrub(req, reason), mend),
		cause:     TokenRefusal{status, answer.Codes, t.client.scrub(req, own.Redact(answer.Error+" "+answer.Description+answer.page))},
		temporary: busy}
}

func lifetime(text json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || !(seconds > 0) {
		return unknownLife
	}
	return time.Duration(min(seconds, (24*time.Hour).Seconds()) * float64(time.Second))
}

package httpcall

import (
	"context"
	"net/http"
	"net/url"
)

// tokenWay is how a token endpoint takes the client's secret. RFC 6749, section 2.3.1: every one takes it as basic
// authentication, each part form-encoded first. Many do not decode them, and some want the secret in the body.
type tokenWay int

const (
	basicEncoded tokenWay = iota
	basicPlain
	secretInBody
)

func notTaken(status int, answer grant) bool {
	return status == http.StatusUnauthorized || answer.Error == "invalid_client"
}

// askOtherwise tries the other ways to send the secret, and stays with the first that is taken. The answer to the first
// way stands where none is.
func (t *tokens) askOtherwise(ctx context.Context, status int, answer grant) (int, grant, error) {
	was := t.way
	for _, way := range []tokenWay{basicEncoded, basicPlain, secretInBody} {
		if way == was || way == basicPlain && was == basicEncoded && t.plainIsEncoded() {
			continue
		}
		t.way = way
		otherStatus, other, err := t.ask(ctx)
		if err != nil || !notTaken(otherStatus, other) {
			return otherStatus, other, err
		}
	}
	t.way = was
	return status, answer, nil
}

// plainIsEncoded tells that encoding changes nothing of the client's id and secret.
func (t *tokens) plainIsEncoded() bool {
	id, secret := t.oauth.ClientID, t.oauth.ClientSecret.Reveal()
	return url.QueryEscape(id) == id && url.QueryEscape(secret) == secret
}

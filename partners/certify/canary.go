package certify

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// canaries are made-up secrets that stand in a configuration in the place of the real ones, and are looked for in whatever
// comes out.
type canaries struct {
	config partners.ProbeConfig // with the canaries in it
	words  []string             // those of the configuration
	token  string               // the access token that is given for them
}

// any tells that the configuration has a secret at all.
func (c canaries) any() bool { return len(c.words) > 0 }

// newCanaries puts a canary in the place of each secret. Addresses stay; what of them is secret does not.
func newCanaries(tools Tools, c partners.ProbeConfig) canaries {
	all := canaries{}
	next := func() string {
		word := tools.Random()
		all.words = append(all.words, word)
		return word
	}
	secret := func(s *setting.Secret) {
		if !s.IsZero() {
			*s = setting.NewSecret(next())
		}
	}
	hidden := func(text string) string {
		text = tools.Secret.Redact(text)
		for strings.Contains(text, setting.Hidden) {
			text = strings.Replace(text, setting.Hidden, next(), 1)
		}
		return text
	}
	if c.Auth != nil {
		c.Auth = otherAuth(*c.Auth, secret, next)
	}
	if !c.Webhook.IsZero() {
		c.Webhook = setting.NewSecret(otherWebhook(c.Webhook.Reveal(), next))
	}
	c.HTTPStep = otherStep(c.HTTPStep, hidden)
	c.Steps = slices.Clone(c.Steps)
	for i := range c.Steps {
		c.Steps[i] = otherStep(c.Steps[i], hidden)
	}
	c.BaseURL = hidden(c.BaseURL)
	all.config, all.token = c, tools.Random()
	return all
}

func otherAuth(a partners.Auth, secret func(*setting.Secret), next func() string) *partners.Auth {
	secret(&a.Bearer)
	if a.Basic != nil {
		basic := *a.Basic
		secret(&basic.Password)
		a.Basic = &basic
	}
	if a.Header != nil {
		header := *a.Header
		// The word before a token, such as SSWS, is none of the secret.
		scheme, _, found := strings.Cut(header.Value.Reveal(), " ")
		value := next()
		if found {
			value = scheme + " " + value
		}
		header.Value = setting.NewSecret(value)
		a.Header = &header
	}
	if a.OAuth2 != nil {
		oauth := *a.OAuth2
		secret(&oauth.ClientSecret)
		secret(&oauth.RefreshToken)
		a.OAuth2 = &oauth
	}
	return &a
}

// otherWebhook is an address that is a secret as a whole, with canaries where it tells one webhook from another.
func otherWebhook(address string, next func() string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path, u.RawPath = "/workflows/"+next()+"/triggers/manual/paths/invoke", ""
	u.RawQuery = url.Values{"api-version": {"1"}, "sig": {next()}}.Encode()
	return u.String()
}

func otherStep(s partners.HTTPStep, hidden func(string) string) partners.HTTPStep {
	s.URL, s.Body = hidden(s.URL), hidden(s.Body)
	if s.Headers == nil {
		return s
	}
	headers := map[string]string{}
	for name, value := range s.Headers {
		headers[name] = hidden(value)
	}
	s.Headers = headers
	return s
}

// known is what the program would know of the canaries' configuration: all but the access token.
func (c canaries) known() setting.Redactor {
	secrets := make([]setting.Secret, 0, len(c.words)+2)
	for _, word := range c.words {
		secrets = append(secrets, setting.NewSecret(word))
	}
	if !c.config.Webhook.IsZero() {
		secrets = append(secrets, c.config.Webhook)
	}
	if c.config.Auth != nil && c.config.Auth.Header != nil {
		secrets = append(secrets, c.config.Auth.Header.Value)
	}
	return setting.NewRedactor(secrets...)
}

// tell is how much of a canary gives it away, in characters: a secret that was cut short is still told.
const tell = 10

// in tells that a text holds a canary, or a good part of one, as it is or in base64.
func (c canaries) in(text string) bool {
	for _, word := range append([]string{c.token}, c.words...) {
		for _, form := range forms(word) {
			for i := 0; i+tell <= len(form); i++ {
				if strings.Contains(text, form[i:i+tell]) {
					return true
				}
			}
		}
	}
	return false
}

// forms are a word as it is, and the middle of what base64 makes of it, at each of the three places where it may begin.
func forms(word string) []string {
	all := []string{word}
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + word))
		if len(encoded) > 6 {
			all = append(all, encoded[4:len(encoded)-2])
		}
	}
	return all
}

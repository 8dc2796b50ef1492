package githubactions

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Auth is the credential of GitHub's API: the token, or access tokens of the App's installation, which are asked for when
// they are needed and used until five minutes before their end. It goes to the API's host alone. The error is about the
// App's private key. now is the time that the App signs for.
func (c Config) Auth(now func() time.Time) (httpcall.Auth, error) {
	if c.App == nil {
		return httpcall.Auth{Bearer: c.Token, Host: c.APIURL}, nil
	}
	key, err := privateKey(c.App.PrivateKey)
	if err != nil {
		return httpcall.Auth{}, fmt.Errorf("reading github.app.private_key: it %w", err)
	}
	id := strconv.FormatInt(c.App.ID, 10)
	return httpcall.Auth{Host: c.APIURL, Exchange: &httpcall.Exchange{
		URL: address(c.APIURL) + "app/installations/" + strconv.FormatInt(c.App.InstallationID, 10) + "/access_tokens",
		Header: func() (http.Header, error) {
			proof, err := sign(key, id, now())
			return http.Header{"Authorization": {"Bearer " + proof}, "Accept": {"application/vnd.github+json"},
				"X-Github-Api-Version": {apiVersion}}, err
		},
		Read: accessToken,
	}}, nil
}

// privateKey reads the key of an App, as GitHub gives it (PKCS #1) or as other tools write it (PKCS #8). In a key that
// came through an environment variable, line ends may be written as \n. The error goes on after “it”, and holds nothing
// of the key.
func privateKey(secret setting.Secret) (*rsa.PrivateKey, error) {
	text := strings.TrimSpace(secret.Reveal())
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("is no PEM file; give the whole of it, from -----BEGIN to the last -----")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("is damaged; let GitHub make a new private key for the App")
		}
		return key, nil
	case "PRIVATE KEY":
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("is damaged; let GitHub make a new private key for the App")
		}
		if key, ok := any.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, errors.New("is not an RSA key; give the one that GitHub made for the App")
	default:
		return nil, fmt.Errorf("is a %s, not a private key without a password; give the file that GitHub made for the App",
			strings.ToLower(cut(block.Type, 40)))
	}
}

// An App's proof begins a minute ago and ends in nine, for clocks that differ; GitHub takes none that ends more than ten
// minutes from now (docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App").
const (
	proofSince = time.Minute
	proofUntil = 9 * time.Minute
)

// sign is a JSON Web Token that proves that we are the App (RFC 7519, RS256 of RFC 7518).
func sign(key *rsa.PrivateKey, id string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"iat": now.Add(-proofSince).Unix(), "exp": now.Add(proofUntil).Unix(), "iss": id})
	if err != nil {
		return "", fmt.Errorf("writing the App's claims: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(text))
	// This scheme of signing needs no randomness.
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing with github.app.private_key: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// spare is how long before its end an installation's token is no longer used.
const spare = 5 * time.Minute

// accessToken reads GitHub's answer to an App that asks for its installation's token.
func accessToken(status int, body []byte) (setting.Secret, time.Time, error) {
	var told struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
		Message string    `json:"message"`
	}
	err := json.Unmarshal(body, &told)
	switch {
	case status == http.StatusCreated && err == nil && told.Token != "":
		return setting.NewSecret(told.Token), told.Expires.Add(-spare), nil
	case err != nil || status < http.StatusMultipleChoices:
		return setting.Secret{}, time.Time{}, errors.New("the answer is not GitHub's; check github.api_url")
	case status == http.StatusUnauthorized:
		err = errors.New("check github.app.id, that the private key is that App's, and this machine's clock")
	case status == http.StatusNotFound:
		err = errors.New("check github.app.installation_id: the App has no such installation")
	case status == http.StatusForbidden:
		err = errors.New("the installation may be suspended; its owner can say")
	default:
		err = errors.New("it may pass by itself")
	}
	if told.Message == "" {
		return setting.Secret{}, time.Time{}, err
	}
	return setting.Secret{}, time.Time{}, fmt.Errorf("%s; %w", cut(told.Message, longest/2), err)
}

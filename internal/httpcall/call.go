// Package httpcall makes one bounded HTTP call to a service that cannot be relied upon: a deadline over all, retries
// with back-off inside it, a circuit breaker per host inside those, an attempt timeout inside that, and authentication
// innermost. It is the only HTTP client of the program. Sizes are limited, secrets stay out of errors and logs.
package httpcall

import (
	"net/http"

	"sparky/internal/setting"
)

// Request is a call to make.
type Request struct {
	Method string // GET where empty
	URL    string
	Header http.Header // User-Agent and Accept-Encoding are set where they are missing
	Body   []byte
	// MaxBody is the most bytes of an answer that are read, after decompression; 0 is the client's own limit. A longer
	// answer is an error, never a silently cut one.
	MaxBody int64
	// Replay says that doing it twice is harmless although the method is not GET, HEAD, PUT or DELETE, because the
	// service knows it again by a key of ours.
	Replay bool
	// Behind is the address that somebody configured, where URL was found in an answer to it. A host that is not the
	// configured one is then as one that a redirect names: it gets no credential, and under PublicOnly must be public.
	Behind string
}

// Response is an answer that was read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	URL    string // where the answer came from, after redirects; without user info, but with its query, so not to be shown
	Moved  string // where permanent redirects (301, 308) alone led to; empty where there were none

	secret setting.Redactor
	token  string
}

// Redact takes out of a text of the answer what is secret of the call: what the client's Redactor knows, and the access
// token that was sent. It is for the whole text: of a secret that was cut short nobody knows any more that it is one.
func (r Response) Redact(text string) string {
	return setting.NewRedactor(setting.NewSecret(r.token)).Redact(r.secret.Redact(text))
}

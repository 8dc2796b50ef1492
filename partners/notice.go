package partners

import "time"

// Notice is what an answer to a probe said about the endpoint that gave it, beside what it was asked: that it is
// deprecated (RFC 9745), that it will be switched off (RFC 8594), or that it is gone (410).
type Notice struct {
	Method string `json:"method"`
	// Endpoint is host and path, with {id} for what names a single thing, without query; of an address that is a secret
	// the host alone.
	Endpoint   string    `json:"endpoint"`
	Deprecated bool      `json:"deprecated,omitempty"`
	Since      time.Time `json:"since,omitzero"`  // from when it is deprecated, before or after now; zero where it does not say
	Sunset     time.Time `json:"sunset,omitzero"` // from when it may no longer answer; zero where it does not say
	Gone       bool      `json:"gone,omitempty"`
	More       string    `json:"more,omitempty"`      // address of a page that tells more, or empty
	Successor  string    `json:"successor,omitempty"` // address of what takes its place, or empty
}

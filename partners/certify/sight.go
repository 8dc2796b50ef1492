package certify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
)

// sight is what the connections to the partner itself showed.
type sight struct {
	mu      sync.Mutex
	secured []tls.ConnectionState
	opened  int // connections that were made
	used    int // calls that had one
}

func (s *sight) in(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.used++
			if !info.Reused {
				s.opened++
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err != nil {
				return
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.secured = append(s.secured, state)
		},
	})
}

// limit is how many calls a partner takes in some time, by its own word.
type limit struct {
	calls int
	per   time.Duration
	from  string // who says so
}

func (l limit) perMinute() float64 {
	if l.per <= 0 {
		return 0
	}
	return float64(l.calls) / l.per.Minutes()
}

// limitOf reads the limit in an answer's headers. Okta counts by the minute (developer.okta.com/docs/reference/rl-best-practices),
// ServiceNow and GitHub by the hour (ServiceNow's inbound REST API rate limiting; docs.github.com/rest rate limits). Okta's 0
// is its word for the limit on calls at once.
func limitOf(header http.Header) limit {
	for _, known := range []struct {
		name string
		per  time.Duration
	}{{"X-Rate-Limit-Limit", time.Minute}, {"X-RateLimit-Limit", time.Hour}} {
		if calls, err := strconv.Atoi(strings.TrimSpace(header.Get(known.name))); err == nil && calls > 0 {
			return limit{calls, known.per, "its answer says so"}
		}
	}
	return limit{}
}

// rightsOf are the rights that an answer says we have: the scope of a token (RFC 6749, section 5.1), the claims of one that
// is a JWT (scp and roles are Entra's, scope is RFC 9068's), GitHub's header.
func rightsOf(as role, answer httpcall.Response) []string {
	var rights []string
	if as == roleAPI {
		for right := range strings.SplitSeq(answer.Header.Get("X-Oauth-Scopes"), ",") {
			rights = append(rights, right)
		}
		return tidy(rights)
	}
	var grant struct {
		Scope string `json:"scope"`
		Token string `json:"access_token"`
	}
	if json.Unmarshal(answer.Body, &grant) != nil {
		return nil
	}
	return tidy(append(strings.Fields(grant.Scope), claims(grant.Token)...))
}

// claims are the rights in a token that is a JWT. It is not verified: it is asked what it grants, not trusted.
func claims(token string) []string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var held struct {
		Scp   json.RawMessage `json:"scp"` // Entra: words in one text; Okta: a list
		Scope string          `json:"scope"`
		Roles []string        `json:"roles"`
	}
	if json.Unmarshal(payload, &held) != nil {
		return nil
	}
	rights := append(strings.Fields(held.Scope), held.Roles...)
	var words string
	var list []string
	if json.Unmarshal(held.Scp, &words) == nil {
		rights = append(rights, strings.Fields(words)...)
	} else if json.Unmarshal(held.Scp, &list) == nil {
		rights = append(rights, list...)
	}
	return rights
}

// longestRight is how much of a right's name is kept, in bytes.
const longestRight = 80

// tidy drops what is empty or there twice, and what cannot be the name of a right.
func tidy(rights []string) []string {
	var kept []string
	for _, right := range rights {
		right = strings.TrimSpace(right)
		plain := strings.IndexFunc(right, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
		if right != "" && plain && len(right) <= longestRight && !slices.Contains(kept, right) {
			kept = append(kept, right)
		}
	}
	return kept
}

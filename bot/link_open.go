package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

const (
	openTimeout   = 15 * time.Second // for apps.connections.open, and again for the connection itself
	firstPause    = time.Second
	longestPause  = time.Minute
	tooManyPause  = time.Minute     // after too_many_websockets: others of this app hold all ten
	mendPause     = 5 * time.Minute // where a person has to act first
	goodLife      = time.Minute     // a link that lived so long proves that connecting works
	writeBuffer   = 32 << 10        // Slack drops acknowledgements that come in several frames
	longestFrame  = 4 << 20
	longestWaited = 15 * time.Minute // the most that a Retry-After is believed
)

// trouble is why a link ended or did not come about, and what follows from it.
type trouble struct {
	words  string        // for people; empty where nothing is wrong
	mend   bool          // a person must act: try slowly
	atOnce bool          // Slack asked for another link: no pause beyond the gate's
	least  time.Duration // do not come again sooner
}

// backoff is how long to wait before the next attempt: one second doubling to a minute, with jitter, forgotten only
// after a link has lived.
type backoff struct {
	jitter func() float64
	fails  int
	next   time.Duration
}

func (b *backoff) reset() { b.fails = 0 }

// after sets the next wait. The jitter lengthens, so that a wait is never shorter than meant.
func (b *backoff) after(why trouble) {
	switch {
	case why.mend:
		b.next = mendPause
	case why.atOnce && b.fails == 0:
		// Counted all the same: a server that sends away every link at once is one that must be approached slowly.
		b.fails++
		b.next = 0
		return
	default:
		b.next = min(firstPause<<min(b.fails, 10), longestPause)
		b.fails++
	}
	b.next = max(b.next, why.least)
	b.next += time.Duration(b.jitter() * float64(b.next) / 4)
}

// gate spaces calls of apps.connections.open over all lines.
type gate struct {
	mu   sync.Mutex
	next time.Time
}

// pass waits until the next call may be made.
func (g *gate) pass(ctx context.Context) bool {
	g.mu.Lock()
	now := time.Now()
	at := now
	if g.next.After(now) {
		at = g.next
	}
	g.next = at.Add(openEvery)
	g.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// open asks Slack for an address and connects to it. The address holds a ticket and is in no error.
func (l *Link) open(ctx context.Context, line int) (*session, error) {
	if !l.gate.pass(ctx) {
		return nil, context.Cause(ctx)
	}
	asking, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	_, address, err := l.options.API.StartSocketModeContext(asking)
	if err != nil {
		return nil, fmt.Errorf("asking Slack for a link (apps.connections.open): %w", inWords(err))
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "wss" && target.Scheme != "ws" {
		return nil, errors.New("asking Slack for a link (apps.connections.open): the answer holds no address of a link")
	}
	dialing, cancelDial := context.WithTimeout(ctx, openTimeout)
	defer cancelDial()
	dialer := websocket.Dialer{NetDialContext: l.options.Dial, Proxy: l.options.Proxy, TLSClientConfig: l.options.TLS,
		HandshakeTimeout: openTimeout, WriteBufferSize: writeBuffer}
	conn, response, err := dialer.DialContext(dialing, address, nil) //nolint:bodyclose // gorilla has read and closed it
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("connecting to %s: answered with %s instead of a link", target.Host, response.Status)
		}
		return nil, fmt.Errorf("connecting to %s: %w", target.Host, inWords(err))
	}
	return newSession(l, line, conn), nil
}

// openTrouble says what follows from an attempt that failed.
func openTrouble(err error) trouble {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return trouble{words: "Slack asks to slow down opening links", least: min(limited.RetryAfter, longestWaited)}
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		switch status.Code {
		case http.StatusNotFound:
			return trouble{mend: true, words: "Slack answers 404 to apps.connections.open: slack.api_url is wrong, or slack.app_token is bad"}
		case http.StatusUnauthorized, http.StatusForbidden:
			return trouble{mend: true, words: err.Error() + ": slack.app_token is bad, or a proxy refuses"}
		case http.StatusTooManyRequests:
			return trouble{words: "Slack asks to slow down opening links", least: longestPause}
		}
	}
	code := slackCode(err)
	if mend, known := mends()[code]; known {
		return trouble{mend: true, words: fmt.Sprintf("Slack refuses to open a link (%s): %s", code, mend)}
	}
	return trouble{words: err.Error()}
}

// goodbye says what follows from the reason of a disconnect frame (docs.slack.dev, "Using Socket Mode";
// too_many_websockets is not documented and was seen in Slack's own SDKs).
func goodbye(reason string) trouble {
	switch reason {
	case "warning", "refresh_requested":
		return trouble{atOnce: true}
	case "link_disabled":
		return trouble{mend: true, words: "Socket Mode is switched off for the app; switch it on at api.slack.com/apps under Socket Mode"}
	case "too_many_websockets":
		return trouble{words: "the app has more than ten links; is another Sparky running with the same token?", least: tooManyPause}
	}
	return trouble{words: fmt.Sprintf("Slack closed the link (%.60q)", reason)}
}

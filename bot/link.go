// Package bot is where we talk: everything Slack. It draws replies, digests and cards, posts them, and listens for
// commands, clicks and mentions. It decides nothing: what is asked goes to a commands.Runner.
//
// The Socket Mode link is our own, on gorilla/websocket, and not slack-go's socketmode package. Of that (v0.35.0) we
// measured: no pause between a good connect and the next one, so that a server which accepts and closes gets a thousand
// apps.connections.open a second; the reason of a disconnect is not told, so that "Socket Mode was switched off" looks
// like a refresh; the old link closes before the new one opens; acknowledgements wait in a queue that outlives the link
// and dies with the process; what it cannot parse can hardly be acknowledged. Each of these would have to be worked
// around from outside; the link itself is a read loop, an acknowledgement and a back-off. slack-go stays for the Web
// API and its types. Payloads of envelopes are read by small structs of our own, because slack-go's refuse a whole click
// for one malformed block in the message around the button.
package bot

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// linkLines is how many links are kept at once. Slack gives each event to any one of them and allows ten: two leave no
// gap while one is being replaced.
const linkLines = 2

// openEvery is the shortest time between two calls of apps.connections.open, whatever happens: Slack allows about 50 a
// minute.
const openEvery = time.Second

// drainFor is how long work that was taken on may go on after the bot was told to stop.
const drainFor = 20 * time.Second

// LinkOptions are what a Link is made of. API, Inbox, Log and Dial must be given.
type LinkOptions struct {
	API   *slack.Client // made by NewAPI
	Inbox *Inbox
	Log   *slog.Logger
	// Dial opens the connections of the link, bounded in time and kept alive. Proxy names the proxy for an address, TLS
	// is what to trust; their zero values are no proxy and the system's certificates.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Proxy func(*http.Request) (*url.URL, error)
	TLS   *tls.Config
	// Problem, where given, is told in words what keeps Sparky from hearing Slack, whenever that changes; empty when
	// all is well again. It must not block.
	Problem func(words string)
	// Jitter spreads the waits of many Sparkys, from 0 up to 1; left out: random.
	Jitter func() float64
}

// Link keeps Sparky connected to Slack by Socket Mode.
type Link struct {
	options LinkOptions
	gate    gate

	mu    sync.Mutex
	lines [linkLines]lineState

	telling sync.Mutex
	told    string
}

// NewLink is a link that Run opens.
func NewLink(options LinkOptions) *Link {
	if options.Jitter == nil {
		options.Jitter = rand.Float64
	}
	return &Link{options: options}
}

// Run keeps the links open until the context ends, then closes them, finishes what was taken on and returns. It
// returns an error only where work was still going on after that.
func (l *Link) Run(ctx context.Context) error {
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	l.options.Inbox.start(working)
	var lines sync.WaitGroup
	for n := range linkLines {
		lines.Go(func() { l.keep(ctx, n) })
	}
	lines.Wait()
	return l.options.Inbox.drain(drainFor, stopWork)
}

// keep holds one line open: whenever its link ends, or Slack announces that it will, another is opened.
func (l *Link) keep(ctx context.Context, line int) {
	var sessions sync.WaitGroup
	defer sessions.Wait()
	pause := backoff{jitter: l.options.Jitter}
	for sleep(ctx, pause.next) {
		s, err := l.open(ctx, line)
		if ctx.Err() != nil && err != nil {
			return
		}
		if err != nil {
			why := openTrouble(err)
			l.options.Log.Warn("a link to Slack could not be opened", "line", line, "error", err)
			l.failed(line, why)
			pause.after(why)
			continue
		}
		sessions.Go(func() { s.serve(ctx) })
		why := s.replacedOrEnded(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(s.opened) >= goodLife {
			pause.reset()
		}
		if why.words != "" {
			l.options.Log.Warn("a link to Slack ended", "line", line, "reason", why.words, "lived", time.Since(s.opened).Round(time.Second))
		}
		pause.after(why)
	}
}

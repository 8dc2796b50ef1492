package httpcall

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerState is whether calls to a host are tried.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // calls are tried
	BreakerOpen     BreakerState = "open"      // calls fail at once
	BreakerHalfOpen BreakerState = "half-open" // one call may try, the rest fail at once
)

// Breaker is how one integration's calls to one host are doing.
type Breaker struct {
	Name  string // of the integration, as given to With
	Host  string
	State BreakerState
	Since time.Time
	Why   string // how the newest attempt that failed did, in words; empty where none has
}

// Breakers are the breakers of this Client and of all made from it by With, by name and host.
func (c *Client) Breakers() []Breaker {
	var shown []Breaker
	for _, b := range c.breakers.byKey.all() {
		// Asking for the state is what turns open into half-open once the time has come.
		b.two.State()
		shown = append(shown, b.show())
	}
	c.breakers.news.deliver()
	slices.SortFunc(shown, func(a, b Breaker) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Host, b.Host))
	})
	return shown
}

func (c *Client) breakerFor(target *url.URL) *breaker {
	return c.breakers.get(c.name, hostPort(target))
}

// errExcluded and errFailed are what a breaker is told of an attempt; nil is a success.
var (
	errExcluded = errors.New("says nothing about the host")
	errFailed   = errors.New("failed")
)

// judge says what an attempt tells about its host. A 4xx is our mistake and its good health; 429 and what we ended or
// refused ourselves say nothing.
func judge(resp *http.Response, err error) error {
	var fault *Error
	switch {
	case errors.As(err, &fault):
		return fault.Class.verdict()
	case err != nil:
		return errFailed
	case resp.StatusCode == http.StatusTooManyRequests:
		return errExcluded
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented &&
		resp.StatusCode != http.StatusHTTPVersionNotSupported:
		return errFailed
	default:
		return nil
	}
}

type breakerKey struct{ name, host string }

// breakers holds one breaker for each integration and host.
type breakers struct {
	options BreakerOptions
	byKey   *registry[breakerKey, *breaker]
	news    news
}

// windowParts is into how many parts the window is cut: what leaves it, leaves it by such a part.
const windowParts = 12

func newBreakers(options BreakerOptions, told func(Breaker)) *breakers {
	idle := 2 * (options.Window + options.Open)
	return &breakers{options: options, byKey: newRegistry[breakerKey, *breaker](idle), news: news{told: told}}
}

func (s *breakers) get(name, host string) *breaker {
	key := breakerKey{name, host}
	return s.byKey.get(key, func() *breaker { return s.build(key) })
}

func (s *breakers) build(key breakerKey) *breaker {
	b := &breaker{key: key, open: s.options.Open, news: &s.news, state: BreakerClosed, since: time.Now()}
	b.two = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Interval:     s.options.Window,
		BucketPeriod: s.options.Window / windowParts,
		Timeout:      s.options.Open,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			counted := counts.Requests - counts.TotalExclusions
			return counted >= s.options.Requests && float64(counts.TotalFailures) >= s.options.Ratio*float64(counted)
		},
		OnStateChange: func(_ string, _, to gobreaker.State) { b.changed(BreakerState(to.String())) },
		IsExcluded:    func(err error) bool { return errors.Is(err, errExcluded) },
	})
	return b
}

// breaker is one gobreaker, and since when it is as it is.
type breaker struct {
	key  breakerKey
	open time.Duration
	news *news
	two  *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu     sync.Mutex
	state  BreakerState
	since  time.Time
	opened time.Time // the last time
	last   string    // how the newest attempt that failed did
}

// failed notes how an attempt failed, for those that are not made because of it.
func (b *breaker) failed(words string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = words
}

// why is how the newest attempt that failed did.
func (b *breaker) why() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// allow asks for leave to make an attempt. Its done must be called whatever happens, or a half-open breaker never lets
// anybody through again.
func (b *breaker) allow() (done func(error), err error) {
	finish, err := b.two.Allow()
	b.news.deliver()
	if err != nil {
		return nil, err
	}
	return func(verdict error) {
		finish(verdict)
		b.news.deliver()
	}, nil
}

// held is how long ago the breaker last opened.
func (b *breaker) held() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.opened)
}

func (b *breaker) isOpen() bool { return b.two.State() == gobreaker.StateOpen }

// changed runs under gobreaker's lock: it may not ask the breaker anything.
func (b *breaker) changed(to BreakerState) {
	b.mu.Lock()
	b.state, b.since = to, time.Now()
	if to == BreakerOpen {
		b.opened = b.since
	}
	b.mu.Unlock()
	b.news.add(b.show())
}

func (b *breaker) show() Breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Breaker{Name: b.key.name, Host: b.key.host, State: b.state, Since: b.since, Why: b.last}
}

// tryAgain is how long an open breaker stays so.
func (b *breaker) tryAgain() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.open-time.Since(b.since), 0)
}

// news tells of changed breakers from the goroutine of a call, after every lock was given back: the one who is told may
// do whatever he likes, even call. It keeps the newest change of each breaker, so it never holds more than there are.
type news struct {
	told    func(Breaker)
	mu      sync.Mutex
	busy    bool
	pending []Breaker
}

func (n *news) add(changed Breaker) {
	if n.told == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, waiting := range n.pending {
		if waiting.Name == changed.Name && waiting.Host == changed.Host {
			n.pending[i] = changed
			return
		}
	}
	n.pending = append(n.pending, changed)
}

// deliver tells one at a time and in order. Who finds another at it leaves the rest to him.
func (n *news) deliver() {
	for n.told != nil {
		next, ok := n.take()
		if !ok {
			return
		}
		n.tell(next)
	}
}

func (n *news) take() (Breaker, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy || len(n.pending) == 0 {
		return Breaker{}, false
	}
	next := n.pending[0]
	n.pending = n.pending[1:]
	n.busy = true
	return next, true
}

func (n *news) tell(next Breaker) {
	defer func() {
		n.mu.Lock()
		n.busy = false
		n.mu.Unlock()
	}()
	n.told(next)
}

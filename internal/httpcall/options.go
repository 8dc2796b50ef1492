package httpcall

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"sparky/internal/setting"
)

// Options say how patient, how careful and how open a Client is. The zero value of each field is its default.
type Options struct {
	Timeout        time.Duration // for a whole call: attempts, waits, redirects; 30 s
	AttemptTimeout time.Duration // for one attempt, from its connection to the last byte of its answer; 10 s
	Retries        int           // attempts after the first; 3, and none where negative
	MinWait        time.Duration // before the first retry, doubled for each one after it; 500 ms
	MaxWait        time.Duration // the longest wait; a Retry-After beyond it is left to the caller; 10 s
	MaxBody        int64         // bytes of an answer, after decompression; 10 MiB
	PerHost        int           // attempts at one host at the same time; 8

	// Jitter gives numbers from 0 up to, not including, 1, and may be called from several goroutines.
	Jitter    func() float64
	Breaker   BreakerOptions
	OnBreaker func(Breaker) // told when a breaker opens or closes; may call the Client
	UserAgent string        // Sparky/<version of the binary>
	Redactor  setting.Redactor

	// PublicOnly refuses private addresses to every host but the one that a call names: a redirect, or a name that
	// resolves to something else than it did before, cannot lead into our own network. The cloud's metadata service and
	// other link-local addresses are refused even to that host, unless the call writes the address itself.
	PublicOnly bool
	// Allow names what may be private and may be redirected to all the same: a host, host:port, URL, address or CIDR.
	// An entry that is none of these allows nothing.
	Allow []string

	// Proxy is the proxy of a request; http.ProxyFromEnvironment where nil.
	Proxy func(*http.Request) (*url.URL, error)
	// Dial takes the place of the network's dialler, for a process that may not connect itself. Which addresses it may
	// lead to is then its own to say; its errors are understood as the dialler's are, RefusedAddress and RefusedHost too.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Transport takes the place of the network. It must not follow redirects.
	Transport http.RoundTripper
}

// BreakerOptions say when calls to a host stop being tried for a while.
type BreakerOptions struct {
	Requests uint32        // the fewest attempts within Window that can open it; 8
	Ratio    float64       // the share of them that failed; 0.5
	Window   time.Duration // how far back attempts count; 2 min
	Open     time.Duration // how long it stays open before one attempt may try; 30 s
}

func (o Options) complete() Options {
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.AttemptTimeout, 10*time.Second)
	setDefault(&o.Retries, 3)
	o.Retries = max(o.Retries, 0)
	setDefault(&o.MinWait, 500*time.Millisecond)
	setDefault(&o.MaxWait, 10*time.Second)
	setDefault(&o.MaxBody, 10<<20)
	setDefault(&o.PerHost, 8)
	setDefault(&o.UserAgent, "Sparky/"+version())
	setDefault(&o.Breaker.Requests, 8)
	setDefault(&o.Breaker.Ratio, 0.5)
	setDefault(&o.Breaker.Window, 2*time.Minute)
	setDefault(&o.Breaker.Open, 30*time.Second)
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

package probe

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"sparky/partners"
)

// stopwatch measures the parts of the last call of one run. Its hooks are called from net/http's goroutines, some of
// them after the run ended.
type stopwatch struct {
	now func() time.Time

	mu        sync.Mutex
	frozen    bool
	asked     bool // a connection was asked for, by HTTP
	connected bool // the last call has a connection
	dns       time.Time
	connect   time.Time
	tls       time.Time
	sent      time.Time
	timings   partners.Timings
	calls     []partners.Call
	cleaning  time.Duration // beyond the probe's own time
}

type watchKey struct{}

func watchIn(ctx context.Context) *stopwatch {
	watch, _ := ctx.Value(watchKey{}).(*stopwatch)
	return watch
}

// in has the stopwatch measure the calls that are made with the context.
func (w *stopwatch) in(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, watchKey{}, w)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:           func(string) { w.note(w.begin) },
		GotConn:           func(httptrace.GotConnInfo) { w.note(func(time.Time) { w.connected = true }) },
		DNSStart:          func(httptrace.DNSStartInfo) { w.note(func(at time.Time) { w.dns = at }) },
		DNSDone:           func(httptrace.DNSDoneInfo) { w.note(w.lookedUp) },
		ConnectStart:      func(string, string) { w.note(w.dialling) },
		ConnectDone:       func(_, _ string, err error) { w.note(func(at time.Time) { w.dialled(at, err) }) },
		TLSHandshakeStart: func() { w.note(func(at time.Time) { w.tls = at }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, _ error) {
			w.note(func(at time.Time) { w.timings.TLS = since(w.tls, at) })
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.note(func(at time.Time) { w.sent = at }) },
		GotFirstResponseByte: func() { w.note(func(at time.Time) { w.timings.FirstByte = since(w.sent, at) }) },
	})
}

func (w *stopwatch) note(what func(at time.Time)) {
	at := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.frozen {
		what(at)
	}
}

// begin is a new call: what was measured belongs to the one before.
func (w *stopwatch) begin(time.Time) {
	w.asked, w.connected = true, false
	w.dns, w.connect, w.tls, w.sent = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	w.timings = partners.Timings{}
}

func (w *stopwatch) lookedUp(at time.Time) { w.timings.DNS = since(w.dns, at) }

// dialling may be called for several addresses of a host at once; the first counts.
func (w *stopwatch) dialling(at time.Time) {
	if w.connect.IsZero() {
		w.connect = at
	}
}

func (w *stopwatch) dialled(at time.Time, err error) {
	if w.connected {
		return
	}
	w.timings.Connect = since(w.connect, at)
	// For HTTP a connection may be the one to our own proxy; GotConn tells when the whole way stands.
	w.connected = err == nil && !w.asked
}

// lookUp is a probe that is a look-up as a whole: its connections are to name servers.
func (w *stopwatch) lookUp(took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timings, w.frozen = partners.Timings{DNS: took}, true
}

// roomToClean ends the measuring, and is how much of mostCleaning is left.
func (w *stopwatch) roomToClean() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = true
	return mostCleaning - w.cleaning
}

// cleaned notes for how long beyond its time the probe cleaned up once. What is more than it got is a standstill.
func (w *stopwatch) cleaned(beyond time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cleaning += min(max(beyond, 0), cleanUpTime)
}

// read gives what was measured, and nothing where the parts are longer than the whole: then a dial that was given up
// went on beside the call that counts.
func (w *stopwatch) read(whole time.Duration) partners.Timings {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = true
	t := w.timings
	if t.DNS+t.Connect+t.TLS+t.FirstByte > whole {
		return partners.Timings{}
	}
	return t
}

// stands tells whether the last call had a connection; known is false where no hook was called, as for a network in
// memory, and for calls that are not measured.
func (w *stopwatch) stands() (stands, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.connected, !w.frozen && (w.asked || !w.connect.IsZero())
}

func since(start, end time.Time) time.Duration {
	if start.IsZero() {
		return 0
	}
	return max(end.Sub(start), 0)
}

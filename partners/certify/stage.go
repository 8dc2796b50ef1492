package certify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"sparky/internal/httpcall"
)

// stage stands between a probe and its partner: for each address that the probe calls, an address on this machine, which
// passes calls on or answers them as a fault does. Faults are made on real connections.
type stage struct {
	tools    Tools
	upstream *httpcall.Client
	servers  []*http.Server
	running  sync.WaitGroup
	ended    chan struct{}

	mu     sync.Mutex
	bases  map[string]string // where an origin has been led to, by its role and name
	fault  fault
	calls  []*call
	busy   int // calls to the API that run now
	inners int // the most of them at the same time since the fault was set
}

// call is one call that came.
type call struct {
	at     time.Time
	role   role
	method string
	path   string
	status int      // of the partner's answer, where the call was passed on
	made   string   // the address of what the call created, as the answer's Location says
	rights []string // that the answer says we have
	limit  limit    // that the answer's headers tell
}

func (c call) writes() bool {
	return !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, c.method)
}

// exchange is a call that is being answered.
type exchange struct {
	*call
	stage  *stage
	rw     http.ResponseWriter
	r      *http.Request
	body   []byte
	origin string // where the call was to go
}

// fault is how calls to the API are answered. The zero value passes them on.
type fault struct {
	on    func(*exchange) bool // which calls; nil: all
	times int                  // how many of them; 0: all
	do    func(*exchange)      // nil: passed on
	token func(*exchange)      // how the token endpoint answers; nil: its calls are passed on
}

// longestCall is how much of a request's body is taken, in bytes.
const longestCall = 4 << 20

func newStage(tools Tools) *stage {
	options := tools.Client
	options.Retries, options.Breaker = -1, httpcall.BreakerOptions{Requests: math.MaxUint32}
	options.OnBreaker = nil
	return &stage{tools: tools, upstream: httpcall.New(options), ended: make(chan struct{}), bases: map[string]string{}}
}

// lead is the address on this machine that stands for an address of the partner's.
func (s *stage) lead(ctx context.Context, as role, address string) (string, error) {
	from, rest, err := origin(address)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	base := s.bases[string(as)+" "+from]
	s.mu.Unlock()
	if base == "" {
		if base, err = s.serve(ctx, nil, func(rw http.ResponseWriter, r *http.Request) { s.take(rw, r, as, from) }); err != nil {
			return "", err
		}
		s.mu.Lock()
		s.bases[string(as)+" "+from] = base
		s.mu.Unlock()
	}
	return base + rest, nil
}

// serve opens one more address on this machine, over TLS where secured says how.
func (s *stage) serve(ctx context.Context, secured *tls.Config, handler http.HandlerFunc) (base string, err error) {
	listener, err := s.tools.Listen(ctx)
	if err != nil {
		return "", fmt.Errorf("opening an address on this machine for the faults: %w", err)
	}
	base = "http://" + listener.Addr().String()
	if secured != nil {
		base = "https://" + listener.Addr().String()
		listener = tls.NewListener(listener, secured)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	s.servers = append(s.servers, server)
	s.running.Go(func() { _ = server.Serve(listener) }) // it ends with ErrServerClosed, by close
	return base, nil
}

// close ends all calls and addresses.
func (s *stage) close() {
	close(s.ended)
	for _, server := range s.servers {
		_ = server.Close() // its listener is closed twice at worst
	}
	s.running.Wait()
	s.upstream.CloseIdleConnections()
}

// set puts a fault in place of the one before, and forgets the calls that came so far.
func (s *stage) set(f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.calls, s.inners = f, nil, 0
}

// came are the calls since the fault was set, those of a role.
func (s *stage) came(as role) []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []call
	for _, c := range s.calls {
		if c.role == as {
			some = append(some, *c)
		}
	}
	return some
}

// most is how many calls to the API ran at the same time since the fault was set.
func (s *stage) most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inners
}

func (s *stage) take(rw http.ResponseWriter, r *http.Request, as role, from string) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, longestCall))
	if err != nil {
		http.Error(rw, "the request is too long", http.StatusRequestEntityTooLarge)
		return
	}
	x := &exchange{call: &call{at: s.tools.Now(), role: as, method: r.Method, path: r.URL.Path}, stage: s, rw: rw, r: r, body: body, origin: from}
	s.enter(x)(x)
	if as == roleAPI {
		s.mu.Lock()
		s.busy--
		s.mu.Unlock()
	}
}

// enter notes a call and says how it is answered.
func (s *stage) enter(x *exchange) func(*exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, x.call)
	if x.role == roleToken {
		return orPass(s.fault.token)
	}
	s.busy++
	s.inners = max(s.inners, s.busy)
	if s.fault.do == nil || s.fault.on != nil && !s.fault.on(x) {
		return (*exchange).pass
	}
	do := s.fault.do
	if s.fault.times == 1 {
		s.fault.do = nil
	}
	s.fault.times = max(s.fault.times-1, 0)
	return do
}

func orPass(do func(*exchange)) func(*exchange) {
	if do == nil {
		return (*exchange).pass
	}
	return do
}

// forward passes the call on and notes what the answer tells. The answer is not sent on yet.
func (x *exchange) forward() (httpcall.Response, error) {
	header := x.r.Header.Clone()
	for _, own := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Upgrade", "Accept-Encoding", "Content-Length"} {
		header.Del(own)
	}
	answer, err := x.stage.upstream.Do(x.r.Context(), httpcall.Request{
		Method: x.method, URL: x.origin + x.r.URL.RequestURI(), Header: header, Body: x.body,
	})
	if err != nil {
		return answer, err
	}
	x.stage.mu.Lock()
	defer x.stage.mu.Unlock()
	x.status = answer.Status
	if answer.Status == http.StatusCreated {
		x.made = answer.Header.Get("Location")
	}
	x.rights, x.limit = rightsOf(x.role, answer), limitOf(answer.Header)
	return answer, nil
}

// pass answers as the partner does; where the partner does not answer, the connection is cut.
func (x *exchange) pass() {
	answer, err := x.forward()
	if err != nil {
		x.cut()
		return
	}
	for name, values := range answer.Header {
		switch name {
		case "Connection", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Keep-Alive", "Date":
		default:
			x.rw.Header()[name] = values
		}
	}
	x.rw.WriteHeader(answer.Status)
	_, _ = x.rw.Write(answer.Body) // a caller that is gone has lost interest
}

// isUnaimed tells that the probe's calls cannot be led to this machine, which is no fault of this machine.
func isUnaimed(err error) bool { return errors.Is(err, errUnaimed) }

package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"sparky/commands"
	"sparky/internal/setting"
)

// fakeSlack is a Slack in memory, so that it works inside a synctest bubble: Web API and response_urls as a
// RoundTripper, links over net.Pipe.
type fakeSlack struct {
	t testing.TB
	// method answers a call of the Web API or of a response_url; nil and unknown ones answer ok.
	method map[string]func(call apiCall) apiAnswer
	// link is the server's side of the n-th link, from 0; it returns when the link is to end.
	link func(n int, c *serverLink)

	mu      sync.Mutex
	calls   []apiCall
	dialled int
	links   []*serverLink
	waits   sync.WaitGroup
	log     lockedBuffer
}

type apiCall struct {
	Method string // for a response_url its path
	Form   url.Values
	JSON   map[string]any
	Bytes  []byte
	Header http.Header
	At     time.Time
}

type apiAnswer struct {
	Status int // 0 is 200
	Header http.Header
	Body   string
	Err    error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newFakeSlack(t testing.TB) *fakeSlack {
	f := &fakeSlack{t: t, method: map[string]func(apiCall) apiAnswer{}}
	f.link = func(_ int, c *serverLink) { c.serve() }
	return f
}

func (f *fakeSlack) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&f.log, nil)) }

func (f *fakeSlack) api() *slack.Client {
	return NewAPI(&http.Client{Transport: f}, "https://slack.test/api", setting.NewSecret("xoxb-1"), setting.NewSecret("xapp-1"))
}

// RoundTrip serves slack.test.
func (f *fakeSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	var err error
	if r.Body == nil {
		body = []byte(r.URL.RawQuery)
	} else if body, err = io.ReadAll(r.Body); err != nil {
		return nil, err
	}
	call := apiCall{Method: strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api"), "/"), Header: r.Header, At: time.Now()}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(body, &call.JSON)
	} else if strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream") {
		call.Bytes = body
	} else if call.Form, err = url.ParseQuery(string(body)); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	n := len(f.calls)
	answer := f.method[call.Method]
	f.mu.Unlock()
	a := f.ordinary(call, n)
	if answer != nil {
		a = answer(call)
	}
	if a.Err != nil {
		return nil, a.Err
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	return &http.Response{StatusCode: a.Status, Status: fmt.Sprint(a.Status, " ", http.StatusText(a.Status)), Header: a.Header,
		Body: io.NopCloser(strings.NewReader(a.Body)), Request: r}, nil
}

func (f *fakeSlack) ordinary(call apiCall, n int) apiAnswer {
	switch call.Method {
	case "apps.connections.open":
		return apiAnswer{Body: fmt.Sprintf(`{"ok":true,"url":"ws://link.test/?ticket=secret-%d"}`, n)}
	case "chat.postMessage", "chat.update":
		ts := call.Form.Get("ts")
		if ts == "" {
			ts = fmt.Sprintf("1795363500.%06d", n)
		}
		return apiAnswer{Body: fmt.Sprintf(`{"ok":true,"channel":%q,"ts":%q}`, call.Form.Get("channel"), ts)}
	case "users.info":
		return apiAnswer{Body: `{"ok":true,"user":{"id":"U0ONCALL01","name":"chidi","profile":{"display_name":"Chidi <Ruiz>"}}}`}
	case "chat.postEphemeral":
		return apiAnswer{Body: `{"ok":true,"message_ts":"1795363500.000001"}`}
	}
	return apiAnswer{Body: `{"ok":true}`}
}

// called are the calls of a method so far.
func (f *fakeSlack) called(method string) []apiCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []apiCall
	for _, c := range f.calls {
		if c.Method == method {
			found = append(found, c)
		}
	}
	return found
}

// dial gives one end of a pipe to the caller, and lets the link serve the other.
func (f *fakeSlack) dial(context.Context, string, string) (net.Conn, error) {
	client, server := bufferedPipe()
	f.mu.Lock()
	n := f.dialled
	f.dialled++
	f.mu.Unlock()
	f.waits.Go(func() { f.accept(n, server, client) })
	return client, nil
}

// accept upgrades a connection and serves it.
func (f *fakeSlack) accept(n int, conn net.Conn, client *pipeEnd) {
	listener := &oneConn{conn: conn, served: make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(listener.served)
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			f.t.Errorf("upgrade: %v", err)
			return
		}
		defer ws.Close()
		c := &serverLink{Conn: ws, client: client, opened: time.Now(), frames: make(chan string, 100), closed: make(chan struct{})}
		f.mu.Lock()
		f.links = append(f.links, c)
		f.mu.Unlock()
		f.link(n, c)
	})}
	_ = server.Serve(listener)
}

// oneConn is a listener with one connection. It ends when that was served.
type oneConn struct {
	conn   net.Conn
	once   bool
	served chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if l.once {
		<-l.served
		return nil, io.EOF
	}
	l.once = true
	return l.conn, nil
}
func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return l.conn.LocalAddr() }

// serverLink is Slack's side of a link.
type serverLink struct {
	*websocket.Conn
	client *pipeEnd
	opened time.Time
	frames chan string   // what the client sent
	closed chan struct{} // the client closed properly, or the connection ended
	mu     sync.Mutex    // held while writing
	err    error
}

func (c *serverLink) send(frame string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = c.WriteMessage(websocket.TextMessage, []byte(frame))
}

// serve says hello, pings every five seconds, and notes what the client sends until it goes.
func (c *serverLink) serve() { c.serveWith(5 * time.Second) }

func (c *serverLink) serveWith(pingEvery time.Duration) {
	c.send(`{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}}`)
	var pings sync.WaitGroup
	pings.Go(func() {
		for {
			select {
			case <-time.After(pingEvery):
				_ = c.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Second))
			case <-c.closed:
				return
			}
		}
	})
	c.read()
	pings.Wait()
}

func (c *serverLink) read() {
	defer close(c.closed)
	for {
		_, frame, err := c.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		c.frames <- string(frame)
	}
}

// closedProperly tells that the client ended the link by a close frame.
func (c *serverLink) closedProperly() bool {
	<-c.closed
	return websocket.IsCloseError(c.err, websocket.CloseNormalClosure)
}

// ack is the next acknowledgement that arrives.
func (c *serverLink) ack(t testing.TB) (a struct {
	ID      string         `json:"envelope_id"`
	Payload map[string]any `json:"payload"`
}) {
	t.Helper()
	select {
	case frame := <-c.frames:
		if err := json.Unmarshal([]byte(frame), &a); err != nil {
			t.Fatalf("ack %q: %v", frame, err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("no acknowledgement within five seconds")
	}
	return a
}

// runnerFunc is a commands.Runner.
type runnerFunc func(ctx context.Context, req commands.Request) commands.Reply

func (r runnerFunc) Run(ctx context.Context, req commands.Request) commands.Reply { return r(ctx, req) }

func echo(_ context.Context, req commands.Request) commands.Reply {
	return commands.Reply{Text: "You asked: " + req.Text}
}

// running is a link at work, inside a bubble.
type running struct {
	*fakeSlack
	link  *Link
	inbox *Inbox
	stop  func() error
	words []string // what the problem hook was told
	mu    sync.Mutex
}

func (r *running) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.words...)
}

// run starts a link to the fake. stop ends it and waits for everything to be over.
func (f *fakeSlack) run(runner runnerFunc, change ...func(*InboxOptions)) *running {
	r := &running{fakeSlack: f}
	options := InboxOptions{Runner: runner, Poster: NewPoster(f.api(), f.logger()), HTTP: &http.Client{Transport: f}, Log: f.logger(),
		Reference: func() string { return "ref-1" }}
	for _, c := range change {
		c(&options)
	}
	r.inbox = NewInbox(options)
	r.link = NewLink(LinkOptions{API: f.api(), Inbox: r.inbox, Log: f.logger(), Dial: f.dial, Jitter: func() float64 { return 0 },
		Problem: func(words string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.words = append(r.words, words)
		}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.link.Run(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		f.waits.Wait()
		return err
	})
	return r
}

// opens are the moments at which apps.connections.open was called.
func (f *fakeSlack) opens() []time.Time {
	var at []time.Time
	for _, c := range f.called("apps.connections.open") {
		at = append(at, c.At)
	}
	return at
}

// waitLink is the n-th link once it is there.
func (f *fakeSlack) waitLink(n int) *serverLink {
	f.t.Helper()
	for range 1000 {
		f.mu.Lock()
		if len(f.links) > n {
			defer f.mu.Unlock()
			return f.links[n]
		}
		f.mu.Unlock()
		<-time.After(100 * time.Millisecond)
	}
	f.t.Fatalf("link %d never came", n)
	return nil
}

var errReset = errors.New("read: connection reset by peer")

// elapse lets time go by inside a bubble.
func elapse(d time.Duration) { <-time.After(d) }

// clientConn is a client's side of a WebSocket over a pipe, opened with the link's own buffers.
func clientConn(t testing.TB, client, server *pipeEnd) *websocket.Conn {
	t.Helper()
	listener := &oneConn{conn: server, served: make(chan struct{})}
	upgrading := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(listener.served)
		if _, err := (&websocket.Upgrader{}).Upgrade(w, r, nil); err != nil {
			t.Errorf("upgrade: %v", err)
		}
	})}
	go func() { _ = upgrading.Serve(listener) }()
	dialer := websocket.Dialer{WriteBufferSize: writeBuffer,
		NetDialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	conn, _, err := dialer.Dial("ws://link.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

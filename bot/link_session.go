package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// silence is how long Slack may go without a ping before the link is taken for dead. Slack's own SDKs judge so too.
	silence = 30 * time.Second
	// pingEvery is how often we ping, to keep a NAT between from forgetting the link. No answer is expected in time:
	// Slack is sometimes slower than its own clients allow.
	pingEvery = 10 * time.Second
	// ackWithin bounds the writing of an acknowledgement, which must arrive within three seconds.
	ackWithin = 2 * time.Second
	// longestAck: Slack drops acknowledgements of 20 KB and more without a word.
	longestAck = 20<<10 - 1
	// closeWithin is how long Slack has to answer the close handshake.
	closeWithin = 2 * time.Second
	// retireAfter is how long a link is still read after Slack has announced its end.
	retireAfter = time.Minute
)

// envelope is what a link brings: something that somebody did.
type envelope struct {
	Type           string          `json:"type"`
	ID             string          `json:"envelope_id"`
	Payload        json.RawMessage `json:"payload"`
	AcceptsPayload bool            `json:"accepts_response_payload"`
	RetryAttempt   int             `json:"retry_attempt"`
	RetryReason    string          `json:"retry_reason"`
	Reason         string          `json:"reason"` // of a disconnect
}

// receipt is what to do with an envelope.
type receipt struct {
	ack     bool   // false leaves it to Slack to bring it again, or to tell the person
	payload any    // goes with the acknowledgement; nil is none
	commit  func() // takes on the work, after the acknowledgement; may be nil
}

// session is one WebSocket from its opening to its end.
type session struct {
	link     *Link
	line     int
	conn     *websocket.Conn
	opened   time.Time
	replaced chan trouble  // Slack wants another link in place of this one
	leaving  chan struct{} // tells tend of it
	unread   chan struct{} // closed when reading has ended
	ended    chan struct{} // closed when all has
	why      trouble       // why it ended; to be read after ended
	closing  atomic.Bool   // our close frame is out: nothing more may be sent
}

func newSession(l *Link, line int, conn *websocket.Conn) *session {
	return &session{link: l, line: line, conn: conn, opened: time.Now(), replaced: make(chan trouble, 1),
		leaving: make(chan struct{}, 1), unread: make(chan struct{}), ended: make(chan struct{})}
}

// replacedOrEnded waits until another link is needed, and says why.
func (s *session) replacedOrEnded(ctx context.Context) trouble {
	select {
	case why := <-s.replaced:
		return why
	case <-s.ended:
	case <-ctx.Done():
		return trouble{}
	}
	// A disconnect frame tells more than the end of the connection that follows it.
	select {
	case why := <-s.replaced:
		return why
	default:
		return s.why
	}
}

// serve reads until the link ends: acknowledges first, then hands on. When the context ends, it closes properly.
func (s *session) serve(ctx context.Context) {
	defer close(s.ended)
	var tending sync.WaitGroup
	tending.Go(func() { s.tend(ctx) })
	s.why = s.read()
	close(s.unread)
	tending.Wait()
	_ = s.conn.Close() // nothing is left to be lost by it
	if ctx.Err() == nil {
		s.link.lost(s)
	}
}

func (s *session) read() trouble {
	s.conn.SetReadLimit(longestFrame)
	s.conn.SetPingHandler(s.pinged)
	if err := s.alive(); err != nil {
		return trouble{words: "the link broke: " + err.Error()}
	}
	for {
		kind, frame, err := s.conn.ReadMessage()
		if err != nil {
			return trouble{words: endWords(err)}
		}
		if kind != websocket.TextMessage {
			continue
		}
		if err := s.handle(frame); err != nil {
			return trouble{words: "an acknowledgement could not be sent: " + err.Error()}
		}
	}
}

// endWords says why reading failed.
func endWords(err error) string {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "no ping from Slack for " + silence.String()
	}
	return "the link broke: " + err.Error()
}

// alive starts the time anew within which Slack must ping.
func (s *session) alive() error { return s.conn.SetReadDeadline(time.Now().Add(silence)) }

// pinged is called by ReadMessage, in the goroutine that reads.
func (s *session) pinged(data string) error {
	s.link.seen(s, func(h *LinkHealth) { h.LastPing = time.Now() })
	if err := s.alive(); err != nil {
		return err
	}
	err := s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackWithin))
	if errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	return err
}

// tend pings, and closes the link when the context ends or Slack leaves a link open long after announcing its end. It
// returns when reading has ended.
func (s *session) tend(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	var retire <-chan time.Time
	leaving := s.leaving
	for {
		select {
		case <-ticker.C:
			// An error is the reader's to find: it sees the connection fail, or the silence.
			_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(ackWithin))
			continue
		case <-leaving:
			retire, leaving = time.After(retireAfter), nil
			continue
		case <-s.unread:
			return
		case <-retire:
		case <-ctx.Done():
		}
		s.close()
		return
	}
}

// close is the close handshake, ended by us if Slack does not take part.
func (s *session) close() {
	s.closing.Store(true)
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := s.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(ackWithin)); err == nil {
		select {
		case <-s.unread:
			return
		case <-time.After(closeWithin):
		}
	}
	_ = s.conn.Close() // nothing is left to be lost by it
	<-s.unread
}

// handle does what a frame asks for. Its error is one of writing: the link is no good any more.
func (s *session) handle(frame []byte) error {
	var e envelope
	if err := json.Unmarshal(frame, &e); err != nil && e.ID == "" || e.Type == "" && e.ID == "" {
		s.link.options.Inbox.unreadable("frame", "", err)
		return nil
	}
	switch e.Type {
	case "hello":
		s.link.greeted(s)
		return nil
	case "disconnect":
		s.dismissed(goodbye(e.Reason))
		return nil
	}
	if e.ID == "" || s.closing.Load() {
		return nil
	}
	s.link.seen(s, func(h *LinkHealth) { h.LastEvent = time.Now() })
	r := s.link.options.Inbox.take(e)
	var err error
	if r.ack {
		err = s.acknowledge(e.ID, r.payload)
	}
	// Also after an error: the acknowledgement may have arrived, and then nobody would bring the envelope again.
	if r.commit != nil {
		r.commit()
	}
	return err
}

func (s *session) dismissed(why trouble) {
	if why.words != "" {
		s.link.down(s, why)
	}
	// Both have room for one: after a warning the link is being replaced already, whatever comes next.
	select {
	case s.replaced <- why:
	default:
	}
	select {
	case s.leaving <- struct{}{}:
	default:
	}
}

type acknowledgement struct {
	ID      string `json:"envelope_id"`
	Payload any    `json:"payload,omitempty"`
}

// acknowledge answers an envelope on the link that brought it. Only the reading goroutine calls it, so that there is
// one writer of messages.
func (s *session) acknowledge(id string, payload any) error {
	raw, err := json.Marshal(acknowledgement{id, payload})
	if err != nil || len(raw) > longestAck {
		s.link.options.Log.Error("an acknowledgement goes without its payload", "bytes", len(raw), "error", err)
		if raw, err = json.Marshal(acknowledgement{ID: id}); err != nil {
			return err
		}
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(ackWithin)); err != nil {
		return err
	}
	return s.conn.WriteMessage(websocket.TextMessage, raw)
}

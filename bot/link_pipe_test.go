package bot

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipeRoom is how many writes a pipe holds before the writer waits, as a socket's buffer would.
const pipeRoom = 16

// bufferedPipe is net.Pipe with a buffer: with none, two ends that answer each other's pings at once block each other,
// which no network does. It works inside a synctest bubble.
func bufferedPipe() (client, server *pipeEnd) {
	one, other := make(chan []byte, pipeRoom), make(chan []byte, pipeRoom)
	a := &pipeEnd{in: one, out: other, gone: make(chan struct{}), changed: make(chan struct{})}
	b := &pipeEnd{in: other, out: one, gone: make(chan struct{}), changed: make(chan struct{})}
	a.peerGone, b.peerGone = b.gone, a.gone
	return a, b
}

type pipeEnd struct {
	in, out        chan []byte
	gone, peerGone chan struct{}
	rest           []byte // only of the reader
	once           sync.Once

	mu          sync.Mutex
	changed     chan struct{} // closed when a deadline changes
	read, write time.Time
	writes      [][]byte
}

func (p *pipeEnd) deadlines() (read, write time.Time, changed chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read, p.write, p.changed
}

// until is a channel that fires at the deadline, nil where there is none.
func until(deadline time.Time) (c <-chan time.Time, stop func() bool) {
	if deadline.IsZero() {
		return nil, func() bool { return true }
	}
	timer := time.NewTimer(time.Until(deadline))
	return timer.C, timer.Stop
}

func (p *pipeEnd) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		deadline, _, changed := p.deadlines()
		late, stop := until(deadline)
		select {
		case p.rest = <-p.in:
		case <-late:
			return 0, os.ErrDeadlineExceeded
		case <-changed:
		case <-p.gone:
			stop()
			return 0, net.ErrClosed
		case <-p.peerGone:
			select {
			case p.rest = <-p.in:
			default:
				stop()
				return 0, io.EOF
			}
		}
		stop()
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pipeEnd) Write(b []byte) (int, error) {
	p.mu.Lock()
	p.writes = append(p.writes, bytes.Clone(b))
	p.mu.Unlock()
	for {
		_, deadline, changed := p.deadlines()
		late, stop := until(deadline)
		select {
		case <-p.gone:
			stop()
			return 0, net.ErrClosed
		case <-p.peerGone:
			stop()
			return 0, errReset
		case p.out <- bytes.Clone(b):
			stop()
			return len(b), nil
		case <-late:
			return 0, os.ErrDeadlineExceeded
		case <-changed:
		}
		stop()
	}
}

// written are the client's writes so far: gorilla makes one for each frame.
func (p *pipeEnd) written() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([][]byte(nil), p.writes...)
}

func (p *pipeEnd) set(read, write *time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if read != nil {
		p.read = *read
	}
	if write != nil {
		p.write = *write
	}
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

func (p *pipeEnd) Close() error                       { p.once.Do(func() { close(p.gone) }); return nil }
func (p *pipeEnd) SetDeadline(t time.Time) error      { return p.set(&t, &t) }
func (p *pipeEnd) SetReadDeadline(t time.Time) error  { return p.set(&t, nil) }
func (p *pipeEnd) SetWriteDeadline(t time.Time) error { return p.set(nil, &t) }
func (p *pipeEnd) LocalAddr() net.Addr                { return &net.IPAddr{IP: net.IPv4zero} }
func (p *pipeEnd) RemoteAddr() net.Addr               { return &net.IPAddr{IP: net.IPv4zero} }

func TestPipeBehavesLikeAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bufferedPipe()
		_, _ = a.Write([]byte("hello"))
		buffer := make([]byte, 3)
		if n, err := b.Read(buffer); n != 3 || err != nil {
			t.Errorf("read %d, %v", n, err)
		}
		go func() {
			elapse(time.Second)
			_ = b.SetReadDeadline(time.Unix(1, 0))
		}()
		_, _ = b.Read(buffer)
		if _, err := b.Read(buffer); err != os.ErrDeadlineExceeded {
			t.Errorf("a waiting read was not ended by a deadline: %v", err)
		}
		_ = a.SetWriteDeadline(time.Now().Add(time.Second))
		var err error
		for range pipeRoom + 1 {
			_, err = a.Write([]byte("x"))
		}
		if err != os.ErrDeadlineExceeded {
			t.Errorf("a full pipe took a write: %v", err)
		}
		_ = a.Close()
		_ = b.SetReadDeadline(time.Time{})
		if all, err := io.ReadAll(b); len(all) != pipeRoom || err != nil {
			t.Errorf("after the close: %d bytes, %v", len(all), err)
		}
	})
}

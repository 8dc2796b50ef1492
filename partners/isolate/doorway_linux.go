package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http/httptrace"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"sparky/internal/httpcall"
)

// doorway is the door as the worker sees it.
type doorway struct {
	conn *net.UnixConn

	mu      sync.Mutex
	last    int64
	waiting map[int64]*guest
}

// guest waits for a connection.
type guest struct {
	events chan opening
	done   chan arrival // which has room for the one that comes
}

type arrival struct {
	conn net.Conn
	err  *fault
}

// dialler is how this worker connects. Something must be asked of the parent first, because it knows the hosts.
func dialler(hosts) (func(ctx context.Context, network, address string) (net.Conn, error), error) {
	conn, err := doorOf(doorFD)
	if err != nil {
		return nil, err
	}
	d := &doorway{conn: conn, waiting: map[int64]*guest{}}
	go d.receive() // until the process ends
	return d.dial, nil
}

// dial asks the parent for a connection. Its errors are those of the parent's dial, and it is traced as that goes on.
func (d *doorway) dial(ctx context.Context, network, address string) (net.Conn, error) {
	g := &guest{events: make(chan opening, 64), done: make(chan arrival, 1)}
	asked := knock{ID: d.enter(g), Network: network, Address: address}
	if deadline, ok := ctx.Deadline(); ok {
		asked.Within = max(time.Until(deadline), 1)
	}
	content, err := json.Marshal(asked)
	if err == nil && len(content) > messageBytes {
		err = httpcall.RefusedHost(clip(address, 300))
	}
	if err == nil {
		_, err = d.conn.Write(content)
	}
	if err != nil {
		d.leave(asked.ID)
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	trace := httptrace.ContextClientTrace(ctx)
	for {
		select {
		case event := <-g.events:
			tell(trace, network, event)
		case last := <-g.done:
			for len(g.events) > 0 {
				tell(trace, network, <-g.events)
			}
			return last.conn, last.err.err(network)
		case <-ctx.Done():
			d.leave(asked.ID)
			select {
			case late := <-g.done:
				if late.conn != nil {
					_ = late.conn.Close()
				}
			default:
			}
			return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		}
	}
}

func (d *doorway) enter(g *guest) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last++
	d.waiting[d.last] = g
	return d.last
}

func (d *doorway) leave(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waiting, id)
}

// tell tells whoever measures the call what is done for it.
func tell(trace *httptrace.ClientTrace, network string, event opening) {
	if trace == nil {
		return
	}
	switch {
	case event.Event == eventLooking && trace.DNSStart != nil:
		trace.DNSStart(httptrace.DNSStartInfo{})
	case event.Event == eventLooked && trace.DNSDone != nil:
		trace.DNSDone(httptrace.DNSDoneInfo{})
	case event.Event == eventDialling && trace.ConnectStart != nil:
		trace.ConnectStart(network, event.Address)
	case event.Event == eventConnected && trace.ConnectDone != nil:
		trace.ConnectDone(network, event.Address, event.Fault.err(network))
	}
}

// receive takes what comes through the door to who waits for it.
func (d *doorway) receive() {
	buffer, rights := make([]byte, messageBytes), make([]byte, unix.CmsgSpace(4))
	for {
		n, r, _, _, err := d.conn.ReadMsgUnix(buffer, rights)
		if err != nil {
			return // the parent is gone, and the end of the orders says so too
		}
		var o opening
		conn, connErr := connIn(rights[:r])
		if err := json.Unmarshal(buffer[:n], &o); err != nil {
			continue // the parent writes nothing else
		}
		d.pass(o, conn, connErr)
	}
}

func (d *doorway) pass(o opening, conn net.Conn, connErr error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.waiting[o.ID]
	if g == nil {
		if conn != nil {
			_ = conn.Close()
		}
		return
	}
	if !o.Done {
		select {
		case g.events <- o:
		default: // nobody dials so many addresses
		}
		return
	}
	delete(d.waiting, o.ID)
	if conn == nil && o.Fault == nil {
		o.Fault = faultOf(errors.Join(errors.New("the connection was lost on its way"), connErr))
	}
	g.done <- arrival{conn, o.Fault}
}

// connIn is the connection that came along with a message, nil where there is none.
func connIn(rights []byte) (net.Conn, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) == 0 {
		return nil, err
	}
	file := os.NewFile(uintptr(fds[0]), "connection")
	defer file.Close()
	return net.FileConn(file)
}

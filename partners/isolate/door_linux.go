package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http/httptrace"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// newDoor is a pair of connected sockets that keep messages apart and carry descriptors. The second is for the worker.
func newDoor() (*net.UnixConn, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	inside := os.NewFile(uintptr(pair[1]), "door")
	outside, err := doorOf(pair[0])
	if err != nil {
		return nil, nil, errors.Join(err, inside.Close())
	}
	return outside, inside, nil
}

// doorOf is the socket of a descriptor, which it takes over.
func doorOf(fd int) (*net.UnixConn, error) {
	file := os.NewFile(uintptr(fd), "door")
	if file == nil {
		return nil, os.ErrInvalid
	}
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	if door, ok := conn.(*net.UnixConn); ok {
		return door, nil
	}
	return nil, errors.Join(errors.New("the door is no socket of this machine's own"), conn.Close())
}

// admit makes the connections that the worker asks for, until it is gone.
func (w *worker) admit() {
	ctx, cancel := context.WithCancel(context.Background())
	var dials sync.WaitGroup
	defer dials.Wait()
	dials.Go(func() { <-w.exited; cancel() })
	places := make(chan struct{}, dialsAtOnce)
	buffer := make([]byte, messageBytes)
	for {
		n, err := w.door.Read(buffer)
		if err != nil {
			w.hungUp("closed its door to the network, and was stopped")
			return
		}
		var asked knock
		if err := json.Unmarshal(buffer[:n], &asked); err != nil {
			w.stop(stop{words: "asked for a connection in a way that is not ours, and was stopped"})
			return
		}
		if !w.spend() {
			w.stop(stop{words: "asked for too many connections, and was stopped"})
			return
		}
		places <- struct{}{}
		dials.Go(func() {
			defer func() { <-places }()
			w.open(ctx, asked)
		})
	}
}

// open makes one connection and hands it over.
func (w *worker) open(ctx context.Context, asked knock) {
	if asked.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, asked.Within)
		defer cancel()
	}
	say := func(o opening) {
		o.ID = asked.ID
		w.throughDoor(o, nil)
	}
	conn, err := w.gate.dial(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { say(opening{Event: eventLooking}) },
		DNSDone:      func(httptrace.DNSDoneInfo) { say(opening{Event: eventLooked}) },
		ConnectStart: func(_, address string) { say(opening{Event: eventDialling, Address: address}) },
		ConnectDone: func(_, address string, err error) {
			say(opening{Event: eventConnected, Address: address, Fault: faultOf(err)})
		},
	}), asked.Network, asked.Address)
	if err != nil {
		say(opening{Done: true, Fault: faultOf(err)})
		return
	}
	// The worker has a descriptor of its own; ours is not needed any more.
	defer func() { _ = conn.Close() }()
	raw, ok := conn.(syscall.Conn)
	if !ok {
		say(opening{Done: true, Fault: &fault{Kind: faultOther, Text: "the connection cannot be handed over"}})
		return
	}
	control, err := raw.SyscallConn()
	if err == nil {
		err = control.Control(func(fd uintptr) {
			w.throughDoor(opening{ID: asked.ID, Done: true}, unix.UnixRights(int(fd)))
		})
	}
	if err != nil {
		say(opening{Done: true, Fault: faultOf(err)})
	}
}

// throughDoor tells the worker something. One that does not listen is ended.
func (w *worker) throughDoor(o opening, rights []byte) {
	content, err := json.Marshal(o)
	if err == nil {
		err = w.door.SetWriteDeadline(time.Now().Add(writeWithin))
	}
	if err == nil {
		_, _, err = w.door.WriteMsgUnix(content, rights, nil)
	}
	if err != nil {
		w.hungUp("does not take the connections that it asks for, and was stopped")
	}
}

package isolate

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

// stop is why a worker ended: in words that go on after its name, and whose run was at fault; 0 where that cannot be told.
type stop struct {
	words   string
	culprit int64
}

// nobody is the culprit where a worker did nothing wrong.
const nobody = -1

// worker is a process that runs the probes of one partner, as its parent sees it.
type worker struct {
	options Options
	partner partners.Partner
	gate    *gate
	cmd     *exec.Cmd
	orders  *os.File
	answers *os.File
	prints  *os.File
	door    *net.UnixConn // nil where workers dial themselves

	writing sync.Mutex

	held map[string]httpcall.Breaker // breakers that are not closed, by name and host; for the one who listens alone

	mu      sync.Mutex
	waiting map[int64]chan answer
	last    int64 // id
	spare   int   // messages that it may still send before it is asked for the next run
	end     *stop
	printed tail
	started bool
	ready   chan struct{}
	exited  chan struct{} // the process is no more
	drained chan struct{} // all that it printed was read
	gone    chan struct{} // and all that was about it is over
}

// messagesEach is how many messages, beside its answer, a worker may send for each run that it is asked for: breakers
// that moved, and connections.
const messagesEach = 1000

// alive tells that the process was not ended, and did not end by itself.
func (w *worker) alive() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end == nil
}

// cause is why it ended.
func (w *worker) cause() stop {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end == nil {
		return stop{words: "it was stopped"}
	}
	return *w.end
}

// run has a probe run, and waits for the answer as long as the probe may take and no longer than the worker lives.
func (w *worker) run(ctx context.Context, config partners.ProbeConfig) (partners.ProbeResult, error) {
	message := order{Probe: pack(config)}
	if config.Kind == partners.KindDNS && config.Resolver == "" {
		servers, err := probe.Resolvers(config)
		if err != nil {
			return partners.ProbeResult{Class: partners.FailRequest, Problem: err.Error()}, nil
		}
		message.Resolvers = servers
		w.gate.also(servers)
	}
	done := w.expect(&message)
	w.send(message)
	overrun := time.NewTimer(probe.Within(config) + w.options.Limits.Grace)
	defer overrun.Stop()
	off := ctx.Done()
	for {
		select {
		case said := <-done:
			return said.outcome()
		case <-w.gone:
			select {
			case said := <-done: // the last that it did
				return said.outcome()
			default:
				return w.felled(message.ID), nil
			}
		case <-off:
			off = nil
			w.send(order{ID: message.ID, Off: true})
			overrun.Reset(w.options.Limits.Grace)
		case <-overrun.C:
			w.stop(stop{culprit: message.ID, words: fmt.Sprintf("ran the probe %s for longer than it may and did not end it, and was stopped", config.ID)})
		}
	}
}

// expect makes room for the answer to an order, which gets its id.
func (w *worker) expect(message *order) chan answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	message.ID = w.last
	w.spare = messagesEach
	done := make(chan answer, 1)
	w.waiting[message.ID] = done
	return done
}

// felled is how a run ended that the worker did not survive.
func (w *worker) felled(id int64) partners.ProbeResult {
	why := w.cause()
	words := calledOf(w.partner) + " " + why.words
	switch why.culprit {
	case 0, id:
		return broke(words)
	case nobody:
		return notTried(words)
	}
	return notTried("another probe of this partner brought the worker down: " + words)
}

// send writes a message. A worker that does not read is ended.
func (w *worker) send(message any) {
	content, err := line(message)
	if err == nil {
		w.writing.Lock()
		defer w.writing.Unlock()
		if err = w.orders.SetWriteDeadline(time.Now().Add(writeWithin)); err == nil {
			_, err = w.orders.Write(content)
		}
	}
	if err != nil {
		w.hungUp("does not take what it is told, and was stopped")
	}
}

// writeWithin is how long a worker has to read a message.
const writeWithin = 5 * time.Second

// stop ends the process for a reason. The first one counts.
func (w *worker) stop(why stop) {
	w.mu.Lock()
	first := w.end == nil
	if first {
		w.end = &why
	}
	w.mu.Unlock()
	if first {
		endGroup(w.cmd.Process)
	}
}

// dismiss ends a worker that did nothing wrong: it is told by the end of its orders, and not waited for long.
func (w *worker) dismiss() {
	w.mu.Lock()
	if w.end == nil {
		w.end = &stop{words: "was stopped because Sparky ends", culprit: nobody}
	}
	w.mu.Unlock()
	_ = w.orders.Close()
	timer := time.NewTimer(dismissed)
	defer timer.Stop()
	select {
	case <-w.gone:
	case <-timer.C:
		endGroup(w.cmd.Process)
		<-w.gone
	}
}

// dismissed is how long a worker has to end by itself.
const dismissed = time.Second

package isolate

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sparky/internal/httpcall"
)

var (
	errTwice = errors.New("it answers what nobody asked")
	errFlood = errors.New("it says too much")
	errState = errors.New("it tells of a breaker what none can be")
)

// listen takes what the worker says until it says no more, or something that it must not.
func (w *worker) listen() {
	from := newLines(w.answers, answerBytes)
	defer w.forget()
	for {
		var said answer
		err := from.next(&said)
		if err == nil {
			err = w.take(said)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			w.hungUp("closed the pipe by which it answers, and was stopped")
			return
		default:
			w.stop(stop{words: "sent what is no answer (" + err.Error() + "), and was stopped"})
			return
		}
	}
}

// take takes a message.
func (w *worker) take(said answer) error {
	switch {
	case said.Ready:
		return w.begin(said.Missing)
	case said.Breaker != nil:
		if !w.spend() {
			return errFlood
		}
		return w.moved(*said.Breaker)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	done := w.waiting[said.ID]
	if done == nil || said.Result == nil && said.Unmade == "" {
		return errTwice
	}
	delete(w.waiting, said.ID)
	done <- said
	return nil
}

// moved tells that a breaker moved. What it says of itself is a worker's word: its texts end, and hold no secret.
func (w *worker) moved(b httpcall.Breaker) error {
	if !slices.Contains([]httpcall.BreakerState{httpcall.BreakerClosed, httpcall.BreakerOpen, httpcall.BreakerHalfOpen}, b.State) {
		return errState
	}
	b.Name, b.Host = clip(b.Name, mostName), clip(b.Host, mostName)
	b.Why = clip(w.options.Redactor.Redact(b.Why), mostText)
	b.Since = time.Now()
	key := b.Name + " " + b.Host
	if b.State == httpcall.BreakerClosed {
		delete(w.held, key)
	} else if w.held[key] = b; len(w.held) > mostHeld {
		return errFlood
	}
	w.options.OnBreaker(w.partner.ID, b)
	return nil
}

// The most that a name of a breaker holds, in bytes, and how many breakers of a worker may be open: each is of a probe and
// a host.
const (
	mostName = 300
	mostHeld = 200
)

// forget tells that no call is held back any more by breakers that have ended with the worker.
func (w *worker) forget() {
	for _, b := range w.held {
		b.State, b.Since, b.Why = httpcall.BreakerClosed, time.Now(), ""
		w.options.OnBreaker(w.partner.ID, b)
	}
}

// begin notes that the worker is ready.
func (w *worker) begin(missing []string) error {
	w.mu.Lock()
	again := w.started
	w.started = true
	w.mu.Unlock()
	if again {
		return errTwice
	}
	if len(missing) > 0 {
		w.options.Log.Warn("a worker was started that is less apart than it should be", "partner", w.partner.ID, "missing", missing)
	}
	close(w.ready)
	return nil
}

// spend counts a message that is no answer, and tells whether the worker may send it.
func (w *worker) spend() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spare--
	return w.spare >= 0
}

// hungUp ends a worker that closed a pipe, unless the pipe closed because the process came to its end.
func (w *worker) hungUp(words string) {
	timer := time.NewTimer(endWithin)
	defer timer.Stop()
	select {
	case <-w.exited:
	case <-timer.C:
		w.stop(stop{words: words})
	}
}

// endWithin is how long a process may take from closing its pipes to its end.
const endWithin = time.Second

// drain reads what modules print, which nobody reads unless the worker fails.
func (w *worker) drain() {
	defer close(w.drained)
	buffer := make([]byte, 16<<10)
	for whole := 0; ; {
		n, err := w.prints.Read(buffer)
		whole += n
		w.mu.Lock()
		w.printed.add(buffer[:n])
		w.mu.Unlock()
		if err != nil {
			return
		}
		if most := w.options.Limits.Prints; whole > most {
			w.stop(stop{words: "printed more than " + megabytes(uint64(most)) + " and was stopped"})
		}
	}
}

// watchMemory ends a worker that has more memory than it may. What grows faster than this looks, the kernel refuses.
func (w *worker) watchMemory() {
	most := w.options.Limits.Memory
	for wait := memoryBusy; ; {
		timer := time.NewTimer(wait)
		select {
		case <-w.exited:
			timer.Stop()
			return
		case <-timer.C:
		}
		if memoryOf(w.cmd.Process.Pid) > most {
			w.stop(stop{words: w.overfed()})
		}
		if wait = memoryIdle; w.busy() {
			wait = memoryBusy
		}
	}
}

// How often the memory of a worker is looked at: while it runs probes, and while it does not.
const (
	memoryBusy = 200 * time.Millisecond
	memoryIdle = 2 * time.Second
)

func (w *worker) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) > 0
}

func (w *worker) overfed() string {
	return "used more than " + megabytes(w.options.Limits.Memory) + " of memory and was stopped"
}

func megabytes(bytes uint64) string { return fmt.Sprintf("%d MB", bytes>>20) }

// tail keeps the end of what was printed: a Go program says last why it ends.
type tail struct{ kept []byte }

const tailBytes = 16 << 10

func (t *tail) add(more []byte) {
	t.kept = append(t.kept, more...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
}

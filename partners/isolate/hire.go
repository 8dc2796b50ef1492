package isolate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// Command is what the program is called with to be a worker.
const Command = "worker"

// The descriptors of a worker, beside its input, where it gets its orders, and its two outputs, which are for prints.
const (
	answersFD = 3
	doorFD    = 4
	lastFD    = doorFD
)

// startWithin is how long a worker has to be ready: a busy machine takes a second.
const startWithin = 15 * time.Second

// hire starts a worker and waits until it is ready. Where workers dial by the parent, it does so until it is gone.
func hire(ctx context.Context, options Options, partner partners.Partner) (*worker, error) {
	w := &worker{
		options: options, partner: partner,
		gate:    &gate{client: options.Client, hosts: hostsOf(partner.Probes, options.Env)},
		waiting: map[int64]chan answer{}, spare: messagesEach, held: map[string]httpcall.Breaker{},
		ready: make(chan struct{}), exited: make(chan struct{}), drained: make(chan struct{}), gone: make(chan struct{}),
	}
	fail := func(err error) error { return fmt.Errorf("starting %s: %w", calledOf(partner), err) }
	if err := w.start(); err != nil {
		return nil, fail(err)
	}
	w.send(w.beginning())
	timer := time.NewTimer(startWithin)
	defer timer.Stop()
	select {
	case <-w.ready:
		options.Log.Debug("a worker was started", "partner", partner.ID, "pid", w.cmd.Process.Pid)
		return w, nil
	case <-w.gone:
		return nil, fail(errors.New("it " + w.cause().words))
	case <-timer.C:
		w.stop(stop{words: "was not ready in time"})
		<-w.gone
		return nil, fail(errors.New("it was not ready within " + startWithin.String()))
	case <-ctx.Done():
		w.dismiss()
		return nil, fail(ctx.Err())
	}
}

// start starts the process, and what looks after it until it is gone.
func (w *worker) start() (err error) {
	path, err := ourselves()
	if err != nil {
		return err
	}
	var inside []*os.File // for the worker; what is the parent's is closed when the worker is gone
	defer func() {
		for _, file := range inside {
			_ = file.Close()
		}
		if err != nil {
			w.closePipes()
		}
	}()
	pipe := func(ours **os.File, reading bool) {
		if err != nil {
			return
		}
		var r, other *os.File
		if r, other, err = os.Pipe(); err != nil {
			return
		}
		if !reading {
			r, other = other, r
		}
		*ours = r
		inside = append(inside, other)
	}
	pipe(&w.orders, false)
	pipe(&w.answers, true)
	pipe(&w.prints, true)
	if err != nil {
		return err
	}
	var doorstep *os.File
	if w.door, doorstep, err = newDoor(); err != nil {
		return err
	}
	// Nothing is said on the command line, where every process of the machine could read it.
	w.cmd = &exec.Cmd{Path: path, Args: []string{"sparky", Command}, Env: w.environment(), Dir: "/",
		Stdin: inside[0], Stdout: inside[2], Stderr: inside[2], ExtraFiles: []*os.File{inside[1]}}
	if doorstep != nil {
		inside = append(inside, doorstep)
		w.cmd.ExtraFiles = append(w.cmd.ExtraFiles, doorstep)
	}
	apart(w.cmd)
	if err := w.cmd.Start(); err != nil {
		return err
	}
	behind(w.cmd.Process.Pid)
	go w.attend()
	return nil
}

// attend looks after the process until it is gone, and says why it is.
func (w *worker) attend() {
	defer close(w.gone)
	var group sync.WaitGroup
	group.Go(w.listen)
	group.Go(w.drain)
	group.Go(w.watchMemory)
	group.Go(w.admit)
	ended := w.cmd.Wait()
	close(w.exited)
	endGroup(w.cmd.Process) // what it left behind, where it could
	timer := time.NewTimer(endWithin)
	select {
	case <-w.drained:
	case <-timer.C:
	}
	timer.Stop()
	w.conclude(ended)
	w.closePipes()
	group.Wait()
}

// conclude says why the worker ended, where nobody ended it.
func (w *worker) conclude(ended error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	printed := w.options.Redactor.Redact(string(w.printed.kept))
	if w.end == nil {
		words := lastWords(printed)
		switch {
		case outOfMemory(words):
			w.end = &stop{words: w.overfed()}
		case words != "":
			w.end = &stop{words: "broke and ended: " + clip(words, 200)}
		case ended == nil:
			w.end = &stop{words: "ended by itself"}
		default:
			w.end = &stop{words: "ended by itself (" + ended.Error() + ")"}
		}
	}
	if w.end.culprit != nobody {
		w.options.Log.Warn("a worker failed", "partner", w.partner.ID, "why", w.end.words, "printed", printed)
	}
}

func (w *worker) closePipes() {
	for _, file := range []*os.File{w.orders, w.answers, w.prints} {
		if file != nil {
			_ = file.Close()
		}
	}
	if w.door != nil {
		_ = w.door.Close()
	}
}

// environment is all of the environment that a worker gets: the way to the network, and Go's own settings. A module that
// takes all the time that it can get has one processor to take it from.
func (w *worker) environment() []string {
	memory := strconv.FormatUint(w.options.Limits.Memory/4*3, 10)
	env := []string{"GOMAXPROCS=1", "GOMEMLIMIT=" + memory, "GOTRACEBACK=single"}
	for _, name := range slices.Concat(proxyNames(), []string{"NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"}) {
		if value, ok := w.options.Env(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// beginning is what a worker is told first. Of the secrets it learns those that its own probes hold, so that it can keep
// them out of its texts.
func (w *worker) beginning() beginning {
	b := beginning{Partner: w.partner.ID, Memory: w.options.Limits.Memory, Calls: w.options.Calls(w.partner), Hosts: w.gate.hosts, Secrets: []string{}}
	var held strings.Builder
	for _, c := range w.partner.Probes {
		content, err := line(pack(c))
		if err != nil {
			continue // the run says so
		}
		held.Write(content)
	}
	for _, secret := range w.options.Secrets {
		quoted, err := line(secret.Reveal())
		if err != nil || len(quoted) <= len("\"\"\n") {
			continue
		}
		if strings.Contains(held.String(), string(quoted[1:len(quoted)-2])) {
			b.Secrets = append(b.Secrets, secret.Reveal())
		}
	}
	return b
}

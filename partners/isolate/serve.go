package isolate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

// Maker makes the probe of a configuration, whose calls the client makes.
type Maker func(partner string, config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error)

// Serve is a worker: it takes orders from standard input until that ends, and then the process is to end too. It gives
// up at once what a module has no need of. The error says what is wrong with the process that called it.
func Serve(makes Maker) error {
	// When a worker ends is for its parent to say, also where all of Sparky's processes are signalled together.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	if err := shed(); err != nil {
		return fmt.Errorf("closing what was inherited: %w", err)
	}
	orders := newLines(os.Stdin, orderBytes)
	var told beginning
	if err := orders.next(&told); err != nil {
		return fmt.Errorf("%w; sparky %s is started by Sparky itself, and by nobody else", err, Command)
	}
	answers := os.NewFile(answersFD, "answers")
	dial, err := dialler(told.Hosts)
	if err != nil || answers == nil {
		return errors.Join(fmt.Errorf("sparky %s is started by Sparky itself, and by nobody else", Command), err)
	}
	s := &server{partner: told.Partner, makes: makes, answers: answers, built: map[string]partners.Probe{}, running: map[int64]context.CancelFunc{}}
	secrets := make([]setting.Secret, len(told.Secrets))
	for i, secret := range told.Secrets {
		secrets[i] = setting.NewSecret(secret)
	}
	c := told.Calls
	s.client = httpcall.New(httpcall.Options{Timeout: c.Timeout, AttemptTimeout: c.AttemptTimeout, Retries: c.Retries, MinWait: c.MinWait, MaxWait: c.MaxWait,
		Breaker: c.Breaker, OnBreaker: func(b httpcall.Breaker) { s.say(answer{Breaker: &b}) },
		Redactor: setting.NewRedactor(secrets...), PublicOnly: true, Dial: dial})
	s.say(answer{Ready: true, Missing: confine(told.Memory)})
	for {
		var next order
		err := orders.next(&next)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading an order: %w", err)
		}
		s.obey(next)
	}
}

// server is the inside of a worker.
type server struct {
	partner string
	makes   Maker
	client  *httpcall.Client

	writing sync.Mutex
	answers *os.File

	mu      sync.Mutex
	built   map[string]partners.Probe
	running map[int64]context.CancelFunc
}

// say writes a message to the parent. One that cannot be written is lost together with the parent.
func (s *server) say(message answer) {
	content, err := line(message)
	if err != nil {
		content, _ = line(answer{ID: message.ID, Result: new(broke("the result cannot be told: " + err.Error()))})
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = s.answers.Write(content)
}

// obey begins a run, or calls one off.
func (s *server) obey(o order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Off {
		if cancel := s.running[o.ID]; cancel != nil {
			cancel()
		}
		return
	}
	if o.Probe == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	if o.Resolvers != nil {
		ctx = probe.WithResolvers(ctx, o.Resolvers)
	}
	s.running[o.ID] = cancel
	go s.run(ctx, o.ID, o.Probe.unpack()) // until it is over, or the process is
}

func (s *server) run(ctx context.Context, id int64, config partners.ProbeConfig) {
	said := answer{ID: id}
	if one, err := s.ready(config); err != nil {
		said.Unmade = err.Error()
	} else {
		result := probe.Run(ctx, s.partner, config, one, time.Now)
		said.Result = &result
	}
	s.mu.Lock()
	s.running[id]()
	delete(s.running, id)
	s.mu.Unlock()
	s.say(said)
}

// ready is the probe, made when it is first run. A module that panics here is as one that panics when it runs.
func (s *server) ready(config partners.ProbeConfig) (made partners.Probe, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.built[config.ID] != nil {
		return s.built[config.ID], nil
	}
	defer func() {
		if cause := recover(); cause != nil {
			made, err = func(context.Context) (partners.Finding, error) { panic(cause) }, nil
		}
	}()
	if made, err = s.makes(s.partner, config, s.client); err == nil {
		s.built[config.ID] = made
	}
	return made, err
}

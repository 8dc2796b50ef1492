package newrelic

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

const (
	// sendEvery is how long an event waits for others to go with it.
	sendEvery = 5 * time.Second
	// The wait after a failure doubles from the first to the last.
	firstWait = time.Second
	lastWait  = time.Minute
	// flushWithin is how long a shutdown waits for what is left.
	flushWithin = 3 * time.Second
)

// Sender tells New Relic how probes end. It is told without waiting, and sends by itself while it runs. New Relic knows no
// key for an event: what was sent and not acknowledged is sent again, so that an event may come twice and is not lost.
type Sender struct {
	client *httpcall.Client
	url    string
	now    func() time.Time
	jitter func() float64
	queue  *queue

	mu      sync.Mutex
	sent    int
	problem string
}

// Clock is time and chance, from outside.
type Clock struct {
	Now    func() time.Time
	Jitter func() float64 // from 0 up to, not including, 1
}

// EventsAuth is the credential by which events are sent.
func (c Config) EventsAuth() httpcall.Auth {
	return httpcall.Auth{Header: &httpcall.Header{Name: "Api-Key", Value: c.LicenseKey}, Host: c.EventsURL}
}

// NewSender is a sender of the account. The client carries EventsAuth and does not retry: the sender does.
func NewSender(c Config, client *httpcall.Client, clock Clock) *Sender {
	return &Sender{client: client, url: fmt.Sprintf("%s/v1/accounts/%d/events", strings.TrimRight(c.EventsURL, "/"), c.AccountID),
		now: clock.Now, jitter: clock.Jitter, queue: newQueue(mostQueued)}
}

// Tell takes the result of a probe, whose texts hold no secret. It returns at once; when too much waits the oldest is
// dropped.
func (s *Sender) Tell(c partners.ProbeConfig, r partners.ProbeResult) {
	s.queue.add(eventsOf(c, r), s.now())
}

// Sending is how the sending goes.
type Sending struct {
	Waiting int    // events
	Sent    int    // events that New Relic has acknowledged
	Dropped int    // events that were too many, too old, or refused
	Problem string // why nothing can be sent, in words with the mend; empty while it goes well
}

// State is how it goes now.
func (s *Sender) State() Sending {
	waiting, _, dropped := s.queue.state()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Sending{Waiting: waiting, Sent: s.sent, Dropped: dropped, Problem: s.problem}
}

// Run sends until ctx is done, and then once more what is left, within three seconds.
func (s *Sender) Run(ctx context.Context) error {
	// What is on its way when ctx ends goes on: called off, it would be sent again although it has arrived.
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		s.rest(sending, flushWithin)
		cancel()
	})()
	failures := 0
	for s.gather(ctx) {
		wait, err := s.send(sending)
		if err == nil {
			failures = 0
			continue
		}
		failures++
		s.rest(ctx, max(wait, s.backoff(failures)))
	}
	for {
		if waiting, _, _ := s.queue.state(); waiting == 0 {
			return nil
		}
		if _, err := s.send(sending); err != nil {
			return nil // it is told as the state's problem; nobody is left to do anything about it
		}
	}
}

// gather waits until there is a batch, or some of it for long enough. It is false when ctx is done.
func (s *Sender) gather(ctx context.Context) bool {
	for ctx.Err() == nil {
		waiting, since, _ := s.queue.state()
		left := sendEvery - s.now().Sub(since)
		switch {
		case waiting >= maxEvents || waiting > 0 && left <= 0:
			return true
		case waiting == 0:
			left = time.Hour
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
		case <-s.queue.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return false
}

func (s *Sender) rest(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (s *Sender) backoff(failures int) time.Duration {
	wait := min(firstWait<<min(failures-1, 10), lastWait)
	return wait/2 + time.Duration(s.jitter()*float64(wait/2))
}

// send sends one batch. An error means that it waits in the queue again; wait is how long New Relic asks us to.
func (s *Sender) send(ctx context.Context) (wait time.Duration, err error) {
	batch := s.queue.take(s.now(), maxEvents, goodPayload)
	for len(batch) > 0 {
		answer, err := s.post(ctx, batch)
		if err != nil {
			s.queue.back(batch)
			return 0, s.failed(fmt.Errorf("sending results to New Relic: %w", err))
		}
		switch status := answer.Status; {
		case status >= 200 && status < 300 && taken(answer.Body):
			s.passed(len(batch))
			return 0, nil
		case status >= 200 && status < 300:
			s.queue.back(batch)
			return 0, s.failed(fmt.Errorf("the answer to results is %d, but not New Relic's word that it has them; check new_relic.events_url, and whether a proxy or a login page stands before it", status))
		case status == http.StatusRequestEntityTooLarge && len(batch) > 1:
			half := len(batch) / 2
			s.queue.back(batch[half:])
			batch = batch[:half]
			continue
		case again(status):
			s.queue.back(batch)
			return retryAfter(answer.Header), s.failed(errors.New(refusal(status)))
		default:
			s.queue.drop(len(batch))
			s.lost(len(batch), status)
			return 0, nil
		}
	}
	return 0, nil
}

// post sends a batch, packed.
func (s *Sender) post(ctx context.Context, batch []event) (httpcall.Response, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for i, e := range batch {
		_, _ = w.Write([]byte{"[,"[min(i, 1)]}) // a buffer takes everything
		_, _ = w.Write(e.body)
	}
	_, _ = w.Write([]byte("]"))
	if err := w.Close(); err != nil {
		return httpcall.Response{}, fmt.Errorf("packing %d events: %w", len(batch), err)
	}
	return s.client.Do(ctx, httpcall.Request{Method: http.MethodPost, URL: s.url, Body: packed.Bytes(),
		Header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}})
}

// taken tells that the answer is New Relic's word that it has the events: a page of something in between is none.
func taken(body []byte) bool {
	var word struct {
		Success bool `json:"success"`
	}
	return json.Unmarshal(body, &word) == nil && word.Success
}

// again tells that the same batch may be taken later: New Relic has trouble, is asked too often, or somebody has to mend
// the key.
func again(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	}
	return status >= 500 || status >= 300 && status < 400
}

func refusal(status int) string {
	switch {
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return "New Relic does not accept the key for sending results (" + strconv.Itoa(status) +
			"); new_relic.license_key must be a license key of this account, and events_url that of its region"
	case status == http.StatusTooManyRequests:
		return "New Relic asks us to send results more slowly (429)"
	default:
		return "New Relic takes no results now (" + strconv.Itoa(status) + ")"
	}
}

// retryAfter is how long we are asked to wait; at most five minutes are believed.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 5*time.Minute)
}

func (s *Sender) failed(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = err.Error()
	return err
}

func (s *Sender) passed(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += n
	s.problem = ""
}

func (s *Sender) lost(n, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = fmt.Sprintf("New Relic refused %d results for good (%d); it is asked to take newer ones", n, status)
}

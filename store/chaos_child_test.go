package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"sparky/changes"
	"sparky/incidents"
	"sparky/partners"
	"sparky/scheduler"
)

// childEnv holds, in the environment of the test binary run once more, what the child of the chaos test is to do.
const childEnv = "SPARKY_STORE_TEST_CHILD"

// task is what a child is told.
type task struct {
	Store, Provider string
	Effects         int
	Blind           bool // look nothing up
}

// The bounds of the chaos test. The provider does nothing later than the deadline that a request names, and finds what
// happened after lag.
const (
	chaosTimeout = 700 * time.Millisecond
	chaosLag     = 300 * time.Millisecond
	chaosSettle  = chaosTimeout + chaosLag + 100*time.Millisecond
	perPoll      = 5
	pictures     = 8
)

var chaosKinds = []string{"ticket", "page", "post"}

// child is a Sparky in small: it records effects with the entries that call for them and carries them out, until it is
// killed or its input ends.
func child(encoded string) int {
	var todo task
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := json.Unmarshal([]byte(encoded), &todo); err != nil {
		return complain(err)
	}
	s, err := Open(ctx, todo.Store, Options{})
	if err != nil {
		return complain(err)
	}
	route := scheduler.Route{Performer: remote{todo}, Timeout: chaosTimeout, Settle: chaosSettle, Concurrency: 2}
	routes := map[string]scheduler.Route{"card": route}
	for _, kind := range chaosKinds {
		routes[kind] = route
	}
	d := scheduler.NewDispatcher(s, routes, scheduler.Options{
		Woken: s.Recorded(), Poll: 20 * time.Millisecond, Margin: 200 * time.Millisecond, Grace: time.Second,
	})
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin) // returns when the parent closes it
		if err != nil {
			complain(err)
		}
		cancel()
	}()
	fmt.Println("ready")
	err = recordAll(ctx, s, todo.Effects)
	if err == nil {
		err = awaitAll(ctx, s)
	}
	cancel()
	if err := errors.Join(err, <-ended, s.Close()); err != nil && !errors.Is(err, context.Canceled) {
		return complain(err)
	}
	return 0
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "child:", err)
	return 1
}

// recordAll goes on recording where an earlier child was killed, as the entries tell.
func recordAll(ctx context.Context, s *Store, count int) error {
	known, err := s.Entries(ctx, changes.Query{})
	if err != nil {
		return err
	}
	for from := len(known); from < count; from += perPoll {
		if err := s.RecordPoll(ctx, chaosPoll(from)); err != nil {
			return err
		}
	}
	return nil
}

// chaosPoll is the round that finds the entries from the given one on; each calls for a deed, and all for new drawings.
func chaosPoll(from int) changes.Poll {
	var poll changes.Poll
	for i := from; i < from+perPoll; i++ {
		poll.Entries = append(poll.Entries, changes.Entry{Change: partners.Change{Partner: "p", Source: "s", Key: fmt.Sprint(i)}})
		poll.Effects = append(poll.Effects, incidents.NewEffect(chaosKinds[i%len(chaosKinds)], fmt.Sprintf("deed-%d", i), i))
	}
	card := incidents.NewEffect("card", fmt.Sprintf("card-%d", from/perPoll%pictures), from)
	card.Picture = true
	poll.Effects = append(poll.Effects, card)
	return poll
}

// awaitAll returns when nothing is left to do, and says so.
func awaitAll(ctx context.Context, s *Store) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		due, err := s.Due(ctx)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			fmt.Println("done")
			<-ctx.Done()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// remote carries effects out at the provider in the parent.
type remote struct{ task }

type refusal struct{ status string }

func (r refusal) Error() string { return "the provider said " + r.status }
func (r refusal) Refused() bool { return true }

func (r remote) call(ctx context.Context, path string, form url.Values) ([]byte, int, error) {
	if deadline, ok := ctx.Deadline(); ok {
		form.Set("deadline", fmt.Sprint(deadline.UnixMilli()))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Provider+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	body, err := io.ReadAll(response.Body)
	return body, response.StatusCode, errors.Join(err, response.Body.Close())
}

func (r remote) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	body, status, err := r.call(ctx, "/do", url.Values{"key": {key}, "payload": {string(payload)}, "id": {string(previous)}})
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, refusal{http.StatusText(status)}
	}
	return body, nil
}

func (r remote) Find(ctx context.Context, key string, _ []byte) ([]byte, bool, error) {
	if r.Blind {
		return nil, false, nil
	}
	body, status, err := r.call(ctx, "/find", url.Values{"key": {key}})
	return body, err == nil && status == http.StatusOK, err
}

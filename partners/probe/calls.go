package probe

import (
	"cmp"
	"context"
	"errors"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// Do makes a call and notes it as one of a service's, by the name of what it does: New Relic is told of it. Empty names
// are filled in with the partner's id and the probe's. Calls that clean up are not noted.
func Do(ctx context.Context, client *httpcall.Client, service, action string, request httpcall.Request) (httpcall.Response, error) {
	watch := watchIn(ctx)
	if watch == nil {
		return client.Do(ctx, request)
	}
	at := watch.now()
	answer, err := client.Do(ctx, request)
	var never *httpcall.Error
	if errors.As(err, &never) && never.Attempts == 0 {
		return answer, err // held back by the breaker, or could not be sent
	}
	watch.called(partners.Call{Service: service, Action: action, At: at, Took: max(watch.now().Sub(at), 0), Status: answer.Status})
	return answer, err
}

// mostCalls bounds how many calls of one run are noted: a probe makes a handful.
const mostCalls = 100

func (w *stopwatch) called(c partners.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.frozen && len(w.calls) < mostCalls {
		w.calls = append(w.calls, c)
	}
}

// madeBy are the calls of a probe, named.
func (w *stopwatch) madeBy(partner, probe string) []partners.Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.calls {
		w.calls[i].Service, w.calls[i].Action = cmp.Or(w.calls[i].Service, partner), cmp.Or(w.calls[i].Action, probe)
	}
	return w.calls
}

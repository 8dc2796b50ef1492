package httpcall

import (
	"context"
	"net/http"
	"net/url"
)

// Seen is an answer that came to a call made with Watched: the last of its attempts, redirects included.
type Seen struct {
	Method string
	URL    *url.URL // as it was called, with its query: it may hold a secret
	Status int
	Header http.Header
}

type watchKey struct{}

// Watched has watch see every answer that comes to calls made with the context, those of a library and those for an access
// token too. It is called by the goroutine that makes the call and must not keep what it is given.
func Watched(ctx context.Context, watch func(Seen)) context.Context {
	return context.WithValue(ctx, watchKey{}, watch)
}

func tellWatch(req *http.Request, resp *http.Response) {
	if watch, ok := req.Context().Value(watchKey{}).(func(Seen)); ok {
		watch(Seen{Method: req.Method, URL: req.URL, Status: resp.StatusCode, Header: resp.Header})
	}
}

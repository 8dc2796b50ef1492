package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// supplier is a partner of the soak: an API, a status page of Statuspage's form and an Atom feed at one address.
type supplier struct {
	name    string
	address string
	server  *http.Server

	mu      sync.Mutex
	failing bool
	gone    bool // connections that stand are cut
	mute    bool // its feed answers 500
	post    *supplierPost
	entries []supplierEntry // newest last
}

// supplierPost is what a supplier's page says is wrong.
type supplierPost struct {
	id    int
	began time.Time
}

// supplierEntry is what a supplier announced.
type supplierEntry struct {
	n     int
	title string
	at    time.Time
}

// supplierLists is how many entries a feed lists, as real ones do.
const supplierLists = 20

// open serves the supplier.
func (s *supplier) open(listen func(string) (net.Listener, error)) error {
	l, err := listen("")
	if err != nil {
		return err
	}
	s.address = "http://" + l.Addr().String()
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(l) }()
	return nil
}

// ServeHTTP answers what is asked, as the supplier now is.
func (s *supplier) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		panic(http.ErrAbortHandler)
	case r.URL.Path == "/feed":
		s.feed(rw, r)
	case strings.HasPrefix(r.URL.Path, "/api/v2/"):
		rw.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(rw).Encode(s.page())
	case s.failing:
		http.Error(rw, "upstream is not available", http.StatusServiceUnavailable)
	default:
		_, _ = rw.Write([]byte(`{"ok":true}`))
	}
}

func (s *supplier) page() map[string]any {
	indicator, listed := "none", []any{}
	if s.post != nil {
		at := s.post.began.Format(time.RFC3339)
		indicator = "critical"
		listed = append(listed, map[string]any{"id": fmt.Sprint("post", s.post.id), "name": "The API does not answer", "status": "investigating", "impact": "critical",
			"created_at": at, "updated_at": at, "started_at": at, "shortlink": s.address + "/posts/" + fmt.Sprint(s.post.id),
			"incident_updates": []any{map[string]any{"id": "u1", "status": "investigating", "body": "We look into it.", "created_at": at, "updated_at": at}}})
	}
	return map[string]any{
		"page":       map[string]any{"id": "x", "name": s.name, "url": s.address, "updated_at": time.Now().Format(time.RFC3339)},
		"status":     map[string]any{"indicator": indicator, "description": "As it is"},
		"components": []any{}, "incidents": listed, "scheduled_maintenances": []any{},
	}
}

func (s *supplier) feed(rw http.ResponseWriter, r *http.Request) {
	tag := fmt.Sprintf(`"%d"`, len(s.entries))
	switch {
	case s.mute:
		http.Error(rw, "not now", http.StatusInternalServerError)
		return
	case r.Header.Get("If-None-Match") == tag:
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	rw.Header().Set("Content-Type", "application/atom+xml")
	rw.Header().Set("ETag", tag)
	fmt.Fprintf(rw, `<feed xmlns="http://www.w3.org/2005/Atom"><title>%s</title><id>%s</id><updated>%s</updated>`, s.name, s.address, time.Now().Format(time.RFC3339))
	for i := len(s.entries) - 1; i >= max(0, len(s.entries)-supplierLists); i-- {
		e := s.entries[i]
		fmt.Fprintf(rw, `<entry><id>%s/%d</id><title>%s</title><updated>%s</updated><link href="%s/news/%d"/><content type="text">%s. %s</content></entry>`,
			s.address, e.n, e.title, e.at.Format(time.RFC3339), s.address, e.n, e.title, strings.Repeat("It is described on our site in more words. ", 10))
	}
	fmt.Fprint(rw, `</feed>`)
}

// change changes the supplier.
func (s *supplier) change(do func(s *supplier)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
}

// announces adds an entry to the supplier's feed.
func (s *supplier) announces(title string) {
	s.change(func(s *supplier) { s.entries = append(s.entries, supplierEntry{len(s.entries), title, time.Now()}) })
}

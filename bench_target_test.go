package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// target is what a farm's probes ask: /N is probe N, /page/N/… the status page of partner N.
type target struct {
	asked atomic.Int64
	// Probes from the one up to the other are answered 500.
	broken, until atomic.Int64

	mu       sync.Mutex
	keeps    bool
	first    []time.Time // by probe
	arrivals []arrival
}

// arrival is a probe's request.
type arrival struct {
	probe int
	at    time.Time
}

func newTarget(probes int) *target { return &target{first: make([]time.Time, probes), keeps: true} }

// ServeHTTP answers what a healthy partner would.
func (t *target) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	at := time.Now()
	if strings.HasPrefix(r.URL.Path, "/page/") {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(calmPage))
		return
	}
	probe, err := strconv.Atoi(r.URL.Path[1:])
	if err != nil || probe >= len(t.first) {
		http.NotFound(rw, r)
		return
	}
	t.asked.Add(1)
	t.mu.Lock()
	if t.first[probe].IsZero() {
		t.first[probe] = at
	}
	if t.keeps {
		t.arrivals = append(t.arrivals, arrival{probe, at})
	}
	t.mu.Unlock()
	if n := int64(probe); n >= t.broken.Load() && n < t.until.Load() {
		rw.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = rw.Write([]byte(`{"ok":true}`))
}

// breaks has the probes from the one up to the other fail, and the rest pass.
func (t *target) breaks(from, until int64) {
	t.until.Store(0)
	t.broken.Store(from)
	t.until.Store(until)
}

// since are the arrivals after a moment, in order.
func (t *target) since(from time.Time) []arrival {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []arrival
	for _, a := range t.arrivals {
		if a.at.After(from) {
			found = append(found, a)
		}
	}
	return found
}

// missing is how many probes have not been asked, and last when the last of the others was asked first.
func (t *target) missing() (missing int, last time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, at := range t.first {
		if at.IsZero() {
			missing++
		}
		if at.After(last) {
			last = at
		}
	}
	return missing, last
}

// calmPage is a page of Statuspage's form on which all is well.
const calmPage = `{"page":{"id":"x","name":"Partner","url":"http://127.0.0.1","updated_at":"2026-01-01T00:00:00Z"},
"status":{"indicator":"none","description":"All Systems Operational"},"components":[],"incidents":[],"scheduled_maintenances":[]}`

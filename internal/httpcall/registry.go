package httpcall

import (
	"sync"
	"time"
)

// crowded is the number of entries above which a registry forgets those that were not used for long. Redirects can
// name any number of hosts.
const crowded = 1024

// registry keeps one value a key, made when it is first asked for.
type registry[K comparable, V any] struct {
	idle    time.Duration // after which an entry may be forgotten
	mu      sync.Mutex
	entries map[K]*entry[V]
}

type entry[V any] struct {
	value V
	used  time.Time
}

func newRegistry[K comparable, V any](idle time.Duration) *registry[K, V] {
	return &registry[K, V]{idle: idle, entries: map[K]*entry[V]{}}
}

// get is the value of the key. make is called under the registry's lock and must not use the registry.
func (r *registry[K, V]) get(key K, make func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	found, ok := r.entries[key]
	if !ok {
		r.forget(now)
		found = &entry[V]{value: make()}
		r.entries[key] = found
	}
	found.used = now
	return found.value
}

func (r *registry[K, V]) forget(now time.Time) {
	if len(r.entries) < crowded {
		return
	}
	for key, entry := range r.entries {
		if now.Sub(entry.used) > r.idle {
			delete(r.entries, key)
		}
	}
}

// all is every value, in no order.
func (r *registry[K, V]) all() []V {
	r.mu.Lock()
	defer r.mu.Unlock()
	values := make([]V, 0, len(r.entries))
	for _, entry := range r.entries {
		values = append(values, entry.value)
	}
	return values
}

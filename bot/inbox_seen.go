package bot

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// Slack brings an event again at once, after a minute and after five (docs.slack.dev, Events API): what was seen is
// remembered for longer than that. Slack sends at most 30,000 events an hour, of which rememberMost is more than
// rememberFor holds.
const (
	rememberFor  = 10 * time.Minute
	rememberMost = 20000
)

// memory knows what came lately, by id.
type memory struct {
	mu    sync.Mutex
	ids   map[string]time.Time
	order []remembered
}

type remembered struct {
	id string
	at time.Time
}

func newMemory() *memory { return &memory{ids: map[string]time.Time{}} }

// first tells whether none of the ids was seen lately, and remembers them all.
func (m *memory) first(ids []string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.expire(now)
	fresh := true
	for _, id := range ids {
		if _, seen := m.ids[id]; seen {
			fresh = false
			continue
		}
		m.ids[id] = now
		m.order = append(m.order, remembered{id, now})
	}
	return fresh
}

// forget makes ids new again: what they stood for was not taken on.
func (m *memory) forget(ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.ids, id)
	}
}

func (m *memory) expire(now time.Time) {
	gone := 0
	for gone < len(m.order) && (now.Sub(m.order[gone].at) > rememberFor || len(m.order)-gone > rememberMost) {
		// An id that was forgotten and came again has a younger entry further on.
		if old := m.order[gone]; m.ids[old.id].Equal(old.at) {
			delete(m.ids, old.id)
		}
		gone++
	}
	m.order = m.order[gone:]
}

// randomReference is short enough to be read out, and rare enough for a log of some days.
func randomReference() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

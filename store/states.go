package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"sparky/incidents"
)

// states are how probes stood when that was last read. Most of what a decision reads is as it was before, and decoding it
// would be most of what it costs.
type states struct {
	mu    sync.Mutex
	byKey map[string]readState
}

// readState is how a probe stands, and the text that says so.
type readState struct {
	body  string
	state incidents.ProbeState
	whole bool // the text says nothing that this Sparky has no field for
}

// read is what a text says of a probe. Its result shares memory with earlier ones: what is in it may be replaced, not changed.
func (s *states) read(key string, body []byte) (readState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.byKey[key]; ok && known.body == string(body) {
		return known, nil
	}
	fresh := readState{body: string(body)}
	if err := decode(fresh.body, &fresh.state); err != nil {
		return readState{}, err
	}
	encoded, err := json.Marshal(fresh.state)
	fresh.whole = err == nil && string(encoded) == fresh.body
	s.keep(key, fresh)
	return fresh, nil
}

// put remembers what a probe's row holds once it is kept. Where it is not after all, the row holds another text.
func (s *states) put(key string, fresh readState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(key, fresh)
}

func (s *states) keep(key string, fresh readState) {
	if s.byKey == nil {
		s.byKey = map[string]readState{}
	}
	s.byKey[key] = fresh
}

// knownIncidents are incidents as they were when they were last read: those that are open stand in every decision, and
// nearly all of them are as they were.
type knownIncidents struct {
	mu   sync.Mutex
	byID map[string]*readIncident
}

// readIncident is an incident, and the text that says so.
type readIncident struct {
	body     string
	incident incidents.Incident
	at       time.Time // when it was read last
}

// knownFor is for how long an incident is known that nobody reads: what is open is read every few minutes.
const knownFor = 15 * time.Minute

// read is what a text says of an incident. Its result shares memory with earlier ones: who changes it changes a Clone.
func (k *knownIncidents) read(id, body string) (*incidents.Incident, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if known, ok := k.byID[id]; ok && known.body == body {
		known.at = now
		return &known.incident, nil
	}
	fresh := &readIncident{body: body, at: now}
	if err := decode(body, &fresh.incident); err != nil {
		return nil, fmt.Errorf("incident %s: %w", id, err)
	}
	if k.byID == nil {
		k.byID = map[string]*readIncident{}
	}
	maps.DeleteFunc(k.byID, func(_ string, known *readIncident) bool { return now.Sub(known.at) > knownFor })
	k.byID[id] = fresh
	return &fresh.incident, nil
}

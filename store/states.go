package store

import (
	"sync"

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
	if s.byKey == nil {
		s.byKey = map[string]readState{}
	}
	s.byKey[key] = fresh
	return fresh, nil
}

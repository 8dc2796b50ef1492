package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"sparky/changes"
)

// losses are the things that could not be kept when that was last tried.
type losses struct {
	mu    sync.Mutex
	since map[string]time.Time // by what was being done
	last  string
}

// Problem says why something could not be kept when it was last tried, and since when that has been so. It is empty
// while everything is kept. It asks nothing of the database.
func (s *Store) Problem() (words string, since time.Time) {
	s.losses.mu.Lock()
	defer s.losses.mu.Unlock()
	for _, at := range s.losses.since {
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	if since.IsZero() {
		return "", since
	}
	return s.losses.last, since
}

// kept notes how an attempt to write ended, and is its error.
func (s *Store) kept(doing string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, changes.ErrOvertaken) {
		return err // says nothing of the database
	}
	s.losses.mu.Lock()
	defer s.losses.mu.Unlock()
	if err == nil {
		delete(s.losses.since, doing)
		return nil
	}
	s.losses.last = err.Error()
	if s.losses.since == nil {
		s.losses.since = map[string]time.Time{}
	}
	if _, failing := s.losses.since[doing]; !failing {
		s.losses.since[doing] = time.Now()
	}
	return err
}

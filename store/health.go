package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"sparky/changes"
	"sparky/scheduler"
)

// A failure is over when the same thing succeeds, and because some things come round once in hours, also briefly after it
// happened alone, or lately after it happened last.
const (
	briefly = 30 * time.Second
	lately  = 10 * time.Minute
)

// losses are the things that could not be kept when that was last tried.
type losses struct {
	mu    sync.Mutex
	doing map[string]loss

	damage *loss // of what is kept; nil: none was found
}

type loss struct {
	words       string
	since, last time.Time
}

// Problem says why something cannot be kept, and since when that has been so. It is empty while everything is kept. It
// asks nothing of the database.
func (s *Store) Problem() (words string, since time.Time) {
	s.losses.mu.Lock()
	defer s.losses.mu.Unlock()
	if l := s.losses.damage; l != nil {
		return l.words, l.since
	}
	for doing, l := range s.losses.doing {
		age := time.Since(l.last)
		switch {
		case age > lately:
			delete(s.losses.doing, doing)
		case age >= briefly && l.last.Sub(l.since) < briefly:
		case since.IsZero() || l.since.Before(since):
			words, since = l.words, l.since
		}
	}
	return words, since
}

// kept notes how an attempt to write ended, and is its error.
func (s *Store) kept(doing string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, changes.ErrOvertaken) || errors.Is(err, scheduler.ErrFenced) {
		return err // says nothing of the database
	}
	s.losses.mu.Lock()
	defer s.losses.mu.Unlock()
	if err == nil {
		delete(s.losses.doing, doing)
		return nil
	}
	l := s.losses.doing[doing]
	l.words, l.last = err.Error(), time.Now()
	if l.since.IsZero() {
		l.since = l.last
	}
	if s.losses.doing == nil {
		s.losses.doing = map[string]loss{}
	}
	s.losses.doing[doing] = l
	return err
}

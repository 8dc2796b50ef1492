package main

import (
	"context"
	"errors"
	"time"

	"sparky/store"
)

// currentEvery is how often a replica looks whether a newer one has taken the database further than it may go.
const currentEvery = 5 * time.Second

// current ends this Sparky, by its error, once a newer one has changed the tables in a way that it does not know.
func (s *sparky) current(ctx context.Context) error {
	tick := time.NewTicker(currentEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		// That the database cannot be asked is said elsewhere.
		if err := s.memory.Current(ctx); errors.Is(err, store.ErrOutdated) {
			return err
		}
	}
}

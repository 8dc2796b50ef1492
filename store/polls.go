package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sparky/changes"
	"sparky/scheduler"
)

const keepingPolls = "keep what a round over the sources found"

// RecordPoll implements changes.Memory. Recording the same poll again changes nothing.
func (s *Store) RecordPoll(ctx context.Context, poll changes.Poll) error {
	if len(poll.Entries)+len(poll.Effects)+len(poll.Runs)+len(poll.Documents) == 0 {
		return s.recordQuiet(ctx, poll)
	}
	return s.recordPoll(ctx, poll)
}

func (s *Store) recordPoll(ctx context.Context, poll changes.Poll) error {
	now, err := s.clock.now(ctx)
	if err != nil {
		return err
	}
	err = s.inTxAgain(ctx, keepingPolls, func(tx *sql.Tx) error {
		for _, state := range poll.States {
			if err := saveSource(ctx, tx, state, poll.Since); err != nil {
				return fmt.Errorf("source %s: %w", state.Source, err)
			}
		}
		for _, entry := range poll.Entries {
			if err := saveEntry(ctx, tx, entry, now); err != nil {
				return fmt.Errorf("entry %s: %w", entry.Key, err)
			}
		}
		for _, run := range poll.Runs {
			if err := beginRun(ctx, tx, run, now); err != nil {
				return fmt.Errorf("compatibility run %s: %w", run.ID, err)
			}
		}
		for _, document := range poll.Documents {
			if err := saveDocument(ctx, tx, document); err != nil {
				return err
			}
		}
		effects, err := s.untilMorning(ctx, tx, poll.Effects, now)
		if err != nil {
			return err
		}
		return saveEffects(ctx, tx, effects, now, nil)
	})
	if err == nil && len(poll.Effects)+len(poll.Runs) > 0 {
		s.wake()
	}
	return err
}

// quietPolls are polls that found nothing new. Nearly all are of that kind, and those which wait while another is being kept
// are kept together after it.
type quietPolls struct {
	turn  chan struct{}                           // held by who keeps polls
	polls together[scheduler.Fence, changes.Poll] // by the lease under which they are kept
}

func newQuietPolls() *quietPolls { return &quietPolls{turn: make(chan struct{}, 1)} }

// recordQuiet keeps a poll with those that wait beside it, or, where that fails, by itself and under its own ctx.
func (s *Store) recordQuiet(ctx context.Context, poll changes.Poll) error {
	if err := ctx.Err(); err != nil {
		return explain(keepingPolls, err)
	}
	lease := context.WithoutCancel(ctx)
	fence, _ := scheduler.FenceOf(ctx)
	mine, before := s.quiet.polls.join(fence, poll)
	var err error
	if before == 0 {
		err = s.keepQuiet(lease, fence, mine)
	} else {
		err = mine.await(lease)
	}
	if errors.Is(err, errAlone) {
		return s.recordPoll(ctx, poll)
	}
	return err
}

// keepQuiet keeps polls under one lease in one transaction.
func (s *Store) keepQuiet(lease context.Context, fence scheduler.Fence, mine *party[changes.Poll]) error {
	return s.quiet.polls.lead(fence, mine, func(take func() []changes.Poll) error {
		s.quiet.turn <- struct{}{}
		defer func() { <-s.quiet.turn }()
		keep, cancel := context.WithTimeout(lease, keepTimeout)
		defer cancel()
		return s.keepSources(keep, take())
	})
}

func (s *Store) keepSources(ctx context.Context, all []changes.Poll) error {
	type source struct {
		state changes.SourceState
		poll  changes.Poll
	}
	var sources []source
	for _, one := range all {
		for _, state := range one.States {
			sources = append(sources, source{state, one})
		}
	}
	// Replicas that wait for each other's rows do so one way round.
	slices.SortStableFunc(sources, func(a, b source) int {
		return strings.Compare(a.state.Partner+"\x00"+a.state.Source, b.state.Partner+"\x00"+b.state.Source)
	})
	if err := s.ready(ctx, keepSource); err != nil {
		return s.kept(keepingPolls, explain(keepingPolls, err))
	}
	return s.inTxAgain(ctx, keepingPolls, func(tx *sql.Tx) error {
		quick := s.quick(tx)
		for _, one := range sources {
			if err := saveSource(ctx, quick, one.state, one.poll.Since); err != nil {
				return fmt.Errorf("source %s: %w", one.state.Source, err)
			}
		}
		return nil
	})
}

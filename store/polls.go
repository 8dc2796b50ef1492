package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

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
		return saveEffects(ctx, tx, effects, now)
	})
	if err == nil && len(poll.Effects)+len(poll.Runs) > 0 {
		s.wake()
	}
	return err
}

// quietPolls are polls that found nothing new. Nearly all are of that kind, and those which wait while another is being kept
// are kept together after it.
type quietPolls struct {
	turn chan struct{} // held by who keeps polls

	mu      sync.Mutex
	waiting []*quietPoll
}

type quietPoll struct {
	poll  changes.Poll
	lease context.Context // holds the lease under which it is kept, and is never done
	kept  chan error      // receives how it went; only the first counts
}

// errAlone is of a poll that is to be kept by itself after all: what was wrong may be another's.
var errAlone = errors.New("not kept with others")

// tell says how it went, unless that is said.
func (p *quietPoll) tell(err error) {
	select {
	case p.kept <- err:
	default:
	}
}

func newQuietPolls() *quietPolls { return &quietPolls{turn: make(chan struct{}, 1)} }

// take is all that wait.
func (q *quietPolls) take() []*quietPoll {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// recordQuiet keeps a poll with those that wait beside it, or, where that fails, by itself and under its own ctx.
func (s *Store) recordQuiet(ctx context.Context, poll changes.Poll) error {
	if err := ctx.Err(); err != nil {
		return explain(keepingPolls, err)
	}
	if err := s.recordTogether(ctx, poll); !errors.Is(err, errAlone) {
		return err
	}
	return s.recordPoll(ctx, poll)
}

// recordTogether keeps a poll with those that wait beside it: who has the turn keeps all of them. It returns errAlone where
// several could not be kept.
func (s *Store) recordTogether(ctx context.Context, poll changes.Poll) error {
	q, mine := s.quiet, &quietPoll{poll, context.WithoutCancel(ctx), make(chan error, 1)}
	q.mu.Lock()
	q.waiting = append(q.waiting, mine)
	q.mu.Unlock()
	select {
	case err := <-mine.kept:
		return err
	case q.turn <- struct{}{}:
	}
	defer func() { <-q.turn }()
	byLease := map[scheduler.Fence][]*quietPoll{}
	for _, one := range q.take() {
		defer one.tell(errAlone) // where keeping panics, which the others must not wait for
		fence, _ := scheduler.FenceOf(one.lease)
		byLease[fence] = append(byLease[fence], one)
	}
	for _, all := range byLease {
		s.keepQuiet(all)
	}
	return <-mine.kept // by this turn or by one before it
}

// keepQuiet keeps polls under one lease in one transaction.
func (s *Store) keepQuiet(all []*quietPoll) {
	keep, cancel := context.WithTimeout(all[0].lease, keepTimeout)
	defer cancel()
	err := s.keepSources(keep, all)
	if err != nil && len(all) > 1 {
		err = errAlone
	}
	for _, one := range all {
		one.tell(err)
	}
}

func (s *Store) keepSources(ctx context.Context, all []*quietPoll) error {
	type source struct {
		state changes.SourceState
		poll  changes.Poll
	}
	var sources []source
	for _, one := range all {
		for _, state := range one.poll.States {
			sources = append(sources, source{state, one.poll})
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

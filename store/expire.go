package store

import (
	"context"
	"database/sql"
	"time"
)

// How long is kept what nothing needs any more. Keys, and the hashes of entries, are kept for ever: an entry is posted
// once, and a deed done once, ever.
const (
	keepBodies   = 400 * 24 * time.Hour // of entries
	keepPayloads = 30 * 24 * time.Hour  // of deeds that are done
	keepPictures = 400 * 24 * time.Hour // drawn and not asked for since
	keepJobs     = 400 * 24 * time.Hour // due and never run since: they have left the configuration
	keepSingles  = 7 * 24 * time.Hour   // results of probes, one by one
	keepHours    = 90 * 24 * time.Hour  // results of probes, by the hour; after that by the day
	keepDays     = 400 * 24 * time.Hour // results of probes, by the day
	keepProbes   = 401 * 24 * time.Hour // since their last result: more than any of their results
	keepStates   = 91 * 24 * time.Hour  // of probes, since they were last judged
	keepOver     = 400 * 24 * time.Hour // incidents, since they ended
	keepActs     = 400 * 24 * time.Hour // who did what
	keepEvents   = 24 * time.Hour       // after their end, which is by the database's clock while now may be by another one
)

// Expire forgets what is beyond keeping at the given time. It loses nothing that would be asked for again but the
// bodies of entries older than 400 days, the results of probes older than 400 days, and incidents that ended 400 days ago. It
// holds others up only for as long as one probe takes; where it is stopped in its middle, the next time goes on.
func (s *Store) Expire(ctx context.Context, now time.Time) error {
	if err := s.rollUp(ctx, now); err != nil {
		return err
	}
	err := s.apart(ctx, "forget the probes that are gone", false, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `delete from probes where last_ms < $1`, now.Add(-keepProbes).UnixMilli())
		return err
	})
	if err != nil {
		return err
	}
	for _, old := range []struct {
		what, statement string
		keep            time.Duration
	}{
		{"bodies of old entries", `update entries set body = '' where first_seen_ms < $1 and body <> ''`, keepBodies},
		{"payloads of what was done", `update effects set payload = '' where state = 'done' and picture = 0 and done_ms < $1 and payload <> ''`, keepPayloads},
		{"old pictures", `delete from effects where state = 'done' and picture = 1 and done_ms < $1`, keepPictures},
		{"jobs that are gone", `delete from jobs where due_ms < $1`, keepJobs},
		{"states of probes that are gone", `delete from probe_states where saved_ms < $1`, keepStates},
		{"events that come no more", `delete from events where until_ms < $1`, keepEvents},
		{"mutes that ran out", `delete from mutes where until_ms < $1`, 0},
		{"old compatibility runs", `delete from runs where live = 0 and auto is null and asked_ms < $1`, keepOver},
		{"old acts", `delete from audit where at_ms < $1`, keepActs},
		{"old incidents", `delete from incidents where live = 0 and ended_ms < $1`, keepOver},
	} {
		if err := s.change(ctx, "forget the "+old.what, old.statement, now.Add(-old.keep).UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

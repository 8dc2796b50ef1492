package store

import (
	"context"
	"time"
)

// How long is kept what nothing needs any more. Keys, and the hashes of entries, are kept for ever: an entry is posted
// once, and a deed done once, ever.
const (
	keepBodies   = 400 * 24 * time.Hour // of entries
	keepPayloads = 30 * 24 * time.Hour  // of deeds that are done
	keepPictures = 400 * 24 * time.Hour // drawn and not asked for since
	keepJobs     = 400 * 24 * time.Hour // due and never run since: they have left the configuration
)

// Expire forgets what is beyond keeping at the given time. It loses nothing that would be asked for again but the
// bodies of entries older than 400 days.
func (s *Store) Expire(ctx context.Context, now time.Time) error {
	for _, old := range []struct {
		what, statement string
		keep            time.Duration
	}{
		{"bodies of old entries", `update entries set body = '' where first_seen_ms < $1 and body <> ''`, keepBodies},
		{"payloads of what was done", `update effects set payload = '' where state = 'done' and picture = 0 and done_ms < $1 and payload <> ''`, keepPayloads},
		{"old pictures", `delete from effects where state = 'done' and picture = 1 and done_ms < $1`, keepPictures},
		{"jobs that are gone", `delete from jobs where due_ms < $1`, keepJobs},
	} {
		if _, err := s.write.ExecContext(ctx, old.statement, now.Add(-old.keep).UnixMilli()); err != nil {
			return explain("forget the "+old.what, err)
		}
	}
	return nil
}

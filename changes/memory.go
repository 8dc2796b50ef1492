package changes

import (
	"context"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// Memory is what the watcher remembers from one reading of a source to the next.
type Memory interface {
	// SourceStates are the states of all sources of the partner that were read or tried before, by Source.Name().
	SourceStates(ctx context.Context, partner string) (map[string]SourceState, error)
	// KnownEntries are those of the source's keys that were seen before, with all that was concluded from them.
	KnownEntries(ctx context.Context, partner, source string, keys []string) (map[string]Entry, error)
	// RecordPoll keeps all of it in one transaction, or nothing of it.
	RecordPoll(ctx context.Context, poll Poll) error
}

// SourceState is how a source stood after it was last tried.
type SourceState struct {
	Partner    string
	Source     string // Source.Name()
	Validators partners.Validators
	Format     string
	BaselineAt time.Time // when it was first read well; zero: never
	TriedAt    time.Time // when it was last tried
	ReadAt     time.Time // when it was last read well, a 304 included; zero: never
	Problem    string    // why the last try failed, in words; empty where it did not
	FailingFor time.Time // since when it has been failing; zero where it is not
	Moved      string
	Skipped    int
}

// Poll is all that one round over a partner's sources changed.
type Poll struct {
	States  []SourceState
	Entries []Entry // new ones, and known ones whose text changed
	Effects []incidents.Effect
}

// Query chooses among the remembered entries.
type Query struct {
	Partner string    // Partner.ID; empty is every partner
	Since   time.Time // published at or after it (first seen, where the source gives no date); zero is all time
	Limit   int       // at most so many; 0 is all of them
}

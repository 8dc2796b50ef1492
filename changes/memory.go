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
	// Known is what is remembered of the entries that a source lists now.
	Known(ctx context.Context, partner, source string, listed []partners.Change) (Known, error)
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
	Listed     int  // entries in the last good reading
	Told       bool // people were told that it fails
}

// Known is what is remembered of entries that a source lists.
type Known struct {
	// Entries are those seen before, by key.
	Entries map[string]Entry
	// Elsewhere has the keys not seen before whose text, with the same date of publication, stands in the memory under
	// another key or another source of the partner: the same announcement once more.
	Elsewhere map[string]bool
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

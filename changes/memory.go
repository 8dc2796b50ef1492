package changes

import (
	"context"
	"errors"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// ErrOvertaken is the error of a poll whose sources another replica polled at the same time: what both saw is recorded
// by that one, and what only this one saw is found at the next poll.
var ErrOvertaken = errors.New("another replica polled the same sources meanwhile")

// Memory is what the watcher remembers from one reading of a source to the next.
type Memory interface {
	// SourceStates are the states of all sources of the partner that were read or tried before, by Source.Name().
	SourceStates(ctx context.Context, partner string) (map[string]SourceState, error)
	// Known is what is remembered of the entries that a source lists now.
	Known(ctx context.Context, partner, source string, listed []partners.Change) (Known, error)
	// RecordPoll keeps all of it in one transaction, or nothing of it. It returns ErrOvertaken, and keeps nothing, where
	// one of the sources was not last tried at the moment that poll.Since says.
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
	// Entries are those seen before, by key. Of one whose hash is that of the listed change, key and hash are enough.
	Entries map[string]Entry
	// Elsewhere has the keys not seen before whose text, with the same date of publication, stands in the memory under
	// another key or another source of the partner: the same announcement once more.
	Elsewhere map[string]bool
}

// Poll is all that one round over a partner's sources changed.
type Poll struct {
	// Since is when each of the sources had last been tried as the poll began, zero for never. What was concluded from
	// the memory of then holds only if that is still so; a source that is not named here is not looked at.
	Since   map[string]time.Time
	States  []SourceState
	Entries []Entry // new ones, and known ones whose text changed
	Effects []incidents.Effect
	// Runs are the compatibility runs that the announcements ask for. One of a version that was tried before is not kept.
	Runs []Run
	// Documents take the place of those that are remembered of their sources.
	Documents []Document
}

// Document is the last reading of a source whose entries come of comparing it with the next.
type Document struct {
	Partner string
	Source  string
	Data    []byte
}

// Query chooses among the remembered entries.
type Query struct {
	Partner string    // Partner.ID; empty is every partner
	Since   time.Time // published at or after it (first seen, where the source gives no date); zero is all time
	Limit   int       // at most so many; 0 is all of them
}

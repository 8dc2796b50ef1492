package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strconv"
	"sync"
	"time"

	"sparky/changes"
	"sparky/partners"
)

// The kinds of what Shown reads that need more than their words to be compared.
const (
	shownProbe  = "probe"
	shownStatus = "status"
)

// shownRows are all that the dashboard shows, as a kind, a name and a text each.
const shownRows = `select '` + shownProbe + `', partner || ' ' || probe, last from probes where last <> ''
	union all select '` + shownStatus + `', partner || ' ' || cast(since_ms as text), status from statuses
	union all select 'incident', id, body from incidents where live = 1 and kind <> 'storm'
	union all select 'mute', partner, body from mutes where until_ms > $3
	union all select 'run', id, body from runs where live = 1 or asked_ms >= $4
	union all select 'certificate', partner, cast(at_ms as text) from certificates
	union all select 'trouble', key, problem from effects where state <> 'done' and troubled = 1
	union all select 'coming', partner || ' ' || source || ' ' || key, effective || ' ' || hash || ' ' || coalesce(handler, '') from ` + handledEntries + `
		where ` + isComing

// Shown is a word for how everything stands that the dashboard shows, read by one statement: what is coming from a day on, the
// runs since a time, and the rest of it that is there. It is another word once any of that is another. That a probe ran again
// with the same end, or a page was read again that says the same, changes nothing. Words of another process mean nothing here.
func (s *Store) Shown(ctx context.Context, from changes.Date, since time.Time) (string, error) {
	now, err := s.clock.now(ctx)
	if err != nil {
		return "", err
	}
	var sum uint64 // of the rows, which come in any order
	fresh := map[string]readRow{}
	s.shown.mu.Lock()
	defer s.shown.mu.Unlock()
	_, err = rows(ctx, &s.reading, "ask what the dashboard shows", func(row *sql.Rows) (struct{}, error) {
		var kind, name string
		var body sql.RawBytes
		if err := row.Scan(&kind, &name, &body); err != nil {
			return struct{}{}, err
		}
		key := kind + " " + name
		one, err := s.shown.read(key, kind, body)
		fresh[key] = one
		sum += one.says
		return struct{}{}, err
	}, shownRows, string(from), from.Time().Add(-changes.UndatedFor).UnixMilli(), now.UnixMilli(), millis(since))
	if err != nil {
		return "", err
	}
	s.shown.rows = fresh
	return strconv.FormatUint(sum, 36), nil
}

// shown is what the rows of Shown said when they were read last: most are the same the next time, and are not decoded again.
type shown struct {
	mu   sync.Mutex
	seed maphash.Seed
	rows map[string]readRow
}

// readRow is a row, as sums.
type readRow struct {
	is   uint64 // of its text
	says uint64 // of what it says, with its name
}

// read is the row. Its caller has the lock.
func (s *shown) read(key, kind string, body []byte) (readRow, error) {
	one := readRow{is: maphash.Bytes(s.seed, body)}
	if before, known := s.rows[key]; known && before.is == one.is {
		return before, nil
	}
	said, err := shownOf(kind, body)
	if err != nil {
		return one, fmt.Errorf("%s: %w", key, err)
	}
	one.says = maphash.Bytes(s.seed, fmt.Appendf(nil, "%s\x00%s", key, said))
	return one, nil
}

// shownOf is what a row says, without what is another each time that it is written.
func shownOf(kind string, body []byte) ([]byte, error) {
	switch kind {
	case shownProbe:
		var last struct {
			Class     partners.FailureClass `json:"class"`
			Status    int                   `json:"status"`
			Connected bool                  `json:"connected"`
			Warning   string                `json:"warning"`
		}
		err := json.Unmarshal(body, &last)
		return fmt.Appendf(nil, "%s %d %t %t", last.Class, last.Status, last.Connected, last.Warning != ""), err
	case shownStatus:
		var status partners.Status
		if err := json.Unmarshal(body, &status); err != nil {
			return nil, err
		}
		status.ReadAt, status.UpdatedAt = time.Time{}, time.Time{}
		return json.Marshal(status)
	}
	return body, nil
}

package main

import (
	"context"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
)

// runsShown is from how far back runs may be on the dashboard, and more.
const runsShown = 31 * setting.Day

// shown is a word for all that App Home shows: another one where any of it is, but for what comes of time alone. It costs the
// database one statement.
func (s *sparky) shown(now func() time.Time) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		at := now()
		word, err := s.memory.Shown(ctx, changes.Date(at.UTC().Format(time.DateOnly)), at.Truncate(time.Hour).Add(-runsShown))
		return word + " " + s.vitals.word() + " " + s.breakers.word(), err
	}
}

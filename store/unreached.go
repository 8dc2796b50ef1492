package store

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// unreached is an error of connecting whose text names the address no more: what it is about is said before it. The driver tries
// with and without encryption, and tells of each over lines of their own.
type unreached struct {
	text string
	err  error
}

// Error is what each try ended with, once where it was the same.
func (u unreached) Error() string { return u.text }

// Unwrap is the driver's error.
func (u unreached) Unwrap() error { return u.err }

// dialled is what stands before the reason on a line of the driver's: the address, and what was done.
var dialled = regexp.MustCompile(`^(\S+ \([^)]*\): )?((dial|hostname resolving|server|tls) error: )?(dial (tcp|unix) \S+ )?`)

// reachingOf is an error of connecting to a server in one line; another error stays as it is.
func reachingOf(err error) error {
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		return err
	}
	cause := connect.Unwrap()
	if cause == nil {
		return err
	}
	var reasons []string
	for line := range strings.Lines(cause.Error()) {
		reason := dialled.ReplaceAllString(strings.TrimSpace(line), "")
		if reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return unreached{strings.Join(reasons, ", and "), err}
}

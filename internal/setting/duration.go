package setting

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as sparky.yaml writes it: Go's notation with days added (30s 5m 6h 1h30m 30d).
type Duration time.Duration

// Day is the length of the unit d: exactly 24 hours, whatever the calendar does.
const Day = 24 * time.Hour

// mostDays is the longest length in days that a time.Duration holds, about 292 years.
const mostDays = uint64(math.MaxInt64 / Day)

// ParseDuration reads a Duration. Days may stand alone or before Go's units (7d, 1d12h). Negative lengths, bare
// numbers and anything beyond what a time.Duration holds are errors that say how to write it instead.
func ParseDuration(text string) (Duration, error) {
	bad := fmt.Errorf("%.40q is not a duration; write it like 30s, 5m, 6h or 30d", text)
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 64)
	if err != nil || n > mostDays || !found && rest == "" {
		return 0, bad
	}
	total := time.Duration(n) * Day
	if rest == "" {
		return Duration(total), nil
	}
	d, err := time.ParseDuration(rest)
	// Go also reads signs, and a zero without a unit.
	if err != nil || strings.ContainsAny(rest, "+-") || rest == "0" || d > math.MaxInt64-total {
		return 0, bad
	}
	return Duration(total + d), nil
}

// Std is the same length as Go's own type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Or is d, or the given length where d was left out.
func (d Duration) Or(other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return d.Std()
}

// String writes d as a person would: whole days as days, no trailing zero units. ParseDuration reads it back.
func (d Duration) String() string {
	std := d.Std()
	if std >= Day && std%Day == 0 {
		return strconv.FormatInt(int64(std/Day), 10) + "d"
	}
	s := std.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration from a configuration value.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Percent is a share written with its sign in sparky.yaml (99%, 99.5%).
type Percent float64

// ErrPercent says how a percentage is written; it goes on after the text that is none.
var ErrPercent = errors.New("is not a percentage; write a number from 0 to 100 and its sign, like 99% or 99.5%")

// UnmarshalText reads a percentage from a configuration value.
func (p *Percent) UnmarshalText(text []byte) error {
	digits, found := strings.CutSuffix(string(text), "%")
	f, err := strconv.ParseFloat(digits, 64)
	// Go also reads signs, exponents, hexadecimal and NaN.
	if !found || err != nil || strings.Trim(digits, "0123456789.") != "" || f > 100 {
		return fmt.Errorf("%.40q %w", text, ErrPercent)
	}
	*p = Percent(f)
	return nil
}

// String writes the percentage with its sign.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// MarshalText writes what UnmarshalText reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

package setting

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as sparky.yaml writes it: Go's notation with days added (30s 5m 6h 1h30m 30d).
type Duration time.Duration

// Day is the length of the unit d: exactly 24 hours, whatever the calendar does.
const Day = 24 * time.Hour

// ParseDuration reads a Duration. Days may stand alone or before Go's units (7d, 1d12h). Negative lengths, bare
// numbers and anything beyond what a time.Duration holds are errors that say how to write it instead.
func ParseDuration(text string) (Duration, error) {
	bad := fmt.Errorf("%q is not a duration; write it like 30s, 5m, 6h or 30d", text)
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "", text
	}
	var total time.Duration
	if found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, bad
		}
		total = time.Duration(n) * Day
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 {
			return 0, bad
		}
		total += d
	}
	if text == "" || total < 0 {
		return 0, bad
	}
	return Duration(total), nil
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

// String writes d as a person would: whole days as days, no trailing zero units.
func (d Duration) String() string {
	std := d.Std()
	if std >= Day && std%Day == 0 {
		return strconv.Itoa(int(std/Day)) + "d"
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
	if !found || err != nil || !(f >= 0 && f <= 100) {
		return fmt.Errorf("%q %w", text, ErrPercent)
	}
	*p = Percent(f)
	return nil
}

// String writes the percentage with its sign.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// MarshalText writes what UnmarshalText reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

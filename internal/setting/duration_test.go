package setting_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "0d": 0, "30s": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute,
		"30d": 30 * setting.Day, "1d12h": 36 * time.Hour, "007d": 7 * setting.Day, "106751d": 106751 * setting.Day,
		"106751d23h47m16s": 106751*setting.Day + 23*time.Hour + 47*time.Minute + 16*time.Second, "250ms": 250 * time.Millisecond,
	} {
		got, err := setting.ParseDuration(text)
		if err != nil || got.Std() != want {
			t.Errorf("%s: got %s, %v; want %s", text, got.Std(), err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, text := range []string{
		"", "d", "s", "5", "0", "1d0", "-5m", "+5m", "1d-1h", "1d+1h", "-1d", "1.5d", "1h1d", "1d1d", "5 m", "5m ", "five", "1w",
		"106752d", "106751d24h", "99999999999999999999d", "9999999h", "18446744073709551616d", "1e3s", "\x00", "٣d",
	} {
		got, err := setting.ParseDuration(text)
		if err == nil {
			t.Errorf("%q was read as %s", text, got.Std())
			continue
		}
		if got != 0 || !strings.Contains(err.Error(), "write it like 30s, 5m, 6h or 30d") {
			t.Errorf("%q: got %s and %q", text, got.Std(), err)
		}
	}
}

func TestParseDurationNamesOnlyTheBeginningOfALongText(t *testing.T) {
	_, err := setting.ParseDuration(strings.Repeat("long ", 10_000))
	if err == nil || len(err.Error()) > 150 {
		t.Errorf("got an error of %d bytes", len(err.Error()))
	}
}

func TestDurationString(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "30s": 30 * time.Second, "1m": time.Minute, "10m": 10 * time.Minute, "1h": time.Hour, "1h30m": 90 * time.Minute,
		"1h0m5s": time.Hour + 5*time.Second, "1d": setting.Day, "30d": 30 * setting.Day, "36h": 36 * time.Hour, "1.5s": 1500 * time.Millisecond,
	} {
		if got := setting.Duration(d).String(); got != want {
			t.Errorf("%d is written %q, not %q", d, got, want)
		}
	}
}

func TestDurationOr(t *testing.T) {
	if got := setting.Duration(0).Or(time.Minute); got != time.Minute {
		t.Errorf("left out: got %s", got)
	}
	if got := setting.Duration(time.Second).Or(time.Minute); got != time.Second {
		t.Errorf("given: got %s", got)
	}
}

func TestDurationInJSON(t *testing.T) {
	var read struct{ Every setting.Duration }
	if err := json.Unmarshal([]byte(`{"Every":"7d"}`), &read); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(read)
	if err != nil || string(written) != `{"Every":"7d"}` {
		t.Errorf("wrote %s, %v", written, err)
	}
	if err := json.Unmarshal([]byte(`{"Every":"soon"}`), &read); err == nil || read.Every.Std() != 7*setting.Day {
		t.Errorf("a bad one: %v, and left %s", err, read.Every)
	}
}

func TestPercent(t *testing.T) {
	for text, want := range map[string]setting.Percent{"0%": 0, "99%": 99, "99.5%": 99.5, "100%": 100, ".5%": 0.5, "007%": 7} {
		var got setting.Percent
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "%", "99", "-1%", "-0%", "+5%", "101%", "1e1%", "0x1p3%", "NaN%", "Inf%", "5%%", " 5%", "1_0%", ".%"} {
		got := setting.Percent(42)
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, setting.ErrPercent) || got != 42 {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"30s", "1d12h", "106751d23h47m16.854775807s", "-1d", "1d-1h", "9223372036854775807ns", "2562047h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := setting.ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q is negative: %d", text, d)
		}
		again, err := setting.ParseDuration(d.String())
		if err != nil || again != d {
			t.Errorf("%q is written %q, which is read as %d, %v; want %d", text, d, again, err, d)
		}
	})
}

func FuzzDurationString(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, length int64) {
		d := setting.Duration(max(length, 0))
		again, err := setting.ParseDuration(d.String())
		if err != nil || again != d {
			t.Errorf("%d is written %q, which is read as %d, %v", int64(d), d, int64(again), err)
		}
	})
}

func FuzzPercent(f *testing.F) {
	f.Add("99.5%")
	f.Add("1e2%")
	f.Fuzz(func(t *testing.T, text string) {
		var p, again setting.Percent
		if err := p.UnmarshalText([]byte(text)); err != nil {
			return
		}
		written, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalText(written); err != nil || again != p || p < 0 || p > 100 {
			t.Errorf("%q is written %q and read as %s, %v", text, written, again, err)
		}
	})
}

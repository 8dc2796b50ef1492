package main

import (
	"slices"
	"testing"
	"time"
)

func TestBenchRows(t *testing.T) {
	for want, r := range map[string]row{
		"| memory | ≤ 60 MB | – | 58.2 MB | – | ok |":                               {figure: "memory", bar: atMost(60), is: 58.23, unit: "MB"},
		"| rate | ≥ 8000 /s | 20000 /s, a GET | 7500 /s | 0.375 | **no** |":         {figure: "rate", bar: atLeast(8000), is: 7500, unit: "/s", floor: 20000, of: "a GET"},
		"| messages | 1 | – | 2 | – | **no** |":                                     {figure: "messages", bar: bar{most: 1, least: 1}, is: 2},
		"| the same | – | – | 12 ms | – | – |":                                      {figure: "the same", is: 12, unit: "ms"},
		"| late | ≤ 250 ms | – | 250 ms | – | ok |":                                 {figure: "late", bar: atMost(250), is: 250, unit: "ms"},
		"| processor time | ≤ 300 µs | 97 µs, ten at a time | 212 µs | 2.19 | ok |": {figure: "processor time", bar: atMost(300), is: 212, unit: "µs", floor: 97, of: "ten at a time"},
		"| slows down | ≤ 2 % | – | 0 % | – | ok |":                                 {figure: "slows down", bar: atMost(2), is: 0, unit: "%"},
	} {
		if got := r.markdown(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// An interval may be longer or shorter by half of its jitter; what is beyond that is off.
func TestIntervalsThatAreOff(t *testing.T) {
	began := time.Now()
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	got := offs([]arrival{{0, at(0)}, {1, at(1)}, {0, at(10.2)}, {1, at(10)}, {0, at(20.7)}}, 10*time.Second, 0.05)
	if want := []time.Duration{0, 750 * time.Millisecond, 250 * time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if p := percentile(got, 0.99); p != 750*time.Millisecond {
		t.Errorf("the 99th percentile is %v", p)
	}
	if p := percentile(nil, 0.5); p != 0 {
		t.Errorf("of nothing it is %v", p)
	}
}

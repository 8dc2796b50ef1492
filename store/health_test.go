package store

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAProblemIsOverWhenItDoesNotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Store
		full := errors.New("the disk is full")
		for i, step := range []struct {
			fails, succeeds string
			wait            time.Duration
			want            string
		}{
			{fails: "poll", want: "the disk is full"},
			{succeeds: "lease", want: "the disk is full"}, // which needs no room
			{wait: time.Minute},                           // it may come round in hours only
			{fails: "poll", want: "the disk is full"},     // again, so it was no busy moment
			{wait: 5 * time.Minute, want: "the disk is full"},
			{wait: 6 * time.Minute},
			{fails: "poll", want: "the disk is full"},
			{succeeds: "poll"},
		} {
			<-time.After(step.wait)
			if step.fails != "" && s.kept(step.fails, full) == nil {
				t.Error("the error is lost")
			}
			if step.succeeds != "" && s.kept(step.succeeds, nil) != nil {
				t.Error("a success is an error")
			}
			if words, _ := s.Problem(); words != step.want {
				t.Errorf("step %d: %q, want %q", i, words, step.want)
			}
		}
	})
}

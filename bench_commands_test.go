package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sparky/fixtures/world/slack"
)

// asks are what people ask by turns: cheap ones, and those that read the year.
func asks(i int) string {
	all := []string{"status", fmt.Sprintf("status p%d", i%yearPartners), "incidents", "upcoming", "help", "changelog 30d", "oncall", "audit"}
	return all[i%len(all)]
}

// acks are how slash commands were acknowledged: how long each took, and what became of the others.
type acks struct {
	mu     sync.Mutex
	took   []time.Duration
	missed map[string]int
}

// commands lets somebody type so many commands a second for so long.
func (s *seat) commands(perSecond int, lasting time.Duration) *acks {
	s.Helper()
	found := &acks{missed: map[string]int{}}
	every := time.NewTicker(time.Second / time.Duration(perSecond))
	defer every.Stop()
	var waiting sync.WaitGroup
	for i := range int(lasting.Seconds() * float64(perSecond)) {
		<-every.C
		delivery, err := s.world.Slack.Command("ada", slack.General, "/sparky", asks(i))
		if err != nil {
			s.Fatal(err)
		}
		waiting.Go(func() {
			ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
			defer cancel()
			outcome, took, err := delivery.Wait(ctx)
			found.mu.Lock()
			defer found.mu.Unlock()
			if err != nil || outcome != slack.Acked {
				found.missed[fmt.Sprint(outcome, err)]++
				return
			}
			found.took = append(found.took, took)
		})
	}
	waiting.Wait()
	return found
}

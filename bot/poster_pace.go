package bot

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What Slack allows (docs.slack.dev, "Rate limits"): a message a second to a channel, short bursts tolerated and not
// counted upon; chat.update is of tier 3, about 50 a minute in the whole workspace.
const (
	postEvery   = time.Second
	updateEvery = 1200 * time.Millisecond
	updateBurst = 5
)

// patience is the longest that a call waits for its turn. Beyond it the caller is told when to come again, so that a
// storm in one channel holds no worker that another channel needs.
const patience = 5 * time.Second

// maxLanes is how many channels are remembered before those that are idle are forgotten.
const maxLanes = 500

// pace spaces calls by lane: one per channel for posts, one for all edits.
type pace struct {
	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	limiter *rate.Limiter
	held    time.Time // Slack said to leave it alone until then
}

func newPace() *pace { return &pace{lanes: map[string]*lane{}} }

func (p *pace) lane(name string, every time.Duration, burst int) *lane {
	if l, ok := p.lanes[name]; ok {
		return l
	}
	if len(p.lanes) >= maxLanes {
		p.forgetIdle()
	}
	l := &lane{limiter: rate.NewLimiter(rate.Every(every), burst)}
	p.lanes[name] = l
	return l
}

func (p *pace) forgetIdle() {
	now := time.Now()
	for name, l := range p.lanes {
		if now.After(l.held) && l.limiter.TokensAt(now) >= float64(l.limiter.Burst()) {
			delete(p.lanes, name)
		}
	}
}

// post waits for the channel's turn; edit for the workspace's. Both give up with an error that says when to come again.
func (p *pace) post(ctx context.Context, doing, channel string) error {
	return p.wait(ctx, doing, "post "+channel, postEvery, 1)
}

func (p *pace) edit(ctx context.Context, doing string) error {
	return p.wait(ctx, doing, "edit", updateEvery, updateBurst)
}

func (p *pace) wait(ctx context.Context, doing, name string, every time.Duration, burst int) error {
	p.mu.Lock()
	l := p.lane(name, every, burst)
	now := time.Now()
	turn := l.limiter.ReserveN(now, 1)
	delay := max(turn.DelayFrom(now), l.held.Sub(now))
	if deadline, ok := ctx.Deadline(); delay > patience || ok && now.Add(delay).After(deadline) {
		turn.CancelAt(now)
		p.mu.Unlock()
		return notYet(doing, delay)
	}
	p.mu.Unlock()
	if !sleep(ctx, delay) {
		return given(ctx, doing)
	}
	return nil
}

// hold keeps a lane back for as long as Slack asked.
func (p *pace) holdPost(channel string, d time.Duration) { p.hold("post "+channel, postEvery, 1, d) }

func (p *pace) holdEdit(d time.Duration) { p.hold("edit", updateEvery, updateBurst, d) }

func (p *pace) hold(name string, every time.Duration, burst int, d time.Duration) {
	if d <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lane(name, every, burst).held = time.Now().Add(d)
}

// sleep waits, and tells whether it did to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

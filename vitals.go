package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/bot"
	"sparky/commands"
	"sparky/incidents"
	"sparky/scheduler"
	"sparky/store"
)

// keeper is what remembers, and says when it cannot.
type keeper interface {
	Troubles(ctx context.Context) ([]incidents.Trouble, error)
	Drawn(ctx context.Context, key string) (store.Drawn, error)
	Record(ctx context.Context, effects ...incidents.Effect) error
}

// vitals looks after Sparky itself: it tells from the facts whether Sparky is ill, and tells people once when it is and
// once when that is over.
//
// Every process looks after itself. Of several replicas the one that runs the jobs speaks, and while nobody can tell
// which that is, the one that did last. What was told is remembered with the effects, so that neither a restart nor a
// takeover tells it again. Only where nothing can be kept is it told past the queue.
type vitals struct {
	facts    func(ctx context.Context) commands.Health
	memory   keeper
	letter   scheduler.Performer // posts bot.Unwell payloads
	log      *slog.Logger
	patience patienceWith
	every    time.Duration // from look to look
	calm     time.Duration // for how long nothing may be wrong before it is over
	started  time.Time
	led      chan struct{} // a value says that this process has taken the lease; see leads

	mu     sync.Mutex
	seen   map[commands.IllnessKind]time.Time // since when something has been wrong that does not know it itself
	newest commands.Health                    // as of the newest look

	// What follows is watch's own.
	speaks bool
	knows  bool       // what people were told last is known
	told   bot.Unwell // what they were told last
	direct bool       // it was told past the queue, and is not remembered
	well   time.Time  // since when nothing has been wrong; zero while something is
}

const (
	// vitalsEvery is how often Sparky looks after itself.
	vitalsEvery = 5 * time.Second
	// calmFor keeps what comes and goes from being told each time.
	calmFor = 5 * time.Minute
	// young is for how long after a start people may have been told, by the process before, of what is wrong now.
	young = 5 * time.Minute
)

// Health looks at everything, and tells what Sparky is ill of.
func (v *vitals) Health(ctx context.Context) commands.Health {
	h, _ := v.look(ctx)
	return h
}

// look is the same, with everything that is wrong at the moment.
func (v *vitals) look(ctx context.Context) (h commands.Health, wrong []commands.Illness) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	h = v.facts(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	wrong = ailments(h, v.first)
	h.Ill = v.patience.lasting(wrong, v.seen, h.At)
	v.newest = h
	return h, wrong
}

// word is how Sparky was at the newest look, for what shows that: it is another word where that is to be said otherwise.
func (v *vitals) word() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	b.WriteString(v.newest.Problem)
	for _, i := range v.newest.Ill {
		fmt.Fprintf(&b, "; %s %s %d", i.Kind, i.Words, i.Since.UnixMilli())
	}
	return b.String()
}

// first is since when a thing has been wrong, by the looks at it. The caller holds the lock.
func (v *vitals) first(kind commands.IllnessKind, wrong bool, now time.Time) time.Time {
	if !wrong {
		delete(v.seen, kind)
		return time.Time{}
	}
	if v.seen == nil {
		v.seen = map[commands.IllnessKind]time.Time{}
	}
	if _, known := v.seen[kind]; !known {
		v.seen[kind] = now
	}
	return v.seen[kind]
}

// leads tells it that this process has taken the lease. It looks at once, so that it knows what people were told before the
// database can go away, and can say that it has.
func (v *vitals) leads() {
	select {
	case v.led <- struct{}{}:
	default: // it has not looked since it was told last
	}
}

// watch looks until ctx is done.
func (v *vitals) watch(ctx context.Context) {
	tick := time.NewTicker(v.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.led:
		case <-tick.C:
		}
		h, wrong := v.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if len(wrong) > 0 || v.unmended(h.Effects) {
			v.well = time.Time{}
		} else if v.well.IsZero() {
			v.well = h.At
		}
		if err := v.tell(ctx, h); err != nil && ctx.Err() == nil {
			v.log.Warn("people could not be told how Sparky itself is; it is tried again", "error", err)
		}
	}
}

// unmended tells whether what did not get done outside when people were told waits for a person by now: that is told by
// itself, and begins no illness, but ends none either.
func (v *vitals) unmended(e commands.EffectsHealth) bool {
	const apart = time.Second // of the database's clock and ours
	return e.Refused > 0 && v.told.Episode > 0 && v.told.Over.IsZero() && slices.ContainsFunc(v.told.Ill, func(i commands.Illness) bool {
		return i.Kind == commands.IllEffects && !e.RefusedLast.Before(i.Since.Add(-apart))
	})
}

// tell says what people do not know yet.
func (v *vitals) tell(ctx context.Context, h commands.Health) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if !v.mayTell(ctx, h) {
		return nil
	}
	next := v.told
	lasts := next.Episode > 0 && next.Over.IsZero()
	switch {
	case len(h.Ill) > 0 && !lasts:
		next = bot.Unwell{Episode: next.Episode + 1, Ill: h.Ill, Since: earliest(h.Ill)}
	case len(h.Ill) > 0, v.direct && h.Database.Problem == "":
		// What was told past the queue is recorded as soon as that can be done: who leads next is to end it.
		if next.Ill = withMore(next.Ill, h.Ill); len(next.Ill) == len(v.told.Ill) && (!v.direct || h.Database.Problem != "") {
			return nil
		}
	case lasts && !v.well.IsZero() && h.At.Sub(v.well) >= v.calm:
		next.Over = v.well
	default:
		return nil
	}
	next, err := v.say(ctx, next, h.Database.Problem != "")
	if err != nil {
		return err
	}
	news := next.Episode > v.told.Episode || len(next.Ill) > len(v.told.Ill)
	v.told = next
	switch {
	case !next.Over.IsZero():
		v.log.Info("Sparky itself is well again", "since", next.Over)
	case news:
		v.log.Error("Sparky itself is not well", "since", next.Since, "problem", next.Ill[len(next.Ill)-1].Words)
	}
	return nil
}

// say records what is to be said, or says it at once where nothing can be recorded, and returns it with where it stands
// then.
func (v *vitals) say(ctx context.Context, next bot.Unwell, unkept bool) (bot.Unwell, error) {
	effect := incidents.NewEffect(bot.EffectHealth, bot.HealthKey, next)
	effect.Picture = true
	if !unkept {
		err := v.memory.Record(ctx, effect)
		if err == nil {
			v.direct = false
		}
		return next, err
	}
	if v.direct {
		return next, nil // one message is all that can be said without remembering it
	}
	var place []byte
	var found bool
	var err error
	if next.Episode == v.told.Episode || time.Since(v.started) < young {
		place, found, err = v.letter.Find(ctx, effect.Key, effect.Payload) // which adds what is new to what it finds
	}
	if err == nil && !found {
		place, err = v.letter.Do(ctx, effect.Key, effect.Payload, nil)
	}
	if err != nil {
		return next, err
	}
	v.direct, next.Told = true, place
	return next, nil
}

// mayTell tells whether it is this process's part to speak, and it knows what was said before.
func (v *vitals) mayTell(ctx context.Context, h commands.Health) bool {
	switch {
	case h.Lease.Here:
		v.speaks = true
	case h.Lease.Holder != "":
		v.speaks, v.knows = false, false
	}
	if !v.speaks || v.knows {
		return v.speaks
	}
	drawn, err := v.memory.Drawn(ctx, bot.HealthKey)
	if err != nil {
		v.log.Warn("what people were told last of Sparky itself cannot be read; it is tried again", "error", err)
		return false
	}
	v.told, v.direct = bot.Unwell{}, false
	if len(drawn.Payload) > 0 {
		if err := json.Unmarshal(drawn.Payload, &v.told); err != nil {
			v.log.Error("what people were told last of Sparky itself is no such thing; it begins anew", "error", err)
			v.told = bot.Unwell{}
		}
	}
	v.knows = true
	return true
}

func earliest(ill []commands.Illness) time.Time {
	return slices.MinFunc(ill, func(a, b commands.Illness) int { return a.Since.Compare(b.Since) }).Since
}

// withMore adds what people were not told of yet.
func withMore(told, now []commands.Illness) []commands.Illness {
	all := slices.Clone(told)
	for _, illness := range now {
		if !slices.ContainsFunc(told, func(t commands.Illness) bool { return t.Kind == illness.Kind }) {
			all = append(all, illness)
		}
	}
	return all
}

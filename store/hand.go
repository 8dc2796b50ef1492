package store

import (
	"slices"
	"time"

	"sparky/incidents"
	"sparky/scheduler"
)

// carrier carries out effects that are recorded under its claim, which saves looking for them and claiming them afterwards. It
// is a scheduler.Dispatcher.
type carrier interface {
	TakeUp(kind, key string) (hold time.Duration, ok bool)
	HandOver(effect scheduler.Effect, began time.Time)
	PutBack(effect scheduler.Effect, began time.Time)
}

// HandTo has what decisions call for handed to the dispatcher of this process where it has room for it. It is to be called
// before anything is decided; without it, all is recorded as due, for any replica to claim.
func (s *Store) HandTo(dispatcher *scheduler.Dispatcher) { s.carrier = dispatcher }

// hand is what one transaction takes up. nil takes up nothing.
type hand struct {
	carrier carrier
	owner   string
	began   time.Time // not later than any claim
	taken   []scheduler.Effect
	given   int // that were handed over
}

// newHand is for a transaction that begins now.
func (s *Store) newHand() *hand {
	if s.carrier == nil {
		return nil
	}
	return &hand{carrier: s.carrier, owner: s.owner, began: time.Now()}
}

// claimed is the claim under which an effect is recorded; the zero claim is nobody's.
type claimed struct {
	owner string
	claim int64
	until int64 // ms
}

// takeUp takes up an effect that is due, where there is room for it.
func (h *hand) takeUp(effect incidents.Effect, now time.Time) claimed {
	if h == nil || effect.After.After(now) {
		return claimed{}
	}
	hold, ok := h.carrier.TakeUp(effect.Kind, effect.Key)
	if ok {
		// No other claim of the same effect has this number: it is counted up from 1 otherwise.
		h.taken = append(h.taken, scheduler.Effect{Key: effect.Key, Kind: effect.Kind, Picture: effect.Picture, Attempts: 1, Claim: h.began.UnixMicro()})
	} else if h.at(effect.Key) < 0 {
		return claimed{}
	}
	return claimed{h.owner, h.began.UnixMicro(), now.Add(hold).UnixMilli()}
}

func (h *hand) at(key string) int {
	return slices.IndexFunc(h.taken, func(e scheduler.Effect) bool { return e.Key == key })
}

// recorded takes how an effect stands that was to be recorded: it may be under another claim or under none, or done.
func (h *hand) recorded(effect incidents.Effect, as recording) {
	if h == nil {
		return
	}
	at := h.at(effect.Key)
	switch {
	case at < 0:
	case as.ours:
		h.taken[at].Payload, h.taken[at].Revision = []byte(text(string(effect.Payload))), as.revision
	default:
		h.carrier.PutBack(scheduler.Effect{Kind: effect.Kind, Key: effect.Key}, h.began)
		h.taken = slices.Delete(h.taken, at, at+1)
	}
}

// drop gives up what was taken up by a transaction that was undone, or that panicked.
func (h *hand) drop() {
	if h == nil {
		return
	}
	for _, effect := range h.taken {
		h.carrier.PutBack(scheduler.Effect{Kind: effect.Kind, Key: effect.Key}, h.began)
	}
	h.taken = nil
}

// settle hands over what was recorded, or puts back that of which nobody knows.
func (h *hand) settle(err error) {
	if h == nil {
		return
	}
	for _, effect := range h.taken {
		if err == nil {
			h.carrier.HandOver(effect, h.began)
			h.given++
		} else {
			h.carrier.PutBack(effect, h.began)
		}
	}
	h.taken = nil
}

// handed is how many effects were handed over.
func (h *hand) handed() int {
	if h == nil {
		return 0
	}
	return h.given
}

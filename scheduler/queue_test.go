package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// memory is a Queue as a store would be one, for tests of what is done with it.
type memory struct {
	mu       sync.Mutex
	effects  map[string]*recorded
	broken   error // of every call, where set
	claims   int64
	onRecord func()
}

type recorded struct {
	Effect
	state   string // waiting, running, done
	due     time.Time
	started time.Time
	failing time.Time
	problem string
}

func newMemory() *memory { return &memory{effects: map[string]*recorded{}, onRecord: func() {}} }

// record keeps an effect as the store does.
func (m *memory) record(kind, key, payload string, picture bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { go m.onRecord() }()
	known := m.effects[key]
	switch {
	case known == nil:
		m.effects[key] = &recorded{state: "waiting", due: time.Now(),
			Effect: Effect{Key: key, Kind: kind, Payload: []byte(payload), Picture: picture, Revision: 1}}
	case known.Picture:
		known.Payload = []byte(payload)
		known.Revision++
		if known.state == "done" {
			known.state, known.due = "waiting", time.Now()
		}
	}
}

func (m *memory) Due(context.Context) (map[string]time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := map[string]time.Duration{}
	for _, e := range m.effects {
		if e.state == "done" {
			continue
		}
		if first, ok := due[e.Kind]; !ok || time.Until(e.due) < first {
			due[e.Kind] = time.Until(e.due)
		}
	}
	return due, m.broken
}

func (m *memory) Claim(_ context.Context, kind string, limit int, hold time.Duration) ([]Effect, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return nil, m.broken
	}
	var due []*recorded
	for _, e := range m.effects {
		if e.state != "done" && e.Kind == kind && !e.due.After(time.Now()) {
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *recorded) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.Key, b.Key)) })
	var claimed []Effect
	for _, e := range due[:min(limit, len(due))] {
		m.claims++
		e.state, e.Claim, e.due = "running", m.claims, time.Now().Add(hold)
		e.Unsettled = !e.started.IsZero()
		if e.Unsettled {
			e.Age = time.Since(e.started)
		} else {
			e.started = time.Now()
			e.Attempts++
		}
		if !e.failing.IsZero() {
			e.FailingSince, e.FailingFor = e.failing, time.Since(e.failing)
		}
		claimed = append(claimed, e.Effect)
	}
	return claimed, nil
}

func (m *memory) Finish(_ context.Context, effect Effect, outcome Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	e := m.effects[effect.Key]
	if e.state != "running" || e.Claim != effect.Claim {
		return ErrClaimLost
	}
	e.state, e.due, e.problem = "waiting", time.Now().Add(outcome.Delay), outcome.Problem
	if outcome.Result != nil {
		e.Previous = outcome.Result
	}
	if !outcome.Unsettled {
		e.started = time.Time{}
	}
	if outcome.Problem != "" && e.failing.IsZero() {
		e.failing = time.Now()
	}
	e.Troubled = e.Troubled || outcome.Troubled
	if outcome.Done {
		e.Attempts, e.failing, e.FailingFor, e.Troubled, e.due = 0, time.Time{}, 0, false, time.Now()
		if e.Revision == effect.Revision {
			e.state = "done"
		}
	}
	return nil
}

func (m *memory) breakWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func (m *memory) look(key string) recorded {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *m.effects[key]
}

// crashed makes an effect one that a dead process had begun so long ago.
func (m *memory) crashed(key string, ago time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.effects[key]
	e.state, e.started, e.due, e.Attempts = "running", time.Now().Add(-ago), time.Now(), 1
}

// fail is an error that says of itself what is known.
type fail struct {
	permanent, notSent, refused bool
	after                       time.Duration
}

func (f fail) Error() string             { return fmt.Sprintf("it failed %+v", struct{ fail }{f}.after) }
func (f fail) Permanent() bool           { return f.permanent }
func (f fail) NotSent() bool             { return f.notSent }
func (f fail) Refused() bool             { return f.refused }
func (f fail) RetryAfter() time.Duration { return f.after }

// outside is a system in which effects happen, and a Performer for it. It searches with a lag.
type outside struct {
	lag     time.Duration
	takes   func(attempt int) time.Duration
	find    func() error            // nil: the search works
	respond func(attempt int) error // what the answer is; nil: a success. errLost and fail{} decide whether it happens

	mu       sync.Mutex
	happened map[string][]time.Time
	drawn    map[string]string // the payloads of pictures by their results
	log      seen
}

// seen is what an outside has seen so far.
type seen struct {
	attempts, finds, running, most int
	times                          []time.Time
}

func (o *outside) seen() seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log
}

func (o *outside) shows(id string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.drawn[id]
}

func always(d time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return d }
}

// errLost is the error of an answer that never came though the effect happened.
var errLost = errors.New("connection reset")

func (o *outside) Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error) {
	attempt := o.enter()
	defer o.leave()
	if o.takes != nil {
		pause(ctx, o.takes(attempt))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	var err error
	if o.respond != nil {
		err = o.respond(attempt)
	}
	if err != nil && !errors.Is(err, errLost) {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.happened == nil {
		o.happened, o.drawn = map[string][]time.Time{}, map[string]string{}
	}
	id := string(previous)
	if id == "" {
		o.happened[key] = append(o.happened[key], time.Now())
		id = fmt.Sprintf("%s#%d", key, len(o.happened[key]))
	}
	o.drawn[id] = string(payload)
	if err != nil {
		return nil, err
	}
	return []byte(id), nil
}

func (o *outside) enter() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log.attempts++
	o.log.running++
	o.log.most = max(o.log.most, o.log.running)
	o.log.times = append(o.log.times, time.Now())
	return o.log.attempts
}

func (o *outside) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log.running--
}

func (o *outside) Find(_ context.Context, key string, _ []byte) ([]byte, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log.finds++
	if o.find != nil {
		if err := o.find(); err != nil {
			return nil, false, err
		}
	}
	for i, at := range o.happened[key] {
		if time.Since(at) >= o.lag {
			return []byte(fmt.Sprintf("%s#%d", key, i+1)), true, nil
		}
	}
	return nil, false, nil
}

func (o *outside) count(key string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.happened[key])
}

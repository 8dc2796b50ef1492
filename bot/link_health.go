package bot

import "time"

// LinkHealth is the state of one of the links.
type LinkHealth struct {
	Up        bool
	Since     time.Time // when it came up, or went down
	LastPing  time.Time // Slack's last ping
	LastEvent time.Time // the last envelope
	Problem   string    // why it is down, in words; empty where it is up
}

// Health is how well Sparky hears. Judge it by pings, not by events: a quiet workspace is not a broken link.
type Health struct {
	Links   []LinkHealth
	Queued  int // taken on and waiting
	Room    int // how many may wait
	Working int // being worked on
	Skipped Skipped
	// Problem is what is wrong altogether, in words; empty while nobody has to act and a link is up, or all of them have
	// been down for no longer than it takes to open another.
	Problem string
}

// lineState is a LinkHealth, whose it is, and whether a person must do something about it.
type lineState struct {
	LinkHealth
	owner *session // the session that is up; nil where none is
	mend  bool
}

// Health tells how the links are now.
func (l *Link) Health() Health {
	l.mu.Lock()
	h := Health{Problem: l.problem()}
	for _, line := range l.lines {
		h.Links = append(h.Links, line.LinkHealth)
	}
	l.mu.Unlock()
	h.Queued, h.Working, h.Skipped = l.options.Inbox.load()
	h.Room = l.options.Inbox.options.Queue
	return h
}

// grace is how long all links may be down before that is a problem: Slack may refresh all of them at once.
const grace = 5 * time.Second

// problem is what is wrong altogether. The caller holds the lock.
func (l *Link) problem() string {
	words, since, up := "", time.Time{}, false
	for _, line := range l.lines {
		switch {
		case line.Up:
			up = true
		case line.mend:
			return line.Problem
		case line.Problem != "":
			words = line.Problem
			if line.Since.After(since) {
				since = line.Since
			}
		}
	}
	if up || time.Since(since) < grace {
		return ""
	}
	return words
}

// greeted is a session that Slack has said hello to: the line is its own from now on.
func (l *Link) greeted(s *session) {
	l.change(s.line, func(state *lineState) {
		now := time.Now()
		state.LinkHealth = LinkHealth{Up: true, Since: now, LastPing: now, LastEvent: state.LastEvent}
		state.owner, state.mend = s, false
	})
}

// seen notes a sign of life, unless a younger session has taken the line over.
func (l *Link) seen(s *session, note func(*LinkHealth)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state := &l.lines[s.line]; state.owner == s {
		note(&state.LinkHealth)
	}
}

// lost is a session that has ended.
func (l *Link) lost(s *session) { l.down(s, s.why) }

// down marks the session's line as down, unless another session holds it up.
func (l *Link) down(s *session, why trouble) {
	l.change(s.line, func(state *lineState) {
		switch state.owner {
		case s:
			state.fall(why)
		case nil:
			// What made it fall in the first place tells more than what followed.
			if state.Problem == "" {
				state.fall(why)
			}
		}
	})
}

// failed is a line for which no session came about.
func (l *Link) failed(line int, why trouble) {
	l.change(line, func(state *lineState) {
		if state.owner == nil {
			state.fall(why)
		}
	})
}

func (state *lineState) fall(why trouble) {
	if state.Up || state.Since.IsZero() {
		state.Since = time.Now()
	}
	state.Up, state.Problem, state.owner, state.mend = false, why.words, nil, why.mend
}

// change alters what is known of a line, and tells the operator when that changes the whole.
func (l *Link) change(line int, alter func(*lineState)) {
	// In turn, so that the last word told is the last that holds.
	l.telling.Lock()
	defer l.telling.Unlock()
	l.mu.Lock()
	alter(&l.lines[line])
	words := l.problem()
	l.mu.Unlock()
	if words == l.told {
		return
	}
	l.told = words
	if words == "" {
		l.options.Log.Info("Sparky hears Slack again")
	} else {
		l.options.Log.Error("Sparky does not hear Slack", "problem", words)
	}
	if l.options.Problem != nil {
		l.options.Problem(words)
	}
}

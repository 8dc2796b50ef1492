package incidents

import (
	"slices"
	"time"
)

// StormRules say when failures are so many that they are told as one.
type StormRules struct {
	Above  int           // incidents of more partners than this that open within Within are a storm; 0 is never
	Within time.Duration // how near to each other they open
}

// Storm is many partners' incidents that opened within a short time, as the channel is told of them: one message with a
// list. Until Began it only counts.
type Storm struct {
	Began   time.Time `json:"began,omitzero"` // when they were too many; zero where they are not
	Members []Member  `json:"members"`        // in the order in which they joined
}

// Member is one incident of a storm, as it stood when it was last looked at.
type Member struct {
	Incident string    `json:"incident"` // its id
	Name     string    `json:"name"`     // of the partner, for people
	Joined   time.Time `json:"joined"`   // when it opened, or came back
	State    State     `json:"state"`
	Word     Word      `json:"word,omitempty"`
	Reason   Reason    `json:"reason,omitempty"`
	Lean     Lean      `json:"lean,omitempty"`
	Key      string    `json:"key,omitempty"` // of its ticket
	URL      string    `json:"url,omitempty"` // of its ticket
	By       string    `json:"by,omitempty"`  // who has acknowledged it
	Wakes    bool      `json:"wakes,omitempty"`
	// Apart tells that its card stands in the channel, because it was posted before there was a storm.
	Apart bool `json:"apart,omitempty"`
}

// Takes tells whether an incident that opens now belongs to the storm: the newest of it joined no longer ago than
// rules.Within.
func (s Storm) Takes(now time.Time, rules StormRules) bool {
	n := len(s.Members)
	return n > 0 && now.Sub(s.Members[n-1].Joined) <= rules.Within
}

// Join is the storm with one more incident. Until it has begun, those that joined too long ago, have turned out to be part
// of another, or are of the same partner, count no more: one partner that fails again and again is no storm. It is pure.
func (s Storm) Join(m Member, now time.Time, rules StormRules) Storm {
	s.Members = slices.Clone(s.Members)
	if s.Began.IsZero() {
		s.Members = slices.DeleteFunc(s.Members, func(old Member) bool {
			return now.Sub(old.Joined) > rules.Within || old.State == StateFolded || old.Name == m.Name
		})
	}
	s.Members = append(s.Members, m)
	if s.Began.IsZero() && rules.Above > 0 && len(s.Members) > rules.Above {
		s.Began = now
	}
	return s
}

// StormTally counts the incidents of a storm.
type StormTally struct {
	All    int // those that turned out to be our network's left out
	Active int // people are still meant to look at them
	Waking int // of those, that on-call is to be awake for
	Taken  int // of those, that somebody has acknowledged
	Over   int // that work again
}

// Tally counts.
func (s Storm) Tally() StormTally {
	var t StormTally
	for _, m := range s.Members {
		if m.State == StateFolded {
			continue
		}
		t.All++
		if m.State == StateRecovered {
			t.Over++
		}
		if !m.State.Active() {
			continue
		}
		t.Active++
		if m.Wakes {
			t.Waking++
			if m.State == StateAcknowledged {
				t.Taken++
			}
		}
	}
	return t
}

// member is the incident's part in the storm, nil where it has none.
func (s *Storm) member(id string) *Member {
	if s == nil {
		return nil
	}
	for n := range s.Members {
		if s.Members[n].Incident == id {
			return &s.Members[n]
		}
	}
	return nil
}

// see notes how the incident stands now.
func (m *Member) see(in Incident, now time.Time) {
	m.State, m.Word, m.Reason, m.Lean = in.State, in.Verdict.Word, in.Verdict.Reason, in.Verdict.Lean
	m.Key, m.URL, m.By = in.Ticket.Key, in.Ticket.URL, ""
	if in.Acknowledged != nil {
		m.By = in.Acknowledged.By
	}
	m.Wakes = in.State.Active() && in.Verdict.Wakes() && !in.MutedUntil.After(now)
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/fixtures/world/slack"
)

// soakPeople counts what people get, when they get it: an edit rings nobody.
type soakPeople struct {
	workspace *slack.Workspace
	stop      func()
	ended     chan struct{}

	mu   sync.Mutex
	days map[string]*soakPost // by the date
}

// soakPost is what people got on a day.
type soakPost struct {
	channel map[string]int // new messages in a channel, without their threads
	thread  map[string]int // new messages in threads of a channel
	rings   map[string]int // how often a person was named in one
	words   []string       // the beginnings of those that name somebody
}

func newSoakPeople(w *slack.Workspace) *soakPeople {
	p := &soakPeople{workspace: w, ended: make(chan struct{}), days: map[string]*soakPost{}}
	events, stop := w.Subscribe()
	p.stop = stop
	go func() {
		defer close(p.ended)
		for e := range events {
			if e.Kind == slack.MessagePosted {
				p.count(e)
			}
		}
	}()
	return p
}

func (p *soakPeople) close() {
	p.stop()
	<-p.ended
}

// lost tells that messages came faster than they could be counted.
func (p *soakPeople) lost() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *soakPeople) count(e slack.Event) {
	m, ok := p.workspace.Message(e.Channel, e.TS)
	if !ok || m.BotID == "" || m.EphemeralTo != "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.today().add(m, p.workspace.Groups())
}

// today is what people got today. The caller holds the lock.
func (p *soakPeople) today() *soakPost {
	date := time.Now().UTC().Format(time.DateOnly)
	if p.days[date] == nil {
		p.days[date] = newSoakPost()
	}
	return p.days[date]
}

func newSoakPost() *soakPost {
	return &soakPost{channel: map[string]int{}, thread: map[string]int{}, rings: map[string]int{}}
}

// add counts one message that somebody may see: once for each person that it names, by themselves or in groups.
func (d *soakPost) add(m slack.Message, groups []slack.Group) {
	if m.ThreadTS != "" && m.ThreadTS != m.TS && !m.Broadcast {
		d.thread[m.Channel]++
	} else {
		d.channel[m.Channel]++
	}
	named, text := map[string]bool{}, m.Text+string(m.Blocks)
	for _, g := range groups {
		if strings.Contains(text, "subteam^"+g.ID) {
			for _, user := range g.Members {
				named[user] = true
			}
		}
	}
	for _, user := range []string{slack.Operator, slack.Publisher, slack.OnCall, slack.Member} {
		if strings.Contains(text, "@"+user) {
			named[user] = true
		}
	}
	for user := range named {
		d.rings[user]++
	}
	if len(named) > 0 {
		d.words = append(d.words, fmt.Sprintf("%s %.100q", m.Channel, m.Text))
	}
}

// got is what people got on the day that the soak is in.
func (p *soakPeople) got() soakPost {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.today()
	return soakPost{channel: copied(d.channel), thread: copied(d.thread), rings: copied(d.rings), words: slices.Clone(d.words)}
}

func copied(counts map[string]int) map[string]int {
	all := map[string]int{}
	for name, count := range counts {
		all[name] = count
	}
	return all
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/world"
	"sparky/fixtures/world/slack"
	"sparky/fixtures/world/vendors"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// The stories tell what Sparky does, in a world of stand-ins that keep state and know nothing of ours. Whatever happens
// in a story that it does not ask for fails it; see judge in stories_judge_test.go.

// patience is how long a story may take. Most end within seconds; a machine that does much else gets the rest.
const patience = 3 * time.Minute

// tellStories runs the stories side by side, and beside those of other tests, each in a world of its own.
func tellStories(t *testing.T, stories map[string]func(*story)) {
	t.Helper()
	t.Parallel()
	t.Run("story", func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(stories)) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				stories[name](newStory(t))
			})
		}
	})
}

// with has the stories begin with something more.
func with(more func(*story), stories map[string]func(*story)) map[string]func(*story) {
	prepared := map[string]func(*story){}
	for name, tell := range stories {
		prepared[name] = func(s *story) { more(s); tell(s) }
	}
	return prepared
}

// betasTried lets GitHub try the betas that are announced.
func betasTried(s *story) { s.config.GitHub = s.demo.GitHub }

// alertsAsked lets New Relic be asked for the demo's alerts.
func alertsAsked(s *story) { s.config.NewRelic = s.demo.NewRelic }

// story is a world, the configuration of a Sparky in it, and what people have read so far.
type story struct {
	*testing.T
	ctx    context.Context
	world  *world.World
	slack  *slack.Workspace
	folder string
	config Config
	demo   Config // the demo's configuration; a story's own leaves out what would tell more than it asks for
	logs   *transcript
	before func(*sparky) // what the story changes in a Sparky before it runs; may be nil

	read    map[string]bool // by the ts: messages that the story asked for
	wanted  map[string]bool // tickets, pages and public posts that the story asked for, by their incidents
	acted   map[string]bool // who did something, by their ids
	broke   []time.Time     // when it broke a partner's API
	excused map[string]bool // problems that the story brought about, by Slack's word or the journals'
	secrets []string        // what must be seen nowhere
}

// newStory starts a world in which no Sparky runs yet.
func newStory(t *testing.T) *story {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	w, err := world.Start(context.WithoutCancel(ctx), world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing the world: %v", err)
		}
	})
	folder := t.TempDir()
	config := demoConfig(w, folder)
	inline(&config)
	config.Listen = "127.0.0.1:0"
	whole := config
	quiet := *config.NewRelic
	quiet.Alerts = nil
	config.NewRelic, config.GitHub = &quiet, nil
	w.Actions.SetExecute(compatWorkflow(demoConfig(w, folder), httpcall.Options{}))
	config.Schedule.Changelog, config.Schedule.Status = setting.Duration(time.Second), setting.Duration(time.Second)
	config.Schedule.Jitter = 0
	s := &story{T: t, ctx: ctx, world: w, slack: w.Slack, folder: folder, config: config, demo: whole, logs: &transcript{},
		read: map[string]bool{}, wanted: map[string]bool{}, acted: map[string]bool{}, excused: map[string]bool{}, secrets: everySecret(w)}
	s.probesEvery(time.Second)
	t.Cleanup(s.judge)
	return s
}

// inline has all probes run in this process. Five workers for each of the stories that are told side by side would leave the
// machine no time for what they tell; those about workers have them (apart), and so have the browser's tests.
func inline(config *Config) {
	for i := range config.Partners {
		config.Partners[i].Isolation = partners.IsolationInline
	}
}

// program is a Sparky that runs inside the test.
type program struct {
	*sparky
	story  *story
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
}

// start runs Sparky until stop, or until the story ends.
func (s *story) start() *program {
	s.Helper()
	return s.startAt(time.Now, store.Options{})
}

// startAt is start by other clocks: the program's, and the database's.
func (s *story) startAt(clock func() time.Time, memories store.Options) *program {
	s.Helper()
	built, err := newSparkyAt(s.ctx, s.config, newLog(s.logs, s.config), clock, memories)
	if err != nil {
		s.Fatal(err)
	}
	if s.before != nil {
		s.before(built)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
	p := &program{sparky: built, story: s, cancel: cancel, ended: make(chan error, 1)}
	go func() { p.ended <- built.Run(ctx) }()
	s.Cleanup(p.stop)
	return p
}

// endsWithin is how long the end of a Sparky may take that shares a busy machine with other stories. That it takes less than
// five seconds, terminated holds.
const endsWithin = 20 * time.Second

// stop ends Sparky as SIGTERM does.
func (p *program) stop() {
	p.once.Do(func() {
		p.cancel()
		select {
		case err := <-p.ended:
			if err != nil {
				p.story.Errorf("Sparky ended with %v", err)
			}
		case <-time.After(endsWithin):
			p.story.Errorf("Sparky did not end within %v", endsWithin)
			<-p.ended
		}
		if err := p.Close(); err != nil {
			p.story.Errorf("closing: %v", err)
		}
	})
}

// watching runs Sparky and waits until it knows what every partner has announced so far, and hears Slack.
func (s *story) watching() *program {
	s.Helper()
	p := s.start()
	s.rounds("feed", 2, vendors.IDs()...)
	s.linked()
	return p
}

// linked waits until Sparky hears Slack.
func (s *story) linked() {
	s.Helper()
	s.hold(s.slack.Wait(s.ctx, "a link", func() bool { return s.slack.Links() > 0 }))
}

// rounds waits until each partner's feed or page was read so many times more. A partner is read by one job, so that at
// a reading everything of the one before has been recorded.
func (s *story) rounds(what string, more int, partners ...string) {
	s.Helper()
	seen := 0
	for _, r := range s.world.Partners.Requests() {
		seen = max(seen, r.N)
	}
	s.hold(s.world.Partners.Wait(s.ctx, fmt.Sprintf("%d readings of each %s", more, what), func() bool {
		counts := map[string]int{}
		for _, r := range s.world.Partners.Requests() {
			if r.N > seen && r.What == what {
				counts[r.Partner]++
			}
		}
		return !slices.ContainsFunc(partners, func(p string) bool { return counts[p] < more })
	}))
}

// told waits for a message of Sparky's in the channel that holds all of the words, and returns what it shows.
func (s *story) told(channel string, words ...string) slack.Message {
	s.Helper()
	m, err := s.slack.WaitForMessage(s.ctx, channel, func(m slack.Message) bool {
		return m.BotID != "" && holdsAll(shown(m), words)
	})
	if err != nil {
		s.Fatalf("a message in %s with %q: %v\n%s", channel, words, err, s.everything())
	}
	s.read[m.TS] = true
	return m
}

// asks types a command and returns what the asker alone is shown.
func (s *story) asks(user, text string, words ...string) slack.Message {
	s.Helper()
	return s.answered(user, slack.General, text, words...)
}

func (s *story) answered(user, channel, text string, words ...string) slack.Message {
	s.Helper()
	s.acts(user)
	before := map[string]bool{}
	for _, m := range s.slack.Ephemerals(user, channel) {
		before[m.TS] = true
	}
	delivery, err := s.slack.Command(user, channel, "/sparky", text)
	if err != nil {
		s.Fatal(err)
	}
	if outcome, took, err := delivery.Wait(s.ctx); err != nil || outcome != slack.Acked {
		s.Errorf("/sparky %s was %s after %v: %v", text, outcome, took, err)
	}
	m, err := s.slack.WaitForEphemeral(s.ctx, user, channel, func(m slack.Message) bool {
		return !before[m.TS] && m.BotID != "" && holdsAll(shown(m), words)
	})
	if err != nil {
		s.Fatalf("an answer to /sparky %s with %q: %v\n%s", text, words, err, s.everything())
	}
	return m
}

// excuse lets problems pass that the story brings about itself.
func (s *story) excuse(problems ...string) {
	for _, p := range problems {
		s.excused[p] = true
	}
}

func (s *story) hold(err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%v\nthe log:\n%s", err, s.logs.tail())
	}
}

// publish announces something and returns its key.
func (s *story) publish(partner string, e vendors.Entry) string {
	s.Helper()
	published, err := s.world.Partners.Publish(partner, e)
	s.hold(err)
	return published.Key
}

// in is the day so many days from now, as partners write days.
func in(days int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days) }

// transcript keeps what the program wrote.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the transcript.
func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *transcript) tail() string {
	lines := strings.Split(l.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

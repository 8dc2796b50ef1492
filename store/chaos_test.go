package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"sparky/changes"
	"sparky/incidents"
)

// provider is a system without idempotency keys. It can be searched by a marker, with a lag. Of its answers some are
// lost although the effect happened, and some are refusals.
type provider struct {
	mu       sync.Mutex
	chance   *rand.Rand
	made     map[string][]time.Time // by key
	shows    map[string]string      // payloads by key
	attempts int
	lookups  int
	refused  int
	lost     int
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.FormValue("key")
	if r.URL.Path == "/find" {
		p.find(w, key)
		return
	}
	deadline, err := strconv.ParseInt(r.FormValue("deadline"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.attempts++
	before, later := p.millis(15), p.millis(15)
	refuse, lose := p.chance.IntN(20) == 0, p.chance.IntN(10) == 0
	p.mu.Unlock()
	<-time.After(before)
	p.mu.Lock()
	switch {
	case refuse:
		p.refused++
	case time.Now().UnixMilli() < deadline: // it happens even if the caller is dead by now
		if r.FormValue("id") == "" {
			p.made[key] = append(p.made[key], time.Now())
		}
		p.shows[key] = r.FormValue("payload")
	default:
		lose = true
	}
	if lose && !refuse {
		p.lost++
	}
	p.mu.Unlock()
	if refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	<-time.After(later)
	if lose {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	fmt.Fprint(w, "id of "+key)
}

func (p *provider) millis(most int) time.Duration {
	return time.Duration(p.chance.IntN(most*1000)) * time.Microsecond
}

func (p *provider) find(w http.ResponseWriter, key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lookups++
	for _, at := range p.made[key] {
		if time.Since(at) >= chaosLag {
			fmt.Fprint(w, "id of "+key)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

// tally counts what should be there and is not, and what is there more than once.
func (p *provider) tally(effects int) (lost, doubled, stale int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	want := map[string]string{}
	for from := 0; from < effects; from += perPoll {
		for _, effect := range chaosPoll(from).Effects {
			want[effect.Key] = string(effect.Payload)
		}
	}
	for key, payload := range want {
		switch len(p.made[key]) {
		case 0:
			lost++
		case 1:
		default:
			doubled += len(p.made[key]) - 1
		}
		if p.shows[key] != payload {
			stale++
		}
	}
	return lost, doubled, stale
}

// mostKills is after how many a child is left alone, so that the test ends on a machine that is busy with other things.
const mostKills = 40

// chaos runs children, each killed after a while, until one finds everything done. It returns how many were killed.
// Where a child got nothing done in its time, the next one gets more: a busy machine must not make the chaos idle.
func chaos(t *testing.T, todo task) (p *provider, kills int) {
	t.Helper()
	p = &provider{chance: rand.New(rand.NewPCG(2026, 11)), made: map[string][]time.Time{}, shows: map[string]string{}}
	web := httptest.NewServer(p)
	defer web.Close()
	todo.Provider = web.URL
	for stretch := 1.0; ; kills++ {
		before := p.tried()
		life := time.Duration(stretch * float64(40+rand.IntN(80)) * float64(time.Millisecond))
		if kills >= mostKills {
			life = time.Minute
		}
		if runChild(t, todo, life, kills%5 == 4 && kills < mostKills) {
			return p, kills
		}
		if kills >= mostKills {
			t.Fatalf("a child that was left alone for a minute did not come to an end")
		}
		if p.tried() == before {
			stretch *= 1.5
		}
	}
}

func (p *provider) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attempts
}

// runChild runs a child and kills it when its life after it is up (or, where early, after its very start) is over. It
// tells whether the child came to the end before that.
func runChild(t *testing.T, todo task, life time.Duration, early bool) (done bool) {
	t.Helper()
	encoded, err := json.Marshal(todo)
	must(t, err)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childEnv+"="+string(encoded))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdin, err := command.StdinPipe()
	must(t, err)
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	up := make(chan struct{})
	ended := make(chan bool, 1)
	go func() { ended <- follow(stdout, up) }()
	if !early {
		<-up
	}
	kill := time.NewTimer(life)
	defer kill.Stop()
	select {
	case done = <-ended:
		must(t, stdin.Close())
	case <-kill.C:
		must(t, command.Process.Kill())
		done = <-ended
	}
	err = command.Wait()
	if done && err != nil || stderr.Len() > 0 {
		t.Fatalf("child: %v\n%s", err, stderr.String())
	}
	return done
}

// follow reads what a child says until it is done or dead, and tells which. up is closed when it is ready, or dead.
func follow(stdout io.Reader, up chan struct{}) (done bool) {
	signal := sync.OnceFunc(func() { close(up) })
	defer signal()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		switch lines.Text() {
		case "ready":
			signal()
		case "done":
			return true
		}
	}
	return false
}

func TestChaos(t *testing.T) {
	effects := 400
	if testing.Short() {
		effects = 100
	}
	for _, c := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sparky.db") }},
		{"postgres", func(t *testing.T) string { return postgresURL(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, began := c.url(t), time.Now()
			p, kills := chaos(t, task{Store: url, Effects: effects})
			took := time.Since(began)
			lost, doubled, stale := p.tally(effects)
			t.Logf("%d effects and %d pictures, %d kills in %v: %d attempts (%d answers lost, %d refused), %d look-ups; %d lost, %d doubled, %d stale",
				effects, pictures, kills, took.Round(time.Millisecond), p.attempts, p.lost, p.refused, p.lookups, lost, doubled, stale)
			if lost+doubled+stale > 0 {
				t.Error("an effect was lost, doubled, or shows an old state")
			}
			if kills < 3 || p.lookups == 0 {
				t.Errorf("%d kills and %d look-ups prove nothing", kills, p.lookups)
			}
			s := mustOpen(t, url, nil)
			if entries := value[[]changes.Entry](t)(s.Entries(t.Context(), changes.Query{})); len(entries) != effects {
				t.Errorf("%d entries, want %d", len(entries), effects)
			}
			if troubles := value[[]incidents.Trouble](t)(s.Troubles(t.Context())); len(troubles) > 0 {
				t.Errorf("in trouble: %+v", troubles)
			}
		})
	}
}

// TestChaosWithoutLookingUp shows that the chaos is one: whoever repeats without looking first doubles effects in it.
func TestChaosWithoutLookingUp(t *testing.T) {
	const effects = 100
	p, kills := chaos(t, task{Store: "sqlite:" + filepath.Join(t.TempDir(), "sparky.db"), Effects: effects, Blind: true})
	lost, doubled, _ := p.tally(effects)
	t.Logf("%d effects, %d kills: %d lost, %d doubled", effects, kills, lost, doubled)
	if lost > 0 || doubled == 0 {
		t.Errorf("%d lost and %d doubled; want some doubled", lost, doubled)
	}
}

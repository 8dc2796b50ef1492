package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/store"
)

// pace is how fast something was done, and how much of a processor each took.
type pace struct {
	perSecond float64
	cpu       time.Duration
}

// bareFeeds is a bare client that asks for what has not changed, sixteen at once.
func bareFeeds(tb testing.TB, times int) pace {
	tb.Helper()
	server := newFeeds(tb, 1)
	tag := fmt.Sprintf(`"%d"`, server.version[0].Load())
	return spread(tb, times, func(int) {
		req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, server.URL+"/0", nil)
		if err != nil {
			tb.Error(err)
			return
		}
		req.Header.Set("If-None-Match", tag)
		resp, err := server.Client().Do(req)
		if err != nil || resp.StatusCode != http.StatusNotModified || resp.Body.Close() != nil {
			tb.Error(resp, err)
		}
	})
}

// poller polls the changelogs of partners.
type poller struct {
	testing.TB
	server   *feeds
	partners []partners.Partner
	watchers []changes.Watcher
	busy     []sync.Mutex
}

func newPoller(b testing.TB, sources int) *poller {
	b.Helper()
	memory, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "sparky.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = memory.Close() })
	p := &poller{TB: b, server: newFeeds(b, sources), busy: make([]sync.Mutex, sources)}
	outside := newOutside(newLines(publicOnly(setting.NewRedactor()), partners.Partner.Patience, nil).to, Config{}, time.Now)
	for i := range sources {
		one := partners.Partner{ID: fmt.Sprint("partner", i), Name: "Acme", Changelog: []partners.Source{{Kind: partners.SourceFeed, URL: fmt.Sprintf("%s/%d", p.server.URL, i)}}}
		p.partners = append(p.partners, one)
		p.watchers = append(p.watchers, changes.Watcher{Reader: outside.changelog(one), Memory: memory, Now: time.Now})
		p.poll(i) // the first reading
	}
	return p
}

func (p *poller) poll(i int) {
	outcome, err := p.watchers[i].Poll(context.WithoutCancel(p.Context()), p.partners[i])
	if err != nil || len(outcome.Failed) > 0 {
		p.Error(outcome, err)
	}
}

// run polls as fast as it goes, sixteen at once; before each poll of a source something may happen to it. Its server runs
// beside it in this process, so its part of the processor's time counts too.
func (p *poller) run(times int, before func(source int)) pace {
	return spread(p.TB, times, func(i int) {
		i %= len(p.partners)
		p.busy[i].Lock() // a job never runs beside itself
		defer p.busy[i].Unlock()
		before(i)
		p.poll(i)
	})
}

// pollsAtOnce is how many polls run side by side.
const pollsAtOnce = 16

// spread does something so many times, pollsAtOnce at once.
func spread(tb testing.TB, times int, do func(i int)) pace {
	tb.Helper()
	var next atomic.Int64
	var workers sync.WaitGroup
	began, cpu := time.Now(), processorTime(tb)
	for range pollsAtOnce {
		workers.Go(func() {
			for i := next.Add(1); i <= int64(times); i = next.Add(1) {
				do(int(i))
			}
		})
	}
	workers.Wait()
	return pace{float64(times) / time.Since(began).Seconds(), (processorTime(tb) - cpu) / time.Duration(times)}
}

// processorTime is how long this process has had a processor, which others on the machine do not make longer.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// feeds serves feeds of 50 entries, each with a version that its newest entry tells.
type feeds struct {
	*httptest.Server
	version []atomic.Int64
	body    []byte
}

func newFeeds(b testing.TB, sources int) *feeds {
	b.Helper()
	f := &feeds{version: make([]atomic.Int64, sources), body: feedOfFifty()}
	f.Server = httptest.NewServer(f)
	b.Cleanup(f.Close)
	return f
}

func (f *feeds) announce(source int) { f.version[source].Add(1) }

// ServeHTTP answers 304 to who has the newest version.
func (f *feeds) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var source int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &source); err != nil || source >= len(f.version) {
		http.NotFound(rw, r)
		return
	}
	version := f.version[source].Load()
	tag := fmt.Sprintf(`"%d"`, version)
	rw.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	rw.Header().Set("Content-Type", "application/rss+xml")
	newest := fmt.Appendf(nil, "<item><title>Release %d of source %d</title><guid>new-%d</guid><pubDate>%s</pubDate><description>What is new in release %d.</description></item>",
		version, source, version, time.Unix(1700000000+version, 0).UTC().Format(time.RFC1123Z), version)
	_, _ = rw.Write(bytes.Replace(f.body, []byte("<item>"), append(newest, "<item>"...), 1))
}

// feedOfFifty is a feed of 50 entries and about 110 KB, as vendors' blogs serve them.
func feedOfFifty() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Changelog</title><link>https://bench.example/</link>`)
	for i := range 49 {
		fmt.Fprintf(&b, `<item><title>The pier endpoint &amp; its gulls, part %d</title><link>https://bench.example/%d</link><guid isPermaLink="false">https://bench.example/?p=%d</guid><pubDate>Mon, 02 Nov 2026 12:%02d:00 +0000</pubDate><category>API</category><content:encoded><![CDATA[`, i, i, i, i)
		for j := range 12 {
			fmt.Fprintf(&b, `<p>Paragraph %d of a <a href="https://bench.example/doc">document</a> with <code>code_%d</code> and <strong>words</strong> to read.</p><ul><li>An item</li></ul>`, j, j)
		}
		b.WriteString(`]]></content:encoded></item>`)
	}
	b.WriteString(`</channel></rss>`)
	return []byte(b.String())
}

// TestPolls holds that what is measured is a poll: 304 finds nothing, and an announcement is found.
func TestPolls(t *testing.T) {
	p := newPoller(t, 2)
	if got := p.run(20, func(int) {}); got.perSecond <= 0 {
		t.Errorf("%+v", got)
	}
	p.server.announce(1)
	outcome, err := p.watchers[1].Poll(t.Context(), p.partners[1])
	if err != nil || outcome.New != 1 {
		t.Errorf("%+v, %v; want one new entry", outcome, err)
	}
	if bareFeeds(t, 20).cpu < 0 {
		t.Error("the floor took less than nothing")
	}
}

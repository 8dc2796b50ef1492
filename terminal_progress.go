package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progressAfter is how long a command may take before it shows how far it is.
const progressAfter = time.Second

// progress shows on a terminal how far something is, once it takes longer than a second. Elsewhere it is silent. It may
// be used by several goroutines.
type progress struct {
	out io.Writer // nil: nothing is shown

	mu    sync.Mutex
	text  string // the newest; empty: it is over
	ripe  bool   // it takes long enough to be shown
	shown bool
	timer *time.Timer
}

// newProgress shows on w where that is a terminal. Its owner ends it with done.
func newProgress(w io.Writer) *progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return progressOn(file)
}

func progressOn(w io.Writer) *progress {
	p := &progress{out: w}
	p.timer = time.AfterFunc(progressAfter, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ripe = true
		p.draw()
	})
	return p
}

// show replaces what is shown; an empty text takes it away.
func (p *progress) show(text string) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
	p.draw()
}

// done takes away what is shown, and nothing is shown any more.
func (p *progress) done() {
	if p.out == nil {
		return
	}
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text, p.ripe = "", false
	p.draw()
}

// draw is called with the lock. A terminal that is gone has nobody to tell.
func (p *progress) draw() {
	switch {
	case p.text == "" && p.shown:
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	case p.text != "" && p.ripe:
		_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", printable(p.text))
		p.shown = true
	}
}

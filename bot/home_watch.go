package bot

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// Watch keeps the tabs that are open up to date, until ctx is done. Where none is, it asks for nothing.
func (h *Home) Watch(ctx context.Context) {
	tick := time.NewTicker(homeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.round(ctx)
		}
	}
}

// round draws what has changed anew.
func (h *Home) round(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, homeWithin)
	defer cancel()
	now := newSketches(ctx, h)
	for _, v := range h.watching(time.Now()) {
		if ctx.Err() != nil {
			return
		}
		h.refresh(ctx, v, now)
	}
}

// watching are the people who have the tab open; nobody while Slack asks to be left alone.
func (h *Home) watching(now time.Time) []*viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	var watching []*viewer
	for user, v := range h.viewers {
		if now.Sub(v.seen) > homeOpenFor {
			delete(h.viewers, user)
			continue
		}
		watching = append(watching, v)
	}
	if now.Before(h.held) {
		return nil
	}
	return watching
}

// refresh draws the tab of one person anew where there is reason to.
func (h *Home) refresh(ctx context.Context, v *viewer, sketches *sketches) {
	if !v.turn.TryLock() {
		return // it is being drawn
	}
	defer v.turn.Unlock()
	defer func() {
		if r := recover(); r != nil {
			h.panicked(v, r)
		}
	}()
	now := time.Now()
	if v.place == "" || now.Before(v.again) || now.Sub(v.at) < homeEvery {
		return
	}
	calm := now.Before(v.calm)
	if word := sketches.word(); calm && word != "" && word == v.word {
		return
	}
	p := sketches.of(ctx, v)
	switch same := bytes.Equal(p.raw, v.drawn); {
	case p.refused:
		return
	case same && !calm:
		v.word, v.calm = p.word, now.Add(homeCalm)
		return
	case same, p.news == v.news && calm:
		v.word = p.word
		return
	case !h.pace.Allow():
		return
	}
	err := h.publish(ctx, v, p, v.hash)
	switch {
	case slackCode(err) == hashConflict:
		// Another replica has drawn it since, for this person pressed something that came to it: from now on it is its.
		h.close(v)
	case err != nil:
		h.failed(ctx, v, err)
	}
}

// panicked notes when to try again, and logs a panic once. Nobody waits for the drawing, so nobody is told.
func (h *Home) panicked(v *viewer, r any) {
	v.again, v.news, v.word = time.Now().Add(homeAgain), "", ""
	if problem := fmt.Sprintf("panic: %v", r); v.failing != problem {
		v.failing = problem
		h.log.Error("drawing App Home panicked; it is tried again while it is open", "user", v.user, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
}

// hashConflict is what Slack says where the view is another one by now (docs.slack.dev, views.publish).
const hashConflict = "hash_conflict"

// close takes the person for one who has the tab open no more.
func (h *Home) close(v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.viewers[v.user] == v {
		delete(h.viewers, v.user)
	}
}

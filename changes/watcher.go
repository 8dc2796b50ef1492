package changes

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/incidents"
	"sparky/partners"
)

// The kinds of the effects that the watcher asks for.
const (
	EffectDigest = "slack.digest" // payload Digest
	EffectNotice = "slack.notice" // payload SourceNotice
)

// Reader reads a source once. Its errors are for people; one whose Temporary() is true may be gone at the next try.
type Reader interface {
	Read(ctx context.Context, source partners.Source, previous partners.Validators) (partners.Reading, error)
}

// Watcher finds out what partners announced since it last looked.
type Watcher struct {
	Reader Reader
	Memory Memory
	Now    func() time.Time
	// CutOff tells until when our own network was last known to be down: now where it still is, zero where it was not lately. A
	// source that cannot be read meanwhile, or at the first try after that, is no news, and Patience begins anew. nil where
	// nobody knows.
	CutOff func(ctx context.Context) time.Time
	// Patience is for how long a source may fail, twice at least, before that is told, where it may mend itself.
	Patience time.Duration
}

// sourcesAtOnce bounds how many sources of one partner are read side by side.
const sourcesAtOnce = 4

// Outcome is what one poll of a partner came to, for logs and for people who asked for it.
type Outcome struct {
	New     int
	Edited  int
	Failed  map[string]string // Source.Name(): what was wrong
	Skipped int
}

// Poll reads all sources of the partner and records what is new in one transaction, together with the digest that tells
// it. A source that fails does not keep the others from being read; only the memory's failure is an error.
func (w *Watcher) Poll(ctx context.Context, p partners.Partner) (Outcome, error) {
	states, err := w.Memory.SourceStates(ctx, p.ID)
	if err != nil {
		return Outcome{}, fmt.Errorf("recalling the changelog sources of %s: %w", p.ID, err)
	}
	results := w.readAll(ctx, p, states)
	if err := ctx.Err(); err != nil {
		return Outcome{}, fmt.Errorf("polling the changelogs of %s: %w", p.ID, err)
	}
	poll, outcome := Poll{Since: map[string]time.Time{}}, Outcome{Failed: map[string]string{}}
	var lastTry time.Time
	var findings []Finding
	told := map[sameText]bool{}
	down := w.cutOff(ctx, results)
	for _, r := range results {
		state := r.state
		poll.Since[state.Source] = state.TriedAt
		if state.TriedAt.After(lastTry) {
			lastTry = state.TriedAt
		}
		if r.err != nil {
			outcome.Failed[state.Source] = r.err.Error()
			poll.Effects = append(poll.Effects, w.failed(p, &state, r.err, down)...)
			poll.States = append(poll.States, state)
			continue
		}
		found, entries, err := w.compare(ctx, p, state, r.reading, told)
		if err != nil {
			return Outcome{}, err
		}
		poll.Effects = append(poll.Effects, w.succeeded(p, &state, r.reading)...)
		poll.States = append(poll.States, state)
		poll.Entries = append(poll.Entries, entries...)
		if r.reading.Document != nil {
			poll.Documents = append(poll.Documents, Document{Partner: p.ID, Source: state.Source, Data: r.reading.Document})
		}
		findings = append(findings, found...)
		outcome.Skipped += r.reading.Skipped
	}
	poll.Runs = w.runs(p, findings)
	if len(findings) > 0 {
		digest := NewDigest(p.ID, p.Name, findings, w.Now())
		if p.Compat == nil {
			digest = digest.untried()
		}
		poll.Effects = append(poll.Effects, incidents.NewEffect(EffectDigest, digestKey(p.ID, lastTry, findings), digest))
	}
	for _, f := range findings {
		if f.Before != nil {
			outcome.Edited++
		} else {
			outcome.New++
		}
	}
	if err := w.Memory.RecordPoll(ctx, poll); err != nil {
		return Outcome{}, fmt.Errorf("recording what the changelogs of %s said: %w", p.ID, err)
	}
	return outcome, nil
}

type sourceResult struct {
	state   SourceState
	reading partners.Reading
	err     error
}

// readAll reads the partner's sources side by side and returns in their order in the configuration.
func (w *Watcher) readAll(ctx context.Context, p partners.Partner, states map[string]SourceState) []sourceResult {
	results := make([]sourceResult, len(p.Changelog))
	places := make(chan struct{}, sourcesAtOnce)
	var wg sync.WaitGroup
	for i, source := range p.Changelog {
		state := states[source.Name()]
		state.Partner, state.Source = p.ID, source.Name()
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			reading, err := w.read(ctx, source, state.Validators)
			if err == nil && len(reading.Changes) == 0 && !reading.NotModified && state.Listed > 0 {
				err = fmt.Errorf("the source is empty now, where it listed %d entries before; it may have moved: look at %s",
					state.Listed, source.Name())
			}
			results[i] = sourceResult{state, reading, err}
		})
	}
	wg.Wait()
	return results
}

// read reads a source. A document in which it finds a mistake of ours must not stop Sparky, and with it all other partners.
func (w *Watcher) read(ctx context.Context, source partners.Source, previous partners.Validators) (reading partners.Reading, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			reading, err = partners.Reading{}, fmt.Errorf("reading %s: %w", source.Name(), mistake(cause))
		}
	}()
	return w.Reader.Read(ctx, source, previous)
}

// sameText is how an announcement is known again when it comes under another key: from a feed that moved, or from two
// feeds of one partner.
type sameText struct {
	hash      string
	published time.Time
}

// compare tells which entries of a reading are to be told, and which are to be kept.
func (w *Watcher) compare(ctx context.Context, p partners.Partner, state SourceState, reading partners.Reading, told map[sameText]bool) (findings []Finding, entries []Entry, err error) {
	if len(reading.Changes) == 0 {
		return nil, nil, nil
	}
	known, err := w.Memory.Known(ctx, p.ID, state.Source, reading.Changes)
	if err != nil {
		return nil, nil, fmt.Errorf("recalling the entries of %s: %w", state.Source, err)
	}
	now := w.Now()
	listed := map[string]bool{}
	for _, change := range reading.Changes {
		if listed[change.Key] {
			continue // the same item twice
		}
		listed[change.Key] = true
		change.Partner, change.Source = p.ID, state.Source
		before, seen := known.Entries[change.Key]
		if seen && before.Hash == change.Hash {
			continue
		}
		entry := Classify(change, now)
		entry.FirstSeen = now
		if seen {
			entry.FirstSeen = before.FirstSeen
		}
		entries = append(entries, entry)
		text := sameText{change.Hash, change.Published}
		baseline := state.BaselineAt.IsZero()
		switch {
		case baseline:
		case seen && !edited(before, entry):
		case seen:
			findings = append(findings, Finding{Entry: entry, Before: &before})
		case told[text] || known.Elsewhere[change.Key]:
		default:
			findings = append(findings, Finding{Entry: entry})
		}
		if !change.Published.IsZero() {
			told[text] = true
		}
	}
	return findings, entries, nil
}

// edited tells whether the partner's edit changed what the entry means, not only its words: against what was concluded
// then, and against what the former words say by today's rules, so that a better rule of ours is no edit of theirs.
func edited(before, after Entry) bool {
	if !meansOtherwise(before, after) {
		return false
	}
	if before.Body == "" && after.Body != "" {
		return true // the former words are not kept for ever
	}
	return meansOtherwise(Classify(before.Change, before.FirstSeen), after)
}

func meansOtherwise(before, after Entry) bool {
	return before.Effective != after.Effective || !slices.Equal(before.Kinds, after.Kinds)
}

// digestKey is the same for the same findings since the same try, so that two replicas that poll at the same time tell
// them once, and an edit that is made, withdrawn and made again is told each time.
func digestKey(partner string, lastTry time.Time, findings []Finding) string {
	parts := make([]string, 0, len(findings)+1)
	parts = append(parts, lastTry.UTC().Format(time.RFC3339Nano))
	for _, f := range findings {
		parts = append(parts, f.Entry.Source+"\x00"+f.Entry.Key+"\x00"+f.Entry.Hash)
	}
	slices.SortFunc(parts, cmp.Compare)
	return "digest/" + partner + "/" + shortHash(strings.Join(parts, "\x01"))
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/partners"
)

// Most that is told of one reading: operations one by one, and differences of one of them.
const (
	mostOperations  = 50
	mostDifferences = 10
)

// A difference that comes and goes, because servers behind one address disagree, is told so often in a day and no more.
const (
	mostTellings = 3
	tellingsIn   = 24 * time.Hour
)

// teller puts findings into words.
type teller struct {
	source partners.Source
	title  string // what the description calls the API
	now    time.Time
	told   map[string][]time.Time // when each difference was told in the last day, by its fingerprint
	held   int                    // entries that were told often enough
}

// tell is one entry for each finding.
func (t *teller) tell(f findings) []partners.Change {
	t.forget()
	var all []partners.Change
	add := func(c partners.Change, mark string) {
		if t.again(mark) {
			c.Key = clipKey(c.Key + " " + fingerprint(mark) + " " + t.now.Format(time.RFC3339))
			c.Source, c.Published, c.Link = t.source.Name(), t.now, t.source.Link()
			c.Hash = fingerprint(c.Title, c.Body, c.Key)
			all = append(all, c)
		}
	}
	for i, o := range f.broken {
		if i == mostOperations {
			rest := f.broken[i:]
			add(t.rest(rest, f), "rest "+names(rest))
			break
		}
		add(t.breaking(o, f), "breaking "+o.same()+" "+fmt.Sprint(o.differences))
	}
	for i, o := range f.deprecated {
		if i == mostOperations {
			break // a description that deprecates more at once says so in its version
		}
		_, day := o.deprecated()
		add(t.deprecation(o, f), "deprecated "+o.same()+" "+day)
	}
	if f.is != "" {
		add(t.version(f), "version "+f.is)
	}
	return all
}

// forget leaves out what was told longer ago than a day.
func (t *teller) forget() {
	kept := map[string][]time.Time{}
	for mark, times := range t.told {
		times = slices.DeleteFunc(slices.Clone(times), func(at time.Time) bool { return t.now.Sub(at) >= tellingsIn })
		if len(times) > 0 {
			kept[mark] = times
		}
	}
	t.told = kept
}

// again notes that a finding is told now, unless it was told often enough in the last day.
func (t *teller) again(mark string) bool {
	key := fingerprint(mark)
	if len(t.told[key]) >= mostTellings {
		t.held++
		return false
	}
	t.told[key] = append(t.told[key], t.now)
	return true
}

func (t *teller) breaking(o brokenOperation, f findings) partners.Change {
	first, more := o.differences[0], ""
	if n := len(o.differences) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	severity := "May break callers"
	if first.surely {
		severity = "Breaks callers"
	}
	var body strings.Builder
	fmt.Fprintf(&body, "%s: %s. Nobody announced it: their description of %s has said so since %s.", severity,
		strings.Join(firstWords(o.differences, 3), "; "), t.api(), t.day())
	body.WriteString("\n\n" + basis(f.all) + " What to do: compare what we send and read with it before it is live, or ask them.")
	for i, d := range o.differences {
		if i == mostDifferences {
			fmt.Fprintf(&body, "\n- and %d more", len(o.differences)-i)
			break
		}
		word := "may break callers"
		if d.surely {
			word = "breaks callers"
		}
		fmt.Fprintf(&body, "\n- %s (%s)", d.text, word)
	}
	return partners.Change{
		Key: "breaking " + o.same(), Title: clip(o.name(), 150) + ": " + clip(first.text, 160) + more, Body: body.String(),
		Stated: []string{"breaking"}, Tags: []string{"openapi"},
	}
}

func firstWords(all []difference, most int) []string {
	var words []string
	for i, d := range all {
		if i == most {
			return append(words, fmt.Sprintf("and %d more", len(all)-i))
		}
		words = append(words, d.text)
	}
	return words
}

func (t *teller) rest(rest []brokenOperation, f findings) partners.Change {
	return partners.Change{
		Key: "breaking rest", Title: fmt.Sprintf("%d more operations change in a way that breaks callers", len(rest)),
		Body:   "Nobody announced it: their description of " + t.api() + " has said so since " + t.day() + ".\n\n" + basis(f.all) + " They are: " + clip(names(rest), 4000),
		Stated: []string{"breaking"}, Tags: []string{"openapi"},
	}
}

func names(all []brokenOperation) string {
	var list []string
	for _, o := range all {
		list = append(list, o.name())
	}
	return strings.Join(list, ", ")
}

func (t *teller) deprecation(o operation, f findings) partners.Change {
	_, day := o.deprecated()
	until := "It names no day on which it is switched off."
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		day = ""
	} else {
		until = "It may be switched off from " + day + "."
	}
	return partners.Change{
		Key: "deprecated " + o.same(), Title: clip(o.name(), 150) + " is deprecated", Deadline: day,
		Body:   "Their description of " + t.api() + " has said so since " + t.day() + ". " + until + "\n\n" + basis(f.all) + " What to do: plan to move off it.",
		Stated: []string{"deprecation"}, Tags: []string{"openapi"},
	}
}

func (t *teller) version(f findings) partners.Change {
	was := ""
	if f.was != "" {
		was = " (it was " + f.was + ")"
	}
	return partners.Change{
		Key: "version", Title: t.api() + ": version " + f.is + was,
		Body: "Their description names that version since " + t.day() + ".", Stated: []string{"new"}, Tags: []string{"openapi"},
	}
}

// api is what the description calls the API.
func (t *teller) api() string {
	if t.title == "" {
		return "the API"
	}
	return t.title
}

func (t *teller) day() string { return t.now.Format("2 January 2006") }

// basis says why an operation counts.
func basis(all bool) string {
	if all {
		return "Which operations of it we use is not known from our probes, so every one counts."
	}
	return "Our probes call it."
}

// maxKey bounds a key; that of an operation with a longer path begins with it.
const maxKey = 300

func clipKey(key string) string {
	if len(key) <= maxKey {
		return key
	}
	return strings.ToValidUTF8(key[:maxKey-40], "") + " " + fingerprint(key)
}

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

package openapi

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"sparky/partners"
)

// nothingElse refuses to read another document.
func nothingElse(*openapi3.Loader, *url.URL) ([]byte, error) {
	return nil, errors.New("references to other documents are not followed")
}

// findings are what a description says otherwise, by operation.
type findings struct {
	broken     []brokenOperation
	deprecated []operation
	was, is    string // the API's version, where it changed
	all        bool   // nothing of the description is known to be used, so that all of it counts
	beyond     int    // operations that differ and are too many to compare
}

type brokenOperation struct {
	operation
	differences []difference
}

// find compares what is used of two descriptions.
func find(p pair, used []partners.Endpoint) (findings, error) {
	old, now := p.before.operations(), p.after.operations()
	bases := slices.Concat(p.before.bases(), p.after.bases())
	calls := func(o operation) bool { return o.calls(used, bases) }
	some := slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(old)), slices.Collect(maps.Values(now))), calls)
	wanted := func(o operation) bool { return !some || calls(o) }
	found := findings{all: !some}
	if a, b := p.before.info("version"), p.after.info("version"); a != b && b != "" {
		found.was, found.is = a, b
	}
	if err := p.breaks(&found, old, now, wanted); err != nil {
		return findings{}, err
	}
	for _, same := range slices.Sorted(maps.Keys(now)) {
		o := now[same]
		is, day := o.deprecated()
		was, dayBefore := old[same].deprecated()
		if is && wanted(o) && (!was || day != dayBefore && day != "") {
			found.deprecated = append(found.deprecated, o)
		}
	}
	return found, nil
}

// maxCompared bounds the values that all operations together are compared by. The largest public APIs stay far below it
// even where every operation changes.
const maxCompared = 10_000_000

// breaks finds which of the wanted operations break those who call them. What is beyond comparing is counted.
func (p pair) breaks(found *findings, old, now map[string]operation, wanted func(operation) bool) error {
	touched, err := p.touched()
	if err != nil {
		return err
	}
	values := 0
	for _, same := range slices.Sorted(maps.Keys(old)) {
		a := old[same]
		b, is := now[same]
		if !wanted(a) && !(is && wanted(b)) || is && !differs(a, b, touched) {
			continue
		}
		if !is {
			found.broken = append(found.broken, brokenOperation{a, []difference{{"removed", "the operation was removed", true}}})
			continue
		}
		if values > maxCompared {
			found.beyond++
			continue
		}
		w := weaver{pair: p, touched: touched, seen: map[string]bool{}}
		was, become := w.both(a.whole(), b.whole(), 0)
		values += w.values
		differences, err := run(p.before.around(a, was), p.after.around(b, become))
		if err != nil {
			return fmt.Errorf("%s: %w", b.name(), err)
		}
		if len(differences) > 0 {
			found.broken = append(found.broken, brokenOperation{b, tidy(differences)})
		}
	}
	return nil
}

// tidy has each difference once, those that surely break callers first.
func tidy(all []difference) []difference {
	slices.SortFunc(all, func(a, b difference) int {
		if a.surely != b.surely {
			if a.surely {
				return -1
			}
			return 1
		}
		return strings.Compare(a.id+a.text, b.id+b.text)
	})
	return slices.Compact(all)
}

package partners

import "time"

// Change is one entry of a partner's changelog, as its source gives it: plain text, nothing concluded yet.
type Change struct {
	Partner string // Partner.ID
	Source  string // Source.Name()
	// Key is stable for as long as the source calls it the same entry, and unique within the source.
	Key string
	// Hash is of the normalised text: it changes when the partner edits the entry, not when white space, markup or
	// tracking parameters do.
	Hash      string
	Title     string
	Body      string    // plain text; paragraphs and list items on lines of their own; struck-out text left out
	Link      string    // absolute http(s), or empty
	Published time.Time // zero where the source does not say
	Tags      []string  // the source's own words for what this is: categories, badges, the headings above it
	Deadline  string    // YYYY-MM-DD where the source has a field for it, else empty
	// Stated are the kinds, in sparky.yaml's words, of a change that was found by comparing, so that nothing needs to be
	// concluded from its text; empty for one that somebody wrote.
	Stated []string
}

// Validators are what a conditional request sends back: the entity tag and date of the last good answer, and the hash
// of its body for servers that have neither.
type Validators struct {
	ETag         string
	LastModified string
	BodyHash     string
}

// Reading is the outcome of reading a source once.
type Reading struct {
	// NotModified tells that the source is as it was at the last reading; Changes is then empty.
	NotModified bool
	Changes     []Change // in the source's own order
	Validators  Validators
	Title       string // what the source calls itself
	Format      string // what it turned out to be: rss, atom, json-feed, html, markdown, github-releases, m365-messages, openapi
	Items       int    // items that the document holds; one that announces several things becomes several Changes
	Skipped     int    // entries that could not be read, or were beyond the limit
	Repaired    string // what was wrong with the document and mended, in words; empty where nothing was
	Moved       string // where the source permanently redirects to, empty where it does not
	// Document is what is to be remembered of a source whose entries come of comparing it with its last reading; nil for
	// every other source, and where nothing has changed.
	Document []byte
}

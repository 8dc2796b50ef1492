package commands

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sparky/changes"
	"sparky/internal/setting"
	"sparky/partners"
)

// ChangelogFacts is what the changelog command asks of the memory.
type ChangelogFacts interface {
	Entries(ctx context.Context, query changes.Query) ([]changes.Entry, error)
	sourceFacts
}

// defaultSince is how far back changelog looks where nothing is said.
const defaultSince = 7 * setting.Day

// mostEntries is how many entries one answer in Slack shows, with a button for those that follow; a terminal shows all.
const mostEntries = 15

// Changelog is the command that lists recent entries.
func Changelog(directory *Directory, facts ChangelogFacts, now Clock) Command {
	c := changelogCommand{directory, facts, now}
	return Command{
		Name:     "changelog",
		Args:     "[partner] [7d]",
		Short:    "what partners announced lately",
		Examples: []string{"changelog", "changelog " + firstID(directory) + " 30d"},
		Run:      c.run,
	}
}

type changelogCommand struct {
	directory *Directory
	facts     ChangelogFacts
	now       Clock
}

// ChangelogRecord is an entry for machines, as `sparky changelog --json` prints it.
type ChangelogRecord struct {
	Partner       string         `json:"partner"`
	Source        string         `json:"source"`
	ID            string         `json:"id"`
	Title         string         `json:"title"`
	Summary       string         `json:"summary"`
	Link          string         `json:"link"`
	Published     string         `json:"published"`
	Kinds         []changes.Kind `json:"kinds"`
	BetaVersion   *string        `json:"beta_version"`
	EffectiveDate *changes.Date  `json:"effective_date"`
}

// NewChangelogRecord is the entry's record. Published is RFC 3339, empty where the source does not say.
func NewChangelogRecord(e changes.Entry) ChangelogRecord {
	r := ChangelogRecord{
		Partner: e.Partner, Source: e.Source, ID: e.Key, Title: e.Title, Summary: e.Summary, Link: e.Link, Kinds: e.Kinds,
	}
	if !e.Published.IsZero() {
		r.Published = e.Published.UTC().Format(time.RFC3339)
	}
	if e.BetaVersion != "" {
		r.BetaVersion = &e.BetaVersion
	}
	if e.Effective != "" {
		r.EffectiveDate = &e.Effective
	}
	return r
}

func (c changelogCommand) run(ctx context.Context, call Call) Reply {
	args, from, refusal := takeFrom(call.Args)
	if refusal != nil {
		return *refusal
	}
	args, since := takeSpan(args)
	since = cmp.Or(since, defaultSince)
	query := changes.Query{Since: c.now().Add(-since)}
	title := "Changelog"
	asked := c.directory.All()
	if len(args) > 0 {
		p, rest, refusal := c.directory.Take(args)
		if refusal != nil && lengthLike.MatchString(args[0]) {
			return excess(args)
		}
		if refusal != nil {
			return *refusal
		}
		if len(rest) > 0 {
			return excess(rest)
		}
		query.Partner, title, asked = p.ID, "Changelog of "+p.Name, []partners.Partner{p}
	}
	entries, err := c.facts.Entries(ctx, query)
	if err != nil {
		return fault("the changelogs", err)
	}
	unread, err := unreadSources(ctx, c.facts, asked)
	if err != nil {
		return fault("the state of the changelogs", err)
	}
	page := leaf{all: call.Person.Local, from: from, words: strings.TrimSpace("changelog " + query.Partner), since: since}
	return withUnread(c.reply(title, entries, page, query.Partner == "", len(unread) > 0), unread)
}

// leaf is which of the entries an answer shows, and by which words the next ones are asked for.
type leaf struct {
	all   bool
	from  int // counted from 1
	words string
	since time.Duration
}

// of are the entries that are shown, and how many stand before and after them.
func (l leaf) of(entries []changes.Entry) (shown []changes.Entry, before, after int) {
	if l.all {
		return entries, 0, 0
	}
	before = max(min(l.from, len(entries))-1, 0)
	shown = entries[before:]
	shown = shown[:min(len(shown), mostEntries)]
	return shown, before, len(entries) - before - len(shown)
}

// takeFrom takes --from and the number that the button for older entries sends behind it out of the arguments.
func takeFrom(args []string) (rest []string, from int, refusal *Reply) {
	rest, value, given := takeOption(args, "from")
	if !given {
		return args, 1, nil
	}
	from, err := strconv.Atoi(value)
	if err != nil || from < 1 {
		reply := refuse(fmt.Sprintf("From which entry on? %q is none; write it like --from %d.", clip(value), mostEntries+1))
		return nil, 0, &reply
	}
	return rest, from, nil
}

// lastOf is a length of time as it follows “the last”: 7 days for 7d, day for 1d. Another unit stays as it is written.
func lastOf(window string) string {
	number, days := strings.CutSuffix(window, "d")
	n, err := strconv.Atoi(number)
	switch {
	case !days || err != nil:
		return window
	case n == 1:
		return "day"
	}
	return plural(n, "day")
}

func (c changelogCommand) reply(title string, entries []changes.Entry, page leaf, named, unread bool) Reply {
	window := spanWords(page.since)
	if len(entries) == 0 && unread {
		return Reply{Title: title, Text: fmt.Sprintf("%s: no entry that I could read in the last %s.", title, window), Facts: recordsOf(nil)}
	}
	if len(entries) == 0 {
		return Reply{Title: title, Text: fmt.Sprintf("%s: nothing new in the last %s.", title, window), Facts: recordsOf(nil),
			Sections: []Section{{Lines: []Line{Say("Nothing new in the last " + window + ".")}}}}
	}
	shown, before, after := page.of(entries)
	text := fmt.Sprintf("%s: %s in the last %s.", title, plural(len(entries), "entry"), window)
	if before > 0 {
		text = fmt.Sprintf("%s: entries %d to %d of %d in the last %s.", title, before+1, before+len(shown), len(entries), window)
	}
	section := listed(shown, c.directory.nameOf, c.now(), named)
	if after > 0 {
		section.Lines = append(section.Lines, Say(fmt.Sprintf("and %d more", after)))
		section.Buttons = []Button{{Label: "Older", Command: fmt.Sprintf("%s %s --from %d", page.words, setting.Duration(page.since), before+len(shown)+1)}}
	}
	return Reply{Title: title, Text: text, Facts: recordsOf(entries), Sections: []Section{section}}
}

// lengthLike is a number with at most two letters behind it.
var lengthLike = regexp.MustCompile(`^-?\d+[a-zA-Z]{0,2}$`)

// EntriesReply lists entries, each with what kind it is, when it holds and what it says. named adds whose it is.
func EntriesReply(title string, entries []changes.Entry, nameOf func(partner string) string, now time.Time, named bool) Reply {
	section := listed(entries, nameOf, now, named)
	if len(entries) == 0 {
		section.Lines = []Line{Say("No entries.")}
	}
	return Reply{Title: title, Text: fmt.Sprintf("%s: %s.", title, plural(len(entries), "entry")), Facts: recordsOf(entries), Sections: []Section{section}}
}

// listed are the lines of entries.
func listed(entries []changes.Entry, nameOf func(partner string) string, now time.Time, named bool) Section {
	section := Section{}
	for _, e := range entries {
		name := ""
		if named {
			name = nameOf(e.Partner)
		}
		section.Lines = append(section.Lines, entryLines(e, name, now)...)
	}
	return section
}

// recordsOf are the records of entries; none are an empty list.
func recordsOf(entries []changes.Entry) []ChangelogRecord {
	records := make([]ChangelogRecord, 0, len(entries))
	for _, e := range entries {
		records = append(records, NewChangelogRecord(e))
	}
	return records
}

// entryLines are an entry's title with its kind and day, and its summary below.
func entryLines(e changes.Entry, name string, now time.Time) []Line {
	first := Line{Mark: markOfEntry(e)}
	if name != "" {
		first.Pieces = append(first.Pieces, Piece{Text: name + ": "})
	}
	first.Pieces = append(first.Pieces, Piece{Text: shorten(e.Title, 160), Link: e.Link, Strong: true})
	detail := " (" + KindWords(e.Kinds, e.BetaVersion, e.Title) + ")"
	if e.Effective != "" {
		detail += ", " + Day(e.Effective) + ", " + DaysLeft(e.Effective, now)
	}
	first.Pieces = append(first.Pieces, Piece{Text: detail})
	if !e.Published.IsZero() {
		first.Pieces = append(first.Pieces, Piece{Text: ", published " + e.Published.UTC().Format("2 January")})
	}
	lines := []Line{first}
	if e.Summary != "" {
		lines = append(lines, Line{Indent: true, Pieces: []Piece{{Text: e.Summary}}})
	}
	return lines
}

func markOfEntry(e changes.Entry) Mark {
	switch {
	case e.NeedsAttention():
		return MarkWarn
	case e.Is(changes.Beta):
		return MarkPlanned
	default:
		return MarkNone
	}
}

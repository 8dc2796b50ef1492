package feed

import (
	"regexp"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"
)

var (
	dateColumn  = regexp.MustCompile(`(?i)^\W*(?:date|published|released?|announced|updated|when)(?: on| date)?\W*$`)
	titleColumn = regexp.MustCompile(`(?i)update|feature|application|product|change|announcement|title|name|what|description|notice|api|component`)
	topBullet   = regexp.MustCompile(`^ ?[-*+]\s+`)
)

// rows is the announcements of a node that stand in a table or a list rather than under headings: rows with a date
// column, or list items that begin with a day. With any it takes a table without dates too: the document is its table.
func (w *walker) rows(n *node, at place, any bool) []entry {
	source := strings.Join(n.lines, "\n")
	var found []entry
	for _, table := range append(pipeTables(n.lines), htmlTables(source)...) {
		found = append(found, w.tableEntries(table, at, any)...)
	}
	return append(found, w.datedBullets(n.lines, at)...)
}

// tableEntries reads a table whose first row names its columns.
func (w *walker) tableEntries(table [][]string, at place, any bool) []entry {
	if len(table) < 2 || len(table[0]) < 2 {
		return nil
	}
	date := slices.IndexFunc(table[0], func(c string) bool { return dateColumn.MatchString(markdownText(c)) })
	if date < 0 && !any {
		return nil
	}
	title := slices.IndexFunc(table[0], func(c string) bool {
		text := markdownText(c)
		return titleColumn.MatchString(text) && !dateColumn.MatchString(text)
	})
	if title < 0 {
		return nil
	}
	var entries []entry
	for _, row := range table[1:] {
		if title >= len(row) || markdownText(row[title]) == "" {
			continue
		}
		entries = append(entries, w.rowEntry(row, date, title, at))
	}
	return entries
}

func (w *walker) rowEntry(row []string, date, title int, at place) entry {
	e := entry{title: plainLine(markdownText(row[title])), link: w.page, published: at.published, tags: at.tags}
	var body []string
	for i, cell := range row {
		switch {
		case i == date:
			if day, ok := dayIn(markdownText(cell)); ok {
				e.published = day
			}
		case i != title:
			body = append(body, markdownText(cell))
		}
	}
	e.body = tidy(strings.Join(body, "\n"))
	e.id = strings.Join(append(slices.Clone(at.path), strings.TrimSpace(day(e.published)+" "+e.title)), " / ")
	if m := headingLink.FindStringSubmatch(strings.Join(row, " ")); m != nil {
		if link := absolute(m[2]); link != "" {
			e.link = link
		}
	}
	return e
}

// datedBullets reads list items that each begin with a day, as "- **May 3, 2026**: what changed", with the lines that
// belong to each. A list in which one item has no day is an ordinary list.
func (w *walker) datedBullets(lines []string, at place) []entry {
	var entries []entry
	var bodies [][]string
	inList := false
	for _, line := range lines {
		if !topBullet.MatchString(line) {
			inList = inList && (line == "" || line[0] == ' ' || line[0] == '\t')
			if inList {
				bodies[len(bodies)-1] = append(bodies[len(bodies)-1], strings.TrimPrefix(line, "  "))
			}
			continue
		}
		inList = true
		text := markdownInline(topBullet.ReplaceAllString(line, ""))
		found := writtenDay.FindStringIndex(text)
		if found == nil || strings.Trim(text[:found[0]], "*_ ([") != "" {
			return nil
		}
		published, ok := parseDate(text[found[0]:found[1]])
		title := strings.TrimRight(plainLine(strings.TrimLeft(text[found[1]:], "*_:)]-–—. ")), ":")
		if !ok || title == "" {
			return nil
		}
		bodies = append(bodies, nil)
		entries = append(entries, entry{
			id:        strings.Join(append(slices.Clone(at.path), day(published)+" "+title), " / "),
			title:     title,
			link:      w.page,
			published: published,
			tags:      at.tags,
		})
	}
	if len(entries) < 2 {
		return nil
	}
	for i, body := range bodies {
		entries[i].body = markdownText(strings.Join(body, "\n"))
	}
	return entries
}

// pipeTables are the tables of Markdown, cells as written.
func pipeTables(lines []string) [][][]string {
	var tables [][][]string
	for i := 1; i < len(lines); i++ {
		if !mdTable.MatchString(lines[i]) || !strings.Contains(lines[i], "|") || !strings.Contains(lines[i-1], "|") {
			continue
		}
		table := [][]string{cells(lines[i-1])}
		for i++; i < len(lines) && strings.Contains(lines[i], "|"); i++ {
			table = append(table, cells(lines[i]))
		}
		tables = append(tables, table)
	}
	return tables
}

func cells(row string) []string {
	row = strings.TrimSpace(row)
	row = strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|")
	parts := strings.Split(strings.ReplaceAll(row, `\|`, "\x00"), "|")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(part, "\x00", "|"))
	}
	return parts
}

// htmlTables are the tables of HTML inside Markdown, cells as written.
func htmlTables(source string) [][][]string {
	if !strings.Contains(source, "<table") {
		return nil
	}
	var tables [][][]string
	tokens := nethtml.NewTokenizer(strings.NewReader(source))
	depth, cell := 0, false
	for {
		kind := tokens.Next()
		if kind == nethtml.ErrorToken {
			return tables
		}
		raw := string(tokens.Raw())
		name, _ := tokens.TagName()
		starts, ends := kind == nethtml.StartTagToken, kind == nethtml.EndTagToken
		switch tag := string(name); {
		case starts && tag == "table":
			if depth++; depth == 1 {
				tables, cell = append(tables, nil), false
			}
		case ends && tag == "table":
			depth, cell = max(0, depth-1), cell && depth > 1
		case depth == 1 && starts && tag == "tr":
			last := len(tables) - 1
			tables[last], cell = append(tables[last], nil), false
		case depth == 1 && starts && (tag == "td" || tag == "th"):
			cell = addCell(tables[len(tables)-1])
		case depth == 1 && ends && (tag == "td" || tag == "th"):
			cell = false
		case cell:
			appendToCell(tables[len(tables)-1], raw)
		}
	}
}

func addCell(table [][]string) bool {
	if len(table) == 0 {
		return false
	}
	table[len(table)-1] = append(table[len(table)-1], "")
	return true
}

func appendToCell(table [][]string, text string) {
	row := table[len(table)-1]
	if len(row) > 0 && len(row[len(row)-1]) < 4*maxBody {
		row[len(row)-1] += text
	}
}

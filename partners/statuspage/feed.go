package statuspage

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	statusTitle     = regexp.MustCompile(`(?i)\b(?:status|incidents?|health|trust|availability|outages?)\b`)
	bracketed       = regexp.MustCompile(`^\[([^\]]+)\]`)
	closingSentence = regexp.MustCompile(`(?i)this (?:incident|issue) (?:has been|is now|is) resolved`)
	notYet          = regexp.MustCompile(`(?i)\b(?:once|until|till|when|if|after|before|unless|whether|as soon as)\b[^.!?\n]*`)
	notOver         = regexp.MustCompile(`(?i)\b(?:unresolved|not (?:yet |fully )?resolved|partially (?:resolved|mitigated)|continu(?:es|ing)|ongoing)\b`)
	beginsOver      = regexp.MustCompile(`(?i)^[\[(]?(?:resolved|mitigated|completed|closed)[\])]?(?:\s*[-–—:|]|$|[\])])`)
	endsOver        = regexp.MustCompile(`(?i)(?:[-–—:|(\[]\s*|\bissue |\bhas been )(?:resolved|mitigated|completed)\s*[\])]?\.?$`)
	severityField   = regexp.MustCompile(`(?im)^(?:severity|impact):?\s*(.*)$`)
	wordsOfMajor    = regexp.MustCompile(`(?i)\b(?:major|full|complete) outage|\bunavailable\b|\bcritical\b|\bservice outage\b`)
	wordsOfOutage   = regexp.MustCompile(`(?i)\boutages?\b|\bdisruptions?\b`)
	phaseField      = regexp.MustCompile(`(?im)^status:?\s*(` + phases + `)\b`)
	phaseOfUpdate   = regexp.MustCompile(`(?im)^(?:\w{3} +\d{1,2}, *\d{1,2}:\d{2} *\w{2,4}\s*)?(` + phases + `)\s*(?:[-–—:]|$)`)
	phaseAlone      = regexp.MustCompile(`(?i)^(?:` + phases + `)$`)
)

// Status feeds in RSS or Atom, the last resort: history.rss and history.atom of Statuspage, incident.io and Instatus
// pages, and feeds written by hand. An item's state stands in its description or its categories, in many writings. Source:
// Statuspage's feed form, a capture of xAI's feed of July 2026.

func isStatusFeed(doc document) bool {
	return doc.shape == shapeXML && (doc.asked == "rss" && isFeedRoot(doc.root) ||
		statusTitle.MatchString(doc.feedTitle()))
}

func isFeedRoot(root string) bool { return root == "rss" || root == "feed" || root == "rdf:rdf" }

// parseFeed keeps a panic of the foreign parser from ending more than this one document.
func parseFeed(doc document) (feed *gofeed.Feed, err error) {
	defer func() {
		if recover() != nil {
			feed, err = nil, errors.New("the feed could not be read: it is malformed in a way that its parser does not survive")
		}
	}()
	feed, err = gofeed.NewParser().ParseString(withoutProlog(doc.text))
	if err != nil {
		return nil, fmt.Errorf("the feed could not be read: %s", plaintext.Line(err.Error(), 120))
	}
	return feed, nil
}

func readStatusFeed(doc document, d *draft) error {
	feed, err := parseFeed(doc)
	if err != nil {
		return err
	}
	d.page(feed.Link, feedUpdated(feed))
	d.title = plaintext.Line(feed.Title, longestName)
	d.unjudged = "the feed is empty, which does not say how they are"
	if len(feed.Items) > 0 {
		d.unjudged = "no entry of the feed says whether it is over, so it is no feed of incidents, or one that can not be judged"
	}
	undecided := ""
	for _, item := range feed.Items {
		entry := feedIncident(item, d)
		d.judged = d.judged || entry.Phase != ""
		if entry.Phase == "scheduled" {
			continue // the window's times stand in prose, if at all
		}
		if entry.Phase == "" && !entry.Stale && undecided == "" {
			undecided = entry.Name
		}
		if entry.Phase != "" || !entry.Stale {
			entry.Notice = entry.Notice || entry.Phase == ""
			d.incident(entry)
		}
	}
	if undecided != "" {
		d.doubts(fmt.Sprintf("the feed's entry “%s” does not say whether it is over", plaintext.Clip(undecided, 100)))
	}
	return nil
}

func feedUpdated(feed *gofeed.Feed) time.Time {
	updated := parseTime(first(feed.Updated, feed.Published))
	for _, item := range feed.Items {
		updated = latest(updated, itemTime(item.Updated, item.UpdatedParsed), itemTime(item.Published, item.PublishedParsed))
	}
	return updated
}

func itemTime(written string, parsed *time.Time) time.Time {
	if parsed != nil {
		return sane(parsed.UTC())
	}
	return parseTime(written)
}

func feedIncident(item *gofeed.Item, d *draft) partners.PageIncident {
	posted, updated := itemTime(item.Published, item.PublishedParsed), itemTime(item.Updated, item.UpdatedParsed)
	body := plain(first(item.Content, item.Description))
	phase := feedPhase(item, body)
	incident := partners.PageIncident{
		ID: plaintext.Line(first(item.GUID, item.Link, item.Title), longestName), Name: plaintext.Line(plain(item.Title), longestName),
		Link: absolute(item.Link, d.status.Page), Phase: phase, Resolved: isOver(phase), Level: wordedLevel(item, body),
		Began: posted, Posted: posted, Updated: latest(posted, updated), Text: plaintext.Clip(body, longestText),
	}
	if part := bracketed.FindStringSubmatch(incident.Name); part != nil && !isOver(part[1]) {
		incident.Components = []string{part[1]}
	}
	newest := incident.Updated
	incident.Stale = !incident.Resolved && !newest.IsZero() && d.now.Sub(newest) > forgotten
	return incident
}

const phases = `investigating|identified|monitoring|verifying|in progress|scheduled|completed|resolved|postmortem|update`

// feedPhase is the state that the item gives itself: in a field of its description, as the word that begins its newest
// update (they come newest first), as a category, or in its title. Empty where it gives none.
func feedPhase(item *gofeed.Item, body string) string {
	if strings.Contains(body, "THIS IS A SCHEDULED EVENT") {
		return "scheduled"
	}
	for _, expression := range []*regexp.Regexp{phaseField, phaseOfUpdate} {
		if found := expression.FindStringSubmatch(body); found != nil {
			return strings.ToLower(found[1])
		}
	}
	for _, category := range item.Categories {
		if phaseAlone.MatchString(strings.TrimSpace(category)) {
			return strings.ToLower(strings.TrimSpace(category))
		}
	}
	if titleSaysOver(item.Title) || closingSentence.MatchString(notYet.ReplaceAllString(body, "")) {
		return "resolved"
	}
	return ""
}

// titleSaysOver tells the titles that vendors change when all of it is over. "Unresolved", "not yet resolved" and
// "Resolved in North Europe. Impact continues in West Europe" are none.
func titleSaysOver(title string) bool {
	title = strings.TrimSpace(title)
	if notOver.MatchString(title) {
		return false
	}
	return beginsOver.MatchString(title) ||
		endsOver.MatchString(title)
}

// wordedLevel guesses the level from the words that feeds use for it; Degraded where they use none.
func wordedLevel(item *gofeed.Item, body string) partners.Level {
	said := strings.Join(item.Categories, "\n") + "\n" + item.Title
	if severity := severityField.FindStringSubmatch(body); severity != nil {
		said += "\n" + severity[1]
	}
	switch {
	case wordsOfMajor.MatchString(said):
		return partners.MajorOutage
	case wordsOfOutage.MatchString(said):
		return partners.PartialOutage
	}
	return partners.Degraded
}

package statuspage

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"sparky/internal/plaintext"
	"sparky/partners"
)

// Compiled once, because a document holds thousands of what they are matched with.
var (
	impactClass = regexp.MustCompile(`\bimpact-(\w+)`)
	statusClass = regexp.MustCompile(`\bstatus-(\w+)`)
)

// Pages for people, of which three kinds are read: Okta's, which carries its incidents as JSON; Statuspage's HTML, whose
// elements carry the machine words (capture of Zoom's page); and pages with a machine document embedded in a script.
// Anything else is a picture: a page that says "all systems operational" to a reader proves nothing to a program.

func isStatusHTML(doc document) bool {
	return doc.shape == shapeHTML && (hasOktaJSON(doc) || isStatuspageHTML(doc) || embedded(doc) != nil)
}

func readStatusHTML(doc document, d *draft) error {
	switch {
	case hasOktaJSON(doc):
		return readOkta(doc, d)
	case isStatuspageHTML(doc):
		return readStatuspageHTML(doc, d)
	}
	inner := embedded(doc)
	if inner == nil {
		return errors.New("the page carries no status that a program can read")
	}
	return inner.format.read(inner.document, d)
}

func isStatuspageHTML(doc document) bool {
	return doc.page.Find("[data-component-status]").Length() > 0 || doc.page.Find(".page-status[class*=status-]").Length() > 0
}

func readStatuspageHTML(doc document, d *draft) error {
	if class, found := doc.page.Find(".page-status").Attr("class"); found {
		if word := statusClass.FindStringSubmatch(strings.ReplaceAll(class, "page-status", "")); word != nil {
			level := impactLevel(word[1])
			if level == partners.Unknown {
				d.doubts("the page's own status is in a word that is not known here: " + plaintext.Line(word[1], 60))
			}
			d.indicator(level, words(near(doc.page.Find(".page-status").Get(0), ".status")))
		}
	}
	if !strings.Contains(strings.ToLower(doc.text[max(0, len(doc.text)-4096):]), "</html") {
		d.doubts("the page broke off before its end")
	}
	groups := htmlGroups(doc)
	doc.page.Find("[data-component-status]").Each(func(_ int, e *goquery.Selection) {
		if hook, _ := e.Attr("data-js-hook"); hook == "component-group-opener" {
			return
		}
		word, _ := e.Attr("data-component-status")
		d.component(partners.Component{Name: htmlName(e), Group: groups[container(e)], Level: componentLevel(word)}, word)
	})
	doc.page.Find(".unresolved-incident").Each(func(_ int, e *goquery.Selection) {
		// One inside another is no incident, and would be read as often as it is nested.
		if e.ParentsFiltered(".unresolved-incident").Length() == 0 && !e.HasClass("impact-maintenance") && !e.HasClass("scheduled-maintenance") {
			d.incident(htmlIncident(e, d.status.Page))
		}
	})
	return nil
}

func htmlName(e *goquery.Selection) string {
	return plaintext.Line(words(near(e.Get(0), ".name")), longestName)
}

// htmlGroups are the names of the groups, by the element that holds a group's opener and its components.
func htmlGroups(doc document) map[*html.Node]string {
	groups := map[*html.Node]string{}
	doc.page.Find(`[data-js-hook="component-group-opener"]`).Each(func(_ int, opener *goquery.Selection) {
		if at := container(opener); at != nil && groups[at] == "" {
			groups[at] = htmlName(opener)
		}
	})
	return groups
}

func container(e *goquery.Selection) *html.Node {
	if at := e.Closest(".component-container"); at.Length() > 0 {
		return at.Get(0)
	}
	return nil
}

func htmlIncident(e *goquery.Selection, page string) partners.PageIncident {
	class, _ := e.Attr("class")
	impact := impactClass.FindStringSubmatch(class)
	title := near(e.Get(0), ".incident-title")
	href := ""
	if link := near(title, "a"); link != nil {
		title, href = link, goquery.NewDocumentFromNode(link).AttrOr("href", "")
	}
	update := near(e.Get(0), ".update")
	incident := partners.PageIncident{
		ID: plaintext.Line(first(href, words(title)), longestName), Name: plaintext.Line(words(title), longestName),
		Link: absolute(href, page), Level: partners.Degraded,
		Phase: strings.ToLower(plaintext.Line(words(near(update, "strong")), 60)),
		Text:  plaintext.Line(words(update), longestText),
	}
	if impact != nil {
		incident.Level = impactLevel(impact[1])
	}
	incident.Resolved = isOver(incident.Phase)
	return incident
}

// nearest is how many elements and texts below an element are looked at: what is sought stands at its begin, and elements
// may stand in each other.
const nearest = 500

// near is the first element below one that has the class (.name) or the name; nil where there is none nearby.
func near(root *html.Node, name string) *html.Node {
	if root == nil {
		return nil
	}
	class, isClass := strings.CutPrefix(name, ".")
	seen := 0
	for n := range root.Descendants() {
		if seen++; seen > nearest {
			break
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !isClass && n.Data == name {
			return n
		}
		for _, a := range n.Attr {
			if isClass && a.Key == "class" && slices.Contains(strings.Fields(a.Val), class) {
				return n
			}
		}
	}
	return nil
}

// words is the text below an element, as much of it as is kept.
func words(root *html.Node) string {
	if root == nil {
		return ""
	}
	var out strings.Builder
	seen := 0
	for n := range root.Descendants() {
		if seen++; seen > nearest || out.Len() > 4*longestText {
			break
		}
		if n.Type == html.TextNode {
			out.WriteString(plaintext.Clip(n.Data, longestText))
		}
	}
	return out.String()
}

// found is a machine document inside a page, and the format that claims it.
type found struct {
	document document
	format   format
}

// embedded finds a machine document in the page's scripts: whole, or where frameworks put what a page was built from.
// Only formats with marks of their own are believed there.
func embedded(doc document) *found {
	var result *found
	doc.page.Find(`script[type="application/json"]`).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		outer := newDocument([]byte(e.Text()), "application/json", doc.address)
		if outer.shape != shapeJSON {
			return true
		}
		for _, path := range []string{"@this", "props.pageProps", "props.pageProps.summary", "props.pageProps.data", "props.pageProps.initialData"} {
			inner := outer
			inner.asked, inner.json = "", outer.json.Get(path)
			if f := claimant(inner); f != nil {
				result = &found{inner, *f}
				return false
			}
		}
		return true
	})
	return result
}

func claimant(doc document) *format {
	if !doc.json.IsObject() {
		return nil
	}
	for _, f := range []format{
		{"statuspage", "", isStatuspage, readStatuspage}, {"incidentio", "", isIncidentIO, readIncidentIO},
		{"instatus", "", isInstatus, readInstatus}, {"statusio", "", isStatusIO, readStatusIO},
		{"betterstack", "", isBetterStack, readBetterStack},
	} {
		if f.claims(doc) {
			return &f
		}
	}
	return nil
}

// asksToSignIn tells a page that wants a password where a status was expected. Status pages for subscribers carry no
// password field.
func asksToSignIn(doc document) bool {
	if doc.shape != shapeHTML {
		return false
	}
	if isStatuspageHTML(doc) || hasOktaJSON(doc) {
		return false
	}
	return doc.page.Find(`input[type="password"]`).Length() > 0 || isSignInAddress(doc.address)
}

// isSignInAddress tells an address that serves signing in, by its host's first word or its path.
func isSignInAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return regexp.MustCompile(`(?i)^(?:login|signin|sign-in|sso|auth|idp|accounts)\.`).MatchString(u.Hostname()) ||
		regexp.MustCompile(`(?i)/(?:login|log-in|signin|sign-in|sso|saml2?|oauth2?|authorize|adfs)(?:[/.]|$)`).MatchString(u.Path)
}

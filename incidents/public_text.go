package incidents

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"sparky/internal/plaintext"
)

// MostPublicText is how many characters a text that a person writes for our public page may have.
const MostPublicText = 2000

// PublicText is what a person wrote for our public page, as it may stand there: paragraphs of plain text. An error says to
// the person what to change. Angle brackets are refused where a mail or a page might take them for markup, and an address
// with a name and a password in it is refused whatever it leads to.
func PublicText(text string) (string, error) {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		lines = append(lines, plaintext.OneLine(line))
	}
	text = manyBreaks.ReplaceAllString(strings.TrimSpace(strings.Join(lines, "\n")), "\n\n")
	switch count := len([]rune(text)); {
	case text == "":
		return "", errors.New("It says nothing. To keep it off the page, press Don't publish.")
	case count > MostPublicText:
		return "", fmt.Errorf("It has %d characters, and %d are the most.", count, MostPublicText)
	}
	if found := markup.FindString(text); found != "" {
		return "", fmt.Errorf("Customers would read %q as it stands, or not at all: please write plain text.", plaintext.Clip(found, 40))
	}
	for _, address := range addresses.FindAllString(text, -1) {
		if u, err := url.Parse(address); err != nil || u.User != nil {
			return "", errors.New("It holds an address with a name or a password in it. Please leave that out.")
		}
	}
	return text, nil
}

var (
	manyBreaks = regexp.MustCompile(`\n{3,}`)
	markup     = regexp.MustCompile(`<[a-zA-Z/!?@#][^<]*>?|\]\([^)]*\)`)
	addresses  = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>]+`)
)

// publishAs puts the incident on our public page with a person's text, and tells whether that is another than Sparky's.
func (i *Incident) publishAs(now time.Time, by, text string) bool {
	if text == "" {
		i.publish(now, by)
		return false
	}
	i.published(now, by)
	next := PublicUpdate(*i, now)
	own := next.Text != text
	next.Text = text
	i.Post.Updates = append(i.Post.Updates, next)
	return own
}

package bot

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"sparky/commands"
	"sparky/internal/setting"
)

// maxFallback keeps the text beside the blocks below the 4,000 characters at which chat.update refuses it
// (msg_too_long; chat.postMessage takes ten times more).
const maxFallback = 3500

// indentation opens a line that belongs to the one above. Slack trims ordinary spaces at the start of a text.
const indentation = "\u2003• "

// drawn is a whole message: what clients draw, and what notifications and screen readers say instead. Both are markup.
type drawn struct {
	Text   string
	Blocks []slack.Block
}

// render draws a reply as a Slack message within the documented limits. Every text of the reply is shown as it is.
func render(reply commands.Reply) drawn {
	s := newSheet(maxMessageBlocks)
	if strings.TrimSpace(reply.Title) != "" {
		s.heading(reply.Title)
	}
	if markup := escapeTo(reply.Text, maxSection); len(reply.Sections) == 0 && strings.TrimSpace(markup) != "" {
		s.sections(markup)
	}
	for _, part := range reply.Sections {
		drawSection(s, part)
	}
	return drawn{fallback(reply), s.done()}
}

// fallback is the sentence that stands for the whole reply.
func fallback(reply commands.Reply) string {
	if said := strings.TrimSpace(withPeople(reply.Said)); said != "" && size(said) <= maxFallback {
		return said
	}
	for _, text := range []string{reply.Text, reply.Title} {
		if escaped := strings.TrimSpace(escapeTo(text, maxFallback)); escaped != "" {
			return escaped
		}
	}
	return "Sparky has an answer."
}

// withPeople is a sentence as markup in which people are mentioned, and nothing else is more than its text.
func withPeople(pieces []commands.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if !userID.MatchString(p.Person) {
			p = commands.Piece{Text: p.Text}
		}
		b.WriteString(markupOf(p))
	}
	return oneLine(b.String())
}

// inOneSentence makes the reply say this in one sentence, with the people in it.
func inOneSentence(reply commands.Reply, pieces []commands.Piece) commands.Reply {
	text := words(pieces)
	reply.Text = stopped(cut(text, maxFallback/2))
	if slices.ContainsFunc(pieces, func(p commands.Piece) bool { return userID.MatchString(p.Person) }) {
		reply.Said = append(slices.Clone(pieces), commands.Piece{Text: strings.TrimPrefix(stopped(text), text)})
	}
	return reply
}

// drawSection draws a section: heading and lines as few blocks as possible, its buttons below.
func drawSection(s *sheet, part commands.Section) {
	var lines []string
	if heading := strings.TrimSpace(oneLine(part.Heading)); heading != "" {
		lines = append(lines, strong(cut(heading, maxHeader)))
	}
	quiet := []string(nil)
	flush := func() {
		s.sections(lines...)
		s.contexts(quiet...)
		lines, quiet = nil, nil
	}
	for _, line := range part.Lines {
		markup := drawLine(line)
		if strings.TrimSpace(markup) == "" {
			continue
		}
		if allFaint(line) {
			quiet = append(quiet, markup)
			continue
		}
		if len(quiet) > 0 {
			flush()
		}
		lines = append(lines, markup)
	}
	flush()
	if len(part.Buttons) > 0 || part.Pick != nil {
		s.controls(part.Pick, buttonsOf(part.Buttons))
	}
}

func buttonsOf(buttons []commands.Button) []button {
	drawn := make([]button, len(buttons))
	for i, b := range buttons {
		drawn[i] = button(b)
	}
	return drawn
}

// allFaint tells whether nothing in the line is more than an aside; such lines become small grey text.
func allFaint(line commands.Line) bool {
	if line.Mark != commands.MarkNone || len(line.Pieces) == 0 {
		return false
	}
	for _, p := range line.Pieces {
		if !p.Faint {
			return false
		}
	}
	return true
}

// drawLine is a line as markup, cut so that it fits into one section.
func drawLine(line commands.Line) string {
	var b strings.Builder
	aside := allFaint(line)
	if line.Indent && !aside {
		b.WriteString(indentation)
	}
	b.WriteString(drawMark(line.Mark))
	left := maxSection - size(b.String())
	for _, p := range line.Pieces {
		if aside {
			p.Faint = false
		}
		markup, whole := drawPiece(p, left-size(ellipsis)-2)
		if markup != "" {
			markup = apart(b.String(), markup)
			left -= size(markup)
			b.WriteString(markup)
		}
		if !whole {
			break
		}
	}
	return b.String()
}

// apart is markup as it must follow what is there: a marker that touches a word neither opens nor closes.
func apart(before, markup string) string {
	if before == "" {
		return markup
	}
	last, first := []rune(before), []rune(markup)
	opens := strings.ContainsRune("*_`", first[0]) && !strings.HasSuffix(before, " ")
	closed := strings.ContainsRune("*_`", last[len(last)-1]) && first[0] != ' '
	if opens || closed {
		return zeroWidth + markup
	}
	return markup
}

// drawPiece is a piece as markup of at most limit units; whole is false where it was cut.
func drawPiece(p commands.Piece, limit int) (markup string, whole bool) {
	if markup = markupOf(p); size(markup) <= limit {
		return markup, true
	}
	if limit < 2*size(ellipsis) {
		return ellipsis, false
	}
	// What is escaped grows by an unknown amount, so the plain text is shortened until the markup fits; where a link's
	// address alone is too long, the link goes.
	text := cut(oneLine(p.Text), limit)
	for _, address := range []string{p.Link, ""} {
		short := p
		short.Link = address
		for keep := limit; keep > 0; keep = keep * 3 / 4 {
			short.Text = cut(text, keep)
			if markup = markupOf(short); size(markup) <= limit {
				return markup, false
			}
		}
	}
	return ellipsis, false
}

func markupOf(p commands.Piece) string {
	switch {
	case p.Person != "" && setting.CheckUserOrGroup(p.Person) == "":
		return mentionOf(p.Person)
	case !p.Time.IsZero():
		return dateAs(p.Time, formOf(p.Show), p.Text)
	case p.Link != "" && p.Strong:
		return wrapped("*", link(p.Link, p.Text))
	case p.Link != "":
		return link(p.Link, p.Text)
	case p.Code:
		return code(p.Text)
	case p.Strong:
		return strong(p.Text)
	case p.Faint:
		return faint(p.Text)
	}
	return escape(p.Text)
}

// formOf is how a point in time is written of which that much is told.
func formOf(show commands.TimeShown) string {
	switch show {
	case commands.ShowDay:
		return dayAlone
	case commands.ShowClock:
		return timeAlone
	}
	return dayAndTime
}

// escapeTo is outside text as one line of markup of at most limit units.
func escapeTo(text string, limit int) string {
	markup, _ := drawPiece(commands.Piece{Text: text}, limit)
	return markup
}

// drawMark is a mark as a symbol. Its shape differs from every other one, and the line behind it says the same in words,
// so that colour is never the only bearer.
func drawMark(m commands.Mark) string {
	switch m {
	case commands.MarkNone:
		return ""
	case commands.MarkGood:
		return "✅ "
	case commands.MarkWarn:
		return "⚠️ "
	case commands.MarkBad:
		return "❌ "
	case commands.MarkMuted:
		return "🔕 "
	case commands.MarkPlanned:
		return "📅 "
	default:
		return "❓ "
	}
}

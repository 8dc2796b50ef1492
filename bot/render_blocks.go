package bot

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"
)

// The limits that Slack documents for what we draw (docs.slack.dev, Block Kit reference).
const (
	maxMessageBlocks = 50
	maxHomeBlocks    = 100
	maxSection       = 3000
	maxHeader        = 150
	maxContext       = 3000
	maxElements      = 25 // of an actions block
	maxLabel         = 75 // of a button, and of an option
	maxValue         = 2000
	maxOptionValue   = 150
	maxOptions       = 5   // of an overflow menu
	maxPicks         = 100 // options of a group of a list, and groups of a list
	maxPlaceholder   = 150
	maxConfirmText   = 300
	maxConfirmButton = 30
)

// shownButtons is how many buttons stand side by side before the rest goes into a menu: more of them daunt.
const shownButtons = 3

// maxText is how much text one message or view holds before the rest is folded. Slack publishes no figure behind
// msg_blocks_too_long; nobody reads further than this either.
const maxText = 12000

// buttonVersion stands before the command in a button's value. A button that carries another one was drawn by another
// Sparky, and may mean something else.
const buttonVersion = "1:"

// button is one button to draw: what the one of a reply is, without knowing commands.
type button struct {
	Label   string
	Command string
	Confirm string
	Primary bool
}

// size is how much text the button brings into a message, its question included.
func (b button) size() int {
	units := min(size(b.Label), maxLabel)
	if strings.TrimSpace(b.Confirm) != "" {
		units += min(size(b.Confirm), maxConfirmText) + 3*maxConfirmButton
	}
	return units
}

// mrkdwn is a text object whose markup is ours. Verbatim, because without it Slack itself turns names of channels and
// people and addresses in the plain parts into links.
func mrkdwn(markup string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, markup, false, true)
}

// plain is a text object that Slack shows as it is, cut to a limit.
func plain(text string, limit int) *slack.TextBlockObject {
	text = strings.TrimSpace(oneLine(text))
	if text == "" {
		text = ellipsis
	}
	return slack.NewTextBlockObject(slack.PlainTextType, cut(text, limit), false, false)
}

// header is a heading from plain text.
func header(text string) slack.Block { return slack.NewHeaderBlock(plain(text, maxHeader)) }

// section is a paragraph of markup, at most maxSection long.
func section(markup string) slack.Block { return slack.NewSectionBlock(mrkdwn(markup), nil, nil) }

// contextBlock is a small grey paragraph of markup, at most maxContext long.
func contextBlock(markup string) slack.Block { return slack.NewContextBlock("", mrkdwn(markup)) }

// sheet is a message or view that is being drawn. It takes blocks and lines of markup until a limit is reached, counts
// what no longer fits, and says so at the end: a long answer is folded, never refused.
type sheet struct {
	blocks    []slack.Block
	maxBlocks int
	maxText   int  // units
	whole     bool // paragraphs are shown in full; elsewhere Slack may fold long ones behind "see more"
	used      int  // units of text so far
	folded    int  // lines and button rows that did not fit
	buttons   int  // drawn so far; numbers their action ids, which are then unique in the whole message
}

func newSheet(maxBlocks int) *sheet { return &sheet{maxBlocks: maxBlocks, maxText: maxText} }

// room tells whether another block with that much text fits, one block being kept for the line that says what was folded.
func (s *sheet) room(units int) bool {
	return s.folded == 0 && len(s.blocks) < s.maxBlocks-1 && s.used+units <= s.maxText
}

func (s *sheet) add(block slack.Block, units int) {
	if !s.room(units) {
		s.folded++
		return
	}
	s.blocks = append(s.blocks, block)
	s.used += units
}

// heading adds a header block.
func (s *sheet) heading(text string) { s.add(header(text), min(size(text), maxHeader)) }

// paragraph is lines of markup that are drawn in one kind of block, as few blocks as they fit into.
func (s *sheet) paragraph(lines []string, limit int, draw func(string) slack.Block) {
	for len(lines) > 0 {
		n, units := 0, 0
		for n < len(lines) && (n == 0 || units+1+size(lines[n]) <= limit) && s.room(units+1+size(lines[n])) {
			units += 1 + size(lines[n])
			n++
		}
		if n == 0 {
			s.folded += len(lines)
			return
		}
		// Slack refuses a block without text, and with it the whole message: of some texts nothing is left to show.
		if text := strings.Join(lines[:n], "\n"); strings.TrimSpace(text) != "" {
			s.add(draw(text), units)
		}
		lines = lines[n:]
	}
}

// sections adds lines of markup, each at most maxSection long.
func (s *sheet) sections(lines ...string) {
	draw := section
	if s.whole {
		draw = func(markup string) slack.Block {
			return slack.NewSectionBlock(mrkdwn(markup), nil, nil, slack.SectionBlockOptionExpand(true))
		}
	}
	s.paragraph(lines, maxSection, draw)
}

// contexts adds small grey lines of markup, each at most maxContext long.
func (s *sheet) contexts(lines ...string) { s.paragraph(lines, maxContext, contextBlock) }

// row adds buttons: the first few side by side, the others in a menu where a menu can hold them. A command too long
// for a button is shown, to be typed.
func (s *sheet) row(buttons []button) { s.actions("", nil, 0, buttons) }

// actions adds an actions block: elements that bring along that much text, and buttons behind them.
func (s *sheet) actions(block string, elements []slack.BlockElement, units int, buttons []button) {
	var typed []string
	kept := make([]button, 0, len(buttons))
	for _, b := range buttons {
		if size(buttonVersion+b.Command) > maxValue {
			typed = append(typed, code(brief(b.Command, maxValue)))
			continue
		}
		kept = append(kept, b)
	}
	beside, menu := split(kept)
	for _, b := range beside {
		if len(elements) == maxElements {
			typed = append(typed, code("/sparky "+b.Command))
			continue
		}
		elements = append(elements, s.button(b))
		units += b.size()
	}
	if len(menu) > 0 {
		elements = append(elements, s.menu(menu))
		units += maxOptions * maxLabel
	}
	if len(elements) > 0 {
		s.add(slack.NewActionBlock(block, elements...), units)
	}
	if len(typed) > 0 {
		s.contexts("To be typed: " + typed[0] + more(len(typed)-1, "more"))
	}
}

// split says which buttons stand side by side and which go into the menu: a menu holds few and short ones and cannot
// ask before each.
func split(buttons []button) (beside, menu []button) {
	if len(buttons) <= shownButtons+1 || len(buttons) > shownButtons+maxOptions {
		return buttons, nil
	}
	for _, b := range buttons[shownButtons:] {
		if b.Confirm != "" || size(buttonVersion+b.Command) > maxOptionValue {
			return buttons, nil
		}
	}
	return buttons[:shownButtons], buttons[shownButtons:]
}

func (s *sheet) actionID() string {
	s.buttons++
	return "sparky." + strconv.Itoa(s.buttons)
}

func (s *sheet) button(b button) slack.BlockElement {
	element := slack.NewButtonBlockElement(s.actionID(), buttonVersion+b.Command, plain(b.Label, maxLabel))
	if b.Primary {
		element.WithStyle(slack.StylePrimary)
	}
	if strings.TrimSpace(b.Confirm) != "" {
		element.WithConfirm(slack.NewConfirmationBlockObject(plain("Please confirm", maxHeader), plain(b.Confirm, maxConfirmText),
			plain(b.Label, maxConfirmButton), plain("Cancel", maxConfirmButton)))
	}
	return element
}

func (s *sheet) menu(buttons []button) slack.BlockElement {
	options := make([]*slack.OptionBlockObject, len(buttons))
	for i, b := range buttons {
		options[i] = slack.NewOptionBlockObject(buttonVersion+b.Command, plain(b.Label, maxLabel), nil)
	}
	return slack.NewOverflowBlockElement(s.actionID(), options...)
}

// done is what was drawn, with a last line that says how much was left out.
func (s *sheet) done() []slack.Block {
	if s.folded > 0 {
		s.blocks = append(s.blocks, contextBlock(strings.TrimSpace(more(s.folded, "more"))))
		s.folded = 0
	}
	return s.blocks
}

// more is "… and 3 more", empty for none.
func more(n int, noun string) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" %s and %d %s", ellipsis, n, noun)
}

// commandOf is the command that a button of ours carries; ok is false where another Sparky, or nobody of ours, drew it.
func commandOf(value string) (command string, ok bool) {
	return strings.CutPrefix(value, buttonVersion)
}

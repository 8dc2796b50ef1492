package bot

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// checkBlocks restates the limits of Slack's Block Kit reference for the blocks that Sparky draws, over the JSON that
// is sent. Every test that draws something calls it.
func checkBlocks(t testing.TB, blocks []slack.Block, limit int) {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatalf("blocks as JSON: %v", err)
	}
	for _, problem := range blockProblems(raw, limit) {
		t.Errorf("Slack would refuse: %s", problem)
	}
	if t.Failed() {
		t.Logf("%.2000s", raw)
	}
}

type checkedText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji"`
	Verbatim bool   `json:"verbatim"`
}

type blockChecker struct {
	problems []string
	blockIDs map[string]bool
	text     int
}

func (c *blockChecker) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func blockProblems(raw []byte, limit int) []string {
	c := &blockChecker{blockIDs: map[string]bool{}}
	var blocks []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return []string{err.Error()}
	}
	if len(blocks) > limit {
		c.say("/blocks: %d of %d", len(blocks), limit)
	}
	for i, b := range blocks {
		c.block(fmt.Sprintf("/blocks/%d", i), b)
	}
	if c.text > maxText+200 {
		c.say("/blocks: %d characters of text", c.text)
	}
	return c.problems
}

func (c *blockChecker) block(at string, b map[string]json.RawMessage) {
	var kind, id string
	c.read(at, b["type"], &kind)
	if b["block_id"] != nil {
		c.read(at, b["block_id"], &id)
		if len(id) > 255 || c.blockIDs[id] {
			c.say("%s/block_id: %q is too long or there twice", at, id)
		}
		c.blockIDs[id] = true
	}
	switch kind {
	case "header":
		c.object(at+"/text", b["text"], "plain_text", maxHeader)
	case "section":
		c.object(at+"/text", b["text"], "mrkdwn", maxSection)
	case "context":
		var elements []json.RawMessage
		c.read(at, b["elements"], &elements)
		if len(elements) < 1 || len(elements) > 10 {
			c.say("%s: %d elements", at, len(elements))
		}
		for i, e := range elements {
			c.object(fmt.Sprintf("%s/elements/%d", at, i), e, "mrkdwn", maxContext)
		}
	case "actions":
		c.actions(at, b["elements"])
	case "divider":
	default:
		c.say("%s: a block of type %q", at, kind)
	}
}

func (c *blockChecker) read(at string, raw json.RawMessage, to any) {
	if err := json.Unmarshal(raw, to); err != nil {
		c.say("%s: %v", at, err)
	}
}

func (c *blockChecker) object(at string, raw json.RawMessage, kind string, limit int) {
	var text checkedText
	c.read(at, raw, &text)
	c.text += utf8.RuneCountInString(text.Text)
	if text.Type != kind {
		c.say("%s: %q instead of %q", at, text.Type, kind)
	}
	if n := size(text.Text); n < 1 || n > limit {
		c.say("%s: %d characters of %d", at, n, limit)
	}
	if !utf8.ValidString(text.Text) {
		c.say("%s: not UTF-8", at)
	}
	if kind == "mrkdwn" && !text.Verbatim {
		c.say("%s: not verbatim, so that Slack would make links and mentions of it", at)
	}
	if kind == "plain_text" && strings.ContainsAny(text.Text, "\n\r") {
		c.say("%s: more than one line", at)
	}
}

func (c *blockChecker) actions(at string, raw json.RawMessage) {
	var elements []map[string]json.RawMessage
	c.read(at, raw, &elements)
	if len(elements) < 1 || len(elements) > maxElements {
		c.say("%s: %d elements", at, len(elements))
	}
	ids := map[string]bool{}
	for i, e := range elements {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		var kind, id, value string
		c.read(at, e["type"], &kind)
		c.read(at, e["action_id"], &id)
		if id == "" || len(id) > 255 || ids[id] {
			c.say("%s/action_id: %q is missing, too long or there twice", at, id)
		}
		ids[id] = true
		switch kind {
		case "button":
			c.read(at, e["value"], &value)
			if size(value) > maxValue {
				c.say("%s/value: %d characters", at, size(value))
			}
			c.object(at+"/text", e["text"], "plain_text", maxLabel)
			c.confirm(at+"/confirm", e["confirm"])
		case "overflow":
			c.options(at, e["options"])
		default:
			c.say("%s: an element of type %q", at, kind)
		}
	}
}

func (c *blockChecker) confirm(at string, raw json.RawMessage) {
	if raw == nil {
		return
	}
	var confirm map[string]json.RawMessage
	c.read(at, raw, &confirm)
	for field, limit := range map[string]int{"title": 100, "text": maxConfirmText, "confirm": 30, "deny": 30} {
		c.object(at+"/"+field, confirm[field], "plain_text", limit)
	}
}

func (c *blockChecker) options(at string, raw json.RawMessage) {
	var options []map[string]json.RawMessage
	c.read(at, raw, &options)
	if len(options) < 1 || len(options) > maxOptions {
		c.say("%s/options: %d of them", at, len(options))
	}
	for i, o := range options {
		at := fmt.Sprintf("%s/options/%d", at, i)
		var value string
		c.read(at, o["value"], &value)
		if size(value) > maxOptionValue {
			c.say("%s/value: %d characters", at, size(value))
		}
		c.object(at+"/text", o["text"], "plain_text", maxLabel)
	}
}

// angles are the only sequences that Slack's parser acts upon.
var angles = regexp.MustCompile(`<[^<>]*>`)

// activeParts are the mentions, links and dates that are alive in a piece of markup. A bracket that stands alone is
// one too: Slack's parser is not documented that far.
func activeParts(markup string) []string {
	parts := angles.FindAllString(markup, -1)
	if rest := angles.ReplaceAllString(markup, ""); strings.ContainsAny(rest, "<>") {
		parts = append(parts, "a bracket alone in "+rest)
	}
	return parts
}

// markups are all texts in blocks that Slack parses.
func markups(t testing.TB, blocks []slack.Block) []string {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var texts []string
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, child := range node {
				walk(child)
			}
		case map[string]any:
			if node["type"] == "mrkdwn" {
				texts = append(texts, node["text"].(string))
			}
			for _, child := range node {
				walk(child)
			}
		}
	}
	walk(tree)
	return texts
}

func TestBlockProblemsFindsWhatSlackRefuses(t *testing.T) {
	long := strings.Repeat("x", 3001)
	for name, raw := range map[string]string{
		"too many":         `[{"type":"divider"},{"type":"divider"},{"type":"divider"}]`,
		"unknown":          `[{"type":"sparkle"}]`,
		"long section":     `[{"type":"section","text":{"type":"mrkdwn","verbatim":true,"text":"` + long + `"}}]`,
		"empty section":    `[{"type":"section","text":{"type":"mrkdwn","verbatim":true,"text":""}}]`,
		"parsed":           `[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`,
		"long header":      `[{"type":"header","text":{"type":"plain_text","text":"` + long[:151] + `"}}]`,
		"header of markup": `[{"type":"header","text":{"type":"mrkdwn","verbatim":true,"text":"x"}}]`,
		"empty actions":    `[{"type":"actions","elements":[]}]`,
		"empty context":    `[{"type":"context","elements":[]}]`,
		"twice":            `[{"type":"actions","elements":[{"type":"button","action_id":"a","value":"1","text":{"type":"plain_text","text":"x"}},{"type":"button","action_id":"a","value":"1","text":{"type":"plain_text","text":"x"}}]}]`,
		"long value":       `[{"type":"actions","elements":[{"type":"button","action_id":"a","value":"` + long + `","text":{"type":"plain_text","text":"x"}}]}]`,
		"long option":      `[{"type":"actions","elements":[{"type":"overflow","action_id":"a","options":[{"value":"` + long[:151] + `","text":{"type":"plain_text","text":"x"}}]}]}]`,
		"confirm in part":  `[{"type":"actions","elements":[{"type":"button","action_id":"a","value":"1","text":{"type":"plain_text","text":"x"},"confirm":{}}]}]`,
		"same block_id":    `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`,
		"not blocks":       `{"type":"divider"}`,
	} {
		if len(blockProblems([]byte(raw), 2)) == 0 {
			t.Errorf("%s: no problem found in %.200s", name, raw)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"

	"sparky/commands"
)

// symbols are how a terminal draws the marks; each has a word beside it in the line that it stands before.
var symbols = map[commands.Mark]string{
	commands.MarkGood: "✓", commands.MarkWarn: "!", commands.MarkBad: "✗",
	commands.MarkUnknown: "?", commands.MarkMuted: "~", commands.MarkPlanned: "◷",
}

// printReply writes an answer for reading.
func printReply(w io.Writer, colours palette, reply commands.Reply) error {
	var b strings.Builder
	if reply.Title != "" {
		fmt.Fprintf(&b, "%s\n", printable(reply.Title))
	}
	for i, section := range reply.Sections {
		if section.Heading != "" {
			fmt.Fprintf(&b, "\n%s\n", printable(section.Heading))
		} else if i > 0 {
			b.WriteString("\n")
		}
		for _, line := range section.Lines {
			printLine(&b, colours, line)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

func printLine(b *strings.Builder, colours palette, line commands.Line) {
	switch {
	case line.Indent:
		b.WriteString("      ")
	case symbols[line.Mark] != "":
		b.WriteString("  " + colours.mark(line.Mark) + " ")
	default:
		b.WriteString("    ")
	}
	for _, piece := range line.Pieces {
		b.WriteString(printable(typed(piece.Text)))
	}
	b.WriteString("\n")
	for _, piece := range line.Pieces {
		if piece.Link != "" && piece.Link != piece.Text {
			b.WriteString("      " + printable(piece.Link) + "\n")
		}
	}
}

// typed is a text with the commands in it as they are typed in a terminal.
func typed(text string) string { return strings.ReplaceAll(text, "/sparky ", "sparky ") }

// printable drops what could steer a terminal: text from outside must not move the cursor or change colours.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}

// printFacts writes an answer for machines: one JSON object a line.
func printFacts(w io.Writer, facts any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	list := reflect.ValueOf(facts)
	if list.Kind() != reflect.Slice {
		return encode(encoder, facts)
	}
	for i := range list.Len() {
		if err := encode(encoder, list.Index(i).Interface()); err != nil {
			return err
		}
	}
	return nil
}

func encode(encoder *json.Encoder, value any) error {
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing the answer as JSON: %w", err)
	}
	return nil
}

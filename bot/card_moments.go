package bot

import (
	"maps"
	"slices"
	"strings"
	"time"

	"sparky/commands"
)

// withMoments is a text in which each of the points in time that it names stands in the reader's own zone. A text that
// was cut within one keeps what is left of it.
func withMoments(text string, named map[string]time.Time, faint bool) []commands.Piece {
	var pieces []commands.Piece
	add := func(p commands.Piece) {
		p.Faint = faint
		pieces = append(pieces, p)
	}
	// Of “03:00 UTC” and “03:00 UTC on 2 May” the longer is meant where it stands.
	words := slices.SortedFunc(maps.Keys(named), func(a, b string) int { return len(b) - len(a) })
	for text != "" {
		first, found := len(text), ""
		for _, w := range words {
			if at := strings.Index(text, w); w != "" && at >= 0 && at < first {
				first, found = at, w
			}
		}
		if first > 0 {
			add(commands.Piece{Text: text[:first]})
		}
		if found != "" {
			add(momentPiece(found, named[found]))
		}
		text = text[first+len(found):]
	}
	return pieces
}

// momentPiece is a point in time as the text has it: with the day only where the words name one, since the verdict's own
// day stands before them.
func momentPiece(words string, at time.Time) commands.Piece {
	if strings.Contains(words, " on ") {
		return commands.At(at)
	}
	return commands.Piece{Text: words, Time: at, Show: commands.ShowClock}
}

package commands

import (
	"regexp"
	"time"
)

// stampForm is how texts of incidents name a point in time: “14:05 UTC”, with the day behind it where that is another.
var stampForm = regexp.MustCompile(`\b(?:[01][0-9]|2[0-3]):[0-5][0-9] UTC(?: on [0-9]{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: [0-9]{4})?)?`)

// timed is a text that was written at that moment, with each point in time that it names in the reader's own zone.
func timed(text string, written time.Time) []Piece {
	var pieces []Piece
	end := 0
	for _, at := range stampForm.FindAllStringIndex(text, -1) {
		stamp := text[at[0]:at[1]]
		piece, ok := momentOf(stamp, written.UTC())
		if !ok {
			continue
		}
		if at[0] > end {
			pieces = append(pieces, Piece{Text: text[end:at[0]]})
		}
		pieces, end = append(pieces, piece), at[1]
	}
	if end < len(text) || len(pieces) == 0 {
		pieces = append(pieces, Piece{Text: text[end:]})
	}
	return pieces
}

// momentOf is the point in time that a stamp names. Without a day it is one of the day on which it was written, and without a
// year one of that year.
func momentOf(stamp string, written time.Time) (Piece, bool) {
	if t, err := time.Parse("15:04 UTC on 2 January 2006", stamp); err == nil {
		return Piece{Text: stamp, Time: t}, true
	}
	if t, err := time.Parse("15:04 UTC on 2 January 2006", stamp+written.Format(" 2006")); err == nil {
		return Piece{Text: stamp, Time: t}, true
	}
	t, err := time.Parse("2006-01-02 15:04 UTC", written.Format("2006-01-02 ")+stamp)
	return Piece{Text: stamp, Time: t, Show: ShowClock}, err == nil && !written.IsZero()
}

package commands

import (
	"slices"
	"strings"
	"time"

	"sparky/incidents"
)

// quietly is the line of a partner that is muted, as that first of all.
func (t tile) quietly(line Line) Line {
	pieces := []Piece{line.Pieces[0]}
	for _, m := range t.own.mutes {
		name := " is muted until "
		if m.Probe != "" {
			name = ": " + m.Probe + " is muted until "
		}
		pieces = append(pieces, Piece{Text: name}, At(m.Until), Piece{Text: " by "}, Who(m.By), Piece{Text: ";"})
	}
	rest := slices.Clone(line.Pieces[1:])
	if len(rest) > 0 {
		rest[0].Text = " " + strings.TrimLeft(rest[0].Text, ": ")
	}
	line.Mark, line.Pieces = MarkMuted, append(pieces, rest...)
	return line
}

// withUnmute are the buttons of a partner's section with the one that ends its mutes, where there are any.
func (t tile) withUnmute(buttons []Button, now time.Time) []Button {
	if len(t.own.mutes) == 0 {
		return buttons
	}
	if len(t.own.incidents) > 0 {
		buttons = unmuting(buttons, t.own.incidents[0], t.own.mutes, now)
	}
	if !slices.ContainsFunc(buttons, func(b Button) bool { return strings.HasPrefix(b.Command, "unmute ") }) {
		buttons = append(buttons, UnmuteButton(t.partner.ID, t.own.mutes))
	}
	return buttons
}

// unmuting are the buttons of an incident with the one that ends a mute in the place of the one that makes it, where all that
// fails is muted.
func unmuting(buttons []Button, i incidents.Incident, mutes []incidents.Mute, now time.Time) []Button {
	mutes = slices.DeleteFunc(slices.Clone(mutes), func(m incidents.Mute) bool { return m.Partner != i.Partner || !now.Before(m.Until) })
	failing := i.FailingProbes()
	loud := slices.ContainsFunc(failing, func(f incidents.Failing) bool {
		return !slices.ContainsFunc(mutes, func(m incidents.Mute) bool { return m.Covers(f.Partner, f.Probe, now) })
	})
	if len(mutes) == 0 || len(failing) == 0 || loud {
		return buttons
	}
	buttons = slices.Clone(buttons)
	for n, b := range buttons {
		if b == MuteButton(i) {
			buttons[n] = UnmuteButton(i.Partner, mutes)
		}
	}
	return buttons
}

// muteOnBoard is what is muted until when, by whom and why.
func muteOnBoard(m incidents.Mute, name string, now time.Time) Line {
	line := muteLine(m, name, now)
	for i, p := range line.Pieces {
		line.Pieces[i].Fleeting = strings.HasPrefix(p.Text, " (") // how long is left
	}
	return line
}

package bot

import (
	"testing"
	"time"

	"sparky/commands"
)

func TestTheMomentsOfATextStandInTheReadersZone(t *testing.T) {
	named := map[string]time.Time{"10:12 UTC": at(10, 12), "10:12 UTC on 2 May": at(10, 13), "": at(1, 0)}
	clock := commands.Piece{Text: "10:12 UTC", Time: at(10, 12), Show: commands.ShowClock}
	for text, want := range map[string][]commands.Piece{
		"":                     nil,
		"no time":              {{Text: "no time"}},
		"since 10:12 UTC.":     {{Text: "since "}, clock, {Text: "."}},
		"10:12 UTC on 2 May":   {commands.At(at(10, 13))},
		"10:12 UTC, 10:12 UTC": {clock, {Text: ", "}, clock},
		"since 10:12 U…":       {{Text: "since 10:12 U…"}},
		"since 10:14 UTC":      {{Text: "since 10:14 UTC"}},
	} {
		for _, faint := range []bool{false, true} {
			got := withMoments(text, named, faint)
			if len(got) != len(want) {
				t.Errorf("%q became %+v", text, got)
				continue
			}
			for i, p := range want {
				p.Faint = faint
				if got[i] != p {
					t.Errorf("%q became %+v, want %+v", text, got[i], p)
				}
			}
		}
	}
}

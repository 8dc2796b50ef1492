package bot

import (
	"time"

	"sparky/commands"
	"sparky/incidents"
)

// Warnings posts incidents.Warning payloads.
func Warnings(poster *Poster, channel string) Letter {
	return letter(poster, channel, func(w incidents.Warning) (commands.Reply, time.Time) {
		return warningReply(w), time.Time{}
	})
}

func warningReply(w incidents.Warning) commands.Reply {
	return commands.Reply{Text: w.Name + ": " + w.Text, Sections: []commands.Section{{Lines: []commands.Line{
		{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: w.Name, Strong: true}, {Text: ": " + w.Text}}},
		{Indent: true, Pieces: []commands.Piece{{Text: "Nothing fails yet. Seen by the probe " + w.Probe + ".", Faint: true}}},
	}}}}
}

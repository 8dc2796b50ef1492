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
	mark, aside := commands.MarkWarn, "Nothing fails yet. Our probe “"+w.Probe+"” has seen it coming."
	switch {
	case w.Aside != "" && w.Over:
		mark, aside = commands.MarkGood, w.Aside
	case w.Aside != "":
		aside = w.Aside
	case w.Over:
		mark, aside = commands.MarkGood, "That is over. Measured by "+w.Source+"."
	case w.Source != "":
		aside = "No incident is open for it. Measured by " + w.Source + "."
	}
	return commands.Reply{Text: w.Name + ": " + w.Text, Sections: []commands.Section{{Lines: []commands.Line{
		{Mark: mark, Pieces: []commands.Piece{{Text: w.Name, Strong: true}, {Text: ": " + w.Text}}},
		{Indent: true, Pieces: []commands.Piece{{Text: aside, Faint: true}}},
	}}}}
}

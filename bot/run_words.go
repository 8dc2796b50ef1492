package bot

import (
	"strings"

	"sparky/changes"
	"sparky/commands"
	"sparky/incidents"
)

// mended tells that a run failed, and that a later one of the same version passed.
func mended(r changes.Run, in incidents.Incident) bool {
	return r.State == changes.RunFailed && in.Trial != nil && in.Trial.Run == r.ID && in.Green != nil
}

// mendedHeadline is what a run that failed says once a later one has passed.
func mendedHeadline(r changes.Run) string {
	text := brief(r.Name, 60) + " " + brief(r.Version, 60) + ": a later compatibility run passed. This one had failed"
	if report := r.Trial().Report; report != nil && len(report.Cases) > 0 && report.Cases[0].Message != "" {
		text += ": " + strings.TrimSuffix(brief(report.Cases[0].Message, 160), ".")
	}
	return text + "."
}

// spelled is a text in which names of fields stand between backticks, as the suite writes them.
func spelled(text string, strong bool) []commands.Piece {
	var pieces []commands.Piece
	parts := strings.Split(text, "`")
	for i, part := range parts {
		switch {
		case part == "":
		case i%2 == 1 && i < len(parts)-1:
			pieces = append(pieces, commands.Piece{Text: part, Code: true})
		default:
			pieces = append(pieces, commands.Piece{Text: part, Strong: strong})
		}
	}
	return pieces
}

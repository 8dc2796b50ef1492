package bot

import (
	"sparky/commands"
	"sparky/incidents"
)

// settled is what of a verdict matters once all is over: what it was, by whose word, and where the partner tells of it. The
// evidence is in the ticket.
func settled(v incidents.Verdict) commands.Section {
	if v.Word == "" {
		return commands.Section{}
	}
	line := commands.Line{Pieces: []commands.Piece{{Text: "The verdict was "}, {Text: string(v.Word), Strong: true}}}
	if v.By != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: ", decided by "}, personOf(v.By))
	}
	line.Pieces = append(line.Pieces, commands.Piece{Text: "."})
	if v.Announced == nil {
		return commands.Section{Lines: []commands.Line{line}}
	}
	for _, p := range v.Points {
		if link := address(p.Link); link != "" {
			line.Pieces = append(line.Pieces, commands.Piece{Text: " "}, commands.Piece{Text: "What they reported", Link: link})
			break
		}
	}
	return commands.Section{Lines: []commands.Line{line}}
}

// pastLine is what a probe saw until it was over.
func pastLine(line commands.Line, p incidents.Failing) commands.Line {
	if problem := brief(p.Last.Problem, 240); problem != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: " failed until then: " + problem})
	} else {
		line.Pieces = append(line.Pieces, commands.Piece{Text: " failed"})
	}
	return line
}

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

// wasWhose is whose it was, once it is over.
func wasWhose(v incidents.Verdict) []commands.Piece {
	switch {
	case v.Word == "":
		return []commands.Piece{{Text: "it was over before I knew whose it was"}}
	case v.By != "":
		return []commands.Piece{{Text: "it was " + sideOf(v) + ", says "}, personOf(v.By)}
	case v.Word == incidents.External && v.Reason == incidents.ReasonPlanned:
		return []commands.Piece{{Text: "it was their planned maintenance"}}
	case v.Word == incidents.External:
		return []commands.Piece{{Text: "it was theirs"}}
	case v.Word == incidents.Internal:
		return []commands.Piece{{Text: wasOurs(v)}}
	}
	return []commands.Piece{{Text: "whose it was stayed unclear"}}
}

// wasOurs is whose it was by a verdict that left it to us to look at, which is more than that it was our doing.
func wasOurs(v incidents.Verdict) string {
	switch {
	case v.Reason == incidents.ReasonNotAnnounced:
		return "it looked like theirs, never announced"
	case v.Reason == incidents.ReasonAnnounced:
		return "it looked like theirs, announced late"
	case v.Reason == incidents.ReasonShared:
		return "it looked like a provider below several partners"
	case v.Reason == incidents.ReasonPlanned:
		return "it was a change that they had announced"
	case v.Reason == incidents.ReasonThrottled:
		return "they had asked us to slow down"
	case v.Lean == incidents.LeanTheirs:
		return "it was perhaps a fault of theirs"
	case v.Lean == incidents.LeanOurs:
		return "it was ours"
	}
	return "whose it was stayed unclear"
}

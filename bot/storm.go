package bot

import (
	"fmt"
	"strings"
	"time"

	"sparky/commands"
	"sparky/incidents"
)

// stormLines is how many partners the message of a storm lists one by one, those that fail first.
const stormLines = 30

// stormReply is the one message of a storm: how many fail and whose they look to be, who is at it, what can be done, and all of
// them in a list that is kept up to date. Their cards, with their buttons, stand in its thread.
func stormReply(i incidents.Incident, now time.Time) commands.Reply {
	reply := inOneSentence(commands.Reply{}, headline(i))
	first := commands.Section{Lines: []commands.Line{{Mark: cardMark(i, now), Pieces: headline(i)}}}
	if i.Outage > 1 {
		first.Lines = append(first.Lines, commands.Line{Pieces: []commands.Piece{{Text: "The " + commands.Ordinal(i.Outage) + " time since "}, commands.At(i.Opened)}})
	}
	if i.Acknowledged != nil {
		first.Lines = append(first.Lines, deedLine("Acknowledged by ", *i.Acknowledged, ""))
	}
	can := commands.Section{Lines: []commands.Line{faintLine(stormAside(i))}}
	if i.State == incidents.StateOpen {
		can.Buttons = append(can.Buttons, commands.Button{Label: "Acknowledge", Command: "ack " + i.ID, Primary: true})
	}
	reply.Sections = append(reply.Sections, first, can, commands.Section{Lines: stormList(i)})
	return reply
}

// stormSubject says how many partners fail, or failed.
func stormSubject(i incidents.Incident) string {
	t := i.Storm.Tally()
	switch {
	case i.State.Live() && t.Active == 1 && t.All == 1:
		return "1 of several partners that failed at about the same time still fails"
	case i.State.Live() && t.Active == 1:
		return fmt.Sprintf("1 of %d partners that failed at about the same time still fails", t.All)
	case i.State.Live() && t.Active == t.All:
		return fmt.Sprintf("%d partners fail at about the same time", t.All)
	case i.State.Live():
		return fmt.Sprintf("%d of %d partners that failed at about the same time still fail", t.Active, t.All)
	case t.All == 0:
		return "Several partners seemed to fail at once, and it was our own network"
	case t.Over == 1 && t.All == 1:
		return "The last of several partners that failed at about the same time works again"
	case t.Over == 1:
		return fmt.Sprintf("1 of %d partners that failed at about the same time works again", t.All)
	case t.Over == t.All:
		return fmt.Sprintf("All %d partners that failed at about the same time work again", t.All)
	}
	return fmt.Sprintf("%d of %d partners that failed at about the same time work again", t.Over, t.All)
}

// stormAside says where the rest stands.
func stormAside(i incidents.Incident) string {
	apart, inside := 0, 0
	for _, m := range i.Storm.Members {
		if m.Apart {
			apart++
		} else {
			inside++
		}
	}
	text := ""
	if inside > 0 {
		text = "Each one's own message, with its evidence and buttons, is in this thread"
	}
	if apart > 0 {
		text = join("; ", text, fmt.Sprintf("the messages of the first %d stand in the channel", apart))
	}
	if i.State == incidents.StateOpen {
		text += ". Acknowledge takes all of them"
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// stormList is a line for each partner, those that fail first.
func stormList(i incidents.Incident) []commands.Line {
	var lines []commands.Line
	for _, over := range []bool{false, true} {
		for _, m := range i.Storm.Members {
			if !m.State.Active() == over && m.State != incidents.StateFolded {
				lines = append(lines, stormLine(m))
			}
		}
	}
	return atMost(lines, stormLines)
}

func stormLine(m incidents.Member) commands.Line {
	line := commands.Line{Indent: true, Pieces: []commands.Piece{{Text: brief(m.Name, 60), Strong: m.State.Active()}, {Text: ": " + stormState(m)}}}
	if m.State == incidents.StateAcknowledged && m.By != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: "; "}, personOf(m.By), commands.Piece{Text: " has it"})
	}
	if m.Key != "" {
		line.Pieces = append(line.Pieces, commands.Piece{Text: " · "}, commands.Piece{Text: brief(m.Key, 40), Link: address(m.URL)})
	}
	return line
}

// stormState is how one of them stands, in a few words.
func stormState(m incidents.Member) string {
	switch m.State {
	case incidents.StateRecovered:
		return "works again"
	case incidents.StateClosed:
		return "closed by hand"
	case incidents.StateUnwatched:
		return "no longer watched"
	}
	if m.Word == "" {
		return "I am finding out whose it is"
	}
	return sideOf(incidents.Verdict{Word: m.Word, Reason: m.Reason, Lean: m.Lean})
}

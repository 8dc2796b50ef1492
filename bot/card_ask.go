package bot

import (
	"time"

	"sparky/commands"
	"sparky/incidents"
)

// askFirst ends the command of a button that opens a form.
const askFirst = " --ask"

// lifeButtons are what can be done about a failure, whoever's it is. There are none once it is over.
func lifeButtons(i incidents.Incident, now time.Time) []commands.Button {
	var buttons []commands.Button
	if i.State == incidents.StateOpen {
		buttons = append(buttons, commands.Button{Label: "Acknowledge", Command: "ack " + i.ID, Primary: true})
	}
	if i.Kind != incidents.KindProbe || !i.State.Live() {
		return buttons
	}
	if again, ok := commands.ProbeAgain(i); ok {
		buttons = append(buttons, again)
	}
	if i.State.Active() && !i.MutedUntil.After(now) {
		buttons = append(buttons, commands.MuteButton(i))
	}
	return buttons
}

// verdictButtons are those by which a person would change the verdict.
func verdictButtons(i incidents.Incident, now time.Time) []commands.Button {
	if i.Kind != incidents.KindProbe || !i.State.Active() || i.Verdict.Word == "" {
		return nil
	}
	var buttons []commands.Button
	if i.Verdict.Word != incidents.External {
		buttons = append(buttons, commands.TheirsButton(i))
	}
	if i.Verdict.Word != incidents.Internal {
		buttons = append(buttons, commands.OursButton(i, now))
	}
	return buttons
}

// postPieces are how the incident stands on our public page; none where there is nothing to say, or where a person is asked.
func postPieces(i incidents.Incident) []commands.Piece {
	switch i.Post.State {
	case incidents.PostDeclined:
		line := []commands.Piece{{Text: "Our customers are not told: "}, personOf(i.Post.By), {Text: " said no"}}
		return append(append(line, actAt(i.Post.At)...), commands.Piece{Text: "."})
	case incidents.PostPublished:
		return publishedPieces(i)
	case incidents.PostResolved:
		return resolvedPieces(i)
	}
	return nil
}

// publishedPieces are what our page says of an incident that goes on there, or is about to.
func publishedPieces(i incidents.Incident) []commands.Piece {
	line := []commands.Piece{{Text: "Our customers are told on "}, ourPage(i)}
	switch {
	case i.Post.ByHand:
	case i.Post.ID == "":
		line = []commands.Piece{{Text: "It is being put on our public page"}}
	case i.Post.Waiting:
		line = []commands.Piece{{Text: "It is being put on "}, ourPage(i)}
	}
	if i.Post.By != "" {
		line = append(line, commands.Piece{Text: ", published by "}, personOf(i.Post.By))
		line = append(line, actAt(i.Post.At)...)
	}
	line = append(line, commands.Piece{Text: "."})
	if i.Post.ByHand {
		line = append(line, commands.Piece{Text: " Somebody edited it there, so I leave it alone."})
	}
	return line
}

// resolvedPieces are what became of the post; none where it told of an earlier outage only.
func resolvedPieces(i incidents.Incident) []commands.Piece {
	page := ourPage(i)
	switch {
	case i.Post.Outage != i.Outage:
		return nil
	case i.Post.ByHand:
		return []commands.Piece{{Text: "Somebody edited what stands on "}, page, {Text: ", so I leave it alone: that it is over is theirs to say."}}
	case i.Post.ID == "":
		return []commands.Piece{{Text: "Our customers were not told: it was over before it stood on our public page."}}
	case i.State.Live() && i.Post.Stands():
		return []commands.Piece{{Text: "What stood on "}, page, {Text: " was closed; customers are told nothing of this now."}}
	case !i.ToldOver() && i.Post.Stands():
		return []commands.Piece{{Text: "What stood on "}, page, {Text: " was closed."}}
	case !i.ToldOver():
		return []commands.Piece{{Text: "What stands on "}, page, {Text: " is being closed."}}
	case !i.Post.Stands():
		return []commands.Piece{{Text: "Our customers are being told on "}, page, {Text: " that it is over."}}
	}
	return []commands.Piece{{Text: "Our customers were told on "}, page, {Text: " that it is over."}}
}

func ourPage(i incidents.Incident) commands.Piece {
	return commands.Piece{Text: "our public page", Link: address(i.Post.URL)}
}

// actAt is when somebody did something, behind who it was; nothing where that is not known.
func actAt(when time.Time) []commands.Piece {
	if when.IsZero() {
		return nil
	}
	return []commands.Piece{{Text: ", "}, commands.At(when)}
}

// proposal shows what our customers would read, to the person who decides.
func proposal(i incidents.Incident) commands.Section {
	if !i.State.Live() {
		return commands.Section{Lines: []commands.Line{commands.Say("Our customers were not told: it was over before anybody published it.")}}
	}
	part := commands.Section{Heading: "Shall our customers be told?", Buttons: []commands.Button{
		{Label: "Publish", Command: "publish " + i.ID + askFirst, Primary: true},
		{Label: "Don't publish", Command: "decline " + i.ID},
	}}
	draft := incidents.PublicUpdate(i, i.Verdict.At)
	part.Lines = append(part.Lines,
		commands.Line{Pieces: []commands.Piece{{Text: "Our public page would say: "}, {Text: brief(draft.Title, 200), Strong: true}}},
		commands.Say(brief(draft.Text, 1200)))
	return part
}

package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"sparky/bot/chart"
	"sparky/commands"
)

// Picture is a picture to show in a conversation.
type Picture struct {
	// Channel is the id of a channel, or of a person, whose direct messages with Sparky it goes to.
	Channel string
	Thread  string // the ts of the message that it answers; empty outside threads
	Name    string // of the file
	Title   string
	Alt     string // what a screen reader says of it, at most 1,000 characters
	Text    string // markup; what stands above it
	PNG     []byte
}

// pictured shows the chart of a reply that has one. It returns what is still to be said: the figures in words where there
// is no way to show the chart, where it is, or the end of a wait; shown is true where nothing is.
func (b *Inbox) pictured(ctx context.Context, a ask, reply commands.Reply, seen seen) (rest commands.Reply, shown bool) {
	if reply.Chart == nil {
		return reply, false
	}
	place := chartPlace(a, reply)
	at, err := b.picture(ctx, a, reply, place)
	if err != nil {
		b.options.Log.Error("a chart could not be shown; its figures are told in words", "command", a.text, "user", a.person.ID, "error", err)
		return unpictured(reply, err), false
	}
	waited := seen.at.TS != "" || seen.whispers > 0
	switch {
	case place != a.channel && at.Channel != a.channel && a.origin != byHome:
		return b.chartIsAside(ctx, at), false
	case waited:
		// What told the person to wait must not stand there for ever.
		return commands.Reply{Text: "Here is the chart of " + reply.Chart.Title + "."}, false
	}
	return reply, true
}

// chartPlace is where a chart is shown. A file cannot be shown to one person alone in a channel, so it goes to their direct
// messages, unless it was asked for before all.
func chartPlace(a ask, reply commands.Reply) string {
	if reply.Public && a.channel != "" || a.origin == byMention || a.origin == byDirect {
		return a.channel
	}
	return a.person.ID
}

// picture draws the chart of a reply and shows it. Where all see it, and nothing else tells who asked, it says that too.
func (b *Inbox) picture(ctx context.Context, a ask, reply commands.Reply, place string) (Posted, error) {
	png, err := chart.PNG(*reply.Chart)
	if err != nil {
		return Posted{}, err
	}
	p := Picture{Channel: place, Name: "chart.png", Title: reply.Chart.Title, Alt: reply.Chart.Alt, Text: escapeTo(reply.Text, maxSection), PNG: png}
	if place == a.channel {
		p.Thread = a.thread
		if a.origin == bySlash || a.origin == byClick {
			p.Text += " Asked by <@" + a.person.ID + ">."
		}
	}
	return b.options.Poster.Show(ctx, b.options.HTTP, p)
}

// chartIsAside tells the person where their chart is.
func (b *Inbox) chartIsAside(ctx context.Context, at Posted) commands.Reply {
	const before, where, after = "The chart is in ", "your direct messages with Sparky", ": a picture here would be seen by all."
	place := commands.Piece{Text: where}
	if link, err := b.options.Poster.Link(ctx, at); err == nil {
		place.Link = link
	} else {
		b.options.Log.Warn("where a chart is could not be linked", "error", err)
	}
	return commands.Reply{Text: before + where + after, Sections: []commands.Section{{Lines: []commands.Line{{
		Mark: commands.MarkGood, Pieces: []commands.Piece{{Text: before}, place, {Text: after + " To show it to them, add "}, {Text: "--public", Code: true}, {Text: " to the command."}}}}}}}
}

// unpictured is the reply in words, where its picture could not be shown, with what somebody can do about it.
func unpictured(reply commands.Reply, err error) commands.Reply {
	why := "The chart could not be shown here; the log says why."
	switch code := slackCode(err); {
	case code == "not_in_channel" || code == "channel_not_found":
		why = "The chart can be shown where Sparky is a member: /invite @Sparky, and ask again."
	case code == "missing_scope":
		why = "The chart needs the scope files:write: whoever runs Sparky adds it to the app (sparky manifest prints all scopes) and installs it again."
	case strings.HasPrefix(code, "file_uploads"):
		why = "This workspace does not let Sparky upload pictures; its administrators can."
	}
	reply.Chart, reply.Public = nil, false
	reply.Sections = append(reply.Sections, commands.Section{Lines: []commands.Line{{Mark: commands.MarkWarn, Pieces: []commands.Piece{{Text: why}}}}})
	return reply
}

// Show uploads a picture and shows it in a channel that Sparky is in, or to a person, in Slack's three steps (docs.slack.dev,
// files.getUploadURLExternal and files.completeUploadExternal). Nobody sees a picture unless all three succeed. Posted is the
// message above it; its TS is empty in a channel, where Slack tells no place.
func (p *Poster) Show(ctx context.Context, client *http.Client, picture Picture) (Posted, error) {
	doing := "showing a picture in " + picture.Channel
	if picture.Channel == "" {
		return Posted{}, &refusal{doing: doing, permanent: true, err: errors.New("no conversation was named")}
	}
	place, err := p.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{
		FileName: picture.Name, FileSize: len(picture.PNG), AltTxt: picture.Alt})
	if err != nil {
		return Posted{}, understood(doing, picture.Channel, err)
	}
	if err := upload(ctx, client, place.UploadURL, picture.PNG); err != nil {
		return Posted{}, fmt.Errorf("%s: %w", doing, err)
	}
	at := Posted{Channel: picture.Channel}
	if strings.HasPrefix(picture.Channel, "U") || strings.HasPrefix(picture.Channel, "W") {
		// A file goes to a conversation alone, and which one that is with a person, Slack tells with a message in it.
		if at, err = p.Say(ctx, Message{Channel: picture.Channel, Text: picture.Text}); err != nil {
			return Posted{}, err
		}
		picture.Text, picture.Thread = "", ""
	}
	if err := p.pace.post(ctx, doing, at.Channel); err != nil {
		return Posted{}, err
	}
	_, err = p.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
		Files: []slack.FileSummary{{ID: place.FileID, Title: picture.Title}}, Channel: at.Channel,
		ThreadTimestamp: picture.Thread, InitialComment: p.naming.text(ctx, picture.Text, "")})
	return at, understood(doing, picture.Channel, err)
}

// Link is the address of a message for people.
func (p *Poster) Link(ctx context.Context, at Posted) (string, error) {
	link, err := p.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.Channel, Ts: at.TS})
	return link, understood("asking for the address of a message", at.Channel, err)
}

// upload sends a file to the address that Slack gave for it. The address is in no error, and no token goes there: it is as
// good as a key.
func upload(ctx context.Context, client *http.Client, address string, data []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return errors.New("uploading it: Slack gave no address for it")
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	response, err := client.Do(request)
	if err != nil {
		return understood("uploading it", "", err)
	}
	defer response.Body.Close()
	// What it says is for people; reading it lets the connection be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, longestResponse))
	if response.StatusCode != http.StatusOK {
		return understood("uploading it", "", slack.StatusCodeError{Code: response.StatusCode, Status: response.Status})
	}
	return nil
}

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
	Channel string // an id
	Thread  string // the ts of the message that it answers; empty outside threads
	Name    string // of the file
	Title   string
	Alt     string // what a screen reader says of it, at most 1,000 characters
	Text    string // markup; what stands above it
	PNG     []byte
}

// pictured shows the chart of a reply that has one. It returns what is still to be said: the figures in words where there
// is no way to show the chart, or the end of a wait; shown is true where nothing is.
func (b *Inbox) pictured(ctx context.Context, a ask, reply commands.Reply, seen seen) (rest commands.Reply, shown bool) {
	if reply.Chart == nil {
		return reply, false
	}
	if err := b.picture(ctx, a, reply); err != nil {
		b.options.Log.Error("a chart could not be shown; its figures are told in words", "command", a.text, "user", a.person.ID, "error", err)
		return unpictured(reply, err), false
	}
	if seen.at.TS == "" && seen.whispers == 0 {
		return reply, true
	}
	// What told the person to wait must not stand there for ever.
	return commands.Reply{Text: "Here is the chart of " + reply.Chart.Title + "."}, false
}

// picture draws the chart of a reply and shows it where it was asked for. A file cannot be shown to one person alone: in
// the channel, or in the thread of the button, everybody sees it.
func (b *Inbox) picture(ctx context.Context, a ask, reply commands.Reply) error {
	png, err := chart.PNG(*reply.Chart)
	if err != nil {
		return err
	}
	return b.options.Poster.Show(ctx, b.options.HTTP, Picture{Channel: a.channel, Thread: a.thread, Name: "chart.png",
		Title: reply.Chart.Title, Alt: reply.Chart.Alt, Text: escapeTo(reply.Text, maxSection), PNG: png})
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

// Show uploads a picture and shows it in a channel that Sparky is in, in Slack's three steps (docs.slack.dev,
// files.getUploadURLExternal and files.completeUploadExternal). Nobody sees anything of it unless all three succeed.
func (p *Poster) Show(ctx context.Context, client *http.Client, picture Picture) error {
	doing := "showing a picture in " + picture.Channel
	if picture.Channel == "" {
		return &refusal{doing: doing, permanent: true, err: errors.New("no conversation was named")}
	}
	place, err := p.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{
		FileName: picture.Name, FileSize: len(picture.PNG), AltTxt: picture.Alt})
	if err != nil {
		return understood(doing, picture.Channel, err)
	}
	if err := upload(ctx, client, place.UploadURL, picture.PNG); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := p.pace.post(ctx, doing, picture.Channel); err != nil {
		return err
	}
	_, err = p.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
		Files: []slack.FileSummary{{ID: place.FileID, Title: picture.Title}}, Channel: picture.Channel,
		ThreadTimestamp: picture.Thread, InitialComment: picture.Text})
	return understood(doing, picture.Channel, err)
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

package bot

import (
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"sparky/internal/setting"
)

// API is the client of the Slack Web API, for those outside who pass it on and know nothing of it.
type API = slack.Client

// NewAPI is the Slack Web API at apiURL, with or without its last slash. The client must bound every call in time:
// slack-go's own does not. It is built once with all its options, because slack-go copies it by value into what it
// makes of it; it never retries, because a message posted twice cannot be taken back; and it never debugs, which would
// log what people write and shorten Socket Mode links to minutes.
func NewAPI(client *http.Client, apiURL string, botToken, appToken setting.Secret) *API {
	return slack.New(botToken.Reveal(),
		slack.OptionHTTPClient(client),
		slack.OptionAPIURL(strings.TrimRight(apiURL, "/")+"/"),
		slack.OptionAppLevelToken(appToken.Reveal()))
}

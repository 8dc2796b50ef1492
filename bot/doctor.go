package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"sparky/internal/setting"
)

// Doctor looks at what the configuration says of Slack. It asks only what changes nothing.
type Doctor struct {
	api      *slack.Client
	config   Config
	now      func() time.Time
	channels *channels
	groups   func(context.Context) ([]slack.UserGroup, error)
	self     func(context.Context) (*slack.AuthTestResponse, error)
}

// NewDoctor is a doctor that asks by the API. now is our clock.
func NewDoctor(api *slack.Client, config Config, now func() time.Time) *Doctor {
	return &Doctor{api: api, config: config, now: now, channels: newChannels(api),
		groups: setting.Shared(func(ctx context.Context) ([]slack.UserGroup, error) {
			return api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeDisabled(true), slack.GetUserGroupsOptionIncludeCount(true))
		}),
		self: setting.Shared(api.AuthTestContext)}
}

// The settings that others need.
const (
	botTokenSetting = "slack.bot_token"
	lookInSlack     = "see that this machine reaches the address in slack.api_url, and that it is Slack's"
	mostDrift       = time.Minute // that our clock may differ from Slack's
)

// Looks are the looks at the slack block, in its order, and at our clock.
func (d *Doctor) Looks() []setting.Look {
	looks := []setting.Look{
		{What: "slack.app_token", Try: d.appToken},
		{What: botTokenSetting, Try: d.botToken},
		{What: "slack.bot_token scopes", Needs: botTokenSetting, Try: d.scopes},
		{What: "clock", Needs: botTokenSetting, Try: d.clock},
	}
	for _, channel := range []struct{ what, name string }{
		{"slack.channels.updates", d.config.Channels.Updates}, {"slack.channels.alerts", d.config.Channels.Alerts},
	} {
		looks = append(looks, setting.Look{What: channel.what, Needs: botTokenSetting,
			Try: func(ctx context.Context) setting.Finding { return d.channel(ctx, channel.name) }})
	}
	for _, role := range []struct {
		what string
		ids  []string
	}{{"slack.roles.operator", d.config.Roles.Operator}, {"slack.roles.publisher", d.config.Roles.Publisher}} {
		for _, id := range role.ids {
			looks = append(looks, d.People(role.what, id))
		}
	}
	return looks
}

// People is the look at a user or a user group that a setting names.
func (d *Doctor) People(what, id string) setting.Look {
	try := d.person
	if strings.HasPrefix(id, "S") {
		try = d.group
	}
	return setting.Look{What: what + " " + id, Needs: botTokenSetting,
		Try: func(ctx context.Context) setting.Finding { return try(ctx, id) }}
}

func (d *Doctor) appToken(ctx context.Context) setting.Finding {
	const tried = "apps.connections.open"
	_, _, err := d.api.StartSocketModeContext(ctx)
	if slackCode(err) == "missing_scope" {
		return setting.Wrong(tried, "the token lacks the scope connections:write",
			"make an app-level token with connections:write on api.slack.com/apps, Basic Information, and give it as slack.app_token")
	}
	if err != nil {
		return unwell(tried, err)
	}
	return setting.Well("%s: Slack gives a link", tried)
}

func (d *Doctor) botToken(ctx context.Context) setting.Finding {
	const tried = "auth.test"
	answer, err := d.self(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	return setting.Well("%s: it is @%s in %s", tried, answer.User, answer.Team)
}

// scopes compares what the token may do with what the manifest asks for. Slack tells it in a header of every answer
// (docs.slack.dev, "Installing with OAuth").
func (d *Doctor) scopes(ctx context.Context) setting.Finding {
	const tried = "x-oauth-scopes of auth.test"
	answer, err := d.self(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	granted := strings.FieldsFunc(answer.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(granted) == 0 {
		return setting.Open(tried+": Slack does not say what the token may do", "compare the scopes of the app with sparky manifest")
	}
	var lacking, private []string
	for _, scope := range slices.Sorted(maps.Keys(Scopes())) {
		switch {
		case slices.Contains(granted, scope):
		case strings.HasPrefix(scope, "groups:"):
			private = append(private, scope)
		default:
			lacking = append(lacking, scope+" ("+Scopes()[scope]+")")
		}
	}
	if len(lacking) > 0 {
		return setting.Wrong(tried, "the token lacks "+strings.Join(lacking, ", "),
			"put what sparky manifest prints in the place of the app's manifest, and install it again")
	}
	if len(private) > 0 {
		return setting.Well("%s: all but %s, which only private channels need", tried, strings.Join(private, " and "))
	}
	return setting.Well("%s: all that the manifest asks for", tried)
}

func (d *Doctor) clock(ctx context.Context) setting.Finding {
	const tried = "the time in Slack's answer"
	answer, err := d.self(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return setting.Open(tried+": there is none", "see that this machine keeps its time by NTP")
	}
	drift := d.now().Sub(theirs)
	if drift.Abs() <= mostDrift {
		return setting.Well("%s: our clock agrees with it", tried)
	}
	way := "behind"
	if drift > 0 {
		way = "ahead of"
	}
	return setting.Wrong(tried, fmt.Sprintf("our clock is %s %s Slack's", setting.Duration(drift.Abs().Round(10*time.Second)), way),
		"set this machine's clock, and have it kept by NTP; tokens and deadlines are told by it")
}

func (d *Doctor) channel(ctx context.Context, name string) setting.Finding {
	const tried = "conversations.info"
	id, err := d.channels.id(ctx, name)
	if err != nil {
		return unwell("conversations.list", err)
	}
	channel, err := d.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	switch {
	case err != nil:
		return unwell(tried, err)
	case channel.IsArchived:
		return setting.Wrong(tried, name+" is archived", "unarchive it, or name another channel in slack.channels")
	case !channel.IsMember && !channel.IsIM:
		return setting.Wrong(tried, "Sparky is not in "+name, "write /invite @Sparky there")
	}
	return setting.Well("%s: %s is there, and Sparky is in it", tried, name)
}

func (d *Doctor) group(ctx context.Context, id string) setting.Finding {
	const tried = "usergroups.list"
	const mend = "copy the id of a user group from its menu in Slack"
	groups, err := d.groups(ctx)
	if err != nil {
		return unwell(tried, err)
	}
	at := slices.IndexFunc(groups, func(g slack.UserGroup) bool { return g.ID == id })
	switch {
	case at < 0:
		return setting.Wrong(tried, "there is no user group "+id, mend)
	case groups[at].DateDelete != 0:
		return setting.Wrong(tried, "the user group @"+groups[at].Handle+" is disabled", "enable it, or "+mend)
	case groups[at].UserCount == 0:
		return setting.Wrong(tried, "nobody is in the user group @"+groups[at].Handle, "add somebody to it in Slack")
	}
	people := fmt.Sprintf("%d people", groups[at].UserCount)
	if groups[at].UserCount == 1 {
		people = "1 person"
	}
	return setting.Well("%s: @%s, %s", tried, groups[at].Handle, people)
}

func (d *Doctor) person(ctx context.Context, id string) setting.Finding {
	const tried = "users.info"
	user, err := d.api.GetUserInfoContext(ctx, id)
	switch {
	case slackCode(err) == "user_not_found" || slackCode(err) == "user_not_visible":
		return setting.Wrong(tried, "there is nobody "+id, "copy the member ID from the person's profile in Slack")
	case err != nil:
		return unwell(tried, err)
	case user.Deleted:
		return setting.Wrong(tried, "the account of "+user.Name+" is deactivated", "name somebody else")
	}
	return setting.Well("%s: @%s", tried, user.Name)
}

// unwell is the finding that a call failed: nothing of these calls changes anything, so that only the mend matters.
func unwell(tried string, err error) setting.Finding {
	err = inWords(err)
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return setting.Wrong(tried, "Slack asks to slow down", fmt.Sprintf("try again in %s", setting.Duration(limited.RetryAfter)))
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		err = saidNo(tried, "", answer)
	} else if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		err = refusedStatus(tried, status, err)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		inner := r.err.Error()
		if r.code != "" && strings.HasPrefix(inner, r.code) {
			inner = "Slack answers " + inner
		}
		return setting.Wrong(tried, inner, cmp.Or(r.mend, lookInSlack))
	}
	return setting.Failed(tried, err, lookInSlack)
}

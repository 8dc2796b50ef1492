package bot

import _ "embed"

// manifest is the Slack app, in Slack's manifest format (YAML).
//
//go:embed manifest.yaml
var manifest string

// Manifest is the Slack app that this package needs, to be pasted where Slack asks for a manifest. The reason for each
// scope stands beside it.
func Manifest() string { return manifest }

// CommandName is the slash command that the app offers.
const CommandName = "/sparky"

// Scopes are the permissions of the bot token, and what each is for. They are all that is asked for.
func Scopes() map[string]string {
	return map[string]string{
		"app_mentions:read": "app_mention events",
		"channels:history":  "conversations.history and conversations.replies, for messages of our own that may or may not have been posted",
		"channels:read":     "conversations.list and conversations.info",
		"chat:write":        "chat.postMessage, chat.postEphemeral, chat.update",
		"commands":          "the slash command",
		"files:write":       "files.getUploadURLExternal and files.completeUploadExternal, for charts",
		"groups:history":    "channels:history for private channels",
		"groups:read":       "channels:read for private channels",
		"im:history":        "message.im events",
		"usergroups:read":   "usergroups.users.list and usergroups.list, for roles and what they are called",
		"users:read":        "users.info, for roles that were left out: guests have none",
	}
}

// Events are the events that the app subscribes to.
func Events() []string { return []string{"app_home_opened", "app_mention", "message.im"} }

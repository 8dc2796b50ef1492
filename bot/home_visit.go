package bot

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sparky/commands"
)

// Visit is a person who has just opened the Home tab, or pressed something in it.
type Visit struct {
	User  string
	Place string // the command whose answer is wanted; empty is what was shown last, or the first page
	Hash  string // of the view that is shown; empty where there is none yet
}

// seenView is a view as Slack sends it along.
type seenView struct {
	Type     string `json:"type"`
	Hash     string `json:"hash"`
	Metadata string `json:"private_metadata"`
}

func (v seenView) visit(user string) Visit {
	visit := Visit{User: user, Hash: v.Hash}
	var kept homeState
	if json.Unmarshal([]byte(v.Metadata), &kept) == nil { // of another Sparky, or of nobody's
		visit.Place, _ = placeOf(kept.Place)
	}
	return visit
}

// homeState is what a Home tab carries along, so that whoever draws it anew draws the same page.
type homeState struct {
	Place string `json:"place"`
}

// longestPlace is how many characters name a place: far more than a partner's id has, and less than Slack keeps (3000,
// docs.slack.dev, views).
const longestPlace = 300

// placeOf tells whether the command is one whose answer is a part of the Home tab.
func placeOf(command string) (place string, ok bool) {
	first, _, _ := strings.Cut(command, " ")
	if first != commands.DashboardCommand || utf8.RuneCountInString(command) > longestPlace {
		return "", false
	}
	return command, true
}

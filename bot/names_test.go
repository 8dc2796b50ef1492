package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// registry is a Slack that knows some people.
type registry struct {
	users map[string]slack.User
	asked int
	away  error
}

func (r *registry) GetUserInfoContext(_ context.Context, id string, _ ...slack.GetUserInfoOption) (*slack.User, error) {
	r.asked++
	user, there := r.users[id]
	switch {
	case r.away != nil:
		return nil, r.away
	case !there:
		return nil, slack.SlackErrorResponse{Err: "user_not_found"}
	}
	return &user, nil
}

func TestPeopleAreNamed(t *testing.T) {
	r := &registry{users: map[string]slack.User{
		"U0ADA0001":  {Name: "ada", RealName: "Ada Lovelace", Profile: slack.UserProfile{DisplayName: "Ada"}},
		"W0BEN0001":  {Name: "ben", RealName: "Ben\n[~admin]"},
		"U0NAMELESS": {},
	}}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	names := NewNames(r, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	for text, want := range map[string]string{
		"Acknowledged. (by U0ADA0001 in Slack)":                                "Acknowledged. (by Ada in Slack)",
		"Said by W0BEN0001 in Slack.":                                          "Said by Ben [~admin] in Slack.",
		"Muted (by U0GONE001 in Slack)":                                        "Muted (by U0GONE001 in Slack)",
		"Muted (by U0NAMELESS in Slack)":                                       "Muted (by U0NAMELESS in Slack)",
		"U0ADA0001 in Slack, and U0ADA0001 in Slack again":                     "Ada in Slack, and Ada in Slack again",
		"ServiceNow answered 503, U0ADA0001 in Slackware, XU0ADA0001 in Slack": "ServiceNow answered 503, U0ADA0001 in Slackware, XU0ADA0001 in Slack",
		"UNIVERSITY is closed":                                                 "UNIVERSITY is closed",
		"":                                                                     "",
	} {
		if got := names.In(t.Context(), text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	asked := r.asked
	names.In(t.Context(), "Acknowledged. (by U0ADA0001 in Slack)")
	if r.asked != asked {
		t.Error("a name that is known is asked for again")
	}
	// While Slack is away, the name that it said within the hour serves, and after that the id.
	r.away = errors.New("Slack is away")
	now = now.Add(30 * time.Minute)
	if got := names.In(t.Context(), "U0ADA0001 in Slack"); got != "Ada in Slack" {
		t.Errorf("after half an hour it is %q", got)
	}
	now = now.Add(time.Hour)
	if got := names.In(t.Context(), "U0ADA0001 in Slack"); got != "U0ADA0001 in Slack" {
		t.Errorf("after an hour it is %q", got)
	}
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"sparky/commands"
)

const (
	// peopleFresh is how old what Slack says of people and groups may be before it is asked again.
	peopleFresh = 5 * time.Minute
	// peopleServe is how long it serves while Slack cannot be asked.
	peopleServe = time.Hour
	// peopleAgain is how soon Slack is asked again after it could not be.
	peopleAgain = 30 * time.Second
	// peopleWait is how long a person waits for Slack to be asked, where an older answer would serve.
	peopleWait = 2 * time.Second
	// peopleMost bounds how many people are remembered.
	peopleMost = 5000
)

// RolesAPI is what Slack tells about people and their groups. A *slack.Client is one.
type RolesAPI interface {
	PeopleAPI
	GroupsAPI
}

// PeopleAPI is what Slack tells about people.
type PeopleAPI interface {
	GetUserGroupMembersContext(ctx context.Context, group string, options ...slack.GetUserGroupMembersOption) ([]string, error)
	GetUserInfoContext(ctx context.Context, user string, options ...slack.GetUserInfoOption) (*slack.User, error)
	AuthTestContext(ctx context.Context) (*slack.AuthTestResponse, error)
}

// Permissions answer who may do what, by the roles of the configuration. They are safe for concurrent use.
type Permissions struct {
	api    RolesAPI
	config Roles
	now    commands.Clock
	log    *slog.Logger

	groups recalled[[]string]
	people recalled[belonging]
	team   recalled[string]

	names   *Names
	handles recalled[map[string]string] // of user groups, by their ids
}

// NewRoles are the permissions of a workspace. What Slack says is remembered for five minutes, and serves up to an hour
// while Slack cannot be asked.
func NewRoles(api RolesAPI, config Roles, now commands.Clock, log *slog.Logger) *Permissions {
	return &Permissions{api: api, config: config, now: now, log: log, names: NewNames(api, now, log)}
}

// May tells whether a person has a role: by their own id, by a user group, or, where the role was left out, by being a
// full member of the workspace. An error means that Slack could not be asked and that nobody is known to have the role.
func (p *Permissions) May(ctx context.Context, person commands.Person, role commands.Role) (bool, error) {
	if person.Local || role == "" {
		return true, nil
	}
	if person.ID == "" {
		return false, nil
	}
	ids, err := p.holders(role)
	if err != nil {
		return false, err
	}
	if ids == nil {
		known, err := p.belonging(ctx, person.ID)
		return known == fullMember, err
	}
	return p.among(ctx, person.ID, ids)
}

func (p *Permissions) holders(role commands.Role) ([]string, error) {
	switch role {
	case commands.Operator:
		return p.config.Operator, nil
	case commands.Publisher:
		return p.config.Publisher, nil
	}
	return nil, fmt.Errorf("nobody can have the role %q: there is none of that name", role)
}

// among looks for a person in ids and groups. A group that cannot be read matters only where nothing else lets them in.
func (p *Permissions) among(ctx context.Context, person string, ids []string) (bool, error) {
	if slices.Contains(ids, person) {
		return true, nil
	}
	var unread []error
	for _, id := range ids {
		if !strings.HasPrefix(id, "S") {
			continue
		}
		members, err := p.groups.get(ctx, p.now(), id, p.warn("user group "+id), func(ctx context.Context) ([]string, error) {
			members, err := p.api.GetUserGroupMembersContext(ctx, id)
			return members, understood("asking who is in user group "+id, "", err)
		})
		if err != nil {
			unread = append(unread, err)
			continue
		}
		if slices.Contains(members, person) {
			return true, nil
		}
	}
	return false, errors.Join(unread...)
}

// belonging is what somebody is to the workspace that Sparky is installed in.
type belonging int

const (
	outsider   belonging = iota // of another workspace with which a channel is shared, deactivated, or nobody that Slack knows
	guest                       // of this workspace, but no full member of it; apps too
	fullMember                  // a person who is
)

// belonging is what a person is to the workspace.
func (p *Permissions) belonging(ctx context.Context, person string) (belonging, error) {
	return p.people.get(ctx, p.now(), person, p.warn("person "+person), func(ctx context.Context) (belonging, error) {
		team, err := p.ownTeam(ctx)
		if err != nil {
			return outsider, err
		}
		user, err := p.api.GetUserInfoContext(ctx, person)
		switch code := slackCode(err); {
		case code == "user_not_found" || code == "user_not_visible":
			return outsider, nil
		case err != nil:
			return outsider, understood("asking who "+person+" is", "", err)
		}
		ours := user.TeamID == team || slices.Contains(user.Enterprise.Teams, team)
		switch {
		case !ours || user.Deleted || user.IsStranger:
			return outsider, nil
		case user.IsRestricted || user.IsUltraRestricted || user.IsBot:
			return guest, nil
		}
		return fullMember, nil
	})
}

// Stranger tells that somebody is of another workspace and was given no role: what is shared with them is a channel, not what
// Sparky knows. Where Slack cannot say it within two seconds they are taken for one of ours, for questions alone: what a role is
// needed for is kept from them by May.
func (p *Permissions) Stranger(ctx context.Context, person commands.Person) bool {
	if person.Local || person.ID == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, peopleWait)
	defer cancel()
	known, err := p.belonging(ctx, person.ID)
	if err != nil || known != outsider {
		return false
	}
	named, err := p.among(ctx, person.ID, slices.Concat(p.config.Operator, p.config.Publisher))
	return err != nil || !named
}

// ownTeam is the id of the workspace that Sparky is installed in. It never changes under a token.
func (p *Permissions) ownTeam(ctx context.Context) (string, error) {
	return p.team.get(ctx, p.now(), "", p.warn("the workspace"), func(ctx context.Context) (string, error) {
		answer, err := p.api.AuthTestContext(ctx)
		if err != nil {
			return "", understood("asking which workspace this is", "", err)
		}
		if answer.TeamID == "" {
			return "", errors.New("asking which workspace this is: Slack did not say")
		}
		return answer.TeamID, nil
	})
}

// warn logs that an older answer serves.
func (p *Permissions) warn(what string) func(age time.Duration, err error) {
	return func(age time.Duration, err error) {
		p.log.Warn("Slack could not be asked, and an earlier answer decides", "about", what, "age", age.Round(time.Second), "error", err)
	}
}

// recalled are answers of Slack's by what was asked. The zero value is empty.
type recalled[T any] struct {
	mu  sync.Mutex
	all map[string]recollection[T]
}

type recollection[T any] struct {
	value T
	at    time.Time // when Slack said so
	tried time.Time // when Slack was last asked in vain
}

// get is the answer to what was asked: the remembered one while it is fresh, and also while it is not too old and Slack
// cannot be asked. No lock is held while Slack is asked, so that one slow answer holds nobody else up.
func (r *recalled[T]) get(ctx context.Context, now time.Time, asked string, stale func(time.Duration, error), ask func(context.Context) (T, error)) (T, error) {
	known, ok := r.known(asked)
	age := now.Sub(known.at)
	serves := ok && age < peopleServe
	if serves && (age < peopleFresh || now.Sub(known.tried) < peopleAgain) {
		return known.value, nil
	}
	if serves {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, peopleWait)
		defer cancel()
	}
	value, err := ask(ctx)
	switch {
	case err == nil:
		r.remember(asked, recollection[T]{value: value, at: now})
		return value, nil
	case serves:
		stale(age, err)
		r.triedInVain(asked, known.at, now)
		return known.value, nil
	}
	return value, err
}

func (r *recalled[T]) known(asked string) (recollection[T], bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.all[asked]
	return known, ok
}

func (r *recalled[T]) remember(asked string, answer recollection[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil || len(r.all) >= peopleMost {
		r.all = map[string]recollection[T]{}
	}
	r.all[asked] = answer
}

// triedInVain notes that Slack could not be asked, unless somebody else got an answer meanwhile.
func (r *recalled[T]) triedInVain(asked string, at, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.all[asked]; ok && known.at.Equal(at) {
		known.tried = now
		r.all[asked] = known
	}
}

package commands

import (
	"context"
	"fmt"
)

// Role is what a person must be to give a command. The empty Role is everybody.
type Role string

// The roles, by the names that they have under slack.roles in sparky.yaml.
const (
	Operator  Role = "operator"  // runs probes, acknowledges, resolves, mutes
	Publisher Role = "publisher" // decides what our customers are told
)

// Permits tells who may do what. An error says why it cannot be told now; nobody is let through then.
type Permits interface {
	May(ctx context.Context, person Person, role Role) (bool, error)
}

// permit has no refusal where the person may give the command. Otherwise that is the answer which says kindly why not, and
// why says it in a few words.
func (b *Book) permit(ctx context.Context, person Person, c Command) (why string, refusal *Reply) {
	if c.Role == "" || person.Local || b.permits == nil {
		return "", nil
	}
	may, err := b.permits.May(ctx, person, c.Role)
	var reply Reply
	switch {
	case err != nil:
		why = "whether they may could not be checked"
		reply = refuse(fmt.Sprintf("I could not check whether you may use /sparky %s: %v. Nothing was done; please try again in a minute.", c.Name, err))
	case !may:
		why = notA(c.Role)
		reply = refuse(fmt.Sprintf("/sparky %s is for %ss, and you are not one of them, so nothing was done. "+
			"Please ask one of them; who they are stands in sparky.yaml under slack.roles.%s.", c.Name, c.Role, c.Role))
	default:
		return "", nil
	}
	return why, &reply
}

func notA(role Role) string {
	if role == Operator {
		return "not an operator"
	}
	return "not a " + string(role)
}

package commands

import (
	"context"
	"fmt"
	"strings"
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
	// Who has the role, in words that follow “ask one of them: ”; nil where that cannot be told.
	Who(ctx context.Context, role Role) []Piece
}

// Door tells who is of another workspace, and so is told nothing.
type Door interface {
	Stranger(ctx context.Context, person Person) bool
}

// Behind is the book that answers no strangers, whatever they ask.
func (b *Book) Behind(door Door) *Book {
	closed := *b
	closed.door = door
	return closed.bound()
}

// turnedAway is the answer to a stranger; nil for everybody else.
func (b *Book) turnedAway(ctx context.Context, req Request, words []string) *Reply {
	if b.door == nil || !b.door.Stranger(ctx, req.Person) {
		return nil
	}
	reply := b.refused(ctx, Call{Request: req, acts: b.acts, now: b.now}, strings.Join(words, " "), "of another workspace",
		refuse("Sparky answers people of the workspace that it works for, and you are of another one, so nothing was done. Please ask somebody there."))
	return &reply
}

// permit has no refusal where the person of the request may give the command. Otherwise that is the answer which says kindly why not, and
// why says it in a few words.
func (b *Book) permit(ctx context.Context, req Request, c Command) (why string, refusal *Reply) {
	if c.Role == "" || req.Person.Local || b.permits == nil {
		return "", nil
	}
	may, err := b.permits.May(ctx, req.Person, c.Role)
	var reply Reply
	switch {
	case err != nil:
		why = "whether they may could not be checked"
		reply = refuse(fmt.Sprintf("I could not check whether you may %s: %v. Nothing was done; please try again in a minute.", useOf(req, c), err))
	case !may:
		why = notA(c.Role)
		reply = b.notTheirs(ctx, nameOf(req, c), c.Role)
	default:
		return "", nil
	}
	return why, &reply
}

// notTheirs refuses what is for others, and says whom to ask.
func (b *Book) notTheirs(ctx context.Context, name string, role Role) Reply {
	pieces := []Piece{{Text: fmt.Sprintf("%s is for %ss, and you are not one of them, so nothing was done. Please ask one of them", name, role)}}
	if who := b.permits.Who(ctx, role); len(who) > 0 {
		pieces = append(append(pieces, Piece{Text: ": "}), who...)
		pieces = append(pieces, Piece{Text: "."})
	} else {
		pieces = append(pieces, Piece{Text: "; whoever runs Sparky knows who they are."})
	}
	reply := refuse(flat(Line{Pieces: pieces}))
	reply.Said, reply.Sections[0].Lines[0].Pieces = pieces, pieces
	return reply
}

func notA(role Role) string {
	if role == Operator {
		return "not an operator"
	}
	return "not a " + string(role)
}

// nameOf is what the person knows a command by: what they typed, or the button that they pressed.
func nameOf(req Request, c Command) string {
	switch {
	case req.Button != "":
		return "“" + clip(req.Button) + "”"
	case req.pressed():
		return "This"
	}
	return "/sparky " + c.Name
}

// useOf is what they did with it.
func useOf(req Request, c Command) string {
	switch {
	case req.Button != "":
		return "press " + nameOf(req, c)
	case req.pressed():
		return "do this"
	}
	return "use " + nameOf(req, c)
}

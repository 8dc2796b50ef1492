package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sparky/incidents"
	"sparky/internal/setting"
)

// Command is one thing that can be asked for.
type Command struct {
	Name     string
	Args     string // how its arguments are written, for the usage line
	Short    string // what it tells or does, in a few words
	Examples []string
	Role     Role // who may give it; empty for everybody
	Hidden   bool // works, but is listed nowhere: what only buttons send
	// Check tells what is wrong with a form of it that was filled in; see Book.Check. May be nil.
	Check func(call Call) map[string]string
	Run   func(ctx context.Context, call Call) Reply
}

// Call is a request that was understood as far as its command.
type Call struct {
	Request
	Args []string
	acts Recorder
	now  Clock
}

// Book is all commands that there are. It is a Runner.
type Book struct {
	commands []Command
	partners *Directory
	permits  Permits
	door     Door     // nil where there are no strangers
	acts     Recorder // nil where nobody keeps who did what
	healthy  Healthy  // nil where nobody tells
	now      Clock
}

// NewBook is a book of the given commands and help, in the order in which help shows them. Where permits is nil,
// everybody may give every command.
func NewBook(directory *Directory, permits Permits, commands ...Command) *Book {
	b := &Book{partners: directory, permits: permits}
	b.commands = append(slices.Clone(commands), b.help())
	return b
}

// Audited is the book with what people do by it kept, and what they were refused.
func (b *Book) Audited(acts Recorder, now Clock) *Book {
	audited := *b
	audited.acts, audited.now = acts, now
	return audited.bound()
}

// WithHealth is the book whose help tells which Sparky this is, and where it is not well, that.
func (b *Book) WithHealth(healthy Healthy) *Book {
	told := *b
	told.healthy = healthy
	return told.bound()
}

// bound is the book with a help of its own.
func (b *Book) bound() *Book {
	b.commands = append(slices.Clone(b.commands[:len(b.commands)-1]), b.help())
	return b
}

// Names are the names of all commands that are listed.
func (b *Book) Names() []string {
	var names []string
	for _, c := range b.listed() {
		names = append(names, c.Name)
	}
	return names
}

func (b *Book) listed() []Command {
	return slices.DeleteFunc(slices.Clone(b.commands), func(c Command) bool { return c.Hidden })
}

// Run answers a request. Nothing, or a word that is no command, is answered with what there is.
func (b *Book) Run(ctx context.Context, req Request) Reply {
	words, public, ask := takeFlags(strings.Fields(req.Text))
	req.Public, req.Ask = public, ask
	if req.Person.Local && req.Origin == "" {
		req.Origin = incidents.ByTerminal
	}
	ctx = incidents.WithDoer(ctx, incidents.Doer{Actor: byOf(req.Person), Origin: req.Origin})
	reply := b.answer(ctx, req, words)
	// A mistake stays between Sparky and the person who made it.
	reply.Public = reply.Public || public && !reply.Refused
	return b.fitted(ctx, req, reply)
}

func (b *Book) answer(ctx context.Context, req Request, words []string) Reply {
	if reply := b.turnedAway(ctx, req, words); reply != nil {
		return *reply
	}
	if len(words) == 0 {
		return b.overview(ctx)
	}
	command, ok := b.find(words[0])
	if !ok {
		meant, kind := b.heard(words)
		if kind != nil {
			return *kind
		}
		words = meant
		if command, ok = b.find(words[0]); !ok {
			return b.unknown(words[0])
		}
	}
	call := Call{Request: req, Args: words[1:], acts: b.acts, now: b.now}
	if why, refusal := b.permit(ctx, req, command); refusal != nil {
		return b.refused(ctx, call, command.Name, why, *refusal)
	}
	return command.Run(ctx, call)
}

// takeFlags takes --public and --ask out of the words.
func takeFlags(words []string) (rest []string, public, ask bool) {
	rest, public = takeFlag(words, "public")
	n := len(rest)
	rest = slices.DeleteFunc(rest, func(word string) bool { return strings.EqualFold(word, askWord) })
	return rest, public, len(rest) < n
}

func (b *Book) find(name string) (Command, bool) {
	for _, c := range b.commands {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Command{}, false
}

// unknown is one line: what was typed, what was probably meant, and where help is.
func (b *Book) unknown(word string) Reply {
	text := fmt.Sprintf("There is no command %q.", clip(word))
	if p, ok := b.partners.Find(word); ok {
		text += fmt.Sprintf(" For the partner: /sparky status %s.", p.ID)
	} else if near := setting.Nearest(strings.ToLower(word), b.Names()); near != "" {
		text += fmt.Sprintf(" Did you mean /sparky %s?", near)
	}
	return refuse(text + " All commands: /sparky help.")
}

// clip keeps what a person typed short enough to be quoted back in one line.
func clip(word string) string {
	const most = 40
	if r := []rune(word); len(r) > most {
		return string(r[:most]) + "…"
	}
	return word
}

// refuse is an answer to a request that cannot be carried out as it was made.
func refuse(text string) Reply {
	return Reply{Text: text, Sections: []Section{{Lines: []Line{Say(text)}}}, Failed: true, Refused: true}
}

// fault is the answer where what Sparky remembers could not be read.
func fault(what string, err error) Reply {
	return refuse(fmt.Sprintf("I could not read %s: %v. Please try again in a minute.", what, err))
}

// Clock tells the time.
type Clock func() time.Time

package commands

import (
	"fmt"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// Directory finds partners by what people call them.
type Directory struct{ partners []partners.Partner }

// NewDirectory is a directory of the given partners.
func NewDirectory(all []partners.Partner) *Directory { return &Directory{all} }

// All are the partners in the order of the configuration.
func (d *Directory) All() []partners.Partner { return d.partners }

// Find is the partner with that id, name or alias, without regard to case, spaces and hyphens.
func (d *Directory) Find(name string) (partners.Partner, bool) {
	wanted := fold(name)
	if wanted == "" {
		return partners.Partner{}, false
	}
	for _, p := range d.partners {
		for _, candidate := range d.namesOf(p) {
			if fold(candidate) == wanted {
				return p, true
			}
		}
	}
	return partners.Partner{}, false
}

// Take finds the partner that the arguments begin with, by the longest run of words that names one, and returns what
// follows. Where none does, the refusal says what was probably meant.
func (d *Directory) Take(args []string) (p partners.Partner, rest []string, refusal *Reply) {
	for n := min(len(args), 4); n > 0; n-- {
		if p, ok := d.Find(strings.Join(args[:n], " ")); ok {
			return p, args[n:], nil
		}
	}
	word := strings.Join(args, " ")
	text := fmt.Sprintf("I know no partner %q.", clip(word))
	if near := d.nearest(word); near != "" {
		text += fmt.Sprintf(" Did you mean %s?", near)
	}
	var ids []string
	for _, p := range d.partners {
		ids = append(ids, p.ID)
	}
	reply := refuse(text + " I watch: " + list(ids) + ".")
	return partners.Partner{}, nil, &reply
}

func (d *Directory) nearest(word string) string {
	byName := map[string]string{}
	var names []string
	for _, p := range d.partners {
		for _, name := range d.namesOf(p) {
			byName[fold(name)] = p.ID
			names = append(names, fold(name))
		}
	}
	return byName[setting.Nearest(fold(word), names)]
}

func (d *Directory) namesOf(p partners.Partner) []string {
	return append([]string{p.ID, p.Name}, p.Aliases...)
}

func fold(name string) string {
	drop := func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}
	return strings.Map(drop, strings.ToLower(name))
}

// nameOf is what a partner is called, or its id where it has left the configuration.
func (d *Directory) nameOf(id string) string {
	if p, ok := d.Find(id); ok {
		return p.Name
	}
	return id
}

package commands

import (
	"fmt"
	"strings"

	"sparky/internal/setting"
	"sparky/partners"
)

// target is a partner, or one probe of it.
type target struct {
	partner partners.Partner
	probe   string // empty: all of the partner's
}

// name is the target for people.
func (t target) name() string {
	if t.probe == "" {
		return t.partner.Name
	}
	return t.partner.Name + "/" + t.probe
}

// typed is the target as it is written in a command.
func (t target) typed() string { return targetWords(t.partner.ID, t.probe) }

func targetWords(partner, probe string) string {
	if probe == "" {
		return partner
	}
	return partner + "/" + probe
}

// mostTargetWords bounds how many words may name a partner and its probe.
const mostTargetWords = 5

// takeTarget finds the partner, and the probe where one is named, that the arguments begin with: partner, partner/probe
// or partner probe. It returns what follows. Where there is none, the refusal says what was probably meant.
func (d *Directory) takeTarget(args []string) (found target, rest []string, refusal *Reply) {
	for n := min(len(args), mostTargetWords); n > 0; n-- {
		name, probe, slash := strings.Cut(strings.Join(args[:n], " "), "/")
		p, ok := d.Find(name)
		// Behind partner/probe other words follow, which are no part of the probe's name.
		if !ok || slash && !slashAtEnd(args[:n]) {
			continue
		}
		if slash {
			return withProbe(p, probe, args[n:])
		}
		if n < len(args) {
			// A probe may be called 1h; a length of time is what people mean by it.
			_, err := setting.ParseDuration(args[n])
			if id := probeOf(p, args[n]); id != "" && err != nil {
				return target{p, id}, args[n+1:], nil
			}
		}
		return target{partner: p}, args[n:], nil
	}
	words := args
	for i, word := range args {
		// What follows a length of time is no part of the name; neither is the length, unless nothing stands before it.
		if _, err := setting.ParseDuration(strings.ToLower(word)); err == nil && i > 0 {
			words = args[:i]
			break
		}
	}
	name, _, _ := strings.Cut(strings.Join(words, " "), "/")
	_, _, refusal = d.Take(strings.Fields(name))
	return target{}, nil, refusal
}

// slashAtEnd tells whether the last of the words is the one behind the slash, with spaces around it or not.
func slashAtEnd(words []string) bool {
	last := len(words) - 1
	return strings.Contains(words[last], "/") || last > 0 && strings.HasSuffix(words[last-1], "/")
}

func withProbe(p partners.Partner, probe string, rest []string) (target, []string, *Reply) {
	id := probeOf(p, probe)
	if id == "" {
		reply := noProbe(p, probe)
		return target{}, nil, &reply
	}
	return target{p, id}, rest, nil
}

// probeOf is the id of the partner's probe that is called so, empty where there is none.
func probeOf(p partners.Partner, name string) string {
	for _, probe := range p.Probes {
		if fold(probe.ID) == fold(name) {
			return probe.ID
		}
	}
	return ""
}

// noProbe refuses a probe that the partner does not have, and says which was probably meant.
func noProbe(p partners.Partner, name string) Reply {
	ids := make([]string, len(p.Probes))
	for i, probe := range p.Probes {
		ids[i] = probe.ID
	}
	if len(ids) == 0 {
		return refuse(fmt.Sprintf("%s has no probes. They are configured in sparky.yaml, under the partner's probes.", p.Name))
	}
	text := fmt.Sprintf("%s has no probe %q.", p.Name, clip(strings.TrimSpace(name)))
	if near := setting.Nearest(strings.TrimSpace(name), ids); near != "" {
		text += fmt.Sprintf(" Did you mean %s?", near)
	}
	return refuse(text + " It has: " + list(ids) + ".")
}

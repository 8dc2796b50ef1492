package commands

import (
	"slices"
	"strings"
)

// isOption tells that a word is --name. Some keyboards make one long dash of two short ones.
func isOption(word, name string) bool {
	return slices.Contains([]string{"--" + name, "\u2014" + name, "\u2013" + name}, strings.ToLower(word))
}

// takeFlag takes --name out of the words, and tells whether it was there.
func takeFlag(words []string, name string) (rest []string, given bool) {
	rest = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return isOption(word, name) })
	return rest, len(rest) < len(words)
}

// takeOption takes --name and the word that follows it out of the words.
func takeOption(words []string, name string) (rest []string, value string, given bool) {
	at := slices.IndexFunc(words, func(word string) bool { return isOption(word, name) })
	if at < 0 {
		return words, "", false
	}
	rest = words[at+1:]
	if len(rest) > 0 {
		value, rest = rest[0], rest[1:]
	}
	return slices.Concat(words[:at], rest), value, true
}

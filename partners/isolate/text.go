package isolate

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sparky/partners"
)

// clip is the beginning of a text, of whole characters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// known tells that there is such a class.
func known(class partners.FailureClass) bool {
	return slices.Contains([]partners.FailureClass{
		partners.FailDNS, partners.FailConnect, partners.FailProxy, partners.FailTLS, partners.FailCertificate, partners.FailTimeout,
		partners.FailReset, partners.FailAuth, partners.FailRights, partners.FailNotFound, partners.FailGone, partners.FailRequest,
		partners.FailThrottled, partners.FailServer, partners.FailContent, partners.FailSlow, partners.FailPanic, partners.FailNotTried,
	}, class)
}

func notTried(words string) partners.ProbeResult {
	return partners.ProbeResult{Class: partners.FailNotTried, Problem: words}
}

func broke(words string) partners.ProbeResult {
	return partners.ProbeResult{Class: partners.FailPanic, Problem: words + "; it says nothing about the partner, please report it"}
}

// lastWords is what a Go program says when it ends against its will: the line that names the panic or the fatal error.
func lastWords(printed string) string {
	found := ""
	for text := range strings.Lines(printed) {
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			found = strings.Join(strings.Fields(text), " ")
		}
	}
	return found
}

// outOfMemory tells that Go was refused memory by the kernel.
func outOfMemory(words string) bool {
	return strings.HasPrefix(words, "fatal error: ") && (strings.Contains(words, "out of memory") || strings.Contains(words, "cannot allocate memory"))
}

package partners

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"sparky/internal/setting"
)

func (c ProbeConfig) checkHTTP(report setting.Report) {
	if c.Steps == nil {
		if c.URL == "" {
			report.At("url").Missing("an http probe needs it, or a list of steps")
		}
		c.HTTPStep.check(nil, report)
		return
	}
	for _, k := range []keyValue{
		{"url", c.URL}, {"method", c.Method}, {"body", c.Body}, {"headers", given(c.Headers != nil)}, {"expect", given(!c.Expect.IsZero())},
	} {
		if k.value != "" {
			report.At(k.key).Say(k.key + " stands beside steps; move it into one of them")
		}
	}
	if len(c.Steps) == 0 {
		report.At("steps").Missing("give one step at least, or a url instead")
	}
	saved := []string{}
	for i, s := range c.Steps {
		at := report.At("steps", i)
		if s.URL == "" {
			at.At("url").Missing("every step needs one")
		}
		s.check(saved, at)
		for _, name := range slices.Sorted(maps.Keys(s.Save)) {
			if !nameForm.MatchString(name) {
				at.At("save", name).Say(`"` + name + `" cannot be used as {{` + name + `}}; a saved name has letters, digits and _ only`)
			}
			need(s.Save[name] == "", at.At("save", name), "give the JSON path of what to save")
			saved = append(saved, name)
		}
	}
}

var (
	nameForm    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	placeholder = regexp.MustCompile(`{{\s*([^{}]*?)\s*}}`)
)

// check tells what is wrong with one request. Saved are the names that earlier steps have saved, nil outside of steps,
// where {{ }} has no meaning.
func (s HTTPStep) check(saved []string, report setting.Report) {
	if host, _ := splitHost(s.URL); s.URL != "" && (saved == nil || !placeholder.MatchString(host)) {
		// A saved value can stand for any part of the path; a plain word in its place shows whether the rest is sound.
		url := s.URL
		if saved != nil {
			url = placeholder.ReplaceAllString(url, "saved")
		}
		checkSet(url, setting.CheckURL, report.At("url"))
	}
	if problem := setting.CheckChoice(s.Method, methods()...); problem != "" {
		report.At("method").Bad(problem)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		at := report.At("headers", name)
		if !headerName.MatchString(name) {
			at.Say(`"` + name + `" cannot be the name of a header; it has letters, digits and - only`)
		}
		if strings.ContainsAny(s.Headers[name], "\r\n\x00") {
			at.Say("the header " + name + " has a line break in it, which a header cannot hold")
		}
	}
	if s.Body != "" && (s.Method == "GET" || s.Method == "HEAD") {
		report.At("body").Say("a " + s.Method + " request has no body; give method: POST, or leave the body out")
	}
	s.Expect.checkHTTP(report.At("expect"))
	if saved == nil {
		return
	}
	s.checkPlaceholders(saved, report)
}

func (e Expect) checkHTTP(report setting.Report) {
	if e.Values != nil {
		report.Say("an http probe expects more than values; write keys: status, json, body, max_latency")
	}
	for i, status := range e.Status {
		if status < 100 || status > 599 {
			report.At("status", i).Bad("is not an HTTP status; they go from 100 to 599")
		}
	}
	if _, empty := e.JSON[""]; empty {
		report.At("json").Say(`a JSON path is empty; write it like "result.0.name"`)
	}
}

// checkPlaceholders tells of {{names}} that no earlier step has saved.
func (s HTTPStep) checkPlaceholders(saved []string, report setting.Report) {
	check := func(text string, at setting.Report) {
		for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
			switch name := match[1]; {
			case slices.Contains(saved, name):
			case len(saved) == 0:
				at.Say("{{" + name + "}} is used here, but no earlier step saves anything; give an earlier step `save: {" + name + ": json-path}`")
			default:
				at.Say("{{" + name + "}} is used here, but no earlier step saves it; " + setting.DidYouMean(name, saved))
			}
		}
	}
	host, rest := splitHost(s.URL)
	for _, match := range placeholder.FindAllStringSubmatch(host, -1) {
		// Our credential would follow it.
		report.At("url").Say("{{" + match[1] + "}} stands in the host of the address, which an answer cannot choose; write the host itself")
	}
	check(rest, report.At("url"))
	check(s.Body, report.At("body"))
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		check(s.Headers[name], report.At("headers", name))
	}
}

// splitHost cuts an address behind its host. What is no address at all has none.
func splitHost(address string) (host, rest string) {
	from := strings.Index(address, "://")
	if from < 0 {
		return "", address
	}
	from += len("://")
	end := strings.IndexAny(address[from:], "/?#")
	if end < 0 {
		return address, ""
	}
	return address[:from+end], address[from+end:]
}

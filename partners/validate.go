package partners

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/cascadia"

	"sparky/internal/setting"
)

// idForm keeps ids fit for a command's argument, a Jira label, a metric and a file name.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

const idMend = "; use letters, digits, - _ and . only, beginning with a letter or a digit, 64 at most"

// ReservedIDs are words that a command already understands in the place of a partner.
func ReservedIDs() []string { return []string{"all", "help", "none", "sparky", "us"} }

// shortest is the shortest interval and time limit that is taken: anything less is a slip of the pen.
const shortest = setting.Duration(1e9)

// Check tells what is wrong with the partners of sparky.yaml. They are complete (Complete has been called). The report
// stands at the list.
func Check(list []Partner, report setting.Report) {
	names := names{}
	for i, p := range list {
		p.check(report.At(i))
		names.add(p, i, report.At(i))
	}
}

// names holds what each partner can be called by, in lower case, and which of the list it is.
type names map[string]int

// add tells where one of the partner's names already means another partner.
func (n names) add(p Partner, index int, report setting.Report) {
	claim := func(name string, at setting.Report) {
		key := strings.ToLower(strings.TrimSpace(name))
		if key == "" {
			return
		}
		if other, taken := n[key]; taken && other != index {
			at.Bad("already names partner " + strconv.Itoa(other+1) + " of the list; every id, name and alias names one partner only, without regard to case")
			return
		}
		n[key] = index
	}
	claim(p.ID, report.At("id"))
	if !strings.EqualFold(p.Name, p.ID) {
		claim(p.Name, report.At("name"))
	}
	for i, alias := range p.Aliases {
		claim(alias, report.At("aliases", i))
	}
}

func (p Partner) check(report setting.Report) {
	if p.ID == "" {
		report.At("id").Missing("every partner needs one, such as okta; people type it in Slack")
	} else {
		checkID(p.ID, report.At("id"))
	}
	for i, alias := range p.Aliases {
		checkID(alias, report.At("aliases", i))
	}
	p.Owner.check(report.At("owner"))
	checkWords(p.Affects, "the name of a feature", report.At("affects"))
	if problem := setting.CheckChoice(p.Isolation, IsolationProcess, IsolationInline); problem != "" {
		report.At("isolation").Bad(problem)
	}
	seen := map[string]bool{}
	for i, s := range p.Changelog {
		s.check(p, report.At("changelog", i))
		if name := s.Name(); seen[name] {
			report.At("changelog", i).Say("this source is listed twice; leave one of the two out")
		} else {
			seen[name] = true
		}
	}
	p.Status.check(report.At("status"))
	p.checkProbes(report.At("probes"))
	if p.Resilience != nil {
		p.Resilience.check(p, report.At("resilience"))
	}
	if p.Compat != nil {
		p.Compat.check(report.At("compat"))
	}
}

func checkID(id string, report setting.Report) {
	_, err := setting.ParseDuration(id)
	switch {
	case !idForm.MatchString(id):
		report.Bad("cannot be typed as one word" + idMend)
	case slices.Contains(ReservedIDs(), strings.ToLower(id)):
		report.Bad("is a word that Sparky's commands use themselves; choose another")
	case err == nil:
		report.Bad("reads as a length of time, which the commands take too; choose another")
	}
}

// checkWords tells of entries of a list that are empty or there twice.
func checkWords(words []string, what string, report setting.Report) {
	for i, w := range words {
		switch {
		case strings.TrimSpace(w) == "":
			report.At(i).Missing("give " + what + ", or leave the entry out")
		case slices.Contains(words[:i], w):
			report.At(i).Bad("is listed twice; leave one of the two out")
		}
	}
}

func (o Owner) check(report setting.Report) {
	if o.SlackGroup == "" {
		return
	}
	if problem := setting.CheckUserGroup(o.SlackGroup); problem != "" {
		report.At("slack_group").Bad(problem)
	}
}

func (s Source) check(p Partner, report setting.Report) {
	kinds := sourceKinds()
	at := slices.IndexFunc(kinds, func(k sourceKind) bool { return k.name == s.Kind })
	if at < 0 {
		report.At("kind").Bad("is no kind of changelog source; " + setting.DidYouMean(string(s.Kind), SourceKinds()))
		return
	}
	kind := kinds[at]
	keys := []keyValue{{"url", s.URL}, {"repo", s.Repo}, {"item", s.Item}, {"title", s.Title}, {"date", s.Date}}
	checkKeys(keys, kind.required, kind.optional, "a changelog source of kind "+string(kind.name), report)
	checkSet(s.URL, setting.CheckURL, report.At("url"))
	checkSet(s.Repo, setting.CheckRepo, report.At("repo"))
	checkSet(s.Item, checkSelector, report.At("item"))
	checkSet(s.Title, checkSelector, report.At("title"))
	checkSet(s.Date, checkSelector, report.At("date"))
	if s.Auth != nil {
		s.Auth.check(report.At("auth"))
	}
	if s.Kind == SourceM365Messages && s.Auth == nil && p.GraphAuth() == nil {
		report.Note("the message centre needs a sign-in: give this source auth.oauth2, or the partner a probe of kind graph.health that has it; until then it is not read")
	}
}

// checkSelector says what keeps a text from being a CSS selector, or is empty.
func checkSelector(text string) string {
	if _, err := cascadia.Compile(text); err != nil {
		return "is not a CSS selector; write it like article.release > h2"
	}
	return ""
}

func (s StatusSource) check(report setting.Report) {
	if s.IsZero() {
		if len(s.Components) > 0 || s.Auth != nil {
			report.At("url").Missing("give the address of the status page")
		}
		return
	}
	if problem := setting.CheckChoice(s.Kind, StatusKinds()...); problem != "" {
		report.At("kind").Bad(problem)
	} else if s.URL == "" && s.Kind != "m365" {
		report.At("url").Missing("give the address of the status page, or of the exact document")
	}
	checkSet(s.URL, setting.CheckURL, report.At("url"))
	checkWords(s.Components, "the name of a component", report.At("components"))
	for i, c := range s.Components {
		if _, err := path.Match(c, ""); err != nil {
			report.At("components", i).Bad(`is a pattern with an open bracket; write \[ where a bracket is meant`)
		}
	}
	if s.Auth != nil {
		s.Auth.check(report.At("auth"))
	}
}

// maxInputs is how many inputs of our own a workflow can have beside the three that Sparky sends: GitHub takes 25.
const maxInputs = 22

func (c Compat) check(report setting.Report) {
	if c.Repo == "" {
		report.At("repo").Missing("give the repository that holds the workflow, as owner/name")
	}
	if c.Workflow == "" {
		report.At("workflow").Missing("give the workflow's file name, such as compat.yml")
	}
	checkSet(c.Repo, setting.CheckRepo, report.At("repo"))
	if c.Workflow != "" && (strings.ContainsAny(c.Workflow, "/ ") || path.Ext(c.Workflow) != ".yml" && path.Ext(c.Workflow) != ".yaml") {
		report.At("workflow").Bad("is not a workflow's file name; write it without a folder, like compat.yml")
	}
	if problem := setting.CheckAtLeast(c.Timeout, shortest); problem != "" {
		report.At("timeout").Bad(problem)
	}
	for _, own := range []string{"partner", "api_version", "request_id"} {
		if _, taken := c.Inputs[own]; taken {
			report.At("inputs", own).Say("the input " + own + " is sent by Sparky itself; leave it out, or call yours something else")
		}
	}
	if len(c.Inputs) > maxInputs {
		report.At("inputs").Say("a GitHub workflow takes 25 inputs and Sparky sends 3 of its own; leave 22 at most")
	}
}

// checkSet checks a value that may be left out.
func checkSet(value string, check func(string) string, report setting.Report) {
	if value == "" {
		return
	}
	if problem := check(value); problem != "" {
		report.Bad(problem)
	}
}

// keyValue is a key and what was written there, empty where it was left out.
type keyValue struct{ key, value string }

// checkKeys tells which keys a kind needs and lacks, and which do not belong to it.
func checkKeys(keys []keyValue, required, optional []string, what string, report setting.Report) {
	for _, k := range keys {
		switch needed := slices.Contains(required, k.key); {
		case needed && k.value == "":
			report.At(k.key).Missing(what + " needs it")
		case !needed && k.value != "" && !slices.Contains(optional, k.key):
			report.At(k.key).Say(k.key + " does not belong to " + what + "; leave it out")
		}
	}
}

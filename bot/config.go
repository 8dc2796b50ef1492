package bot

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sparky/changes"
	"sparky/internal/setting"
)

// Config is the slack block of sparky.yaml.
type Config struct {
	AppToken setting.Secret `yaml:"app_token"` // xapp-…, scope connections:write
	BotToken setting.Secret `yaml:"bot_token"` // xoxb-…, which Slack shows once the app is installed
	APIURL   string         `yaml:"api_url"`   // the address of Slack's Web API
	Channels Channels       `yaml:"channels"`  // the two that Sparky writes to, each as #name or as an id (C…, G…)
	Roles    Roles          `yaml:"roles"`     // who may do what, by user ids (U…, W…) or user group ids (S…)
	Digest   *Digest        `yaml:"digest"`    // when what is not urgent is told, in one message a day; left out: each when it comes
}

// Digest is when people are told what is not urgent, in one message a day.
type Digest struct {
	At   string `yaml:"at"`   // a time of the day, as 09:00
	Zone string `yaml:"zone"` // by its name in the IANA database, as Europe/Zurich
}

// SetDefaults is called before the block is read.
func (d *Digest) SetDefaults() { d.At, d.Zone = "09:00", "UTC" }

// Check tells what is wrong with the block.
func (d Digest) Check(report setting.Report) {
	if _, err := time.Parse(timeOfDay, d.At); err != nil {
		report.At("at").Bad(`is no time of the day; write it like "09:00"`)
	}
	if _, err := zoneOf(d.Zone); err != nil {
		report.At("zone").Bad("is no time zone; write its name as in Europe/Zurich, or leave it out for UTC")
	}
}

const timeOfDay = "15:04"

// zoneOf is a zone that is the same wherever Sparky runs.
func zoneOf(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New("it is no name of a zone")
	}
	return time.LoadLocation(name)
}

// Rule is the digest as changes know it. The zero rule is that of nil, and of one that Check refuses.
func (d *Digest) Rule() changes.MorningRule {
	if d == nil {
		return changes.MorningRule{}
	}
	at, err := time.Parse(timeOfDay, d.At)
	if err != nil {
		return changes.MorningRule{}
	}
	zone, err := zoneOf(d.Zone)
	if err != nil {
		return changes.MorningRule{}
	}
	return changes.MorningRule{At: time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, Zone: zone}
}

// Channels are the two that Sparky writes to, each as #name or as an id (C…, G…).
type Channels struct {
	Updates string `yaml:"updates"` // changelog digests, betas, compatibility verdicts
	Alerts  string `yaml:"alerts"`  // failures, triage verdicts, recoveries
}

// Roles say who may do what, as user ids (U…, W…) or user group ids (S…). A role that was left out is everybody's.
type Roles struct {
	Operator  []string `yaml:"operator"`  // who may probe, compat, ack, resolve, mute and certify; left out: every full member
	Publisher []string `yaml:"publisher"` // who may publish to our public page, or not; left out: every full member
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() {
	c.APIURL = "https://slack.com/api/"
	c.Channels = Channels{Updates: "#ecosystem-updates", Alerts: "#integration-alerts"}
}

// Complete writes what was given in the form in which it is used.
func (c *Config) Complete() {
	if c.APIURL != "" && !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
}

// Check tells what is wrong with the block.
func (c Config) Check(report setting.Report) {
	checkToken(c.AppToken, "xapp-", "the app-level token of the Slack app, with the scope connections:write", report.At("app_token"))
	checkToken(c.BotToken, "xoxb-", "the bot token, which Slack shows once the app is installed", report.At("bot_token"))
	if problem := setting.CheckURL(c.APIURL); problem != "" {
		report.At("api_url").Bad(problem)
	}
	checkChannel(c.Channels.Updates, report.At("channels", "updates"))
	checkChannel(c.Channels.Alerts, report.At("channels", "alerts"))
	checkPeople(c.Roles.Operator, report.At("roles", "operator"))
	checkPeople(c.Roles.Publisher, report.At("roles", "publisher"))
	if c.Digest != nil {
		c.Digest.Check(report.At("digest"))
	}
}

// checkToken tells of a token of another kind, which cannot work anywhere. A token of no known kind is only remarked
// on: a stand-in for Slack may have tokens of its own.
func checkToken(token setting.Secret, prefix, what string, report setting.Report) {
	value := token.Reveal()
	if value == "" {
		report.Missing("give " + what)
		return
	}
	if strings.HasPrefix(value, prefix) {
		return
	}
	if strings.HasPrefix(value, "$") {
		report.Say("the token is written like an environment variable without braces; write it like ${SLACK_TOKEN}")
		return
	}
	for _, other := range []string{"xapp-", "xoxb-", "xoxp-", "xoxe-", "xoxs-", "xoxa-"} {
		if strings.HasPrefix(value, other) {
			report.Say("the token begins with " + other + ", and here " + prefix + " is needed; give " + what)
			return
		}
	}
	report.Note("the token does not begin with " + prefix + ", so Slack itself would refuse it; give " + what)
}

// longestChannel is how long the name of a channel may be, in characters. Source: Slack's help page on naming channels.
const longestChannel = 80

var channelID = regexp.MustCompile(`^[CGD][A-Z0-9]+$`)

// isChannelName tells what Slack allows since 2022: letters of any script, digits, - and _; no capitals. It is no regular
// expression, because that takes 3 MB with all the letters that there are. Source: as above.
func isChannelName(name string) bool {
	name = strings.TrimPrefix(name, "#")
	if length := utf8.RuneCountInString(name); length == 0 || length > longestChannel || !utf8.ValidString(name) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.M, unicode.N)
	})
}

func checkChannel(name string, report setting.Report) {
	switch {
	case name == "":
		report.Missing(`give the channel's name in quotes, as in "#ecosystem-updates": without them YAML takes everything from the # on as a comment`)
	case !isChannelName(name) && !channelID.MatchString(name):
		report.Bad(`is not a channel; write its name in small letters without spaces, as in "#ecosystem-updates", or its id (C…)`)
	}
}

func checkPeople(ids []string, report setting.Report) {
	if ids != nil && len(ids) == 0 {
		report.Say("nobody has this role; name somebody, or leave the role out for everybody in the workspace")
	}
	for i, id := range ids {
		if problem := setting.CheckUserOrGroup(id); problem != "" {
			report.At(i).Bad(problem)
		}
	}
}
